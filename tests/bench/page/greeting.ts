// The server's first message on every link: from then on the connection works both ways.

/** The next message; the first one on a new link is the greeting. */
export function greeting(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.addEventListener('message', () => resolve(), { once: true });
  });
}

/** As many handshakes at once as there are different URLs: Chromium delays what is more. */
export async function openAll(urls: readonly string[], open: (url: string) => WebSocket): Promise<void> {
  const atOnce = new Set(urls).size;
  for (let at = 0; at < urls.length; at += atOnce) {
    await Promise.all(urls.slice(at, at + atOnce).map((url) => greeting(open(url))));
  }
}
