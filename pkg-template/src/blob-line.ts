// Blobs on their way to a server that numbers messages: they are read first, and what is sent after one waits
// behind it. It must not know what becomes of a message that has left the line.

import { byteLength, isBlob, type Message } from './payload.js';

/** A message's place in the line. */
interface Place {
  message: Message;
  readonly bytes: number;
  state: 'reading' | 'ready' | 'unreadable';
}

/** Where messages go from the line, in the order of their coming. */
export interface Exit {
  forward(message: Message, bytes: number): void;
  unreadable(blob: Message): void;
}

export class BlobLine {
  /** How many bytes stand in it. */
  bytes = 0;
  readonly #exit: Exit;
  #places: Place[] = [];
  /** How many of the first stood in it at the mark. */
  #marked = 0;

  constructor(exit: Exit) {
    this.#exit = exit;
  }

  /** How many messages stand in it. */
  get length(): number {
    return this.#places.length;
  }

  /** Takes the last place; a Blob is read from now on. Bytes must be nobody else's. */
  add(message: Message): void {
    const place: Place = { message, bytes: byteLength(message), state: 'ready' };
    this.#places.push(place);
    this.bytes += place.bytes;
    if (isBlob(message)) this.#read(message, place);
  }

  /** Takes out the one that has waited longest. */
  shift(): Message | undefined {
    const first = this.#places.shift();
    this.bytes -= first?.bytes ?? 0;
    this.#marked = Math.max(this.#marked - 1, 0);
    return first?.message;
  }

  /** Takes out all of them. */
  take(): Message[] {
    this.mark();
    return this.takeMarked();
  }

  /** Sets those that stand in it now apart from what comes later. */
  mark(): void {
    this.#marked = this.#places.length;
  }

  /** Takes out what stood in it at the mark; what came later has only that to wait for which came later, too. */
  takeMarked(): Message[] {
    const taken = this.#places.splice(0, this.#marked);
    this.#marked = 0;
    for (const { bytes } of taken) this.bytes -= bytes;
    this.#advance();
    return taken.map(({ message }) => message);
  }

  #read(blob: Blob, place: Place): void {
    const end = (state: Place['state']) => {
      place.state = state;
      this.#advance();
    };
    place.state = 'reading';
    blob.arrayBuffer().then(
      (buffer) => {
        place.message = new Uint8Array(buffer);
        end('ready');
      },
      () => end('unreadable'),
    );
  }

  /** Lets go of those at the front that need not wait any more. */
  #advance(): void {
    for (let first; (first = this.#places[0]) && first.state !== 'reading'; ) {
      this.shift();
      if (first.state === 'ready') this.#exit.forward(first.message, first.bytes);
      else this.#exit.unreadable(first.message);
    }
  }
}
