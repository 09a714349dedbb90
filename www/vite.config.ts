// Builds the demo into dist/, which envsocket-server serves. `npm run dev` serves it with hot reload and
// hands everything else to a server on its default port. Must not know of tests or of the machine.

import react from '@vitejs/plugin-react';
import { defineConfig, type ProxyOptions } from 'vite';

const SERVER = 'http://127.0.0.1:7420';

// The server refuses foreign pages by their Origin. To it, the development page is to look like its own.
const toServer: ProxyOptions = {
  target: SERVER,
  changeOrigin: true,
  headers: { origin: SERVER },
  ws: true,
};

export default defineConfig({
  plugins: [react()],
  build: {
    // One user, one page, from loopback: splitting MUI off would only add requests.
    chunkSizeWarningLimit: 1500,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': toServer, '/ws': toServer, '/faults': toServer },
  },
});
