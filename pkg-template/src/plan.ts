// What was asked of a connection: on it and, where it says nothing, on the manager. It must not know what the
// connection is doing.

import type { Core } from './core.js';
import { MAX_RETRIES, OFF, PROTOCOL, type Settings } from './options.js';
import type { Transport } from './transports.js';
import type { UrlSource } from './types.js';
import { expand, type Place, resolve } from './url.js';

/** The page's own origin, one path for each environment. */
const DEFAULT_URL = '/ws/{project}/{env}';

/** What the pool keys a connection by. */
export type Pair = readonly [projectName: string, envId: string];

/** Which connection it is, and what was asked of it so far: a later life begins with all of it. */
export class Plan {
  constructor(
    readonly core: Core,
    /** The pair that the pool keys it by; null for one made alone. */
    readonly pair: Pair | null,
    readonly own: Settings,
  ) {}

  /** What was set of it on the connection, else on the manager. */
  setting<K extends keyof Settings>(name: K): Settings[K] {
    // Not `??`: null is a heartbeat that was switched off.
    return this.own[name] === undefined ? this.core.settings[name] : this.own[name];
  }

  get urlSource(): UrlSource {
    // What is made alone goes where its maker said.
    return (this.pair ? this.setting('url') : this.own.url) ?? DEFAULT_URL;
  }

  // What is made alone may go anywhere: how tokens are sent there is for its maker to say.
  /** How its token is sent. */
  get tokenTransport(): Transport {
    return (this.pair ? this.setting('tokenTransport') : this.own.tokenTransport) ?? 'hello';
  }

  /** Whether its token may be read by others on the way. */
  get allowsInsecureToken(): boolean {
    return (this.pair ? this.setting('allowInsecureToken') : this.own.allowInsecureToken) ?? false;
  }

  /** What was set of the engine's number at this place; NaN where nothing was. */
  number(place: number): number {
    const own = this.own.numbers[place]!;
    return Number.isNaN(own) ? this.core.settings.numbers[place]! : own;
  }

  /** Without reconnection and protocol it is a WebSocket to the letter. */
  get isLiteral(): boolean {
    return this.number(MAX_RETRIES) === 0 && this.number(PROTOCOL) === OFF;
  }

  /** Where a template leads for this connection. */
  place(template: string): Place {
    return resolve(this.pair ? expand(template, this.pair) : template, 'options.url');
  }
}
