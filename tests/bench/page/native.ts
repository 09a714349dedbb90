// The platform's WebSocket, the measure of all others.

import { offer } from './contender.js';

offer((url) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket;
});
