//! One connection that speaks `envsocket.v1`, from its hello to its close.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use envsocket::core::close::NORMAL;
use envsocket::core::resume::frame::{ClientFrame, Hello, ServerFrame};
use envsocket::core::resume::session::{Farewell, LinkId, Next};
use envsocket::core::resume::{MAX_CONTROL_BYTES, NO_HELLO, Violation};
use envsocket::core::token::Token;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::watch;
use tokio::time::timeout;

use super::admission::{Admission, Admitted, ask, watch_over};
use super::frames::{self, Incoming};
use super::message::received;
use super::parting::{self, Parting, code_of, going_away, in_words, is_for_good, refusal, violation};
use super::room::{Room, Seat};
use super::sessions::{Sessions, SourceKey};
use super::source::Source;
use crate::websocket::{Fault, Frame, Socket};

/// A client says hello at once; this is for slow links.
const HELLO_WITHIN: Duration = Duration::from_secs(5);

/// Carries the conversation, to the end of the closing handshake.
pub(super) async fn talk<A, S, F, Fut>(
    sessions: &Sessions<A::Key>,
    mut socket: Socket,
    admission: &A,
    open: F,
) -> Parting
where
    A: Admission,
    S: Source,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Result<S, Farewell>> + Send,
{
    let link = sessions.new_link();
    let entered = tokio::select! {
        entered = enter(sessions, link, &mut socket, admission, open) => entered,
        () = sessions.hub.ends.cancelled() => Err(Parting::Said(in_words(going_away(), link))),
    };
    let (mut seat, hello, admitted) = match entered {
        Ok(entered) => entered,
        Err(parting) => {
            parting::end(&mut socket, &parting).await;
            return parting;
        }
    };
    let room = Arc::clone(&seat.room);
    let (mut sink, mut stream) = socket.split();
    let (tokens, shown) = watch::channel(None);
    let parting = tokio::select! {
        parting = speak(&mut sink, &mut seat, &hello) => parting,
        parting = listen(&mut stream, &room, link, sessions.hub.terms.max_message, &tokens) => parting,
        never = keep_out(&room, link, watch_over(admission, admitted, shown)) => match never {},
        never = dismiss(sessions, &room, link) => match never {},
    };
    let mut socket = parting::reunite(sink, stream, &parting).await;
    let was_answered = parting::end(&mut socket, &parting).await;
    let is_over = matches!(&parting, Parting::Said(farewell) if farewell.code == NORMAL);
    let has_left = match &parting {
        // The session knows which farewells are for good.
        Parting::Said(_) => was_answered,
        Parting::Heard(code) => is_for_good(*code),
        Parting::Lost | Parting::Silent => false,
    };
    if has_left {
        if is_over || matches!(parting, Parting::Heard(_)) {
            sessions.hub.note_left(&room.place, &hello);
        }
        seat.leave();
    }
    parting
}

/// Hears the hello, has its token looked at before anything else in it, and takes the place that it asks for.
async fn enter<A, S, F, Fut>(
    sessions: &Sessions<A::Key>,
    link: LinkId,
    socket: &mut Socket,
    admission: &A,
    open: F,
) -> Result<(Seat<A::Key>, Hello, Admitted<A::Key>), Parting>
where
    A: Admission,
    S: Source,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Result<S, Farewell>> + Send,
{
    // Nobody knows yet who it is.
    let longest = socket.bound(MAX_CONTROL_BYTES);
    let mut hello = match timeout(HELLO_WITHIN, hear_hello(socket, sessions.hub.terms.max_message)).await {
        Ok(heard) => heard?,
        Err(_) => return Err(violation(Violation(NO_HELLO.into()))),
    };
    // Nothing keeps it longer than it is needed.
    let token = hello.token.take();
    let refused = |farewell| Parting::Said(in_words(farewell, link));
    let admitted = ask(admission, token.as_ref()).await.map_err(refused)?;
    drop(token);
    socket.bound(longest);
    let seat = sessions.enter(link, hello.clone(), &admitted, open).await.map_err(refused)?;
    Ok((seat, hello, admitted))
}

