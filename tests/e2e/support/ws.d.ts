// As much of the `ws` package as the tests use; its types would be another dependency.

declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { AddressInfo } from 'node:net';

  export class WebSocket extends EventEmitter {
    constructor(address: string);
    send(data: string | Uint8Array): void;
    terminate(): void;
    on(event: 'message', heard: (data: Buffer, isBinary: boolean) => void): this;
    on(event: 'close', heard: (code: number, reason: Buffer) => void): this;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: { host: string; port: number });
    readonly clients: ReadonlySet<WebSocket>;
    address(): AddressInfo;
    close(closed: () => void): void;
    on(event: 'connection', heard: (socket: WebSocket, request: IncomingMessage) => void): this;
    once(event: 'listening', heard: () => void): this;
  }
}
