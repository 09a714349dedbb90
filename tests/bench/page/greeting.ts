// The server's first message on every link: from then on the connection works both ways.

/** The next message; the first one on a new link is the greeting. */
export function greeting(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.addEventListener('message', () => resolve(), { once: true });
  });
}
