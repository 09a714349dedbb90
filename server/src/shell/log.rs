//! The output of one shell: written once, pulled by every viewer at its own pace. Whoever comes late begins with a
//! picture of the screen, or with the output itself as long as that is all there and nothing but text.
//!
//! The writer waits while the slowest viewer would lose bytes, but no longer than the patience that a viewer
//! has without taking anything; then that viewer is struck off. A session's viewer never is: the session sees to
//! it that the writer does not wait for long. Without viewers the writer never waits. The log must not know
//! sockets or terminals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use super::charge::Charge;
use super::picture::Picture;
use super::ring::Ring;
use super::sizes::Sizes;
use super::{Closing, Exit, Size};

/// What a shell may be ahead of its slowest viewer.
const HISTORY_BYTES: usize = 256 * 1024;
/// The most that a newcomer gets of the past as it was.
const REPLAY_BYTES: usize = 64 * 1024;
/// The longest message. Longer ones save nothing and delay the keys typed meanwhile.
const CHUNK_BYTES: usize = 64 * 1024;
/// The same for a session, whose log forgets whole messages only.
const SESSION_CHUNK_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct OutputLog {
    inner: Mutex<Inner>,
    /// Wakes viewers. A watch keeps "changed since I looked" for each, so no wake-up is lost.
    changed: watch::Sender<()>,
    /// Wakes the writer, of whom there is one; a permit given before it waits is kept.
    room: Notify,
    patience: Duration,
}

#[derive(Debug)]
struct Inner {
    ring: Ring,
    sizes: Sizes,
    picture: Picture,
    charge: Charge,
    viewers: BTreeMap<u64, Cursor>,
    next_viewer: u64,
    phase: Phase,
}

#[derive(Debug, Clone, Copy)]
struct Cursor {
    at: u64,
    /// The output from here on is kept for it.
    keeps: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// For one client, which took something then.
    Client { moved: Instant },
    /// For a session, which was told of sizes up to this serial number, and whether it is in charge. What it was
    /// given is kept until it is in its log: until then it may ask for a picture of what comes before.
    Session { told: u64, in_charge: bool },
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Live,
    /// The shell is over; what is in the log is still delivered.
    Ended(Exit),
    /// Nothing is delivered any more.
    Abandoned(Closing),
}

/// Why a viewer gets nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It has everything, and the shell is over.
    Exited(Exit),
    /// The environment was closed.
    Closed(Closing),
    /// It took nothing for too long while the shell had more.
    TooSlow,
}

/// What a viewer is to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Deliver this.
    Output(Bytes),
    /// The terminal has this size from here on. Only sessions are told.
    Size(Size),
    /// Whether it is in charge. Only sessions are told.
    InCharge(bool),
    /// Leave.
    End(End),
}

/// What a viewer must know even in the middle of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgent {
    /// As [`Next::InCharge`].
    InCharge(bool),
    /// Leave.
    End(End),
}

enum Appended {
    Done,
    /// Until a viewer has moved, or its patience is over.
    Wait(Option<Instant>),
}

impl OutputLog {
    pub(crate) fn new(patience: Duration, size: Size) -> Self {
        let inner = Inner {
            ring: Ring::new(HISTORY_BYTES),
            sizes: Sizes::new(size),
            picture: Picture::new(size),
            charge: Charge::default(),
            viewers: BTreeMap::new(),
            next_viewer: 0,
            phase: Phase::Live,
        };
        Self { inner: Mutex::new(inner), changed: watch::Sender::new(()), room: Notify::new(), patience }
    }

    /// Writes, waiting for viewers as described above. One writer at a time.
    pub(crate) async fn append(&self, bytes: &[u8]) {
        let since = Instant::now();
        while let Appended::Wait(deadline) = self.try_append(bytes, since) {
            // Late or in time, the next round looks for itself.
            match deadline {
                Some(deadline) => drop(timeout_at(deadline, self.room.notified()).await),
                None => self.room.notified().await,
            }
        }
        self.changed.send_replace(());
    }

    fn try_append(&self, bytes: &[u8], since: Instant) -> Appended {
        let mut inner = self.lock();
        if matches!(inner.phase, Phase::Abandoned(_)) {
            return Appended::Done;
        }
        let keep_from = inner.ring.start_after(bytes.len());
        let deadline_of = |cursor: &Cursor| match cursor.kind {
            Kind::Client { moved } => Some(moved.max(since) + self.patience),
            Kind::Session { .. } => None,
        };
        let now = Instant::now();
        let is_in_time = |cursor: &Cursor| deadline_of(cursor).is_none_or(|deadline| now < deadline);
        inner.viewers.retain(|_, cursor| cursor.keeps >= keep_from || is_in_time(cursor));
        let mut behind = inner.viewers.values().filter(|cursor| cursor.keeps < keep_from).peekable();
        if behind.peek().is_some() {
            let deadline = behind.filter_map(deadline_of).min();
            drop(inner);
            // Somebody else may just have been struck off, and should hear of it.
            self.changed.send_replace(());
            return Appended::Wait(deadline);
        }
        let Inner { ring, sizes, picture, .. } = &mut *inner;
        picture.follow(keep_from, ring, sizes);
        ring.push(bytes);
        sizes.forget_before(ring.start());
        Appended::Done
    }

