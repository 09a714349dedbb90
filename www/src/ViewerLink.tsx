// The button that makes a link for watching: whoever has it sees the environment's terminal and cannot type.

import VisibilityOutlined from '@mui/icons-material/VisibilityOutlined';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { useId, useRef, useState } from 'react';
import { createViewer } from './api';
import { messageOf } from './http';
import { labelOf, type Pair } from './pair';
import { sentence } from './sentence';
import { viewerHashOf } from './useSelection';

type Step =
  | { readonly name: 'asking' }
  | { readonly name: 'made'; readonly link: string; readonly isCopied: boolean }
  | { readonly name: 'refused'; readonly problem: string };

export function ViewerLink({ pair }: { pair: Pair }) {
  const [step, setStep] = useState<Step | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const heading = useId();

  const make = async () => {
    setStep({ name: 'asking' });
    try {
      const link = location.origin + location.pathname + viewerHashOf(pair, await createViewer(pair));
      setStep({ name: 'made', link, isCopied: false });
    } catch (error) {
      setStep({ name: 'refused', problem: messageOf(error) });
    }
  };
  const copy = async (link: string) => {
    await navigator.clipboard.writeText(link);
    setStep({ name: 'made', link, isCopied: true });
  };

  return (
    <>
      <Tooltip title="Make a link for watching">
        <IconButton
          ref={button}
          aria-label={`Make a link for watching ${labelOf(pair)}`}
          aria-haspopup="dialog"
          onClick={() => void make()}
          sx={{ fontSize: 20, color: 'text.secondary' }}
        >
          <VisibilityOutlined fontSize="inherit" />
        </IconButton>
      </Tooltip>
      <Popover
        open={step !== null && step.name !== 'asking'}
        anchorEl={() => button.current}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        transitionDuration={120}
        onClose={() => setStep(null)}
        slotProps={{
          paper: {
            role: 'dialog',
            'aria-labelledby': heading,
            sx: { p: 2, width: 360, maxWidth: '90vw', display: 'grid', gap: 1.5 },
          },
        }}
      >
        <Typography id={heading} variant="body2">
          {step?.name === 'refused'
            ? sentence(step.problem)
            : `Whoever has this link can watch ${labelOf(pair)} for a day, and cannot type.`}
        </Typography>
        {step?.name === 'made' && (
          <>
            <TextField
              size="small"
              value={step.link}
              onFocus={(event) => event.target.select()}
              slotProps={{ htmlInput: { readOnly: true, 'aria-label': 'Link for watching' } }}
            />
            <Button variant="outlined" color="inherit" onClick={() => void copy(step.link)}>
              {step.isCopied ? 'Copied' : 'Copy'}
            </Button>
          </>
        )}
      </Popover>
    </>
  );
}
