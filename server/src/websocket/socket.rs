//! One WebSocket, message by message. Must not: decide what is said over it.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use envsocket::core::token::Token;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as Raw;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::Utf8Bytes;
use super::fault::Fault;
use super::marks::Marked;
use super::packing::Packer;
use super::unpacking::unpack;
use super::walk::Kind;

/// After so many bytes that were inflated, others have their turn: what it took to send them is next to nothing.
const TURN_BYTES: usize = 256 * 1024;

/// A connection, with what was agreed upon in its handshake.
pub struct Socket {
    inner: WebSocketStream<Marked<TokioIo<Upgraded>>>,
    protocol: Option<Cow<'static, str>>,
    token: Option<Token>,
    longest: usize,
    /// How much was inflated in this turn.
    inflated: usize,
    /// None without compression. In a box, as all that a connection without it does not need: tasks hold their
    /// sockets several times over.
    packer: Option<Box<Packer>>,
}

/// The subprotocol may have a token in it.
impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Socket {
    pub(super) async fn new(
        upgraded: Upgraded,
        config: WebSocketConfig,
        protocol: Option<Cow<'static, str>>,
        token: Option<Token>,
        packer: Option<Box<Packer>>,
    ) -> Self {
        let longest = config.max_message_size.unwrap_or(usize::MAX);
        let config = match packer {
            Some(_) => bounded(config, on_the_wire(longest)),
            None => config,
        };
        let io = Marked::new(TokioIo::new(upgraded), packer.is_some());
        let inner = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        Self { inner, protocol, token, longest, inflated: 0, packer }
    }

    /// The subprotocol that was chosen. If it begins with `envsocket.bearer.`, it is a secret.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The token that came with the request, the first time; the socket does not keep it.
    pub fn take_token(&mut self) -> Option<Token> {
        self.token.take()
    }

    /// Takes no message that is longer than so many bytes, from now on; returns how long they might be
    /// before.
    pub(crate) fn bound(&mut self, longest: usize) -> usize {
        let on_the_wire = if self.packer.is_some() { on_the_wire(longest) } else { longest };
        self.inner.get_mut().bound(on_the_wire as u64);
        mem::replace(&mut self.longest, longest)
    }

    /// Reads on until the peer's close frame has come: its code, if it has one. Everything else is let go as it
    /// comes; it is not put together, and not inflated. `None` if the connection ends before, or `most` bytes have
    /// come. Nothing else can be read after this.
    pub(crate) async fn closed(&mut self, most: usize) -> Option<Option<u16>> {
        let mut left = most;
        poll_fn(|cx| self.inner.get_mut().poll_closed(cx, &mut left)).await
    }

    /// A message as it was before it was compressed, if it was.
    fn read(&mut self, frame: Frame) -> Result<Frame, Fault> {
        let (Frame::Text(_) | Frame::Binary(_)) = frame else { return Ok(frame) };
        match self.inner.get_mut().kind() {
            Kind::Plain if frame.len() > self.longest => Err(Fault::TooLarge),
            Kind::Plain => Ok(frame),
            Kind::PackedBinary => self.unpack(frame).map(Frame::Binary),
            Kind::PackedText => {
                let bytes = self.unpack(frame)?;
                Ok(Frame::Text(Utf8Bytes::try_from(bytes).map_err(|_| Fault::NO_TEXT)?))
            }
        }
    }

    fn unpack(&mut self, frame: Frame) -> Result<Bytes, Fault> {
        let unpacked = unpack(&frame.into_data(), self.longest);
        self.inflated += unpacked.as_ref().map_or(self.longest, Bytes::len);
        unpacked
    }
}

/// A WebSocket that takes no longer messages.
pub(super) fn bounded(config: WebSocketConfig, longest: usize) -> WebSocketConfig {
    config.max_message_size(Some(longest)).max_frame_size(Some(longest))
}

/// How long a message may be when it comes: what cannot be made smaller has been made longer if somebody compresses it
/// nevertheless.
fn on_the_wire(longest: usize) -> usize {
    longest.saturating_add(longest / 64 + 64)
}

/// A message in the frame that it is sent in, compressed where that pays.
fn packed(packer: &mut Packer, frame: Frame) -> Frame {
    let (bytes, data) = match &frame {
        Frame::Text(text) => (text.as_bytes(), Data::Text),
        Frame::Binary(bytes) => (&bytes[..], Data::Binary),
        _ => return frame,
    };
    let Some(packed) = packer.pack(bytes) else { return frame };
    let mut raw = Raw::message(packed, OpCode::Data(data), true);
    raw.header_mut().rsv1 = true;
    Frame::Frame(raw)
}

/// Ends after the closing handshake, and after what tungstenite finds wrong; what is wrong with compressed data can
/// be read past.
impl Stream for Socket {
    type Item = Result<Frame, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(packer) = &mut self.packer {
            packer.rest(cx);
        }
        if self.inflated >= TURN_BYTES {
            self.inflated = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(frame) = self.inner.poll_next_unpin(cx) else {
            self.inflated = 0;
            return Poll::Pending;
        };
        Poll::Ready(frame.map(|frame| self.read(frame?)))
    }
}

impl Sink<Frame> for Socket {
    type Error = Fault;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(ready!(self.inner.poll_ready_unpin(cx))?))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), Fault> {
        let frame = match &mut self.packer {
            Some(packer) => packed(packer, frame),
            None => frame,
        };
        Ok(self.inner.start_send_unpin(frame)?)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(ready!(self.inner.poll_flush_unpin(cx))?))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(ready!(self.inner.poll_close_unpin(cx))?))
    }
}
