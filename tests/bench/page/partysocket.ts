// partysocket's plain WebSocket, with its defaults.

import PartyWebSocket from 'partysocket/ws';

import { offer } from './contender.js';

offer((url) => {
  const socket = new PartyWebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket as unknown as WebSocket;
});
