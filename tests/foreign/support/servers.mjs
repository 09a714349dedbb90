// The servers that are not ours, and how each is started.
// Must not: know what the tests do with them.

import { fileURLToPath } from 'node:url';
import { ForeignServer } from './foreign-server.mjs';

const SERVERS = fileURLToPath(new URL('../servers', import.meta.url));

/** What a page must show to use the Jupyter server. */
export const JUPYTER_TOKEN = 'shown-by-the-tests';

/** All of them, by the names that the pages use; `home` is an empty folder for what they write. */
export function foreignServers(home) {
  const python = named('ENVSOCKET_FOREIGN_PYTHON', 'the Python of an environment with tests/foreign/requirements.txt');
  const tungstenite = named('ENVSOCKET_TUNGSTENITE_ECHO', 'the program of tests/foreign/Cargo.toml');
  const kinds = {
    FastAPI: {
      command: (port) => ({
        program: python,
        args: ['-m', 'uvicorn', '--app-dir', SERVERS, '--host', '127.0.0.1', '--port', `${port}`, 'fastapi_echo:app'],
        env: { PYTHONDONTWRITEBYTECODE: '1' },
      }),
      listening: /running on http:\/\/127\.0\.0\.1:(\d+)/,
    },
    ws: {
      command: (port) => ({ program: process.execPath, args: [`${SERVERS}/ws-echo.mjs`, `${port}`] }),
      listening: /listening on 127\.0\.0\.1:(\d+)/,
    },
    'tokio-tungstenite': {
      command: (port) => ({ program: tungstenite, args: [`${port}`] }),
      listening: /listening on 127\.0\.0\.1:(\d+)/,
    },
    Jupyter: {
      command: (port) => ({ program: python, args: jupyterArgs(port, home), env: jupyterEnv(home) }),
      listening: /http:\/\/127\.0\.0\.1:(\d+)\//,
    },
  };
  return new Map(Object.entries(kinds).map(([name, kind]) => [name, new ForeignServer(name, kind)]));
}

function jupyterArgs(port, home) {
  return [
    '-m',
    'jupyter_server',
    '--no-browser',
    '--allow-root',
    '--ServerApp.ip=127.0.0.1',
    `--ServerApp.port=${port}`,
    // Rather none than another.
    '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${home}`,
    `--IdentityProvider.token=${JUPYTER_TOKEN}`,
    // The pages are of another origin.
    '--ServerApp.allow_origin_pat=http://127\\.0\\.0\\.1:\\d+',
    // What its own configuration would bring: none is read.
    "--ServerApp.jpserver_extensions={'jupyter_server_terminals': True}",
    "--ServerApp.terminado_settings={'shell_command': ['/bin/sh']}",
  ];
}

/** Nothing of the user's own is read or written, and the shell has a prompt that tests can expect. */
function jupyterEnv(home) {
  return { HOME: home, JUPYTER_NO_CONFIG: '1', ENV: '', PS1: '$ ' };
}

function named(variable, what) {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(`${variable} is not set: it names ${what}. \`cargo xtask test foreign\` brings both and sets it`);
}
