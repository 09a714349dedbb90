//! What moves a session along: its source's output into the log, its input to the source, its clock. One task a
//! session; it ends with the session, and the session with it.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use envsocket::core::resume::{Id, session};

use super::admission::Place;
use super::parting::going_away;
use super::room::Room;
use super::sessions::{Hub, SourceKey, broke_off};
use super::source::{Input, Logged, Output, Source, Urgent};

/// A session over this source, with its past.
pub(super) fn room<K: SourceKey, S: Source>(
    hub: &Arc<Hub<K>>,
    place: Place<K>,
    id: Id,
    source: &mut S,
) -> Arc<Room<K>> {
    let recorder = source.recorder();
    let (mut past, mut is_in_charge) = (Vec::new(), true);
    for output in source.begin() {
        match output.into() {
            Logged::Entry(entry) => past.push(entry),
            Logged::Urgent(Urgent::InCharge(in_charge)) => is_in_charge = in_charge,
            // It says so again when it is asked for more.
            Logged::Urgent(Urgent::Gone(_)) => {}
        }
    }
    let room = Room::new(place, id, hub, recorder, past);
    room.set_in_charge(is_in_charge);
    Arc::new(room)
}

/// Runs until the session is over.
pub(super) async fn run<K: SourceKey, S: Source>(room: Arc<Room<K>>, mut source: S) {
    // Whatever ends this task ends the session, a panic of the source included.
    let _ended = Ended(Arc::clone(&room));
    let input = source.input();
    tokio::select! {
        () = room.over.cancelled() => {}
        () = room.orphaned.cancelled() => room.close(&going_away()),
        never = log(&room, source) => match never {},
        never = feed(&room, input) => match never {},
        never = keep_time(&room) => match never {},
    }
}

struct Ended<K: SourceKey>(Arc<Room<K>>);

impl<K: SourceKey> Drop for Ended<K> {
    fn drop(&mut self) {
        self.0.close(&broke_off());
    }
}

async fn log<K: SourceKey, S: Source>(room: &Room<K>, mut source: S) -> Infallible {
    // Until then: the session may be kept for hours after its source's end.
    log_to_the_end(room, &mut source).await;
    drop(source);
    pending().await
}

async fn log_to_the_end<K: SourceKey, S: Source>(room: &Room<K>, source: &mut S) {
    loop {
        let output = source.next().await;
        let is_end = matches!(output, Output::End { .. });
        match output.into() {
            Logged::Urgent(urgent) => heed(room, urgent),
            Logged::Entry(entry) => {
                let mut waiting = room.append(entry).err();
                while let Some(entry) = waiting.take() {
                    tokio::select! {
                        () = room.released.notified() => waiting = room.append(entry).err(),
                        urgent = source.urgent() => {
                            heed(room, urgent);
                            waiting = room.append(entry).err();
                        }
                    }
                }
            }
        }
        if is_end || room.over.is_cancelled() {
            return;
        }
    }
}

fn heed<K: SourceKey>(room: &Room<K>, urgent: Urgent) {
    match urgent {
        Urgent::Gone(farewell) => room.close(&farewell),
        Urgent::InCharge(in_charge) => room.set_in_charge(in_charge),
    }
}

async fn feed<K: SourceKey, I: Input>(room: &Room<K>, mut input: I) -> Infallible {
    loop {
        while let Some((ticket, next)) = room.take_input() {
            match next {
                session::Input::Message(message) => input.take(message).await,
                session::Input::Resize(size) => input.resize(size).await,
            }
            room.consumed(ticket);
        }
        room.typed.notified().await;
    }
}

async fn keep_time<K: SourceKey>(room: &Room<K>) -> Infallible {
    loop {
        let late = match room.arm() {
            Some(moment) => tokio::select! {
                () = tokio::time::sleep_until(moment) => true,
                () = room.rearmed.notified() => false,
            },
            None => {
                room.rearmed.notified().await;
                false
            }
        };
        if late {
            room.timeout();
        }
    }
}
