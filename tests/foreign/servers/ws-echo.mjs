// An echo with Node's `ws`, as its documentation shows it: it takes the first subprotocol that it is offered.
// Prints where it listens; the first argument is the port, 0 for any.
//
// A text `close CODE REASON` has it close; `/refuse/STATUS` is refused.

import { WebSocketServer } from 'ws';

const refusal = ({ req }, done) => {
  const [, status] = /^\/refuse\/(\d+)/.exec(req.url) ?? [];
  done(status === undefined, Number(status));
};

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), verifyClient: refusal });

server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    const [, code, reason] = (!isBinary && /^close (\d+) (.*)/.exec(data.toString())) || [];
    if (code === undefined) socket.send(data, { binary: isBinary });
    else socket.close(Number(code), reason);
  });
});

server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
