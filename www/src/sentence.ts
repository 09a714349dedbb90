// The server's and the platform's messages are lower-case and end without a stop; on the page they are
// sentences.

export function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
