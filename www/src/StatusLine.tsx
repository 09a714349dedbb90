// The line under the terminal: what is happening to this connection and what can be done about it. It is
// always there, because a line that comes and goes would change the terminal's size and so reach the shell.

import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { ConnectionSnapshot, ConnectionStatus, EnvSocket } from 'envsocket';
import { useClosing, type Closing } from './closing';
import { Countdown } from './Countdown';
import { keepFocus } from './keepFocus';
import { sentence } from './sentence';
import { STATUS_COLORS, SURFACES } from './theme';
import { useLostInput } from './useLostInput';
import { useReadOnly } from './useReadOnly';

interface Props {
  readonly connection: EnvSocket;
  readonly status: ConnectionStatus;
  readonly details: ConnectionSnapshot | null;
  onReconnect(): void;
}

interface Line {
  readonly color: string;
  readonly text: string;
  /** The button that brings the connection back; null when there is nothing to do. */
  readonly action: string | null;
}

const LOST = {
  refused:
    'That was too much to keep while the link is down. It is lost, and so is all input until the link is back.',
  discarded: 'The link was down for too long: what you typed meanwhile was not sent.',
};

export function StatusLine({ connection, status, details, onReconnect }: Props) {
  const closing = useClosing(connection);
  const lost = useLostInput(connection, status);
  const readsOnly = useReadOnly(connection);
  const line = lineOf(status, details, closing, readsOnly);
  const text = lost ? LOST[lost] : line.text;
  const retryAt =
    status === 'connecting' || status === 'reconnecting' ? (details?.nextAttemptAt ?? null) : null;
  return (
    <Box
      sx={{
        flexShrink: 0,
        height: 40,
        px: 2,
        gap: 1.25,
        display: 'flex',
        alignItems: 'center',
        borderTop: `1px solid ${SURFACES.line}`,
        backgroundColor: SURFACES.panel,
      }}
    >
      <Box
        aria-hidden
        sx={{ width: 8, height: 8, borderRadius: '50%', flexShrink: 0, backgroundColor: line.color }}
      />
      <Typography role="status" noWrap title={text} sx={{ flex: 1, fontSize: 12.5, color: 'text.secondary' }}>
        {text}
      </Typography>
      {retryAt !== null && <Countdown until={retryAt} />}
      {line.action !== null && (
        <Button
          variant="outlined"
          color="inherit"
          onMouseDown={keepFocus}
          onClick={onReconnect}
          sx={{ flexShrink: 0 }}
        >
          {line.action}
        </Button>
      )}
    </Box>
  );
}

function lineOf(
  status: ConnectionStatus,
  details: ConnectionSnapshot | null,
  closing: Closing | null,
  readsOnly: boolean,
): Line {
  switch (status) {
    case 'connecting':
      return { color: STATUS_COLORS.waiting, text: 'Connecting…', action: 'Try now' };
    case 'connected':
      return {
        color: STATUS_COLORS.active,
        text: readsOnly
          ? 'Connected. You are watching: only others can type.'
          : 'Connected. The shell keeps running when you leave.',
        action: null,
      };
    case 'reconnecting':
      return {
        color: STATUS_COLORS.waiting,
        text: readsOnly
          ? 'Reconnecting…'
          : 'Reconnecting… What you type is sent if the link is back within five seconds.',
        action: 'Try now',
      };
    case 'disconnecting':
      return { color: STATUS_COLORS.neutral, text: 'Closing…', action: null };
    case 'disconnected':
      return endOf(closing);
    case 'failed':
      return {
        color: STATUS_COLORS.failed,
        text: `Failed: ${details?.reason ?? closing?.reason ?? 'no reason was given'}`,
        action: 'Try again',
      };
  }
}

/** The server closes with 1000 and its reason when the shell has ended; a page that closes gives none. */
function endOf(closing: Closing | null): Line {
  const shellEnded = closing?.code === 1000 && closing.reason !== '';
  const color = STATUS_COLORS.neutral;
  if (shellEnded) return { color, text: sentence(closing.reason), action: 'Start again' };
  return { color, text: 'Disconnected. The shell keeps running on the server.', action: 'Connect' };
}
