// The ways in which an event comes to be dispatched on a socket: they may well be different code.

/** A way to make an event of this type happen on an open socket; resolves when it has been dispatched. */
export interface Way {
  readonly name: string;
  readonly type: 'message' | 'close';
  happen(socket: WebSocket): Promise<void>;
}

export const WAYS: Way[] = [
  {
    name: 'a message that arrives',
    type: 'message',
    async happen(socket) {
      // The answer to this one is delivered after the one in question.
      const dispatched = new Promise<void>((resolve) => {
        const hear = ({ data }: MessageEvent) => {
          if (data !== 'end') return;
          socket.removeEventListener('message', hear, true);
          resolve();
        };
        socket.addEventListener('message', hear, true);
      });
      socket.send('event');
      socket.send('end');
      await dispatched;
    },
  },
  {
    name: 'a message dispatched by hand',
    type: 'message',
    async happen(socket) {
      socket.dispatchEvent(new MessageEvent('message', { data: 'event' }));
    },
  },
  {
    name: 'a close dispatched by hand',
    type: 'close',
    async happen(socket) {
      socket.dispatchEvent(new CloseEvent('close', { code: 1000 }));
    },
  },
];

/** Not for the message that only marks the end. */
export function counts(event: Event): boolean {
  return !(event instanceof MessageEvent && event.data === 'end');
}
