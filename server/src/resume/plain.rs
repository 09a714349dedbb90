//! One connection that speaks no protocol: it has a source of its own and gets its messages as they are. What it
//! misses between two connections is the source's business.

use std::time::Duration;

use bytes::Bytes;
use envsocket::core::close::{FORBIDDEN, NORMAL};
use envsocket::core::resume::Access;
use envsocket::core::resume::session::Farewell;
use envsocket::core::token::Token;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::admission::{Admission, Admitted, ask, expired, past};
use super::message::received;
use super::parting::{self, Parting, code_of, going_away, in_words, refusal};
use super::sessions::Sessions;
use super::source::{Input, Output, Source, Urgent};
use crate::websocket::{Frame, Socket};

/// Carries the conversation, to the end of the closing handshake. `is_forgiven` says whether a silence that began
/// then is none of the client's doing.
pub(super) async fn talk<A, S, F, Fut>(
    sessions: &Sessions<A::Key>,
    mut socket: Socket,
    token: Option<Token>,
    admission: &A,
    open: F,
    is_forgiven: impl Fn(Instant) -> bool,
) -> Parting
where
    A: Admission,
    S: Source,
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<S, Farewell>>,
{
    let link = sessions.new_link();
    let admitted = ask(admission, token.as_ref()).await;
    drop(token);
    let opened = match admitted {
        Err(farewell) => Err(farewell),
        Ok(admitted) => open().await.map(|source| (source, admitted)),
    };
    let mut parting = match opened {
        Err(farewell) => Parting::Said(farewell),
        Ok((mut source, Admitted { access, until, .. })) => {
            let input = source.input();
            let (mut sink, mut stream) = socket.split();
            let (heartbeat, max_message) = sessions.heartbeat_and_max_message();
            let parting = tokio::select! {
                parting = deliver(&mut sink, source, heartbeat) => parting,
                parting = take(&mut stream, input, access, heartbeat, max_message, is_forgiven) => parting,
                () = past(until) => Parting::Said(expired()),
                () = sessions.hub.ends.cancelled() => Parting::Said(going_away()),
            };
            socket = parting::reunite(sink, stream, &parting).await;
            parting
        }
    };
    if let Parting::Said(farewell) = &mut parting {
        *farewell = in_words(farewell.clone(), link);
    }
    parting::end(&mut socket, &parting).await;
    parting
}

/// Delivers until the source is over or the connection breaks. Many messages go out at once when there are many.
async fn deliver(
    sink: &mut SplitSink<Socket, Frame>,
    mut source: impl Source,
    heartbeat: Duration,
) -> Parting {
    let mut pings = interval_at(Instant::now() + heartbeat, heartbeat);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_flushed = true;
    loop {
        let output = tokio::select! {
            // In this order: what is there already is not flushed one by one.
            biased;
            _ = pings.tick() => None,
            output = source.next() => Some(output),
            flushed = sink.flush(), if !is_flushed => {
                if flushed.is_err() {
                    return Parting::Lost;
                }
                is_flushed = true;
                continue;
            }
        };
        let frame = match output {
            None => Frame::Ping(Bytes::new()),
            Some(Output::Message(message)) => message.into(),
            Some(Output::Size(_)) => continue,
            Some(Output::End { reason, .. }) => return Parting::Said(Farewell::new(NORMAL, reason)),
            Some(Output::Urgent(Urgent::Gone(farewell))) => return Parting::Said(farewell),
            Some(Output::Urgent(Urgent::InCharge(_))) => continue,
        };
        is_flushed = false;
        tokio::select! {
            biased;
            fed = sink.feed(frame) => if fed.is_err() {
                return Parting::Lost;
            },
            farewell = gone(&mut source) => return Parting::Said(farewell),
        }
    }
}

async fn gone(source: &mut impl Source) -> Farewell {
    loop {
        if let Urgent::Gone(farewell) = source.urgent().await {
            return farewell;
        }
    }
}

/// Takes messages until the connection is over. While the source takes none the socket is not read, and the peer
/// is not suspected of silence.
async fn take(
    stream: &mut SplitStream<Socket>,
    mut input: impl Input,
    access: Access,
    heartbeat: Duration,
    max_message: u64,
    is_forgiven: impl Fn(Instant) -> bool,
) -> Parting {
    let dead_after = parting::dead_after(heartbeat);
    loop {
        let begun = Instant::now();
        let message = match timeout(dead_after, stream.next()).await {
            Err(_) if is_forgiven(begun) => continue,
            Err(_) => return Parting::Silent,
            Ok(None) => return Parting::Lost,
            Ok(Some(Err(fault))) => {
                return refusal(&fault, max_message).map_or(Parting::Lost, Parting::Said);
            }
            Ok(Some(Ok(Frame::Close(frame)))) => return Parting::Heard(code_of(frame)),
            Ok(Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_)))) => continue,
            Ok(Some(Ok(Frame::Text(text)))) => received(text),
            Ok(Some(Ok(Frame::Binary(bytes)))) => received(bytes),
        };
        if access == Access::ReadOnly {
            return Parting::Said(Farewell::new(FORBIDDEN, "input from a client that may only read"));
        }
        input.take(message).await;
    }
}
