// A message as those hear it who want JSON of it, or do not: it is parsed once, when the first of them asks. It must
// not be made for messages that nobody of them wants.

/** Text that may be a JSON object; its white space is what JSON allows. */
const OBJECT = /^[ \t\n\r]*\{/;

export type Json = Readonly<Record<string, unknown>>;

export class Heard {
  #json: Json | null | undefined;

  constructor(readonly data: unknown) {}

  /** The JSON object that it is; null when it is anything else. */
  get json(): Json | null {
    return this.#json === undefined ? (this.#json = parsed(this.data)) : this.#json;
  }
}

function parsed(data: unknown): Json | null {
  if (typeof data !== 'string' || !OBJECT.test(data)) return null;
  try {
    return JSON.parse(data) as Json;
  } catch {
    return null;
  }
}
