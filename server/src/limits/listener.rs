//! Sockets before they have asked for anything: each address may have so many, and none has for ever. Whoever is over
//! that is closed without a word: nothing was said that could be answered.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use super::address::{Neighbours, Proxies};
use super::tally::{Taken, Tally};

/// How long a socket may take for the head of its first request. Browsers open sockets ahead of need, and hold them
/// longer: theirs are opened again.
const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// A listener that counts what it accepts.
#[derive(Debug)]
pub(crate) struct Doorway {
    listener: TcpListener,
    sockets: Tally<Neighbours>,
    /// They have sockets for everybody.
    proxies: Proxies,
}

/// An accepted socket.
pub(crate) struct Visitor {
    stream: TcpStream,
    peer: Peer,
    /// Until the first request has come.
    patience: Option<Pin<Box<Sleep>>>,
    _place: Option<Taken<Neighbours>>,
}

/// Who is at the other end of a request's socket.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    has_asked: Arc<AtomicBool>,
}

impl Peer {
    /// The head of a request has come.
    pub(crate) fn has_asked(&self) {
        self.has_asked.store(true, Ordering::Relaxed);
    }
}

impl Doorway {
    /// With `most` sockets of one address at a time.
    pub(crate) fn new(listener: TcpListener, most: usize, proxies: Proxies) -> Self {
        Self { listener, sockets: Tally::new(most), proxies }
    }
}

impl Listener for Doorway {
    type Io = Visitor;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Visitor, SocketAddr) {
        loop {
            // axum's own: it waits a while when the system has no files left.
            let (stream, addr) = Listener::accept(&mut self.listener).await;
            let place = self.sockets.enter(addr.ip().into());
            if place.is_none() && !self.proxies.trust(addr.ip()) {
                tracing::debug!(%addr, "too many sockets from this address");
                continue;
            }
            // Keys are single bytes; Nagle's algorithm would hold them back.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
            let peer = Peer { addr, has_asked: Arc::default() };
            let patience = Some(Box::pin(sleep(HEAD_WITHIN)));
            return (Visitor { stream, peer, patience, _place: place }, addr);
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
        if self.patience.is_none() {
            return read;
        }
        if self.peer.has_asked.load(Ordering::Relaxed) {
            self.patience = None;
            return read;
        }
        // Also while bytes come one by one: what counts is a whole head.
        let is_over = self.patience.as_mut().is_some_and(|patience| patience.as_mut().poll(cx).is_ready());
        if is_over { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { read }
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
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
        let mut doorway = Doorway::new(listener, 8, Proxies::Nobody);
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
    async fn one_that_has_asked_may_stay() {
        let (mut client, mut visitor) = accepted().await;
        visitor.peer.has_asked();
        let later = async {
            tokio::time::sleep(100 * HEAD_WITHIN).await;
            client.write_all(b"x").await.expect("it is open");
        };
        let mut byte = [0; 1];
        let (read, ()) = tokio::join!(visitor.read(&mut byte), later);
        assert_eq!((read.expect("it is open"), byte), (1, [b'x']));
    }
}
