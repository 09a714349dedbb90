//! Sockets that ask for nothing, or for nothing more: each address may have so many, and none has for ever. Whoever is
//! over that is closed without a word: nothing was said that could be answered. How long an answer takes is the
//! business of whoever gives it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use super::address::{Neighbours, Proxies};
use super::tally::{Taken, Tally};

/// How long a socket may take for the head of its first request, and of each further one; and how long it may take
/// nothing of an answer. Browsers open sockets ahead of need, and hold them longer: theirs are opened again.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// The same for proxies, which keep theirs for later: nginx for a minute. They must be the ones who close, or a request
/// is lost now and then.
const HEAD_OF_PROXY_WITHIN: Duration = Duration::from_secs(120);

/// A listener that counts what it accepts.
#[derive(Debug)]
pub(crate) struct Doorway {
    listener: TcpListener,
    sockets: Tally<Neighbours>,
    /// They have sockets for everybody.
    proxies: Proxies,
    /// For the log.
    refused: u64,
}

/// An accepted socket.
pub(crate) struct Visitor {
    stream: TcpStream,
    peer: Peer,
    allowed: Duration,
    /// While nothing is under way: until it is given up. It begins anew with all that is taken of an answer.
    patience: Option<Pin<Box<Sleep>>>,
    _place: Taken<Neighbours>,
}

/// Who is at the other end of a request's socket.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    does: Arc<AtomicU8>,
}

/// It is to ask for something, or to take the answer.
const WAITED_FOR: u8 = 0;
/// The head of a request has come, and the answer is being made.
const ASKING: u8 = 1;
/// It speaks something else than HTTP by now, which has times of its own.
const STAYING: u8 = 2;

/// While this is there the socket is not given up.
#[derive(Debug)]
pub(crate) struct Asking(Arc<AtomicU8>);

impl Peer {
    fn new(addr: SocketAddr) -> Self {
        Self { addr, does: Arc::new(AtomicU8::new(WAITED_FOR)) }
    }

    /// The head of a request has come.
    pub(crate) fn asks(&self) -> Asking {
        self.does.store(ASKING, Ordering::Relaxed);
        Asking(Arc::clone(&self.does))
    }
}

impl Asking {
    /// The socket is no business of HTTP's any more.
    pub(crate) fn stay(self) {
        self.0.store(STAYING, Ordering::Relaxed);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // Not if it stays.
        let _ = self.0.compare_exchange(ASKING, WAITED_FOR, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Doorway {
    /// With `most` sockets of one address at a time, and `total` of all.
    pub(crate) fn new(listener: TcpListener, most: usize, total: usize, proxies: Proxies) -> Self {
        Self { listener, sockets: Tally::sharing(most, total), proxies, refused: 0 }
    }

    /// For the log, which a flood is not to flood as well.
    fn note_refused(&mut self, addr: SocketAddr) {
        self.refused += 1;
        if self.refused.is_power_of_two() {
            let count = self.refused;
            tracing::warn!(count, %addr, "sockets closed since the start: too many of one address, or of all");
        }
    }
}

impl Visitor {
    /// Whether nothing has come for too long, or nothing was taken.
    fn is_given_up(&mut self, cx: &mut Context<'_>) -> bool {
        if self.peer.does.load(Ordering::Relaxed) != WAITED_FOR {
            self.patience = None;
            return false;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(self.allowed)));
        patience.as_mut().poll(cx).is_ready()
    }

    fn wrote(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = written {
            self.patience = None;
        }
        if self.is_given_up(cx) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { written }
    }
}

impl Listener for Doorway {
    type Io = Visitor;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Visitor, SocketAddr) {
        loop {
            // axum's own: it waits a while when the system has no files left.
            let (stream, addr) = Listener::accept(&mut self.listener).await;
            let is_proxy = self.proxies.trust(addr.ip());
            let who = addr.ip().into();
            let place = if is_proxy { self.sockets.enter_for_many(who) } else { self.sockets.enter(who) };
            let Some(place) = place else {
                self.note_refused(addr);
                continue;
            };
            // Keys are single bytes; Nagle's algorithm would hold them back.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
            let allowed = if is_proxy { HEAD_OF_PROXY_WITHIN } else { HEAD_WITHIN };
            let peer = Peer::new(addr);
            return (Visitor { stream, peer, allowed, patience: None, _place: place }, addr);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Doorway>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Doorway>) -> Self {
        stream.io().peer.clone()
    }
}

impl AsyncRead for Visitor {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        // Also while bytes come one by one: what counts is a whole head.
        if self.is_given_up(cx) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { read }
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.wrote(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    async fn accepted() -> (TcpStream, Visitor) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it listens");
        let mut doorway = Doorway::new(listener, 8, usize::MAX, Proxies::Nobody);
        let (client, (visitor, _)) = tokio::join!(TcpStream::connect(addr), doorway.accept());
        (client.expect("it listens"), visitor)
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_never_asks_is_given_up_however_slowly_it_talks() {
        let (mut client, mut visitor) = accepted().await;
        let begun = Instant::now();
        let mut bytes = [0; 8];
        let reading = async {
            loop {
                if let Err(error) = visitor.read(&mut bytes).await {
                    return error.kind();
                }
            }
        };
        let talking = async {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                client.write_all(b"G").await.expect("it is open");
            }
        };
        tokio::select! {
            kind = reading => assert_eq!(kind, io::ErrorKind::TimedOut),
            () = talking => {}
        }
        assert!(begun.elapsed() >= HEAD_WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_asked_is_waited_for_again_when_it_has_its_answer() {
        let (client, mut visitor) = accepted().await;
        let asking = visitor.peer.asks();
        let answering = async {
            tokio::time::sleep(100 * HEAD_WITHIN).await;
            drop(asking);
            Instant::now()
        };
        let mut byte = [0; 1];
        let answered = tokio::select! {
            read = visitor.read(&mut byte) => panic!("{read:?} while it is answered"),
            answered = answering => answered,
        };
        visitor.write_all(b"the answer").await.expect("it is open");
        let error = visitor.read(&mut byte).await.expect_err("nothing more is asked for");
        assert_eq!((error.kind(), answered.elapsed()), (io::ErrorKind::TimedOut, HEAD_WITHIN));
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_takes_nothing_of_its_answer_is_given_up() {
        let (client, mut visitor) = accepted().await;
        drop(visitor.peer.asks());
        let begun = Instant::now();
        let writing = async {
            loop {
                if let Err(error) = visitor.write_all(&[b'x'; 4096]).await {
                    return error.kind();
                }
            }
        };
        assert_eq!(writing.await, io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= HEAD_WITHIN);
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_speaks_something_else_by_now_may_stay() {
        let (mut client, mut visitor) = accepted().await;
        visitor.peer.asks().stay();
        let later = async {
            tokio::time::sleep(100 * HEAD_WITHIN).await;
            client.write_all(b"x").await.expect("it is open");
        };
        let mut byte = [0; 1];
        let (read, ()) = tokio::join!(visitor.read(&mut byte), later);
        assert_eq!((read.expect("it is open"), byte), (1, [b'x']));
    }
}
