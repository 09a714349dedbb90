//! One session on the server: the core's state machine behind a lock, and who is woken by what happens to it.
//! Nothing waits while it holds the lock. A room's lock is taken before its hub's, never after.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use envsocket::core::close::FORBIDDEN;
use envsocket::core::queue::Payload;
use envsocket::core::resume::frame::{ClientFrame, Hello};
use envsocket::core::resume::session::{Entry, Farewell, Input, LinkId, Next, Recorder, Session, Ticket};
use envsocket::core::resume::{Access, Id, Violation};
use envsocket::core::time::Instant;
use tokio::sync::{Notify, watch};
use tokio::time::Instant as Moment;
use tokio_util::sync::CancellationToken;

use super::Message;
use super::admission::Place;
use super::clock::Clock;
use super::frames::Incoming;
use super::parting::retry_after_ms;
use super::sessions::{Hub, SourceKey, broke_off};

pub(super) struct Room<K: SourceKey> {
    /// Whose it is.
    pub(super) place: Place<K>,
    id: Id,
    hub: Weak<Hub<K>>,
    clock: Clock,
    inner: Mutex<Inner>,
    /// Wakes links. A watch keeps "changed since I looked" for each, so no wake-up is lost.
    changed: watch::Sender<()>,
    /// Each of these wakes one part of the pump; a permit given before it waits is kept.
    pub(super) typed: Notify,
    pub(super) released: Notify,
    pub(super) rearmed: Notify,
    /// Nobody can attach any more.
    pub(super) over: CancellationToken,
    /// The hub is gone. The room is told by this, because the hub may be dropped by whoever has the room's lock.
    pub(super) orphaned: CancellationToken,
}

struct Inner {
    session: Session<Message>,
    links: BTreeSet<LinkId>,
    is_over: bool,
    /// How long the message is, in bytes, with which the pump waits for the session to let go of the source.
    held: Option<u64>,
    /// When the pump looks at the time next.
    armed: Option<Instant>,
    /// What the hub was told last.
    noted: Option<(u64, Option<Instant>)>,
}

/// Why nobody was attached.
pub(super) enum Refused {
    /// The session is gone; another of the same name can be made.
    Over,
    Closed(Farewell),
}

impl Refused {
    /// In a session that is new.
    pub(super) fn farewell(self) -> Farewell {
        match self {
            Self::Closed(farewell) => farewell,
            Self::Over => broke_off(),
        }
    }
}

impl<K: SourceKey> Room<K> {
    /// A session that has this past, and nobody in it yet.
    pub(super) fn new(
        place: Place<K>,
        id: Id,
        hub: &Arc<Hub<K>>,
        recorder: Option<Box<dyn Recorder<Message> + Send>>,
        past: Vec<Entry<Message>>,
    ) -> Self {
        let clock = hub.clock;
        let mut session = Session::new(hub.terms, recorder);
        for entry in past {
            session.append(clock.now(), entry);
        }
        let inner =
            Inner { session, links: BTreeSet::new(), is_over: false, held: None, armed: None, noted: None };
        Self {
            place,
            id,
            hub: Arc::downgrade(hub),
            clock,
            inner: Mutex::new(inner),
            changed: watch::Sender::new(()),
            typed: Notify::new(),
            released: Notify::new(),
            rearmed: Notify::new(),
            over: CancellationToken::new(),
            orphaned: hub.gone.clone(),
        }
    }

    pub(super) fn attach(
        self: &Arc<Self>,
        link: LinkId,
        hello: &Hello,
        access: Access,
    ) -> Result<Seat<K>, Refused> {
        let changed = self.changed.subscribe();
        let mut inner = self.lock();
        if inner.is_over {
            return Err(Refused::Over);
        }
        let now = self.clock.now();
        let attached = inner.session.attach(now, link, hello, access, random_id());
        if attached.is_ok() {
            inner.links.insert(link);
        }
        // Refused or not, it may have fenced an older link.
        self.settle(inner);
        attached.map_err(|farewell| {
            if farewell.code == FORBIDDEN {
                let Place { owner, label, .. } = &self.place;
                tracing::warn!(
                    ?owner,
                    ?label,
                    "an attachment was asked for with a wrong secret, and refused"
                );
            }
            Refused::Closed(farewell)
        })?;
        self.typed.notify_one();
        Ok(Seat { room: Arc::clone(self), link, changed })
    }

