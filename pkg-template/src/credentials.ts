// One connection's tokens: asked for when the engine needs one, and put where they are sent. What comes from outside is
// cleared of them here. It must not decide when one is needed, nor keep one longer than its life lasts.

import { exception, isPermanent, messageOf, report } from './errors.js';
import { restOfLife } from './expiry.js';
import type { Link } from './link.js';
import { OFF, PROTOCOL, TOKEN_USE } from './options.js';
import { scrub } from './secrets.js';
import { badToken, bearer, isPrivate, isToken, TRANSPORTS, withQuery } from './transports.js';
import type { Token, TokenRequest } from './types.js';
import { redact } from './url.js';

/** Why a token is needed, by the engine's numbers. */
const REASONS: readonly TokenRequest['reason'][] = ['first', 'expired', 'rejected'];
const REJECTED = 2;

/** The `readyState` of a socket that takes messages. */
const OPEN = 1;

/** So many characters of a reason people may read; some throw a whole page. */
const MOST_WORDS = 1_000;

/** What the engine has asked, and was not told yet. */
interface Question {
  readonly generation: number;
}

export class Credentials {
  readonly #link: Link;
  #question: Question | undefined;
  /** Those that servers may know of: the present one, and before it the previous one. */
  #known: readonly string[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  get #engine() {
    return this.#link.plan.core.engine;
  }

  get #source(): Token | undefined {
    const { plan } = this.#link;
    return plan.core.tokens.of(plan);
  }

  get #present(): string | undefined {
    return this.#known.at(-1);
  }

  /** Which use there is of a token, by the engine's numbers. */
  get use(): number {
    return this.#source === undefined ? TRANSPORTS.none : TRANSPORTS[this.#link.plan.tokenTransport];
  }

  /** Tells the engine whether there is a token for the next attempt. */
  apply(): void {
    const { id, plan } = this.#link;
    plan.own.numbers[TOKEN_USE] = this.use;
    this.#engine.configureConnection(id, plan.own.numbers);
  }

  /** Another source: a text goes to the server as soon as it can be sent, a function is asked when a token is needed. */
  replace(source: Token): void {
    const { id, plan, url } = this.#link;
    const before = this.#source;
    plan.core.tokens.give(plan, source);
    this.apply();
    if (typeof source !== 'string' || source === before) return;
    if (this.#link.socket.readyState > OPEN) return;
    const danger = this.dangerOf(url);
    if (danger !== undefined) {
      // What is open now was opened without, and the next attempt fails.
      report(exception('SecurityError', danger));
      return;
    }
    this.#question = undefined;
    this.#know(source);
    this.#engine.replaceToken(id, source, NaN);
  }

  /** The engine needs a token. */
  authorize(generation: number, reason: number, anew: boolean): void {
    const { plan } = this.#link;
    const question = (this.#question = { generation });
    const source = this.#source;
    if (source === undefined) {
      this.#refuse(question, 'there is no token any more', true);
    } else if (typeof source !== 'string') {
      plan.core.tokens.ask(source, plan, REASONS[reason]!, anew, {
        answered: (token) => this.#answered(question, token),
        failed: (error) => this.#failed(question, error),
      });
    } else if (reason === REJECTED && source === this.#present) {
      this.#refuse(question, 'the token was rejected', true);
    } else {
      // Whenever it expires: nobody could renew it.
      this.#answer(question, source, NaN);
    }
  }

  /** What a plain server is sent first. */
  get message(): string {
    return this.#present ?? '';
  }

  /** The URL and the subprotocols of a socket that may turn out to be a plain one, with the token if it goes there. */
  dressed(url: string, protocols: string[]): [url: string, protocols: string[]] {
    const token = this.#present;
    const transport = this.use === TRANSPORTS.none ? 'none' : this.#link.plan.tokenTransport;
    if (token === undefined) return [url, protocols];
    if (transport === 'query') return [withQuery(url, token), protocols];
    return [url, transport === 'subprotocol' ? [...protocols, bearer(token)] : protocols];
  }

  /** Why no token may go there, if one would. */
  dangerOf(url: string): string | undefined {
    const { plan } = this.#link;
    const { use } = this;
    const isUsed = use === TRANSPORTS.hello ? plan.number(PROTOCOL) !== OFF : use !== TRANSPORTS.none;
    if (!isUsed || url === '' || plan.allowsInsecureToken || isPrivate(url)) return undefined;
    return `a token does not go to ${new URL(url).origin}, which is not encrypted, without options.allowInsecureToken`;
  }

  /** What people are shown of an error; it may quote a URL, or a token. */
  reasonOf(error: unknown): string {
    const text = redact(messageOf(error));
    return this.scrub(text.length > MOST_WORDS ? `${text.slice(0, MOST_WORDS)}…` : text);
  }

  /** What comes from outside, without the tokens in it. */
  scrub(text: string): string {
    return scrub(text, this.#known);
  }

  /** Its life is over. */
  end(): void {
    this.#question = undefined;
    this.#known = [];
  }

  #answered(question: Question, token: unknown): void {
    if (question !== this.#question) return;
    if (isToken(token)) this.#answer(question, token, restOfLife(token, Date.now()));
    else this.#refuse(question, badToken('token').message, true);
  }

  #failed(question: Question, error: unknown): void {
    if (question !== this.#question) return;
    this.#refuse(question, this.reasonOf(error) || 'the token could not be had', isPermanent(error));
  }

  #answer({ generation }: Question, token: string, expiresInMs: number): void {
    this.#question = undefined;
    this.#know(token);
    this.#engine.authorized(this.#link.id, generation, token, expiresInMs);
  }

  #refuse({ generation }: Question, why: string, isFinal: boolean): void {
    this.#question = undefined;
    this.#engine.unauthorized(this.#link.id, generation, why, isFinal);
  }

  #know(token: string): void {
    if (token !== this.#present) this.#known = [...this.#known.slice(-1), token];
  }
}
