// What hears a connection's messages before their listeners do: for the question that waits. It must be in nobody's way
// who asks nothing: every message goes past it.

import { Heard } from './heard.js';
import type { Link } from './link.js';
import { Questions } from './questions.js';

export class Conversation {
  readonly questions: Questions;
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
    this.questions = new Questions(link, () => this.#listen());
  }

  /** How many want to hear something. */
  get listeners(): number {
    return this.questions.count;
  }

  /** A message of the application's. It does not throw. */
  hear(data: unknown): void {
    this.questions.hear(new Heard(data));
  }

  #listen(): void {
    const { ears } = this.#link.plan.core;
    const listens = this.listeners > 0;
    this.#link.ear = listens ? this : undefined;
    if (listens) ears.add(this);
    else ears.delete(this);
  }
}