    /// A client said this over a link.
    pub(super) fn hear(&self, link: LinkId, said: Result<Incoming, Violation>) {
        let is_input = matches!(said, Ok(Incoming::Message(_) | Incoming::Control(ClientFrame::Resize(_))));
        self.change(|session, now| match said {
            Ok(Incoming::Control(frame)) => session.frame(now, link, frame),
            Ok(Incoming::Message(message)) => session.message(now, link, message),
            Err(violation) => session.violated(link, violation),
        });
        if is_input {
            self.typed.notify_one();
        }
    }

    /// Ends one link.
    pub(super) fn close_link(&self, link: LinkId, farewell: Farewell) {
        let retry_after = retry_after_ms(&farewell, link);
        self.change(|session, _| session.say_bye(link, farewell, retry_after));
    }

    /// The source said this. It comes back when the session holds the source; `released` tells when to try again.
    pub(super) fn append(&self, entry: Entry<Message>) -> Result<(), Entry<Message>> {
        let mut inner = self.lock();
        let bytes = match &entry {
            Entry::Message(message) => message.byte_len(),
            Entry::Size(_) | Entry::End { .. } => 0,
        };
        inner.held = (!inner.session.has_room(bytes)).then_some(bytes);
        if inner.held.is_some() {
            return Err(entry);
        }
        let now = self.clock.now();
        inner.session.append(now, entry);
        self.settle(inner);
        Ok(())
    }

    /// Whether the source belongs to this session, and not to another one over the same.
    pub(super) fn set_in_charge(&self, in_charge: bool) {
        self.change(|session, _| session.set_in_charge(in_charge));
        // Its size counts now.
        self.typed.notify_one();
    }

    pub(super) fn take_input(&self) -> Option<(Ticket, Input<Message>)> {
        self.lock().session.take_input()
    }

    pub(super) fn consumed(&self, ticket: Ticket) {
        self.change(|session, now| session.consumed(now, ticket));
    }

    /// When the pump has to look at the time. It is told when that becomes earlier.
    pub(super) fn arm(&self) -> Option<Moment> {
        let mut inner = self.lock();
        inner.armed = inner.deadline(self.hub.upgrade().as_deref());
        inner.armed.and_then(|armed| self.clock.moment(armed))
    }

    pub(super) fn timeout(&self) {
        self.change(|session, now| session.timeout(now));
        if let Some(hub) = self.hub.upgrade() {
            hub.sweep();
        }
    }

    /// Ends the session: everybody is closed with this, nobody finds it any more.
    pub(super) fn close(&self, farewell: &Farewell) {
        let mut inner = self.lock();
        if inner.is_over {
            return;
        }
        let Inner { session, links, .. } = &mut *inner;
        for link in links.iter() {
            session.say_bye(*link, farewell.clone(), retry_after_ms(farewell, *link));
        }
        // Closing handshakes take their time; what they leave nobody wants.
        session.abandon();
        self.leave_hub(&mut inner);
        self.settle(inner);
    }

    /// Since when nobody is attached to it.
    pub(super) fn detached_since(&self) -> Option<Instant> {
        self.lock().session.detached_since()
    }

    /// Ends the session if nobody is attached to it; whether that was so.
    pub(super) fn expire(&self) -> bool {
        let mut inner = self.lock();
        let is_alone = inner.session.detached_since().is_some();
        if is_alone {
            self.leave_hub(&mut inner);
        }
        is_alone
    }

