//! The output of one shell: written once, pulled by every viewer at its own pace.
//!
//! The writer waits while the slowest viewer would lose bytes, but no longer than the patience that a viewer
//! has without taking anything; then that viewer is struck off. A session's viewer never is: the session sees to
//! it that the writer does not wait for long. Without viewers the writer never waits. The log must not know
//! sockets or terminals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use super::ring::Ring;
use super::sizes::Sizes;
use super::{Closing, Exit, Size};

/// What a shell may be ahead of its slowest viewer. Two replays and two chunks fit in with room to spare.
const HISTORY_BYTES: usize = 256 * 1024;
/// What a newcomer gets of the past.
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
    viewers: BTreeMap<u64, Cursor>,
    next_viewer: u64,
    phase: Phase,
}

#[derive(Debug, Clone, Copy)]
struct Cursor {
    at: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// For one client, which took something then.
    Client { moved: Instant },
    /// For a session, which was told of sizes up to this serial number.
    Session { told: u64 },
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
        inner.viewers.retain(|_, cursor| cursor.at >= keep_from || is_in_time(cursor));
        let mut behind = inner.viewers.values().filter(|cursor| cursor.at < keep_from).peekable();
        if behind.peek().is_some() {
            let deadline = behind.filter_map(deadline_of).min();
            drop(inner);
            // Somebody else may just have been struck off, and should hear of it.
            self.changed.send_replace(());
            return Appended::Wait(deadline);
        }
        inner.ring.push(bytes);
        let start = inner.ring.start();
        inner.sizes.forget_before(start);
        Appended::Done
    }

    /// Has the terminal take another size, at this place of the output.
    pub(crate) fn resize<E>(&self, size: Size, apply: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut inner = self.lock();
        // Under the lock: what is printed for the new size cannot come before it.
        apply()?;
        let at = inner.ring.end();
        inner.sizes.push(at, size);
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

    /// A viewer that begins with the last of what was written; `None` once the shell is over.
    pub(crate) fn attach(self: &Arc<Self>) -> Option<Viewer> {
        let changed = self.changed.subscribe();
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Live) {
            return None;
        }
        let id = inner.next_viewer;
        inner.next_viewer += 1;
        let kind = Kind::Client { moved: Instant::now() };
        let cursor = Cursor { at: inner.ring.tail(REPLAY_BYTES), kind };
        inner.viewers.insert(id, cursor);
        drop(inner);
        Some(Viewer { log: Arc::clone(self), id, changed })
    }

    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.lock().phase, Phase::Live)
    }

    fn pull(&self, id: u64) -> Option<Next> {
        let mut inner = self.lock();
        let Inner { ring, sizes, viewers, phase, .. } = &mut *inner;
        if let Phase::Abandoned(why) = phase {
            return Some(Next::End(End::Closed(*why)));
        }
        let Some(cursor) = viewers.get_mut(&id) else { return Some(Next::End(End::TooSlow)) };
        let mut max = CHUNK_BYTES;
        if let Kind::Session { told } = &mut cursor.kind {
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
        }
        drop(inner);
        self.room.notify_one();
        Some(Next::Output(chunk))
    }

    /// Why this viewer must stop even in the middle of a delivery.
    fn verdict(&self, id: u64) -> Option<End> {
        let inner = self.lock();
        match inner.phase {
            Phase::Abandoned(why) => Some(End::Closed(why)),
            Phase::Live | Phase::Ended(_) if !inner.viewers.contains_key(&id) => Some(End::TooSlow),
            Phase::Live | Phase::Ended(_) => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds this lock")
    }
}

/// One reader of a log. Dropping it frees the writer of it.
#[derive(Debug)]
pub(crate) struct Viewer {
    log: Arc<OutputLog>,
    id: u64,
    changed: watch::Receiver<()>,
}

impl Viewer {
    /// From now on it is a session's. Returns what is to be told of the past, to be delivered first.
    pub(crate) fn begin_session(&mut self) -> Vec<Next> {
        let now = {
            let mut inner = self.log.lock();
            if let Some(cursor) = inner.viewers.get_mut(&self.id) {
                cursor.kind = Kind::Session { told: 0 };
            }
            inner.ring.end()
        };
        let is_past = || self.log.lock().viewers.get(&self.id).is_some_and(|cursor| cursor.at < now);
        let mut past = Vec::new();
        while past.is_empty() || is_past() {
            match self.log.pull(self.id) {
                Some(next @ (Next::Output(_) | Next::Size(_))) => past.push(next),
                // It says so again.
                Some(Next::End(_)) | None => break,
            }
        }
        past
    }

    /// The next output, or the end. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Next {
        loop {
            self.changed.mark_unchanged();
            if let Some(next) = self.log.pull(self.id) {
                return next;
            }
            self.wait().await;
        }
    }

    /// Completes when this viewer must leave although a delivery is under way.
    pub(crate) async fn cut_off(&mut self) -> End {
        loop {
            self.changed.mark_unchanged();
            if let Some(end) = self.log.verdict(self.id) {
                return end;
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
        self.log.lock().viewers.remove(&self.id);
        self.log.room.notify_one();
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
