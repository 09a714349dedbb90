// reconnecting-websocket, with its defaults.

import ReconnectingWebSocket from 'reconnecting-websocket';

import { offer } from './contender.js';

offer((url) => {
  const socket = new ReconnectingWebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket as unknown as WebSocket;
});