    fn change<T>(&self, change: impl FnOnce(&mut Session<Message>, Instant) -> T) -> T {
        let mut inner = self.lock();
        let now = self.clock.now();
        let result = change(&mut inner.session, now);
        self.settle(inner);
        result
    }

    /// After every change: tells whom it concerns.
    fn settle(&self, mut inner: MutexGuard<'_, Inner>) {
        if inner.session.is_spent() {
            self.leave_hub(&mut inner);
        }
        let mut is_full = false;
        if let Some(hub) = self.hub.upgrade().filter(|_| !inner.is_over) {
            let cost = inner.session.cost() + inner.session.in_flight();
            let state = (cost, inner.session.detached_since());
            if inner.noted.is_none_or(|noted| hub.is_news(noted, state)) {
                let (cost, full) = hub.note(self.id, &self.place.owner, state);
                (inner.noted, is_full) = (Some((cost, state.1)), full);
            }
            self.rearm(&mut inner, &hub);
        }
        if inner.held.is_some_and(|bytes| inner.session.has_room(bytes)) {
            inner.held = None;
            self.released.notify_one();
        }
        drop(inner);
        self.changed.send_replace(());
        if is_full && let Some(hub) = self.hub.upgrade() {
            hub.sweep();
        }
    }

    fn rearm(&self, inner: &mut Inner, hub: &Hub<K>) {
        let deadline = inner.deadline(Some(hub));
        if deadline.is_some_and(|deadline| inner.armed.is_none_or(|armed| deadline < armed)) {
            inner.armed = deadline;
            self.rearmed.notify_one();
        }
    }

    fn leave_hub(&self, inner: &mut Inner) {
        if !std::mem::replace(&mut inner.is_over, true) {
            self.over.cancel();
            if let Some(hub) = self.hub.upgrade() {
                hub.forget(self.id);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A recorder may panic: that ends the task that called it, and nobody else's.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn deadline<K: SourceKey>(&self, hub: Option<&Hub<K>>) -> Option<Instant> {
        let grace = self.session.detached_since().zip(hub).map(|(since, hub)| since + hub.limits.grace_ms);
        self.session.poll_timeout().into_iter().chain(grace).min()
    }
}

/// One link's place in a session. Dropping it detaches the link.
pub(super) struct Seat<K: SourceKey> {
    pub(super) room: Arc<Room<K>>,
    pub(super) link: LinkId,
    changed: watch::Receiver<()>,
}

impl<K: SourceKey> Seat<K> {
    /// What the link is to say next; `Idle` until [`Self::changed`].
    pub(super) fn next(&mut self) -> Next<Message> {
        self.changed.mark_unchanged();
        let mut inner = self.room.lock();
        let next = inner.session.next(self.room.clock.now(), self.link);
        if next != Next::Idle
            && let Some(hub) = self.room.hub.upgrade()
        {
            self.room.rearm(&mut inner, &hub);
        }
        next
    }

    /// Completes when there may be something to say.
    pub(super) async fn changed(&mut self) {
        self.changed.changed().await.expect("the seat keeps its room, and with it the sender, alive");
    }

    /// Completes when the link has nothing more to say but goodbye, although a delivery is under way.
    pub(super) async fn over(&mut self) {
        loop {
            self.changed.mark_unchanged();
            if self.room.lock().session.is_over(self.link) {
                return;
            }
            self.changed().await;
        }
    }

    /// The client will not come back.
    pub(super) fn leave(self) {
        self.room.change(|session, now| session.left(now, self.link));
        // Somebody else may be in charge now, with a terminal of another size.
        self.room.typed.notify_one();
    }
}

impl<K: SourceKey> Drop for Seat<K> {
    fn drop(&mut self) {
        self.room.lock().links.remove(&self.link);
        self.room.change(|session, now| session.lost(now, self.link));
    }
}

/// From the system's own source; without it nobody could be told from anybody else.
fn random_id() -> Id {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    Id(u128::from_ne_bytes(bytes))
}
