// Blobs that take their time.
// Must not: wait for time to pass.

/** A Blob whose reading ends when the test says so. */
export function slow(text: string): { blob: Blob; end(): void; fail(): void } {
  const blob = new Blob([text]);
  const read = Promise.withResolvers<ArrayBuffer>();
  blob.arrayBuffer = () => read.promise;
  return {
    blob,
    end: () => read.resolve(new TextEncoder().encode(text).buffer as ArrayBuffer),
    fail: () => read.reject(new DOMException('the file has changed', 'NotReadableError')),
  };
}
