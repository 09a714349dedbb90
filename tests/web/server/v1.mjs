// A server of `envsocket.v1`, written by hand from the protocol's description: it shares nothing with the core,
// so that a mistake of the core's does not meet its own reflection. It plays a source that says what a test has it
// say, keeps the whole log until it is told to evict, and loses what it is told to lose.
// Must not: forgive anything that the protocol forbids.

import { randomBytes } from 'node:crypto';

export const V1 = 'envsocket.v1';
const MARK = '\0';
/** How links end whose clients have not left for good: the page is gone, no close frame, given up. */
const COMING_BACK = [1001, 1006, 4408];
const ID = /^[0-9a-f]{32}$/;

/** A violation of the client's: it is closed with this reason. */
class Violation extends Error {}

function demand(holds, what) {
  if (!holds) throw new Violation(what);
}

/** All sessions of one test, which knows them by one id. */
export class Source {
  sessions = new Map();
  /** What to lose next: `hello` (unanswered, nothing done) or `welcome` (done, and unanswered). */
  loses;
  /** After so many more inputs, or outputs, the link is cut; null: it is not. */
  cuts = { input: null, output: null };

  constructor(noted, query) {
    this.noted = noted;
    this.loses = query.get('lose')?.split(',') ?? [];
    const number = (name, usual) => Number(query.get(name) ?? usual);
    this.terms = {
      heartbeatMs: number('heartbeatMs', 15_000),
      window: number('window', 1 << 20),
      credit: number('credit', 1 << 20),
      maxMessage: number('maxMessage', 1 << 20),
    };
    /** Without acknowledgements of its own, the client learns from the next welcome what has arrived. */
    this.acknowledges = query.get('acks') !== 'none';
    /** What the first socket is told before its welcome. */
    this.early = query.get('early');
    /** What attachments are told of their role. */
    this.controller = query.get('controller') !== 'no';
    /** The tokens that it takes; null: whatever there is, or nothing. */
    this.tokens = JSON.parse(query.get('tokens') ?? 'null');
    /** What it says of others, in front of the token itself; null: its own words. */
    this.quotes = query.get('quotes');
    /** Whether attachments may only read. */
    this.readOnly = query.get('readOnly') === 'yes';
    /** The terminal's size, as `{ cols, rows }`; null: there is no terminal. */
    this.size = JSON.parse(query.get('size') ?? 'null');
  }

  get links() {
    const attachments = [...this.sessions.values()].flatMap(({ attachments }) => [...attachments.values()]);
    return attachments.flatMap(({ link }) => (link ? [link] : []));
  }

  accept(socket) {
    const link = new Link(this, socket);
    socket.on('message', (data, isBinary) => link.hear(data, isBinary));
    socket.on('close', (code) => link.closed(code));
    if (this.early !== null) socket.send(this.early);
    this.early = null;
  }

  say(entries) {
    for (const { type, cols, rows } of entries) if (type === 'size') this.size = { cols, rows };
    for (const session of this.sessions.values()) session.log.push(...entries);
    for (const link of this.links) link.pump();
  }

  /** Forgets the log; `snapshot` is a picture of what was in it. `reason` is what clients are told. */
  evict(snapshot, reason = 'evicted') {
    for (const session of this.sessions.values()) {
      session.evicted += session.log.length;
      session.log = [];
      session.snapshot = snapshot;
      session.reason = reason;
    }
  }

  /** Whether the count of this kind has come to its cut. */
  isCut(kind) {
    if (this.cuts[kind] === null) return false;
    this.cuts[kind] -= 1;
    if (this.cuts[kind] > 0) return false;
    this.cuts[kind] = null;
    return true;
  }
}

/** One socket, from its hello on. */
class Link {
  attachment = null;
  session = null;
  /** The last output that was handed to this socket. */
  sent = 0;
  /** Nothing more is read from it, nor sent. */
  over = false;
  /** What its welcome has said. */
  readOnly = false;

  constructor(source, socket) {
    this.source = source;
    this.socket = socket;
  }