async fn hear_hello(socket: &mut Socket, max_message: u64) -> Result<Hello, Parting> {
    const WRONG: Violation = Violation(std::borrow::Cow::Borrowed("the first frame must be a hello"));
    loop {
        return match socket.next().await {
            Some(Ok(Frame::Text(text))) => match frames::read(text) {
                Ok(Incoming::Control(ClientFrame::Hello(hello))) => Ok(hello),
                Ok(_) => Err(violation(WRONG)),
                Err(why) => Err(violation(why)),
            },
            Some(Ok(Frame::Binary(_))) => Err(violation(WRONG)),
            Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => continue,
            Some(Ok(Frame::Close(frame))) => Err(Parting::Heard(code_of(frame))),
            Some(Err(Fault::TooLarge)) => {
                let why = format!("a first frame of more than {MAX_CONTROL_BYTES} bytes");
                Err(violation(Violation(why.into())))
            }
            Some(Err(fault)) => Err(refusal(&fault, max_message).map_or(Parting::Lost, Parting::Said)),
            None => Err(Parting::Lost),
        };
    }
}

/// Delivers what the session has for this link. Many messages go out at once when there are many.
async fn speak<K: SourceKey>(
    sink: &mut SplitSink<Socket, Frame>,
    seat: &mut Seat<K>,
    hello: &Hello,
) -> Parting {
    let mut is_flushed = true;
    loop {
        let frame = match seat.next() {
            Next::Frame(frame) => {
                note(&frame, seat.link, hello);
                frames::control(&frame)
            }
            Next::Message(message) => frames::message(message),
            Next::Over(farewell) => return Parting::Said(farewell),
            Next::Idle if is_flushed => {
                seat.changed().await;
                continue;
            }
            Next::Idle => {
                tokio::select! {
                    biased;
                    flushed = sink.flush() => if flushed.is_err() {
                        return Parting::Lost;
                    },
                    () = seat.over() => {}
                }
                is_flushed = true;
                continue;
            }
        };
        is_flushed = false;
        tokio::select! {
            // In this order: a last frame is said if the socket takes it.
            biased;
            fed = sink.feed(frame) => if fed.is_err() {
                return Parting::Lost;
            },
            () = seat.over() => {}
        }
    }
}

/// Hands what the client says to the session, which bounds it; the socket is read whatever happens.
async fn listen<K: SourceKey>(
    stream: &mut SplitStream<Socket>,
    room: &Room<K>,
    link: LinkId,
    max_message: u64,
    tokens: &watch::Sender<Option<Token>>,
) -> Parting {
    loop {
        match stream.next().await {
            Some(Ok(Frame::Text(text))) => {
                let said = frames::read(text);
                if let Ok(Incoming::Control(ClientFrame::Token(token))) = &said {
                    tokens.send_replace(Some(token.clone()));
                }
                room.hear(link, said);
            }
            Some(Ok(Frame::Binary(bytes))) => room.hear(link, Ok(Incoming::Message(received(bytes)))),
            Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => {}
            Some(Ok(Frame::Close(frame))) => return Parting::Heard(code_of(frame)),
            Some(Err(fault)) => {
                let Some(farewell) = refusal(&fault, max_message) else { return Parting::Lost };
                room.close_link(link, farewell);
                return pending().await;
            }
            None => return Parting::Lost,
        }
    }
}

/// Says goodbye when the server ends.
async fn dismiss<K: SourceKey>(sessions: &Sessions<K>, room: &Room<K>, link: LinkId) -> Infallible {
    sessions.hub.ends.cancelled().await;
    room.close_link(link, going_away());
    pending().await
}

/// Closes the link when it may live no longer.
async fn keep_out<K: SourceKey>(
    room: &Room<K>,
    link: LinkId,
    no_longer: impl Future<Output = Farewell>,
) -> Infallible {
    room.close_link(link, no_longer.await);
    pending().await
}

/// For the log: what became of a client that came, and what it has missed.
fn note(frame: &ServerFrame, LinkId(link): LinkId, hello: &Hello) {
    // Whoever knows a session's id can attach to it.
    let session = &hello.session.to_string()[..8];
    match frame {
        ServerFrame::Welcome(welcome) => {
            let how = match hello.epoch {
                Some(epoch) if epoch == welcome.epoch => "resumed",
                Some(_) => "lost",
                None => "fresh",
            };
            tracing::info!(link, session, how, next = welcome.next, live = welcome.live, "welcomed");
        }
        ServerFrame::Gap { from, to, reason, snapshot, .. } => {
            tracing::info!(link, session, from, to, %reason, snapshot, "gap");
        }
        _ => {}
    }
}
