// The package and a terminal on an empty page with two places for it. Does nothing by itself: the tests do.

import '@xterm/xterm/css/xterm.css';
import { Terminal } from '@xterm/xterm';
import { EnvSocket, WebSocketManager } from 'envsocket';
import { EnvSocketAddon, keepTerminal } from 'envsocket/xterm';
import { Screen } from './screen';

const bare = { EnvSocket, EnvSocketAddon, keepTerminal, Screen, Terminal, WebSocketManager };

declare global {
  interface Window {
    bare: typeof bare;
  }
}

window.bare = bare;
