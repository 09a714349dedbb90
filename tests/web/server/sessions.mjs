// What the server saw of the connections that carry an `id`, and the hands by which a test reaches them.
// Must not: decide how a connection behaves.

import { createHash } from 'node:crypto';

/** All connections that carry one id, over all their attempts. */
class Session {
  /** How many upgrade requests came, refused ones included. */
  attempts = 0;
  /** How many of the next ones to refuse with 503. */
  refuse = 0;
  /** What each request asked for. */
  requests = [];
  messages = [];
  closes = [];
  /** What a server of the resume protocol notes, by the kind; and that server. */
  noted = {};
  v1 = null;
  /** The open ones. */
  sockets = new Set();
  #waiting = new Set();

  summary() {
    const { attempts, requests, messages, closes, noted, sockets } = this;
    return { attempts, requests, messages, closes, ...noted, open: sockets.size };
  }

  add(kind, what) {
    (this.noted[kind] ??= []).push(what);
    this.changed();
  }

  changed() {
    for (const check of this.#waiting) check();
  }

  /** Resolves once all of these counts are reached. */
  until(wanted) {
    const reached = () => {
      const counts = {
        attempts: this.attempts,
        messages: this.messages.length,
        closes: this.closes.length,
        ...Object.fromEntries(Object.entries(this.noted).map(([kind, all]) => [kind, all.length])),
        open: this.sockets.size,
      };
      return Object.entries(wanted).every(([name, least]) => (counts[name] ?? 0) >= least);
    };
    return new Promise((resolve) => {
      const check = () => {
        if (!reached()) return;
        this.#waiting.delete(check);
        resolve(this.summary());
      };
      this.#waiting.add(check);
      check();
    });
  }
}

export class Sessions {
  #byId = new Map();

  /** The session of an id, made when it is first spoken of. */
  of(id) {
    let session = this.#byId.get(id);
    if (!session) this.#byId.set(id, (session = new Session()));
    return session;
  }

  /** Notes a request before it is answered. */
  asked(id, request) {
    const session = this.of(id);
    session.attempts += 1;
    session.requests.push({
      path: request.url,
      protocols: request.headers['sec-websocket-protocol'] ?? null,
      origin: request.headers.origin ?? null,
    });
    session.changed();
    return session;
  }

  /** Notes all that an open connection does. */
  follow(id, socket) {
    const session = this.of(id);
    session.sockets.add(socket);
    session.changed();
    socket.on('message', (data, isBinary) => {
      session.messages.push(described(data, isBinary));
      session.changed();
    });
    // `ws` says 1005 for a close frame without a code, and 1006 when there was none at all.
    socket.on('close', (code, reason) => {
      session.sockets.delete(socket);
      session.closes.push({ code, reason: reason.toString() });
      session.changed();
    });
  }
}

function described(data, isBinary) {
  const sha1 = createHash('sha1').update(data).digest('hex');
  const text = isBinary ? null : data.toString();
  return { binary: isBinary, bytes: data.length, sha1, text: text === null || text.length > 1_000 ? null : text };
}

/** What `POST /control` may ask to be done to a session's open connections. */
export const COMMANDS = {
  /** Cuts the link without a word. */
  drop: (session) => session.sockets.forEach((socket) => socket.terminate()),
  /** Stops reading and writing, and closes nothing. */
  blackhole: (session) => {
    for (const socket of session.sockets) {
      socket.pause();
      socket.deaf = true;
    }
  },
  close: (session, { code, reason }) => {
    session.sockets.forEach((socket) => socket.close(Number(code), reason ?? ''));
  },
  send: (session, { text }) => session.sockets.forEach((socket) => socket.send(text)),
  refuse: (session, { times }) => {
    session.refuse = Number(times);
  },
};
