// Starts the page. `window.WebSocketManager` is the page's manager, for the console and for tests.

import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { WebSocketManager } from 'envsocket';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { findRole, socketToken } from './access';
import { App } from './App';
import { theme } from './theme';

declare global {
  interface Window {
    WebSocketManager: typeof WebSocketManager;
  }
}

// The server beside the page speaks it. While that one is away, nothing that answers in its place is to pass
// for a plain server, which would not learn the terminals' sizes.
WebSocketManager.configure({ protocol: 'require' });
window.WebSocketManager = WebSocketManager;
if ((await findRole()) !== 'anybody') WebSocketManager.configure({ token: socketToken });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <App />
    </ThemeProvider>
  </StrictMode>,
);
