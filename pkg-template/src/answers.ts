// What a question looks like on the wire, and its answer. It must not know who asks, nor how long that waits.

import { AnswerError, messageOf, typeError } from './errors.js';
import type { Heard } from './heard.js';
import { bounded, callable, object } from './options.js';
import { copied, isBinary, isBlob, type Message, toMessage } from './payload.js';
import { isPromise } from './promise.js';
import type { AskOptions } from './types.js';

/** Long enough for a machine that thinks; short enough that nobody waits for one that is gone. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** `AskOptions`, checked. */
export interface Asking {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly answer: AskOptions['answer'];
}

/** The answer that a message is, in a list as it may be anything; undefined when it is none. An error is thrown. */
export type Answering = (heard: Heard) => [answer: unknown] | undefined;

/** @throws TypeError that names the option. */
export function readAsking(options: unknown): Asking {
  const bag = options === undefined || options === null ? {} : object(options, 'options');
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, answer } = bag;
  const match = answer === 'next' ? answer : callable(answer, 'options.answer', "must be 'next' or a function");
  return {
    timeoutMs: bounded(timeoutMs, 'options.timeoutMs', 1, true),
    signal: abortSignal(signal),
    answer: match as AskOptions['answer'],
  };
}

/**
 * The message of a question. One whose answer carries no id carries none itself.
 * @throws TypeError for what cannot be sent.
 */
export function worded(question: unknown, id: string, answer: AskOptions['answer']): Message {
  if (answer === undefined) return `{"id":"${id}","question":${json(question)}}`;
  if (typeof question === 'string') return question;
  if (!isBinary(question)) return json(question);
  // Whoever is told of the question may change them.
  const bytes = copied(toMessage(question));
  if (isBlob(bytes)) throw typeError('question', 'must not be a Blob: read it first');
  return bytes;
}

/** Which message is the answer. `scrub` takes out of an error's text what people must not see. */
export function answering(answer: AskOptions['answer'], id: string, scrub: (text: string) => string): Answering {
  if (answer === 'next') return ({ data }) => [data];
  if (answer === undefined) return (heard) => answerWithId(heard, id, scrub);
  return ({ data }) => {
    const isIt: unknown = answer(data);
    if (isPromise(isIt)) throw typeError('options.answer', 'must say it at once, not with a promise');
    return isIt ? [data] : undefined;
  };
}

function answerWithId({ json }: Heard, id: string, scrub: (text: string) => string): [unknown] | undefined {
  if (json === null) return undefined;
  const isOurs = json['id'] === id;
  const { message } = json;
  if (json['type'] === 'error') {
    // Of one without an id, only the words say that it is an error.
    const isAll = (json['id'] ?? null) === null && typeof message === 'string';
    const text = typeof message === 'string' ? message : 'the server gives no reason';
    if (isOurs || isAll) throw new AnswerError(scrub(text));
  }
  if (!isOurs) return undefined;
  return [Object.hasOwn(json, 'answer') ? json['answer'] : json];
}

function json(question: unknown): string {
  let text: string | undefined;
  try {
    // Of functions, symbols and undefined, JSON holds nothing; of bytes, nothing that anybody wants.
    if (!isBinary(question)) text = JSON.stringify(question);
  } catch (error) {
    throw typeError('question', `must be something that JSON can hold: ${messageOf(error)}`);
  }
  if (text === undefined) throw typeError('question', 'must be something that JSON can hold');
  return text;
}

function abortSignal(value: unknown): AbortSignal | undefined {
  const signal = value as AbortSignal | undefined;
  // Not `instanceof`: another frame's is one, too.
  if (signal === undefined || typeof signal?.aborted === 'boolean') return signal;
  throw typeError('options.signal', 'must be an AbortSignal');
}
