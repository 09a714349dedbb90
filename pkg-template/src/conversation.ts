// What hears a connection's messages before their listeners do: for the question that waits, and for channels. It must
// be in nobody's way who wants neither: every message goes past it.

import { Channels } from './channels.js';
import { Heard } from './heard.js';
import type { Link } from './link.js';
import { Questions } from './questions.js';

export class Conversation {
  readonly questions: Questions;
  readonly channels: Channels;
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
    const changed = () => this.#listen();
    this.questions = new Questions(link, changed);
    this.channels = new Channels(changed);
  }

  /** How many want to hear something. */
  get listeners(): number {
    return this.questions.count + this.channels.listeners;
  }

  /** A message of the application's. It does not throw. */
  hear(data: unknown): void {
    const heard = new Heard(data);
    this.questions.hear(heard);
    if (!this.channels.isEmpty) this.channels.hear(heard);
  }

  #listen(): void {
    const { ears } = this.#link.plan.core;
    const listens = this.questions.count > 0 || !this.channels.isEmpty;
    this.#link.ear = listens ? this : undefined;
    if (listens) ears.add(this);
    else ears.delete(this);
  }
}
