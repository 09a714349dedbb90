// Stands between the browser and a server, passes every byte on, and notes what was asked and said. It can break
// what it stands in.
// Must not: change a byte.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { ClientMessages } from './frames.mjs';

const END_OF_HEAD = '\r\n\r\n';

export class Tap {
  /** Of each handshake: its path, what it offered, the answer's status and what was chosen. */
  attempts = [];
  /** What was said to the server over WebSockets, in order, each with the number of its handshake. */
  messages = [];
  #target;
  #server;
  #links = new Set();
  #waiting = new Set();
  /** Links that were refused before a byte. */
  #refused = 0;
  #refuses = false;

  constructor(target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
  }

  /** Listens, before the server at this port of 127.0.0.1. */
  static async start(target) {
    const tap = new Tap(target);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get host() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  get seen() {
    const { attempts, messages } = this;
    return { attempts, messages, refused: this.#refused };
  }

  /** What was seen, once there is so much of it. */
  async until({ attempts = 0, messages = 0, refused = 0 }) {
    const enough = () =>
      this.attempts.length >= attempts && this.messages.length >= messages && this.#refused >= refused;
    while (!enough()) await new Promise((look) => this.#waiting.add(look));
    return this.seen;
  }

  /** Ends every link; the server is told as the browser is. */
  cut(how) {
    for (const { near, far } of this.#links) {
      for (const socket of [near, far]) how === 'reset' ? socket.resetAndDestroy() : socket.end();
    }
  }

  /** Lets nothing more through the links that are open, and closes none. */
  hold() {
    for (const { near, far } of this.#links) {
      for (const socket of [near, far]) socket.unpipe().pause();
    }
  }

  /** Whether new links are reset. */
  refuse(refuses) {
    this.#refuses = refuses;
  }

  end() {
    this.#server.close();
    for (const { near, far } of this.#links) {
      near.destroy();
      far.destroy();
    }
  }

  #join(near) {
    near.on('error', () => {});
    if (this.#refuses) {
      this.#refused += 1;
      near.resetAndDestroy();
      this.#look();
      return;
    }
    const far = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) socket.setNoDelay();
    const link = { near, far };
    this.#links.add(link);
    this.#note(near, far);
    near.pipe(far);
    far.pipe(near);
    far.on('error', () => near.resetAndDestroy());
    near.on('close', () => {
      far.destroy();
      this.#links.delete(link);
    });
  }

  /** Reads along. What is no WebSocket handshake is passed on and not noted. */
  #note(near, far) {
    let attempt = null;
    const frames = new ClientMessages();
    afterHead(near, (head, rest) => {
      if (!/^upgrade: *websocket\r?$/im.test(head)) return null;
      const path = head.split(' ', 2)[1];
      attempt = { path, protocols: header(head, 'Sec-WebSocket-Protocol'), status: null, chosen: null };
      const number = this.attempts.push(attempt) - 1;
      const hear = (bytes) => {
        this.messages.push(...frames.take(bytes).map((message) => ({ attempt: number, ...message })));
        this.#look();
      };
      hear(rest);
      return hear;
    });
    afterHead(far, (head) => {
      if (attempt === null) return null;
      attempt.status = Number(head.split(' ', 2)[1]);
      attempt.chosen = header(head, 'Sec-WebSocket-Protocol');
      this.#look();
      return null;
    });
  }

  #look() {
    for (const look of this.#waiting) look();
    this.#waiting.clear();
  }
}

/** Hands on the head of what a socket receives, with what came behind it, and then what `begin` returns hears it. */
function afterHead(socket, begin) {
  let start = Buffer.alloc(0);
  const hear = (bytes) => {
    start = Buffer.concat([start, bytes]);
    const end = start.indexOf(END_OF_HEAD);
    if (end < 0) return;
    socket.off('data', hear);
    const next = begin(start.toString('latin1', 0, end), start.subarray(end + END_OF_HEAD.length));
    if (next) socket.on('data', next);
  };
  socket.on('data', hear);
}

function header(head, name) {
  const found = new RegExp(`^${name}: *(.*?)\r?$`, 'im').exec(head);
  return found ? found[1].replaceAll(', ', ',') : null;
}
