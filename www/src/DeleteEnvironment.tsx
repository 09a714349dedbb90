// The button that deletes an environment, and the one question before it does: a shell that was ended cannot
// be brought back. Says what went wrong where it was asked for.

import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import IconButton from '@mui/material/IconButton';
import Popover from '@mui/material/Popover';
import { useId, useRef, useState } from 'react';
import { deleteEnvironment } from './api';
import { DeleteQuestion, type Step } from './DeleteQuestion';
import { messageOf } from './http';
import { labelOf, type Pair } from './pair';

export function DeleteEnvironment({ pair, onDeleted }: { pair: Pair; onDeleted: (pair: Pair) => void }) {
  const [step, setStep] = useState<Step | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const question = useId();

  const remove = async () => {
    setStep({ name: 'deleting' });
    try {
      await deleteEnvironment(pair);
      setStep(null);
      onDeleted(pair);
    } catch (error) {
      setStep({ name: 'refused', problem: messageOf(error) });
    }
  };
  const keep = () => setStep((present) => (present?.name === 'deleting' ? present : null));

  return (
    <>
      <IconButton
        ref={button}
        className="entry-action"
        aria-label={`Delete ${labelOf(pair)}`}
        aria-haspopup="dialog"
        onClick={() => setStep({ name: 'asking' })}
      >
        <DeleteOutlined fontSize="inherit" />
      </IconButton>
      {step !== null && (
        <Popover
          open
          anchorEl={() => button.current}
          anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
          transformOrigin={{ vertical: 'top', horizontal: 'right' }}
          transitionDuration={120}
          onClose={keep}
          slotProps={{
            paper: { role: 'alertdialog', 'aria-labelledby': question, sx: { p: 2, maxWidth: 300 } },
          }}
        >
          <DeleteQuestion
            id={question}
            pair={pair}
            step={step}
            onKeep={keep}
            onDelete={() => void remove()}
          />
        </Popover>
      )}
    </>
  );
}
