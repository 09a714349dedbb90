//! The server's end: the log of one source's output, and who is attached to it.
//!
//! A [`Session`] is a state machine: no clock, no randomness, no socket. Its driver may call
//!
//! - what changes it: [`attach`](Session::attach), [`frame`](Session::frame), [`message`](Session::message),
//!   [`violated`](Session::violated), [`lost`](Session::lost), [`left`](Session::left) and
//!   [`say_bye`](Session::say_bye) for its sockets, [`append`](Session::append),
//!   [`take_input`](Session::take_input) and [`consumed`](Session::consumed) for its source,
//!   [`timeout`](Session::timeout) for the clock;
//! - [`next`](Session::next), for what a socket says next. It is called only when the socket has room: what it
//!   returns counts as handed over;
//! - what looks: [`poll_timeout`](Session::poll_timeout), [`holds`](Session::holds),
//!   [`is_over`](Session::is_over) and the rest.
//!
//! The law: **after every change the driver wakes all links, and each of them pulls `next` until it says
//! [`Idle`](Next::Idle)**, or until its socket is full, and then goes on when there is room. So nothing is ever
//! pushed, replay and live output are the same thing, and no wake-up is lost. A link whose `next` says
//! [`Over`](Next::Over) is closed by the driver, which then calls `lost`, or `left`.
//!
//! What a peer chooses is judged before it is counted. Nothing of it panics, and nothing of it grows without
//! bound: output by [`Terms::ring`], input by [`Terms::credit`] for each attachment, attachments by
//! [`MAX_ATTACHMENTS`].
//!
//! | file | idea |
//! | --- | --- |
//! | this one | the source's side: output, input, time, and what is kept |
//! | `terms` | the words between a session and its driver |
//! | `comings` | who is attached, and who was: fencing, forgetting, the controller |
//! | `hearing` | what clients say |
//! | `saying` | what they are told |
//! | `attachment` | one tab's place: its proof and its counts |
//! | `link` | one socket: what it was told, and what it is owed |
//! | `log` | the entries of the output |
//! | `patience` | for how long the source is held |
//! | `input` | what waits for the source |
//! | [`shelf`] | which detached sessions go |

mod attachment;
mod comings;
mod hearing;
mod input;
mod link;
mod log;
mod patience;
mod saying;
pub mod shelf;
mod terms;

use std::collections::BTreeMap;

use self::attachment::Attachment;
use self::input::Queue;
use self::link::Ending;
use self::log::Log;
use super::{Access, Id, cost};
use crate::core::close::{ABANDONED, TOO_SLOW};
use crate::core::queue::Payload;
use crate::core::time::Instant;

pub use self::input::Ticket;
pub use self::shelf::{Limits, Shelf};
pub use self::terms::{Entry, Farewell, Input, LinkId, Next, Recorder, Terms};

/// The most attachments that a session knows, attached or not. One more, and the longest detached is
/// forgotten: it begins anew when it comes back. While all of them are attached, others are closed with 4429.
pub const MAX_ATTACHMENTS: usize = 64;

/// One source's output and input, and who is attached to them.
pub struct Session<P> {
    terms: Terms,
    recorder: Option<Box<dyn Recorder<P> + Send>>,
    log: Log<P>,
    queue: Queue<P>,
    attachments: BTreeMap<Id, Attachment<P>>,
    sockets: BTreeMap<LinkId, Socket>,
    /// The attachment that was used last. It may be detached: a cut does not take the role away.
    controller: Option<Id>,
    /// Whether the source belongs to this session, and not to another one over the same.
    in_charge: bool,
    /// How often the controller has changed.
    changes: u64,
    /// How many lives of attachments there have been.
    lives: u64,
    /// What every attachment is known to have, up to this number; the largest number there is while there is
    /// no attachment.
    had_by_all: u64,
    /// No live link stands at a lower number than this. Links only move forward: an old value still holds.
    slowest: u64,
    /// What input waits whose attachment is forgotten, as costs.
    orphaned: u64,
    /// When the last one was detached, while nobody is attached.
    detached_since: Option<Instant>,
    /// Whether any attachment may write, or there is none yet: then all of the ring is kept.
    has_writers: bool,
    /// The latest time that was heard of.
    now: Instant,
}

