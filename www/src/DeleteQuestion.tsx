// The question before an environment is deleted, and its two answers. Asks; deletes nothing itself.

import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { labelOf, type Pair } from './pair';
import { useFocusOnMount } from './useFocusOnMount';

export type Step =
  | { readonly name: 'asking' }
  | { readonly name: 'deleting' }
  | { readonly name: 'refused'; readonly problem: string };

interface Props {
  /** The id of the question's element, which names the dialog around it. */
  readonly id: string;
  readonly pair: Pair;
  readonly step: Step;
  onKeep(): void;
  onDelete(): void;
}

export function DeleteQuestion({ id, pair, step, onKeep, onDelete }: Props) {
  const isDeleting = step.name === 'deleting';
  return (
    <>
      <Typography id={id} variant="body2" sx={{ overflowWrap: 'anywhere' }}>
        Delete <b>{labelOf(pair)}</b>? Its shell and everything running in it ends.
      </Typography>
      {step.name === 'refused' && (
        <Typography role="alert" variant="body2" color="error" sx={{ mt: 1 }}>
          Not deleted: {step.problem}.
        </Typography>
      )}
      <Box sx={{ display: 'flex', justifyContent: 'flex-end', gap: 1, mt: 1.5 }}>
        <Button color="inherit" disabled={isDeleting} onClick={onKeep}>
          Keep
        </Button>
        <Button
          ref={useFocusOnMount<HTMLButtonElement>()}
          variant="contained"
          color="error"
          loading={isDeleting}
          onClick={onDelete}
        >
          Delete
        </Button>
      </Box>
    </>
  );
}
