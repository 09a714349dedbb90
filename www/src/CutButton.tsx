// "Cut the link": has the server drop every WebSocket of the page without a goodbye, and refuse new ones for
// two seconds. What happens next is the product's own doing.

import ContentCut from '@mui/icons-material/ContentCut';
import Button from '@mui/material/Button';
import Tooltip from '@mui/material/Tooltip';
import { useState } from 'react';
import { dropConnections, refuseConnections } from './api';
import { ApiError, messageOf } from './http';
import { keepFocus } from './keepFocus';

type Cut =
  | { readonly state: 'ready' }
  | { readonly state: 'cutting' }
  | { readonly state: 'failed'; readonly problem: string }
  | { readonly state: 'unavailable' };

const REFUSE_MS = 2000;

export function CutButton() {
  const [cut, setCut] = useState<Cut>({ state: 'ready' });

  const press = async () => {
    setCut({ state: 'cutting' });
    try {
      // In this order: what comes back at once is to be refused.
      await refuseConnections(REFUSE_MS);
      await dropConnections();
      setCut({ state: 'ready' });
    } catch (error) {
      const missing = error instanceof ApiError && error.status === 404;
      setCut(missing ? { state: 'unavailable' } : { state: 'failed', problem: messageOf(error) });
    }
  };

  return (
    <Tooltip title={hintOf(cut)} describeChild>
      {/* A disabled button has no pointer events, and so no tooltip, of its own. */}
      <span>
        <Button
          variant="outlined"
          color="inherit"
          startIcon={<ContentCut />}
          disabled={cut.state === 'cutting' || cut.state === 'unavailable'}
          onMouseDown={keepFocus}
          onClick={() => void press()}
        >
          Cut the link
        </Button>
      </span>
    </Tooltip>
  );
}

function hintOf(cut: Cut): string {
  switch (cut.state) {
    case 'failed':
      return `Not cut: ${cut.problem}.`;
    case 'unavailable':
      return 'This server runs without --faults and cannot cut connections.';
    default:
      return 'Drops every connection and refuses new ones for two seconds.';
  }
}
