//! All sessions of a server: found by name, made when they are new, given up when nobody comes back.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use envsocket::core::close::{FORBIDDEN, INTERNAL, SLOW_DOWN, SUPERSEDED, TOO_SLOW};
use envsocket::core::resume::frame::Hello;
use envsocket::core::resume::session::{Farewell, Limits, LinkId, Shelf, Terms};
use envsocket::core::resume::{Access, Id};
use envsocket::core::time::Instant;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::admission::{Admitted, Place};
use super::clock::Clock;
use super::left::Left;
use super::pump;
use super::room::{Refused, Room, Seat};
use super::source::Source;
use crate::limits::{Taken, Tally};

/// What a session costs besides what it keeps: its tasks, its state, its place in the tables. So that sessions
/// without output are bounded too. Measured: 9.5 KB.
const SESSION_BYTES: u64 = 10 * 1024;

/// Costs are noted in parts of the ring, so that not every message is everybody's business.
const PARTS: u64 = 32;

/// What names a source.
///
/// Two sources that come one after the other need different names if a client of the first must not be taken
/// for one of the second. So do those of two users who must not reach each other's sessions, where no
/// [`Admission`](super::Admission) tells them apart.
pub trait SourceKey: Clone + Ord + Hash + Send + Sync + 'static {}

impl<K: Clone + Ord + Hash + Send + Sync + 'static> SourceKey for K {}

/// All sessions of a server. Cloning it is cheap, and makes no others. Dropping the last one ends them.
#[derive(Clone)]
pub struct Sessions<K: SourceKey> {
    pub(super) hub: Arc<Hub<K>>,
}

pub(super) struct Hub<K: SourceKey> {
    pub(super) terms: Terms,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    /// The server ends.
    pub(super) ends: CancellationToken,
    /// This is dropped.
    pub(super) gone: CancellationToken,
    links: AtomicU64,
    owners: Tally<Arc<str>>,
    kept: Mutex<Kept<K>>,
}

struct Kept<K: SourceKey> {
    /// By the clients' ids, whose form was checked when the hello was read. An id belongs to the place where it was
    /// said first, as long as there is a session of it.
    slots: HashMap<Id, Known<K>>,
    shelf: Shelf<Id, Arc<str>>,
    left: Left<K>,
}

/// A session in the table.
struct Known<K: SourceKey> {
    place: Place<K>,
    slot: Arc<Slot<K>>,
    /// It counts for its owner, if it has one.
    _counted: Option<Taken<Arc<str>>>,
}

/// A session's place, from before its source is opened: whoever comes meanwhile waits for the same one.
type Slot<K> = OnceCell<Arc<Room<K>>>;

impl<K: SourceKey> fmt::Debug for Sessions<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("count", &self.count()).field("cost", &self.cost()).finish()
    }
}

impl<K: SourceKey> Sessions<K> {
    /// None yet. Needs a tokio runtime's context.
    pub fn new(terms: Terms, limits: Limits) -> Self {
        Self::with_share(terms, limits, usize::MAX)
    }

    /// As [`new`](Self::new), with so many sessions at most of one owner, as an [`Admission`](super::Admission) names
    /// them. When there are more, those that nobody is attached to go, the longest detached first; without any of
    /// those nobody new comes in, and is closed with 4429.
    pub fn with_share(terms: Terms, limits: Limits, most: usize) -> Self {
        Self {
            hub: Arc::new(Hub {
                terms,
                limits,
                clock: Clock::new(),
                ends: CancellationToken::new(),
                gone: CancellationToken::new(),
                links: AtomicU64::new(0),
                owners: Tally::new(most),
                kept: Mutex::new(Kept {
                    slots: HashMap::new(),
                    shelf: Shelf::default(),
                    left: Left::default(),
                }),
            }),
        }
    }

    /// How many there are, with those that nobody is attached to.
    pub fn count(&self) -> usize {
        self.hub.lock().slots.len()
    }

    /// What they cost together, in bytes: at least what they keep.
    pub fn cost(&self) -> u64 {
        self.hub.lock().shelf.cost()
    }

    /// The server ends: every client, present and to come, is closed with 1001 and told when to come back.
    pub fn shut_down(&self) {
        self.hub.ends.cancel();
    }

    pub(super) fn heartbeat_and_max_message(&self) -> (Duration, u64) {
        let Terms { heartbeat_ms, max_message, .. } = self.hub.terms;
        (Duration::from_millis(heartbeat_ms), max_message)
    }

