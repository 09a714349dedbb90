//! One native socket, as a browser's is: it opens or not, takes whatever it is given, and tells of its end once.

use std::net::SocketAddr;
use std::time::Duration;

use envsocket::core::close::ABANDONED;
use envsocket::core::event::{CloseInfo, Offer, SocketId};
use envsocket::core::resume::{PLAIN, V1};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

/// How long a socket that was let go of tries to end in good order; browsers take longer.
const LINGER: Duration = Duration::from_secs(3);

/// What a socket tells.
#[derive(Debug)]
pub(super) enum Happened {
    /// It is open, with this subprotocol.
    Opened(Option<String>),
    /// It has brought text or bytes.
    Brought(Frame),
    /// It is over; the platform has reported an error when that was not clean.
    Closed(CloseInfo),
}

/// A native socket. Dropping it lets it go: nothing of it is heard any more, and it closes.
#[derive(Debug)]
pub(super) struct Socket {
    outgoing: mpsc::UnboundedSender<Frame>,
    pub(super) is_open: bool,
    /// A close was said; nothing may follow it.
    is_closing: bool,
}

type News = mpsc::Sender<(SocketId, Happened)>;
type Stream = WebSocketStream<TcpStream>;

impl Socket {
    /// Begins to connect.
    pub(super) fn connect(addr: SocketAddr, path: &str, offer: Offer, id: SocketId, news: News) -> Self {
        let (outgoing, frames) = mpsc::unbounded_channel();
        tokio::spawn(run(addr, format!("ws://{addr}{path}"), offer, Telling { id, news }, frames));
        Self { outgoing, is_open: false, is_closing: false }
    }

    /// Whether it takes messages.
    pub(super) fn takes(&self) -> bool {
        self.is_open && !self.is_closing && !self.outgoing.is_closed()
    }

    /// Sends it; it is lost when the socket does not take it any more.
    pub(super) fn send(&self, frame: Frame) {
        if self.takes() {
            // It fails when the socket has just ended, which is what takes messages away from browsers too.
            let _ = self.outgoing.send(frame);
        }
    }

    /// Begins the closing handshake.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str) {
        if !std::mem::replace(&mut self.is_closing, true) {
            let frame = code.map(|code| CloseFrame { code: code.into(), reason: reason.into() });
            // It fails when the socket has ended.
            let _ = self.outgoing.send(Frame::Close(frame));
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close(Some(ABANDONED), "");
    }
}

struct Telling {
    id: SocketId,
    news: News,
}

impl Telling {
    /// It fails when nobody listens any more: the client is gone.
    async fn tell(&self, happened: Happened) {
        let _ = self.news.send((self.id, happened)).await;
    }
}

async fn run(
    addr: SocketAddr,
    url: String,
    offer: Offer,
    telling: Telling,
    mut frames: mpsc::UnboundedReceiver<Frame>,
) {
    let connected = tokio::select! {
        connected = connect(addr, url, offer) => connected,
        // Let go of before it opened: nothing else can be said by then.
        _ = frames.recv() => return,
    };
    let Ok((stream, protocol)) = connected else {
        return telling.tell(Happened::Closed(CloseInfo::abnormal())).await;
    };
    telling.tell(Happened::Opened(protocol)).await;
    let (sink, stream) = stream.split();
    let mut reading = std::pin::pin!(listen(stream, &telling));
    let info = tokio::select! {
        info = &mut reading => info,
        // All was written that there was to write: it was let go of.
        () = write(sink, frames) => match timeout(LINGER, reading).await {
            Ok(info) => info,
            Err(_) => return,
        },
    };
    telling.tell(Happened::Closed(info)).await;
}

async fn connect(addr: SocketAddr, url: String, offer: Offer) -> Result<(Stream, Option<String>), Error> {
    let mut request = url.into_client_request()?;
    let offered = match offer {
        // The application of these tests has none of its own.
        Offer::Given | Offer::Nothing => None,
        Offer::Both => Some(format!("{PLAIN}, {V1}")),
        Offer::V1 => Some(V1.to_owned()),
    };
    if let Some(offered) = offered {
        let offered = HeaderValue::try_from(offered).expect("subprotocols are tokens");
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offered);
    }
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let (stream, response) = tokio_tungstenite::client_async(request, stream).await?;
    let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
    Ok((stream, chosen.and_then(|name| name.to_str().ok()).map(str::to_owned)))
}

/// Tells what comes, to the end, and how that was.
async fn listen(mut stream: SplitStream<Stream>, telling: &Telling) -> CloseInfo {
    let mut info = CloseInfo::abnormal();
    while let Some(Ok(frame)) = stream.next().await {
        match frame {
            Frame::Text(_) | Frame::Binary(_) => telling.tell(Happened::Brought(frame)).await,
            Frame::Close(frame) => {
                let (code, reason) = frame
                    .map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                info = CloseInfo { code, reason: reason.into(), clean: true };
            }
            Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
        }
    }
    info
}

/// Writes what there is, until there will be no more, or the socket breaks: reading tells of that.
async fn write(mut sink: SplitSink<Stream, Frame>, mut frames: mpsc::UnboundedReceiver<Frame>) {
    while let Some(frame) = frames.recv().await {
        let mut result = sink.feed(frame).await;
        while let (Ok(()), Ok(more)) = (&result, frames.try_recv()) {
            result = sink.feed(more).await;
        }
        if result.is_err() || sink.flush().await.is_err() {
            return std::future::pending().await;
        }
    }
}
