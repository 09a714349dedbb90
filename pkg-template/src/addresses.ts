// Where the attempts of one connection go: the application is asked, and the engine told. It must not begin an attempt,
// nor let one go where its token may not.

import { traceAttempt } from './debug.js';
import { typeError } from './errors.js';
import type { Link } from './link.js';
import { isPromise } from './promise.js';
import type { UrlSource } from './types.js';
import { type Place, resolve } from './url.js';

export class Addresses {
  readonly #link: Link;
  /** The attempt under way: another object for each. */
  #attempt = {};
  /** Where this life's latest attempt went, which what waits for a Blob is meant for. */
  #destination: string | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  get #engine() {
    return this.#link.plan.core.engine;
  }

  /** An attempt begins. */
  locate(generation: number): void {
    this.cancel();
    const { plan } = this.#link;
    const source = plan.urlSource;
    if (typeof source === 'string') this.#found(generation, () => plan.place(source));
    else this.#ask(generation, source);
  }

  /** What was asked is not asked any more. */
  cancel(): void {
    this.#attempt = {};
  }

  /** Another life begins. */
  forget(): void {
    this.#destination = undefined;
  }

  #ask(generation: number, source: Exclude<UrlSource, string>): void {
    const [projectName, envId] = this.#link.plan.pair!;
    const attempt = this.#attempt;
    const found = (url: unknown) => {
      if (attempt === this.#attempt) this.#found(generation, () => answered(url));
    };
    const failed = (error: unknown) => {
      if (attempt === this.#attempt) this.#nowhere(generation, this.#link.credentials.reasonOf(error), false);
    };
    try {
      const answer = source({ projectName, envId });
      if (isPromise(answer)) answer.then(found, failed);
      else found(answer);
    } catch (error) {
      failed(error);
    }
  }

  #found(generation: number, find: () => Place): void {
    const { credentials, id, sender } = this.#link;
    let place: Place;
    try {
      place = find();
    } catch (error) {
      this.#nowhere(generation, credentials.reasonOf(error), true);
      return;
    }
    const { url, origin, destination } = place;
    this.#link.url = url;
    traceAttempt(this.#link);
    // Here, and not when one is asked for: the one that is there may do.
    const danger = credentials.dangerOf(url);
    if (danger !== undefined) {
      this.#nowhere(generation, danger, true);
      return;
    }
    // What waits in the engine is given up by the engine, which does not always have to tell.
    if (destination !== (this.#destination ?? destination)) {
      sender.giveUp('the destination has changed');
      queueMicrotask(() => sender.tellGivenUp());
    }
    this.#destination = destination;
    this.#engine.located(id, generation, origin, destination);
  }

  #nowhere(generation: number, why: string, isFinal: boolean): void {
    this.#engine.unlocated(this.#link.id, generation, why, isFinal);
  }
}

function answered(url: unknown): Place {
  if (typeof url === 'string' || url instanceof URL) return resolve(url, 'options.url');
  throw typeError('options.url', 'must return a string or a URL');
}
