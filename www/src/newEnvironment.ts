// What is wrong with a new environment, and at which field that is to be said. Asks nobody.

import { ApiError, messageOf } from './http';
import { nameProblem, type Pair } from './pair';
import { sentence } from './sentence';

export interface Problem {
  readonly field: keyof Pair;
  readonly message: string;
}

/** What can be told before the server is asked; null when nothing is wrong. */
export function problemOf(pair: Pair): Problem | null {
  const project = nameProblem(pair.project);
  if (project !== null) return { field: 'project', message: `The project's name ${project}.` };
  const env = nameProblem(pair.env);
  if (env !== null) return { field: 'env', message: `The environment's id ${env}.` };
  return null;
}

/** The server's words at the field that they are about: the project only when they begin with it. */
export function refusedField(error: unknown): Problem {
  const message = messageOf(error);
  const aboutProject = error instanceof ApiError && /^project\b/i.test(message);
  return { field: aboutProject ? 'project' : 'env', message: sentence(message) };
}