  hear(data, isBinary) {
    if (this.over) return;
    try {
      const text = isBinary ? null : data.toString();
      if (text?.startsWith(MARK) && !text.startsWith(MARK + MARK)) this.control(JSON.parse(text.slice(1)));
      else this.take(text?.startsWith(MARK) ? text.slice(1) : text ?? [...data]);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof SyntaxError)) throw error;
      this.end();
      this.socket.close(4400, error.message.slice(0, 120));
    }
  }

  control(frame) {
    this.source.noted.add('frames', frame);
    if (!this.attachment) {
      demand(frame.type === 'hello', `${frame.type} before the hello`);
      this.greet(frame);
      return;
    }
    const act = {
      ack: () => this.counts(frame),
      pong: () => this.counts(frame),
      ping: () => {
        this.counts(frame);
        this.tell({ type: 'pong', ...this.ours() });
      },
      resize: () => this.take({ cols: frame.cols, rows: frame.rows }),
      skip: () => {
        demand(frame.to > this.attachment.received && frame.to <= this.attachment.promised, 'skips what it must not');
        this.attachment.received = frame.to;
        this.source.noted.add('skips', frame.to);
      },
      token: () => {
        demand(typeof frame.token === 'string' && frame.token !== '', 'token: token');
        this.admits(frame.token);
      },
    }[frame.type];
    demand(act, `unknown frame ${frame.type}`);
    act();
  }

  greet(hello) {
    const { source } = this;
    for (const name of ['session', 'attachment', 'secret']) demand(ID.test(hello[name]), `hello: ${name}`);
    const { epoch } = hello;
    demand(epoch === null || ID.test(epoch), 'hello: epoch');
    if (!this.admits(hello.token)) return;
    const lost = source.loses.shift();
    if (lost === 'hello') return this.cut();
    let session = source.sessions.get(hello.session);
    if (!session) {
      session = { log: [], evicted: 0, snapshot: undefined, attachments: new Map() };
      source.sessions.set(hello.session, session);
      source.noted.add('sessions', hello.session);
    }
    let mine = session.attachments.get(hello.attachment);
    if (mine && mine.secret !== hello.secret) return this.socket.close(4403, 'not your attachment');
    if (mine && hello.attempt <= mine.attempt) return this.socket.close(4409, 'superseded');
    mine?.link?.fence();
    const resumes = mine && (epoch === null || epoch === mine.epoch);
    if (!resumes) {
      const start = session.evicted + session.log.length;
      const counts = { received: 0, told: 0, acked: start, consumed: 0, sent: start };
      const fresh = { epoch: randomBytes(16).toString('hex'), ...counts };
      mine = { ...fresh, secret: hello.secret, link: null };
      session.attachments.set(hello.attachment, mine);
    } else if (epoch !== null) {
      demand(hello.acked <= mine.received && mine.received <= hello.sent, 'hello: input miscounted');
      demand(mine.acked <= hello.received && hello.received <= mine.sent, 'hello: output miscounted');
      mine.acked = hello.received;
    }
    mine.attempt = hello.attempt;
    mine.promised = hello.sent;
    if (lost === 'welcome') return this.cut();
    [this.session, this.attachment, mine.link] = [session, mine, this];
    this.sent = mine.acked;
    this.readOnly = source.readOnly;
    this.tell({
      type: 'welcome',
      epoch: mine.epoch,
      received: mine.received,
      next: this.sent + 1,
      live: session.evicted + session.log.length,
      ...source.terms,
      controller: source.controller && !source.readOnly,
      readOnly: source.readOnly,
      ...source.size,
    });
    this.pump();
  }

  /** Whether this is a token that will do; with another, the link is over. */
  admits(token) {
    const { tokens, quotes } = this.source;
    if (tokens === null || tokens.includes(token)) return true;
    this.reject(quotes === null ? 'no good token' : `${quotes}${token}`);
    return false;
  }

  reject(reason) {
    this.end();
    this.socket.close(4401, reason.slice(0, 120));
  }

  /** An input: a text, bytes, or a size. */
  take(input) {
    demand(this.attachment, 'data before the hello');
    demand(!this.readOnly, 'input, and it may only read');
    this.attachment.received += 1;
    this.source.noted.add('inputs', input);
    if (this.source.isCut('input')) return this.cut();
    if (this.source.acknowledges) this.tell({ type: 'ack', ...this.ours() });
  }

  /** What the client has counted must be what was sent to it, and got from it; and consumption only grows. */
  counts({ sent, received, consumed }) {
    const { attachment } = this;
    demand(sent === attachment.received, `miscount: ${sent} sent, ${attachment.received} received`);
    demand(attachment.acked <= received && received <= this.sent, `acknowledges ${received} of ${this.sent}`);
    demand(consumed <= received, 'consumed more than it has');
    demand(consumed >= attachment.consumed, 'consumed less than before');
    attachment.acked = received;
    attachment.consumed = consumed;
  }

  ours() {
    const { received } = this.attachment;
    return { sent: this.sent, received, consumed: received };
  }

  /** Sends what the client lacks. */
  pump() {
    const { session, attachment, socket } = this;
    if (this.sent < session.evicted) {
      const snapshot = session.snapshot !== undefined;
      const range = { from: this.sent + 1, to: session.evicted };
      this.tell({ type: 'gap', ...range, reason: session.reason, snapshot, ...this.source.size });
      if (snapshot && this.source.isCut('output')) return this.cut();
      if (snapshot) socket.send(session.snapshot);
      this.sent = session.evicted;
    }
    while (!this.over && this.sent < session.evicted + session.log.length) {
      const entry = session.log[this.sent - session.evicted];
      this.sent += 1;
      attachment.sent = Math.max(attachment.sent, this.sent);
      if (typeof entry === 'string') socket.send(entry.startsWith(MARK) ? MARK + entry : entry);
      else if (Array.isArray(entry)) socket.send(Buffer.from(entry));
      else this.tell(entry);
      if (entry.type === 'end') socket.close(1000, 'the source has ended');
      if (this.source.isCut('output')) this.cut();
    }
    attachment.sent = Math.max(attachment.sent, this.sent);
    return undefined;
  }

  tell(frame) {
    this.socket.send(MARK + JSON.stringify(frame));
  }

  fence() {
    this.end();
    this.socket.close(4409, 'superseded');
  }

  cut() {
    this.end();
    this.socket.terminate();
  }

  /** A client that says goodbye is forgotten; one that gave the link up, or was cut off, will be back. */
  closed(code) {
    if (!this.over && this.attachment && !COMING_BACK.includes(code)) {
      const { attachments } = this.session;
      for (const [id, mine] of attachments) if (mine === this.attachment) attachments.delete(id);
    }
    this.end();
  }

  end() {
    this.over = true;
    if (this.attachment?.link === this) this.attachment.link = null;
  }
}

