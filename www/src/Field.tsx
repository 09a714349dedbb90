// A text field that says underneath what is wrong with it. The space for that is always there.

import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { useFocusOnMount } from './useFocusOnMount';

type Props = Omit<TextFieldProps, 'error' | 'helperText' | 'inputRef' | 'autoFocus'> & {
  /** A whole sentence; null when nothing is wrong. */
  readonly problem: string | null;
  /** Whether the keyboard begins here. */
  readonly isFirst: boolean;
};

export function Field({ problem, isFirst, ...rest }: Props) {
  return (
    <TextField
      {...rest}
      inputRef={useFocusOnMount<HTMLInputElement>(isFirst)}
      fullWidth
      size="small"
      margin="dense"
      error={problem !== null}
      helperText={problem ?? ' '}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
