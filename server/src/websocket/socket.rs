//! One WebSocket, message by message. Must not: decide what is said over it.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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
use super::marks::{Kind, Marked};
use super::packing::Packer;
use super::unpacking::unpack;

/// A connection, with what was agreed upon in its handshake.
pub struct Socket {
    inner: WebSocketStream<Marked<TokioIo<Upgraded>>>,
    protocol: Option<Cow<'static, str>>,
    token: Option<Token>,
    longest: usize,
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
            // What cannot be made smaller has been made longer if somebody compresses it nevertheless.
            Some(_) => bounded(config, longest.saturating_add(longest / 64 + 64)),
            None => config,
        };
        let io = Marked::new(TokioIo::new(upgraded), packer.is_some());
        let inner = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        Self { inner, protocol, token, longest, packer }
    }

    /// The subprotocol that was chosen. If it begins with `envsocket.bearer.`, it is a secret.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The token that came with the request, the first time; the socket does not keep it.
    pub fn take_token(&mut self) -> Option<Token> {
        self.token.take()
    }

    /// A message as it was before it was compressed, if it was.
    fn read(&mut self, frame: Frame) -> Result<Frame, Fault> {
        let (Frame::Text(_) | Frame::Binary(_)) = frame else { return Ok(frame) };
        match self.inner.get_mut().kind() {
            Kind::Plain if frame.len() > self.longest => Err(Fault::TooLarge),
            Kind::Plain => Ok(frame),
            Kind::PackedBinary => unpack(&frame.into_data(), self.longest).map(Frame::Binary),
            Kind::PackedText => {
                let bytes = unpack(&frame.into_data(), self.longest)?;
                Ok(Frame::Text(Utf8Bytes::try_from(bytes).map_err(|_| Fault::NO_TEXT)?))
            }
        }
    }
}

/// A WebSocket that takes no longer messages.
pub(super) fn bounded(config: WebSocketConfig, longest: usize) -> WebSocketConfig {
    config.max_message_size(Some(longest)).max_frame_size(Some(longest))
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
        let frame = ready!(self.inner.poll_next_unpin(cx));
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