/** What `POST /control` may ask of a test's source. */
export const V1_COMMANDS = {
  /** Output: texts, arrays of bytes, and frames that have a number. */
  say: (source, { entries }) => source.say(JSON.parse(entries)),
  /** So often the same text. */
  flood: (source, { text, times }) => source.say(Array(Number(times)).fill(text)),
  evict: (source, { snapshot, reason }) => source.evict(snapshot, reason),
  /** As after a restart. */
  forget: (source) => {
    for (const link of source.links) link.cut();
    source.sessions.clear();
  },
  lose: (source, { what }) => source.loses.push(what),
  cut: (source) => source.links.forEach((link) => link.cut()),
  /** Begins to close the links, and leaves it at that: they read nothing any more, and their TCP connections stand. */
  closing: (source, { code }) => {
    for (const link of source.links) {
      link.end();
      link.socket.pause();
      link.socket.close(Number(code));
    }
  },
  /** Whether they are the controller from now on: those that are there, and those that come. */
  role: (source, { controller }) => {
    source.controller = controller === 'yes';
    for (const link of source.links) link.tell({ type: 'role', controller: source.controller });
  },
  /** From now on it acknowledges, beginning with all that it has. */
  acknowledge: (source) => {
    source.acknowledges = true;
    for (const link of source.links) link.tell({ type: 'ack', ...link.ours() });
  },
  /** From now on these tokens are good, and no others. */
  accept: (source, { tokens }) => {
    source.tokens = JSON.parse(tokens);
  },
  /** The tokens of the links have expired. */
  reject: (source) => source.links.forEach((link) => link.reject('the token has expired')),
  /** Whether attachments may only read from now on: their next welcome says it. */
  access: (source, { readOnly }) => {
    source.readOnly = readOnly === 'yes';
    for (const link of source.links) {
      link.end();
      link.socket.close(4408, 'may do something else');
    }
  },
  cutAfter: (source, { kind, count }) => {
    source.cuts[kind] = Number(count);
  },
  /** Text as it is, whatever the protocol says to it. */
  raw: (source, { text }) => source.links.forEach(({ socket }) => socket.send(text)),
};
