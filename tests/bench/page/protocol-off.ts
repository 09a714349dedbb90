// EnvSocket with its protocol off, on a server that speaks it: what `protocol-on.ts` is compared with.

import { WebSocketManager } from 'envsocket';

import { offer } from './contender.js';

let opened = 0;

// Floods are sent without a look at bufferedAmount.
WebSocketManager.configure({ binaryType: 'arraybuffer', protocol: 'off', maxQueuedBytes: Infinity });
offer((url) => WebSocketManager.getConnection('bench', `env-${opened++}`, null, { url }));
