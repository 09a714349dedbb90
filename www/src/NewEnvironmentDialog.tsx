// Asks for a project and an id and creates the environment. What the server refuses is said at the field that
// it is about, and nothing that was typed is lost.

import Autocomplete from '@mui/material/Autocomplete';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useState, type SubmitEvent } from 'react';
import { createEnvironment } from './api';
import { Field } from './Field';
import { problemOf, refusedField, type Problem } from './newEnvironment';
import type { Pair } from './pair';

type Step =
  | { readonly name: 'editing' }
  | { readonly name: 'saving' }
  | { readonly name: 'refused'; readonly problem: Problem };

interface Props {
  /** The fields' first content. */
  readonly draft: Pair;
  /** Suggestions; any other name makes a new project. */
  readonly projectNames: readonly string[];
  /** Once the server has it. */
  onCreated(pair: Pair): void;
  onCancel(): void;
}

export function NewEnvironmentDialog({ draft, projectNames, onCreated, onCancel }: Props) {
  const [project, setProject] = useState(draft.project);
  const [env, setEnv] = useState(draft.env);
  const [step, setStep] = useState<Step>({ name: 'editing' });

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (step.name === 'saving') return;
    const pair = { project: project.trim(), env: env.trim() };
    const problem = problemOf(pair);
    if (problem !== null) return setStep({ name: 'refused', problem });
    setStep({ name: 'saving' });
    try {
      await createEnvironment(pair);
      onCreated(pair);
    } catch (error) {
      setStep({ name: 'refused', problem: refusedField(error) });
    }
  };

  const edit = (set: (value: string) => void) => (value: string) => {
    set(value);
    setStep((present) => (present.name === 'refused' ? { name: 'editing' } : present));
  };
  const problemAt = (field: Problem['field']) =>
    step.name === 'refused' && step.problem.field === field ? step.problem.message : null;
  // A stray click beside the dialog must not throw away what was typed.
  const leave = (_event: object, why: 'backdropClick' | 'escapeKeyDown') => {
    if (why === 'escapeKeyDown' && step.name !== 'saving') onCancel();
  };

  return (
    <Dialog
      open
      onClose={leave}
      fullWidth
      maxWidth="xs"
      transitionDuration={140}
      aria-labelledby="new-environment"
    >
      <form noValidate onSubmit={(event) => void submit(event)}>
        <DialogTitle id="new-environment" sx={{ fontSize: 16, fontWeight: 650 }}>
          New environment
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', pb: 0.5 }}>
          <Autocomplete
            freeSolo
            openOnFocus={false}
            options={projectNames}
            inputValue={project}
            onInputChange={(_event, value) => edit(setProject)(value)}
            renderInput={(params) => (
              <Field
                {...params}
                label="Project"
                problem={problemAt('project')}
                isFirst={draft.project === ''}
              />
            )}
          />
          <Field
            label="Environment"
            value={env}
            onChange={(event) => edit(setEnv)(event.target.value)}
            problem={problemAt('env')}
            isFirst={draft.project !== ''}
          />
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2.5 }}>
          <Button color="inherit" size="medium" onClick={onCancel} disabled={step.name === 'saving'}>
            Cancel
          </Button>
          <Button type="submit" size="medium" variant="contained" loading={step.name === 'saving'}>
            Create
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
