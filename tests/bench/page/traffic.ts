// The hot path: receiving, sending, and both in turn. Whatever does not arrive whole is an error, and what
// does not arrive at all is for the runner's patience to notice.

export type Kind = 'text' | 'binary';

/** The steps of an isolated page's clock. */
const STEP_MS = 0.005;

/** Milliseconds. */
export interface Trips {
  readonly p50: number;
  readonly p99: number;
}

/** From asking for a flood until its last message is here. */
export function receive(socket: WebSocket, count: number, size: number, kind: Kind): Promise<number> {
  return new Promise((resolve, reject) => {
    let left = count;
    let length = 0;
    const listener = ({ data }: MessageEvent) => {
      length += kind === 'text' ? data.length : data.byteLength;
      if (--left > 0) return;
      const took = performance.now() - begun;
      socket.removeEventListener('message', listener);
      if (length === count * size) resolve(took);
      else reject(new Error(`${count} messages brought ${length} bytes, not ${count * size}`));
    };
    socket.addEventListener('message', listener);
    const begun = performance.now();
    socket.send(`!flood ${count} ${size} ${kind}`);
  });
}

/** From the first `send` until the server has confirmed the last. */
export async function send(socket: WebSocket, count: number, size: number, kind: Kind): Promise<number> {
  const message = payload(size, kind);
  const begun = performance.now();
  for (let i = 0; i < count; i++) socket.send(message);
  const confirmed = await answer(socket, '!count');
  const took = performance.now() - begun;
  const expected = `${count} ${count * size}`;
  if (confirmed !== expected) throw new Error(`the server counted ${confirmed}, not ${expected}`);
  return took;
}

/** One message there and back, again and again. */
export async function roundTrips(socket: WebSocket, count: number, size: number): Promise<Trips> {
  socket.send('!echo');
  const times = await new Promise<Float64Array>((resolve) => {
    const message = payload(size, 'text') as string;
    const times = new Float64Array(count);
    let trip = 0;
    let sent = 0;
    const listener = () => {
      times[trip++] = performance.now() - sent;
      if (trip === count) {
        socket.removeEventListener('message', listener);
        resolve(times);
        return;
      }
      sent = performance.now();
      socket.send(message);
    };
    socket.addEventListener('message', listener);
    sent = performance.now();
    socket.send(message);
  });
  await answer(socket, '!count');
  times.sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Of values that the clock has rounded: those that are equal are spread evenly over one step of it. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = share * sorted.length;
  const value = sorted[Math.floor(rank)] as number;
  const isSame = (other: number) => Math.abs(other - value) < STEP_MS / 2;
  const first = sorted.findIndex(isSame);
  const last = sorted.findLastIndex(isSame);
  return value + STEP_MS * ((rank - first) / (last - first + 1) - 0.5);
}

/** The next message after a question. */
export function answer(socket: WebSocket, question: string): Promise<string> {
  return new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(data as string), { once: true });
    socket.send(question);
  });
}

function payload(size: number, kind: Kind): string | Uint8Array<ArrayBuffer> {
  return kind === 'text' ? 'x'.repeat(size) : new Uint8Array(size).fill(120);
}