    /// Has the terminal take another size, at this place of the output.
    pub(crate) fn resize<E>(&self, size: Size, apply: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut inner = self.lock();
        // Under the lock: what is printed for the new size cannot come before it.
        apply()?;
        let Inner { ring, sizes, picture, .. } = &mut *inner;
        if let Some(second) = sizes.second_if_full() {
            picture.follow(second, ring, sizes);
        }
        sizes.push(ring.end(), size);
        drop(inner);
        self.changed.send_replace(());
        Ok(())
    }

    /// The shell is over and everything it wrote is in the log.
    pub(crate) fn end(&self, exit: Exit) {
        self.finish(Phase::Ended(exit));
    }

    /// The environment is closed: viewers leave at once, the writer waits for nobody.
    pub(crate) fn abandon(&self, why: Closing) {
        self.finish(Phase::Abandoned(why));
    }

    fn finish(&self, phase: Phase) {
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Abandoned(_)) {
            inner.phase = phase;
        }
        drop(inner);
        self.changed.send_replace(());
        self.room.notify_one();
    }

    /// A viewer that begins with what the terminal shows; `None` once the shell is over.
    pub(crate) fn attach(self: &Arc<Self>) -> Option<Viewer> {
        let changed = self.changed.subscribe();
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Live) {
            return None;
        }
        let id = inner.next_viewer;
        inner.next_viewer += 1;
        let at = inner.ring.end();
        let past = inner.past();
        let kind = Kind::Client { moved: Instant::now() };
        inner.viewers.insert(id, Cursor { at, keeps: at, kind });
        drop(inner);
        Some(Viewer { log: Arc::clone(self), id, changed, past: Some(past).filter(|past| !past.is_empty()) })
    }

    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.lock().phase, Phase::Live)
    }

    fn pull(&self, id: u64) -> Option<Next> {
        let mut inner = self.lock();
        let Inner { ring, sizes, viewers, charge, phase, .. } = &mut *inner;
        if let Phase::Abandoned(why) = phase {
            return Some(Next::End(End::Closed(*why)));
        }
        let Some(cursor) = viewers.get_mut(&id) else { return Some(Next::End(End::TooSlow)) };
        let mut max = CHUNK_BYTES;
        if let Kind::Session { told, in_charge } = &mut cursor.kind {
            if *in_charge != charge.has(id) {
                *in_charge = !*in_charge;
                return Some(Next::InCharge(*in_charge));
            }
            if let Some((serial, size)) = sizes.news(cursor.at, *told) {
                *told = serial;
                return Some(Next::Size(size));
            }
            max = sizes.next_after(cursor.at).map_or(SESSION_CHUNK_BYTES, |at| {
                usize::try_from(at - cursor.at)
                    .map_or(SESSION_CHUNK_BYTES, |bytes| bytes.min(SESSION_CHUNK_BYTES))
            });
        }
        let chunk = ring.read(cursor.at, max);
        if chunk.is_empty() {
            return match phase {
                Phase::Ended(exit) => Some(Next::End(End::Exited(*exit))),
                Phase::Live | Phase::Abandoned(_) => None,
            };
        }
        cursor.at += chunk.len() as u64;
        if let Kind::Client { moved } = &mut cursor.kind {
            *moved = Instant::now();
            cursor.keeps = cursor.at;
        }
        drop(inner);
        self.room.notify_one();
        Some(Next::Output(chunk))
    }

    /// What this viewer must know even in the middle of a delivery.
    fn urgent(&self, id: u64) -> Option<Urgent> {
        let mut inner = self.lock();
        let Inner { viewers, charge, phase, .. } = &mut *inner;
        if let Phase::Abandoned(why) = phase {
            return Some(Urgent::End(End::Closed(*why)));
        }
        let Some(cursor) = viewers.get_mut(&id) else { return Some(Urgent::End(End::TooSlow)) };
        match &mut cursor.kind {
            Kind::Session { in_charge, .. } if *in_charge != charge.has(id) => {
                *in_charge = !*in_charge;
                Some(Urgent::InCharge(*in_charge))
            }
            Kind::Session { .. } | Kind::Client { .. } => None,
        }
    }

    /// This viewer's user does something: types, or resizes.
    fn take_charge(&self, id: u64) {
        let has_changed = self.lock().charge.take(id);
        if has_changed {
            self.changed.send_replace(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds this lock")
    }
}

impl Inner {
    /// From where on sessions may have the terminal drawn still.
    fn floor(&self) -> u64 {
        let is_session = |cursor: &&Cursor| matches!(cursor.kind, Kind::Session { .. });
        let keeps = self.viewers.values().filter(is_session).map(|cursor| cursor.keeps);
        keeps.min().unwrap_or(u64::MAX)
    }

    /// What a newcomer is shown before what is written from now on.
    fn past(&mut self) -> Bytes {
        let floor = self.floor();
        let Self { ring, sizes, picture, .. } = self;
        let end = ring.end();
        if ring.start() == 0 && end <= REPLAY_BYTES as u64 {
            let all = ring.read(0, REPLAY_BYTES);
            if is_text(&all) {
                return all;
            }
        }
        picture.draw(end, floor, ring, sizes).unwrap_or_default()
    }
}

/// Whether all of it means on any terminal what it means on another, and asks it nothing.
fn is_text(output: &[u8]) -> bool {
    let is_plain = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r');
    // U+0080 to U+009F are controls, too.
    let has_c1 = || output.windows(2).any(|pair| pair[0] == 0xc2 && (0x80..0xa0).contains(&pair[1]));
    output.iter().all(is_plain) && output.last() != Some(&0xc2) && !has_c1()
}

/// One reader of a log. Dropping it frees the writer of it.
#[derive(Debug)]
pub(crate) struct Viewer {
    log: Arc<OutputLog>,
    id: u64,
    changed: watch::Receiver<()>,
    /// To be delivered first.
    past: Option<Bytes>,
}

/// A viewer's place, for those who type for it. The log may be gone.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    log: Weak<OutputLog>,
    id: u64,
}

