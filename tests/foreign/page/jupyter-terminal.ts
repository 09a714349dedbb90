import type { Terminal } from '@xterm/xterm';
import { WebSocketManager, type EnvSocket } from 'envsocket';

/** Joins an xterm.js Terminal to the terminal of that name (letters, digits, `_`) on a Jupyter server. */
export function joinJupyter(terminal: Terminal, server: string, token: string, name: string): EnvSocket {
  const terminals = async (request: RequestInit = {}) => {
    const headers = { Authorization: `token ${token}` };
    const response = await fetch(`${server}/api/terminals`, { ...request, headers });
    if (!response.ok) throw new Error(`Jupyter answers ${response.status}`);
    return response.json();
  };
  let output: 'of a new shell' | 'kept' | 'drawn' | 'live' = 'kept';
  // Asked at each attempt: a Jupyter that was restarted has to begin the terminal anew.
  const url = async () => {
    const running: { name: string }[] = await terminals();
    if (!running.some((other) => other.name === name)) {
      await terminals({ method: 'POST', body: JSON.stringify({ name }) });
      output = 'of a new shell';
      // What was typed meanwhile was meant for the shell that is gone.
      if (connection.status === 'reconnecting') connection.drain();
    }
    return `${server}/terminals/websocket/${name}?token=${encodeURIComponent(token)}`;
  };
  const connection = WebSocketManager.getConnection(server, name, null, { url });
  const say = (...message: unknown[]) => {
    if (connection.readyState <= connection.OPEN) connection.send(JSON.stringify(message));
  };
  const tellSize = () => say('set_size', terminal.rows, terminal.cols);
  connection.addEventListener('open', () => {
    // First Jupyter sends what it has kept of the output, in one message. CAN ends a sequence that was cut.
    terminal.write('\x18', () => terminal.reset());
    output = output === 'of a new shell' ? 'live' : 'kept';
    tellSize();
  });
  connection.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const [kind, text] = JSON.parse(data);
    if (kind === 'stdout') {
      if (output === 'kept') output = 'drawn';
      terminal.write(text, () => (output = 'live'));
    }
    // The shell has ended. Jupyter closes without a code then, which looks like a lost link.
    if (kind === 'disconnect') connection.close();
  });
  terminal.onData((text) => {
    // Nobody waits any more for what the terminal answers to old output.
    if (output !== 'drawn') say('stdin', text);
  });
  terminal.onResize(tellSize);
  return connection;
}
