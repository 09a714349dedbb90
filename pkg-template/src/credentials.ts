// One connection's tokens: asked for when the engine needs one, and put where they are sent. What comes from outside is
// cleared of them here. It must not decide when one is needed, nor keep one longer than its life lasts.

import { isPermanent, messageOf } from './errors.js';
import { restOfLife } from './expiry.js';
import type { Link } from './link.js';
import { OFF, PROTOCOL, TOKEN_USE } from './options.js';
import { scrub } from './secrets.js';
import { OPEN } from './status.js';
import { bearer, faultOf, isPrivate, TRANSPORTS, withQuery } from './transports.js';
import type { Token, TokenRequest } from './types.js';
import { redact } from './url.js';

/** Why a token is needed, by the engine's numbers. */
const REASONS: readonly TokenRequest['reason'][] = ['first', 'expired', 'rejected'];
const REJECTED = 2;

/** So many characters of a reason people may read; some throw a whole page. */
const MOST_WORDS = 1_000;

/** What the engine has asked, and was not told yet. */
interface Question {
  readonly generation: number;
  readonly reason: number;
  /** Who was asked. */
  readonly source: Token | undefined;
}

export class Credentials {
  readonly #link: Link;
  #question: Question | undefined;
  /** Those that servers may know of: the present one, and before it the previous one. */
  #known: readonly string[] = [];
  /** Who gave the one that the engine has. */
  #giver: Token | undefined;
  /** The subprotocol that is the token, if the latest socket offered one. */
  #bearer: string | undefined;

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

  /** An attempt begins, for which a token of somebody who is not its source any more is of no use. */
  begin(): void {
    if (this.#giver === undefined || this.#giver === this.#source) return;
    this.#giver = undefined;
    this.#engine.forgetToken(this.#link.id);
  }

  /** Tells the engine whether there is a token for the next attempt. Whoever is not its source any more is not heard. */
  apply(): void {
    const { id, plan } = this.#link;
    plan.own.numbers[TOKEN_USE] = this.use;
    this.#engine.configureConnection(id, plan.own.numbers);
    const question = this.#question;
    if (question && question.source !== this.#source && this.#isWanted(question)) {
      this.authorize(question.generation, question.reason, false);
    }
  }

  /**
   * Another source. A text goes to the server as soon as it can be sent; a function is asked when a token is needed, and
   * at once if one is waited for.
   */
  replace(source: Token): void {
    const { id, plan, socket, url } = this.#link;
    plan.core.tokens.give(plan, source);
    this.apply();
    if (typeof source !== 'string' || source === this.#giver || socket.readyState > OPEN) return;
    // What is open now was opened without, and stays so; the next attempt fails, and says why.
    if (this.dangerOf(url) !== undefined) return;
    this.#know(source, source);
    this.#engine.replaceToken(id, source, NaN);
  }

  /** For one that has none of its own: it may have been forgotten. */
  suggest(source: Token): void {
    const { plan } = this.#link;
    if (!plan.core.tokens.has(plan)) this.replace(source);
  }

  /** The engine needs a token. */
  authorize(generation: number, reason: number, isLate: boolean): void {
    const { plan } = this.#link;
    const source = this.#source;
    const question = (this.#question = { generation, reason, source });
    if (source === undefined) {
      this.#refuse(question, 'there is no token any more', true);
    } else if (typeof source !== 'string') {
      // What became of the token of somebody else is no affair of this one.
      const why = source === this.#giver ? REASONS[reason]! : 'first';
      plan.core.tokens.ask(source, plan, why, isLate, {
        answered: (token) => this.#answered(question, token),
        failed: (error) => this.#failed(question, error),
      });
    } else if (reason === REJECTED && source === this.#giver) {
      // There is no more to be said than what the server has said.
      this.#refuse(question, '', true);
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
    this.#bearer = undefined;
    if (token === undefined) return [url, protocols];
    if (transport === 'query') return [withQuery(url, token), protocols];
    if (transport !== 'subprotocol') return [url, protocols];
    this.#bearer = bearer(token);
    return [url, [...protocols, this.#bearer]];
  }

  /** Whether the subprotocol that was chosen is the token, which is no affair of the application's. */
  isBearer(protocol: string): boolean {
    return protocol === this.#bearer;
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
    const { plan } = this.#link;
    return scrub(text, [...this.#known, ...plan.core.tokens.textsOf(plan)]);
  }

  /** Its life is over. */
  end(): void {
    this.#question = this.#giver = this.#bearer = undefined;
    this.#known = [];
  }

  /** Whether the engine still waits for the answer. */
  #isWanted(question: Question): boolean {
    return question === this.#question && this.#engine.asksToken(this.#link.id, question.generation);
  }

  #answered(question: Question, token: unknown): boolean {
    if (!this.#isWanted(question)) return false;
    const fault = faultOf(token);
    if (fault === undefined) this.#answer(question, token as string, restOfLife(token as string, Date.now()));
    else this.#refuse(question, `token ${fault}`, true);
    return true;
  }

  #failed(question: Question, error: unknown): void {
    if (question !== this.#question) return;
    this.#refuse(question, this.reasonOf(error) || 'the token could not be had', isPermanent(error));
  }

  #answer({ generation, source }: Question, token: string, expiresInMs: number): void {
    this.#question = undefined;
    this.#know(token, source);
    this.#engine.authorized(this.#link.id, generation, token, expiresInMs);
  }

  #refuse({ generation }: Question, why: string, isFinal: boolean): void {
    this.#question = undefined;
    this.#engine.unauthorized(this.#link.id, generation, why, isFinal);
  }

  #know(token: string, giver: Token | undefined): void {
    if (token !== this.#present) this.#known = [...this.#known.slice(-1), token];
    this.#giver = giver;
  }
}