/// What a socket is to the session.
#[derive(Debug)]
enum Socket {
    /// It speaks for this attachment, and is its link.
    Attached(Id),
    /// It is to be closed. Nothing more is read from it.
    Over(Ending),
}

impl<P: Payload + Clone> Session<P> {
    /// A session that has said nothing yet. With a recorder, gaps come with a picture of what is missing.
    pub fn new(terms: Terms, recorder: Option<Box<dyn Recorder<P> + Send>>) -> Self {
        // With one, whoever comes first gets all that was said before.
        let had_by_all = if recorder.is_some() { 0 } else { u64::MAX };
        Self {
            terms,
            recorder,
            log: Log::new(),
            queue: Queue::new(),
            attachments: BTreeMap::new(),
            sockets: BTreeMap::new(),
            controller: None,
            in_charge: true,
            changes: 0,
            lives: 0,
            had_by_all,
            slowest: 0,
            orphaned: 0,
            detached_since: None,
            has_writers: true,
            now: Instant::default(),
        }
    }

    /// The source says this. Whatever the ring has no room for any more goes, whether or not the session
    /// [`holds`](Self::holds); a link that needed it gets a picture instead, or, without a recorder, is over with
    /// 4413. After the end nothing follows: it is ignored.
    pub fn append(&mut self, now: Instant, entry: Entry<P>) {
        self.see(now);
        if self.log.ended() {
            return;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&entry);
        }
        let last = self.log.last();
        if let Some(controller) = self.controlling_mut()
            && controller.received == last
        {
            controller.patience.begin(now);
        }
        if let Entry::Size(size) = &entry {
            self.queue.resized(*size);
        }
        self.log.push(entry);
        self.log.trim(self.had_by_all, self.terms.tail);
        if self.log.evict(self.ring()) {
            self.drop_behind();
        }
    }

    /// The next input for the source, in the order in which it came. What was taken is consumed once
    /// [`consumed`](Self::consumed) is told so; usually one at a time.
    pub fn take_input(&mut self) -> Option<(Ticket, Input<P>)> {
        self.queue.take()
    }

    /// The source has consumed this input: its sender may send more.
    pub fn consumed(&mut self, now: Instant, ticket: Ticket) {
        self.see(now);
        self.queue.consumed(ticket);
        while let Some((owner, cost)) = self.queue.settle() {
            let Some(owner) = owner else { continue };
            match self.attachments.get_mut(&owner.attachment).filter(|known| known.life == owner.life) {
                Some(attachment) => attachment.settle(now, owner.number, cost, &self.terms),
                None => self.orphaned = self.orphaned.saturating_sub(cost),
            }
        }
    }

    /// The one next deadline, for [`timeout`](Self::timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        let links = self.attachments.values().filter_map(|attachment| attachment.link.as_ref());
        links.map(|link| link.poll_timeout(&self.terms)).chain(self.patience_ends()).min()
    }

    /// A deadline may have come.
    pub fn timeout(&mut self, now: Instant) {
        self.see(now);
        let mut dead = Vec::new();
        for link in self.attachments.values_mut().filter_map(|attachment| attachment.link.as_mut()) {
            if link.timeout(now, &self.terms) {
                dead.push(link.id);
            }
        }
        for link in dead {
            self.end(link, Farewell::new(ABANDONED, "no sign of life"), None);
        }
        if self.patience_ends().is_some_and(|end| end <= now)
            && let Some(controller) = self.controlling_mut()
        {
            controller.patience.lapse();
        }
    }

    /// Whether the source is to wait: the controller lacks as much as the window holds. Lasts no longer than
    /// [`Terms::patience_ms`] without progress of the controller's.
    pub fn holds(&self) -> bool {
        self.holds_for(cost(0))
    }

    /// Whether a message of so many bytes is to wait, for a driver that has it in its hand: with it, the controller
    /// would lack more than the window holds. One that costs more than that waits until the controller lacks nothing.
    pub fn has_room(&self, bytes: u64) -> bool {
        !self.holds_for(cost(bytes))
    }

    /// Several sessions may be over one source. One of them is in charge, as every session is at first: its
    /// controller is the controller, and holds the source back. The others have none, and hold nothing.
    pub fn set_in_charge(&mut self, in_charge: bool) {
        self.in_charge = in_charge;
        if let Some(controller) = self.controller.filter(|_| in_charge) {
            self.apply_size(controller);
        }
    }

    /// What is kept costs this: the log, and the input that was not consumed.
    pub fn cost(&self) -> u64 {
        self.log.cost().saturating_add(self.queue.cost())
    }

    /// What was handed over and is not known to be consumed, as costs: sockets may hold it still.
    pub fn in_flight(&self) -> u64 {
        let links = self.attachments.values().filter_map(|attachment| attachment.link.as_ref());
        links.map(|link| link.flight.cost()).sum()
    }

    /// Lets go of all that is kept: nobody will attach any more. Links that were told goodbye still say it.
    pub fn abandon(&mut self) {
        self.recorder = None;
        self.log = Log::new();
        self.queue = Queue::new();
        self.attachments.clear();
        self.controller = None;
    }

    /// Since when nobody is attached; `None` while somebody is, or before anybody was.
    pub fn detached_since(&self) -> Option<Instant> {
        self.detached_since
    }

    /// Whether nobody will come back for it, so that it can go: all have left, and the source has consumed what
    /// they said, or has ended. To have received the end is not to have left: whoever comes back because the
    /// close was cut off must find this session, or the next source would be started for it.
    pub fn is_spent(&self) -> bool {
        self.lives > 0 && self.attachments.is_empty() && (self.log.ended() || self.queue.is_empty())
    }

    /// Time only moves forward, whatever the driver says.
    fn see(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn holds_for(&self, cost: u64) -> bool {
        let Some(controller) = self.controlling().filter(|it| self.in_charge && it.welcomed) else {
            return false;
        };
        let has = controller.received;
        has < self.log.last()
            && controller.patience.since().is_some()
            && self.log.cost_after(has).saturating_add(cost) > self.terms.window()
    }

    /// When the source is held no longer, if the controller makes no progress.
    fn patience_ends(&self) -> Option<Instant> {
        let controller = self.controlling().filter(|controller| controller.received < self.log.last())?;
        Some(controller.patience.since()? + self.terms.patience_ms)
    }

    /// The controller, while it is attached.
    fn controlling(&self) -> Option<&Attachment<P>> {
        self.attachments.get(&self.controller?).filter(|attachment| attachment.link.is_some())
    }

    fn controlling_mut(&mut self) -> Option<&mut Attachment<P>> {
        self.attachments.get_mut(&self.controller?).filter(|attachment| attachment.link.is_some())
    }

    /// Something was evicted: whoever was to get it next cannot go on. If it can be drawn, a picture is what they get
    /// instead, once they have consumed what they have.
    fn drop_behind(&mut self) {
        let gone = self.log.first() - 1;
        if self.slowest >= gone || self.recorder.is_some() {
            return;
        }
        let links = self.attachments.values().filter_map(|attachment| attachment.link.as_ref());
        // One that has not settled where it begins will begin with what is there then.
        let stands = links.map(|link| (link.position().unwrap_or(gone), link.id));
        let (behind, others): (Vec<_>, Vec<_>) = stands.partition(|(position, _)| *position < gone);
        self.slowest = others.into_iter().map(|(position, _)| position).min().unwrap_or(gone);
        for (_, link) in behind {
            self.end(link, Farewell::new(TOO_SLOW, "too slow"), None);
        }
    }

    /// The most output that is kept. Those who only watch come back to a picture as well as to what they have missed:
    /// for them alone there is no more than what they are sent beyond what they have consumed, and the tail.
    fn ring(&self) -> u64 {
        let Terms { ring, tail, .. } = self.terms;
        if self.has_writers { ring } else { self.terms.window().max(tail).min(ring) }
    }

    /// Somebody has more than before, or somebody who lacked something is gone.
    fn forget_what_all_have(&mut self) {
        let had = self.attachments.values().map(|attachment| attachment.received).min();
        self.had_by_all = had.unwrap_or(u64::MAX);
        let mut access = self.attachments.values().map(|attachment| attachment.access);
        self.has_writers = self.attachments.is_empty() || access.any(|access| access == Access::ReadWrite);
        self.log.trim(self.had_by_all, self.terms.tail);
    }
}

/// Where those who are new begin: after this number. The tail may begin in the middle of anything; if it can be drawn
/// what came before, they get all of the output, or a gap and a picture.
fn base<P: Payload>(log: &Log<P>, draws: bool, terms: &Terms) -> u64 {
    if draws { 0 } else { log.tail_start(terms.tail) - 1 }
}
