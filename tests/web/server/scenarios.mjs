// How an accepted connection behaves, by the path of its URL.
// Must not: note what it saw (sessions.mjs), or answer a handshake.

import { accepted, closeFrame, frame, OPCODE } from './frames.mjs';
import { Source } from './v1.mjs';

/** Writes to the socket below `ws`, which refuses what these scenarios need. */
function raw(socket, bytes) {
  socket._socket.write(bytes);
}

/** One step of `/say`: what the server writes. */
const STEPS = {
  text: (socket, text) => socket.send(text),
  bytes: (socket, bytes) => socket.send(Buffer.from(bytes)),
  /** So many bytes, 0 to 250 and again. */
  filled: (socket, length) => socket.send(filled(length)),
  /** A text of so many letters. */
  letters: (socket, length) => socket.send('abcdefghij'.repeat(Math.ceil(length / 10)).slice(0, length)),
  fragments: (socket, parts) => {
    parts.forEach((part, index) => socket.send(part, { fin: index === parts.length - 1, binary: false }));
  },
  ping: (socket, text) => socket.ping(text),
  /** Text that is no UTF-8. */
  badText: (socket, bytes) => raw(socket, frame(OPCODE.text, bytes)),
  /** A frame with this first byte. */
  badFrame: (socket, first) => raw(socket, frame(OPCODE.text, 'x', { first })),
  /** The announcement of a message, and a part of it. */
  half: (socket, text) => raw(socket, frame(OPCODE.text, text).subarray(0, -2)),
  badClose: (socket, bytes) => raw(socket, frame(OPCODE.close, bytes)),
  close: (socket, code) => socket.close(code),
  drop: (socket) => socket.terminate(),
};

function filled(length) {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = index % 251;
  return bytes;
}

/** By path: what happens on a connection that was accepted. */
export const SCENARIOS = {
  '/echo': (socket) => {
    socket.on('message', (data, isBinary) => {
      if (!socket.deaf) socket.send(data, { binary: isBinary });
    });
  },
  /** Reads, and says nothing but what the protocol demands. */
  '/quiet': () => {},
  /** Writes the steps of `script`, in one go. */
  '/say': (socket, query) => {
    const script = JSON.parse(query.get('script') ?? '[]');
    const say = () => {
      for (const [step, argument] of script) STEPS[step](socket, argument);
    };
    if (query.get('on') === 'message') socket.once('message', say);
    else say();
  },
  /** Speaks the resume protocol to those who asked for it; to others, it is an echo. */
  '/v1': (socket, query, session) => {
    if (socket.protocol === '') return SCENARIOS['/echo'](socket);
    session.v1 ??= new Source(session, query);
    return session.v1.accept(socket);
  },
  /** Answers nothing, a close least of all. */
  '/mute': (socket) => {
    socket.pause();
  },
};

/** As above, on the bare stream: `ws` would have a word of its own to say. */
export const BARE_SCENARIOS = {
  /** Closes with any code at all, or with none. */
  '/close': (request, stream, query) => {
    const code = query.get('code');
    const goodbye = closeFrame(code === null ? undefined : Number(code), query.get('reason') ?? '');
    const { 'sec-websocket-protocol': offered } = request.headers;
    stream.write(accepted(request, { 'Sec-WebSocket-Protocol': offered?.split(',')[0] }));
    const close = () => {
      stream.write(goodbye);
      // Whatever comes now is the client's answer.
      stream.once('data', () => stream.end());
    };
    if (query.get('on') === 'message') stream.once('data', close);
    else close();
  },
};
