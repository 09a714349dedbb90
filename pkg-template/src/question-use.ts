// One component's view of a connection's question. It must not know React.

import type { EnvSocket } from './envsocket.js';
import { exception } from './errors.js';
import type { AskOptions, Question } from './types.js';

/** What is waited for, and whether something can be asked. */
export interface QuestionState {
  /** As `EnvSocket.canAcceptQuestion`; false without a connection. */
  readonly canAcceptQuestion: boolean;
  /** As `EnvSocket.currentQuestion`. */
  readonly currentQuestion: Question | null;
}

/** @internal */
export const UNASKED: QuestionState = Object.freeze({ canAcceptQuestion: false, currentQuestion: null });

/** @internal */
export class QuestionUse {
  #state = UNASKED;

  constructor(readonly connection: EnvSocket | null) {}

  /** Calls back whenever `look` may have something new. */
  readonly start = (changed: () => void): (() => void) => {
    const { connection } = this;
    if (!connection) return () => undefined;
    const stop = connection.watchQuestions(changed);
    const types = ['statuschange', 'accesschange'] as const;
    for (const type of types) connection.addEventListener(type, changed);
    return () => {
      stop();
      for (const type of types) connection.removeEventListener(type, changed);
    };
  };

  /** The same object until something in it changes. */
  readonly look = (): QuestionState => {
    const { canAcceptQuestion, currentQuestion } = this.connection ?? UNASKED;
    const before = this.#state;
    if (canAcceptQuestion !== before.canAcceptQuestion || currentQuestion !== before.currentQuestion) {
      this.#state = { canAcceptQuestion, currentQuestion };
    }
    return this.#state;
  };

  readonly ask = <T = unknown>(question: unknown, options?: AskOptions): Promise<T> => {
    if (this.connection) return this.connection.ask<T>(question, options);
    return Promise.reject(exception('InvalidStateError', 'ask: there is no connection'));
  };
}
