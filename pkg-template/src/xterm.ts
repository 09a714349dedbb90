// `envsocket/xterm`: terminals over connections. The addon joins an xterm.js Terminal to a connection;
// `keepTerminal` keeps the Terminal alive while nothing of it is on the page. It must not import the wasm
// nor xterm.js itself.

export { EnvSocketAddon } from './xterm-addon.js';
export { keepTerminal, type KeptTerminal } from './xterm-kept.js';