    pub(super) fn new_link(&self) -> LinkId {
        LinkId(self.hub.links.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes the place that a hello asks for, in the session that is there or in a new one over what `open`
    /// opens. Never are two opened for one session.
    pub(super) async fn enter<S, F, Fut>(
        &self,
        link: LinkId,
        hello: Hello,
        admitted: &Admitted<K>,
        open: F,
    ) -> Result<Seat<K>, Farewell>
    where
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send,
    {
        let (place, access) = (admitted.place(), admitted.access);
        if self.hub.lock().left.is_late(&place, &hello) {
            return Err(Farewell::new(SUPERSEDED, "superseded"));
        }
        let id = hello.session;
        loop {
            let slot = match self.hub.slot(&place, id) {
                Err(full) if full.code == SLOW_DOWN && self.hub.make_room_for(&place.owner) => continue,
                slot => slot?,
            };
            let Some(room) = slot.get() else { break };
            match room.attach(link, &hello, access) {
                Ok(seat) => return Ok(seat),
                Err(Refused::Closed(farewell)) => return Err(farewell),
                // It leaves the table before it can be seen to be over: the next look finds another.
                Err(Refused::Over) => {}
            }
        }
        if let Err(full) = self.hub.has_room(&place.owner) {
            self.hub.give_up(&place, id);
            return Err(full);
        }
        let hub = Arc::clone(&self.hub);
        // A task of its own, because the client may be gone before the source is open. It comes back for it.
        let entering = {
            let place = place.clone();
            tokio::spawn(async move { hub.open_or_join(link, &hello, &place, access, open).await })
        };
        entering.await.unwrap_or_else(|error| {
            tracing::error!(%error, "opening a source broke off");
            self.hub.give_up(&place, id);
            Err(broke_off())
        })
    }
}

impl<K: SourceKey> Hub<K> {
    async fn open_or_join<S, F, Fut>(
        self: &Arc<Self>,
        link: LinkId,
        hello: &Hello,
        place: &Place<K>,
        access: Access,
        open: F,
    ) -> Result<Seat<K>, Farewell>
    where
        S: Source,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<S, Farewell>>,
    {
        let mut open = Some(open);
        loop {
            let slot = self.slot(place, hello.session)?;
            let mut seat = None;
            let make = async || {
                let open =
                    open.take().expect("a source that was opened has filled its slot, or this has ended");
                let mut source = open().await?;
                let room = pump::room(self, place.clone(), hello.session, &mut source);
                seat = Some(room.attach(link, hello, access).map_err(Refused::farewell)?);
                tokio::spawn(pump::run(Arc::clone(&room), source));
                Ok(room)
            };
            let room = match slot.get_or_try_init(make).await {
                Ok(room) => Arc::clone(room),
                Err(farewell) => {
                    self.drop_empty(hello.session, slot);
                    return Err(farewell);
                }
            };
            if let Some(seat) = seat {
                return Ok(seat);
            }
            match room.attach(link, hello, access) {
                Ok(seat) => return Ok(seat),
                Err(Refused::Closed(farewell)) => return Err(farewell),
                Err(Refused::Over) => {}
            }
        }
    }

    /// Whether this owner may have one session more. What goes for it goes once it is there.
    fn has_room(&self, owner: &Arc<str>) -> Result<(), Farewell> {
        self.sweep();
        if self.lock().shelf.admits(owner, SESSION_BYTES, self.limits) {
            return Ok(());
        }
        Err(Farewell::new(SLOW_DOWN, "the server has no room for another session"))
    }

    /// The slot of the session with this id, which is refused to everybody from another place.
    fn slot(&self, place: &Place<K>, id: Id) -> Result<Arc<Slot<K>>, Farewell> {
        let mut kept = self.lock();
        let Some(known) = kept.slots.get(&id) else {
            let owner = &place.owner;
            let counted = match owner.is_empty() {
                true => None,
                false => Some(self.owners.enter(Arc::clone(owner)).ok_or_else(too_many)?),
            };
            let slot = Arc::default();
            let known = Known { place: place.clone(), slot: Arc::clone(&slot), _counted: counted };
            kept.slots.insert(id, known);
            return Ok(slot);
        };
        if known.place == *place {
            return Ok(Arc::clone(&known.slot));
        }
        let Place { owner, label, .. } = known.place.clone();
        drop(kept);
        let (by, asked_in) = (&place.owner, &place.label);
        tracing::warn!(?owner, ?label, ?by, ?asked_in, "another's session was asked for, and refused");
        Err(Farewell::new(FORBIDDEN, "the session is another's"))
    }

    /// Ends the session of this owner that nobody has been attached to for longest; whether there was one.
    fn make_room_for(&self, owner: &Arc<str>) -> bool {
        let kept = self.lock();
        let theirs = kept.slots.values().filter(|known| known.place.owner == *owner);
        let rooms: Vec<_> = theirs.filter_map(|known| known.slot.get().map(Arc::clone)).collect();
        drop(kept);
        let since = |room: &Arc<Room<K>>| room.detached_since();
        let longest = rooms.iter().filter(|room| since(room).is_some()).min_by_key(|room| since(room));
        longest.is_some_and(|room| room.expire())
    }

    /// Gives up the slot with this id, if it is this place's and empty.
    fn give_up(&self, place: &Place<K>, id: Id) {
        if let Ok(slot) = self.slot(place, id) {
            self.drop_empty(id, slot);
        }
    }

    /// Gives up a slot that could not be filled, unless somebody else is about to try.
    fn drop_empty(&self, id: Id, slot: Arc<Slot<K>>) {
        let mut kept = self.lock();
        // The table's and this one; more are only made under this lock.
        if Arc::strong_count(&slot) == 2 && !slot.initialized() {
            kept.slots.remove(&id);
        }
    }

    /// Whether what a session costs, or since when it is alone, is worth a note.
    pub(super) fn is_news(&self, noted: (u64, Option<Instant>), state: (u64, Option<Instant>)) -> bool {
        let part = self.part();
        // Two parts of room to move in: a cost that goes up and down around a bound is no news each time.
        noted.1 != state.1 || state.0 > noted.0 || state.0 + 2 * part < noted.0
    }

    /// Notes it, rounded up; returns what was noted, and whether something has to go.
    pub(super) fn note(
        &self,
        id: Id,
        owner: &Arc<str>,
        (cost, detached_since): (u64, Option<Instant>),
    ) -> (u64, bool) {
        let cost = cost.next_multiple_of(self.part());
        let mut kept = self.lock();
        kept.shelf.note(id, Arc::clone(owner), cost + SESSION_BYTES, detached_since);
        (cost, kept.shelf.cost() > self.limits.memory)
    }

    fn part(&self) -> u64 {
        (self.terms.ring / PARTS).max(1)
    }

    pub(super) fn forget(&self, id: Id) {
        let mut kept = self.lock();
        kept.shelf.forget(&id);
        kept.slots.remove(&id);
    }

    /// Ends the sessions whose grace is over, and, while all together cost too much, those of who has most.
    pub(super) fn sweep(&self) {
        let mut kept = self.lock();
        let (now, mut evicted, mut shed) = (self.clock.now(), Vec::new(), Vec::new());
        loop {
            evicted.extend(kept.shelf.evict(now, self.limits));
            let Some(id) = kept.shelf.shed(self.limits) else { break };
            shed.push(id);
        }
        let room = |id| kept.slots.get(id).and_then(|known| known.slot.get()).map(Arc::clone);
        let evicted: Vec<_> = evicted.iter().filter_map(room).collect();
        let shed: Vec<_> = shed.iter().filter_map(room).collect();
        drop(kept);
        for room in evicted {
            room.expire();
        }
        for room in shed {
            tracing::warn!(owner = ?room.place.owner, "a session was ended for its memory: its owner has most");
            room.close(&Farewell::new(TOO_SLOW, "the server is short of memory, and this takes most of it"));
        }
    }

    /// The attachment of this hello has left for good.
    pub(super) fn note_left(&self, place: &Place<K>, hello: &Hello) {
        self.lock().left.note(self.clock.now(), place, hello);
    }

    fn lock(&self) -> MutexGuard<'_, Kept<K>> {
        // A `K` may panic; the tables are whole after each of their operations.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: SourceKey> Drop for Hub<K> {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

fn too_many() -> Farewell {
    Farewell::new(SLOW_DOWN, "too many sessions with this token's subject")
}

/// For a source that panicked.
pub(super) fn broke_off() -> Farewell {
    Farewell::new(INTERNAL, "internal error")
}
