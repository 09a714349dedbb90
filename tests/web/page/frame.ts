// A page that opens a connection, says so to the server, and is left.

import { WebSocketManager } from 'envsocket';
import { at } from './support/server';

const id = new URLSearchParams(location.search).get('id') ?? '';
const socket = WebSocketManager.getConnection('frame', 'env', null, { url: at('/quiet', { id }) });
socket.addEventListener('open', () => socket.send('here'));
