// The page's clocks, set forward: so that nobody has to wait for time to pass.

/** As if so much time had passed until now, and no more when it is called back. */
export function passed(ms: number): () => void {
  const clocks = [performance, Date] as { now(): number }[];
  const restore = clocks.map((clock) => {
    const own = Object.getOwnPropertyDescriptor(clock, 'now');
    const now = clock.now.bind(clock);
    Object.defineProperty(clock, 'now', { value: () => now() + ms, configurable: true, writable: true });
    return () => {
      if (own) Object.defineProperty(clock, 'now', own);
      else Reflect.deleteProperty(clock, 'now');
    };
  });
  return () => restore.forEach((undo) => undo());
}
