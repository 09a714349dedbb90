//! The socket below tungstenite. tungstenite refuses the mark of a compressed message on its first frame (RSV1), and
//! checks that a text is one, which it is only when it is large again. So both are taken off the headers on their
//! way to it: such a frame becomes a binary one without a mark, and what it was is remembered. Everything else, and
//! every payload, passes as it is; what is wrong with it, tungstenite says. Here is also what tungstenite cannot do:
//! take only short messages for a while, and let everything go that is not a close frame.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::walk::{Kind, Walk};

/// A socket, whose bytes are read past a [`Walk`].
#[derive(Debug)]
pub(super) struct Marked<S> {
    io: S,
    walk: Box<Walk>,
    /// Nothing more is read of a message that says that it is longer.
    longest: u64,
}

impl<S> Marked<S> {
    pub(super) fn new(io: S, has_marks: bool) -> Self {
        Self { io, walk: Box::new(Walk::new(has_marks)), longest: u64::MAX }
    }

    /// What the next data message was: they must be asked for in their order, all of them.
    pub(super) fn kind(&mut self) -> Kind {
        self.walk.kind()
    }

    /// Reading fails with [`TOO_LONG`] within a message of more than so many bytes on the wire, from now on.
    pub(super) fn bound(&mut self, longest: u64) {
        self.longest = longest;
    }
}

/// What reading a message that is too long fails with. No socket fails with it.
pub(super) const TOO_LONG: io::ErrorKind = io::ErrorKind::FileTooLarge;

impl<S: AsyncRead + Unpin> Marked<S> {
    /// Reads on and keeps nothing, until the peer's close frame has come: its code, if it has one. `None` if the
    /// socket ends before, or `left` bytes have come.
    pub(super) fn poll_closed(
        &mut self,
        cx: &mut Context<'_>,
        left: &mut usize,
    ) -> Poll<Option<Option<u16>>> {
        // tokio lets nobody read for ever: the task rests after so many pieces.
        let mut piece = [0; 4 * 1024];
        loop {
            if let Some(code) = self.walk.closed() {
                return Poll::Ready(Some(code));
            }
            let mut buffer = ReadBuf::new(&mut piece);
            let read = ready!(self.poll_walk(cx, &mut buffer));
            let count = buffer.filled().len();
            if read.is_err() || count == 0 || count > *left {
                return Poll::Ready(self.walk.closed());
            }
            *left -= count;
        }
    }

    fn poll_walk(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.walk.pass(&mut buffer.filled_mut()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Marked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Said now, and not when its header came: what came before it was read first, and may have raised the bound.
        if self.walk.announced() > self.longest {
            return Poll::Ready(Err(TOO_LONG.into()));
        }
        self.poll_walk(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Marked<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const PING: [u8; 6] = [0x89, 0x80, 0, 0, 0, 0];
    const CLOSE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];

    async fn socket(came: &[u8]) -> (DuplexStream, Marked<DuplexStream>) {
        let (mut peer, ours) = duplex(1 << 20);
        peer.write_all(came).await.expect("there is room");
        (peer, Marked::new(ours, false))
    }

    async fn closed(socket: &mut Marked<DuplexStream>, mut most: usize) -> Option<Option<u16>> {
        poll_fn(|cx| socket.poll_closed(cx, &mut most)).await
    }

    #[tokio::test]
    async fn a_close_frame_is_waited_for_as_long_as_not_too_much_comes_before_it() {
        let came = [PING.repeat(10_000), CLOSE.to_vec()].concat();
        assert_eq!(closed(&mut socket(&came).await.1, came.len()).await, Some(Some(1000)));
        assert_eq!(closed(&mut socket(&came).await.1, came.len() / 2).await, None);
        let (peer, mut socket) = socket(&PING).await;
        drop(peer);
        assert_eq!(closed(&mut socket, came.len()).await, None, "it has gone");
    }

    #[tokio::test]
    async fn one_that_was_read_before_it_was_asked_for_is_known() {
        let (_peer, mut socket) = socket(&CLOSE).await;
        socket.read_exact(&mut [0; CLOSE.len()]).await.expect("it came");
        assert_eq!(closed(&mut socket, 0).await, Some(Some(1000)));
    }

    #[tokio::test]
    async fn nothing_more_is_read_of_a_message_that_is_too_long_unless_it_is_not_any_more() {
        let header = [0x82, 0xfe, 0x40, 0x01, 0, 0, 0, 0];
        let (mut peer, mut socket) = socket(&header).await;
        socket.bound(16_384);
        socket.read_exact(&mut [0; 8]).await.expect("what is known then was read");
        peer.write_all(b"x").await.expect("there is room");
        let refused = socket.read_u8().await.expect_err("it is longer");
        assert_eq!(refused.kind(), TOO_LONG);
        socket.bound(16_385);
        assert_eq!(socket.read_u8().await.expect("it is allowed now"), b'x');
    }
}
