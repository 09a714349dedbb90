// How often the page was given a token, where the server wants one: that the number rises beside connections
// that stay green is what renewal looks like.

import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { useSyncExternalStore } from 'react';
import { roleNow, tokenNews, watchTokens } from './access';

export function TokenNote() {
  const { count, at } = useSyncExternalStore(watchTokens, tokenNews);
  if (roleNow() === 'anybody' || at === null) return null;
  const last = new Date(at).toLocaleTimeString();
  return (
    <Tooltip
      title={`Tokens live for seconds here. The page asked for the last one at ${last}, without dropping a link.`}
    >
      <Typography data-testid="token-note" sx={{ fontSize: 12, color: 'text.secondary', whiteSpace: 'nowrap' }}>
        Token {count}
      </Typography>
    </Tooltip>
  );
}