impl Seat {
    /// Its user does something: types, or resizes.
    pub(crate) fn take_charge(&self) {
        if let Some(log) = self.log.upgrade() {
            log.take_charge(self.id);
        }
    }
}

/// Draws for a session what it can deliver no more.
#[derive(Debug)]
pub(crate) enum Recorder {
    Live {
        log: Arc<OutputLog>,
        id: u64,
    },
    /// The shell is over. The session may be kept for hours: the log is not.
    Over(Option<Bytes>),
}

impl Recorder {
    /// What the viewer was given last is in the session's log.
    pub(crate) fn record(&mut self) {
        let Self::Live { log, id } = self else { return };
        if let Some(cursor) = log.lock().viewers.get_mut(id) {
            cursor.keeps = cursor.at;
        }
        log.room.notify_one();
    }

    /// The viewer was given the end.
    pub(crate) fn end(&mut self) {
        *self = Self::Over(self.draw());
    }

    /// The terminal as it is after that; `None` if nobody can say any more.
    pub(crate) fn draw(&self) -> Option<Bytes> {
        let (log, id) = match self {
            Self::Live { log, id } => (log, id),
            Self::Over(drawn) => return drawn.clone(),
        };
        let mut inner = log.lock();
        let (at, floor) = (inner.viewers.get(id)?.keeps, inner.floor());
        let Inner { ring, sizes, picture, .. } = &mut *inner;
        picture.draw(at, floor, ring, sizes)
    }
}

impl Viewer {
    /// From now on it is a session's. Returns what is to be told of the past, to be delivered first.
    pub(crate) fn begin_session(&mut self) -> Vec<Next> {
        let mut inner = self.log.lock();
        let Inner { viewers, sizes, charge, .. } = &mut *inner;
        let mut past = Vec::new();
        if let Some(cursor) = viewers.get_mut(&self.id) {
            let size = sizes.news(cursor.at, 0);
            let told = size.map_or(0, |(serial, _)| serial);
            let in_charge = charge.has(self.id);
            cursor.kind = Kind::Session { told, in_charge };
            past.push(Next::InCharge(in_charge));
            past.extend(size.map(|(_, size)| Next::Size(size)));
        }
        drop(inner);
        past.extend(self.past.take().map(Next::Output));
        past
    }

    pub(crate) fn seat(&self) -> Seat {
        Seat { log: Arc::downgrade(&self.log), id: self.id }
    }

    /// Who draws for a session of this viewer.
    pub(crate) fn recorder(&self) -> Recorder {
        Recorder::Live { log: Arc::clone(&self.log), id: self.id }
    }

    /// The next output, or the end. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Next {
        if let Some(past) = self.past.take() {
            return Next::Output(past);
        }
        loop {
            self.changed.mark_unchanged();
            if let Some(next) = self.log.pull(self.id) {
                return next;
            }
            self.wait().await;
        }
    }

    /// Completes when this viewer must know something although a delivery is under way. Dropping the future loses
    /// nothing.
    pub(crate) async fn urgent(&mut self) -> Urgent {
        loop {
            self.changed.mark_unchanged();
            if let Some(urgent) = self.log.urgent(self.id) {
                return urgent;
            }
            self.wait().await;
        }
    }

    async fn wait(&mut self) {
        self.changed.changed().await.expect("the viewer keeps its log, and with it the sender, alive");
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let mut inner = self.log.lock();
        inner.viewers.remove(&self.id);
        inner.charge.leave(self.id);
        drop(inner);
        // Somebody else may be in charge now.
        self.log.changed.send_replace(());
        self.log.room.notify_one();
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
