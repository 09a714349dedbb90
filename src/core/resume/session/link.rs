//! What one socket was told, and what it is owed. It never looks at the log or at other sockets.

use std::collections::VecDeque;

use super::log::slim;
use super::terms::{Farewell, LinkId, Next, Terms};
use crate::core::close::{SUPERSEDED, VIOLATION, Verdict, judge};
use crate::core::resume::frame::{Counts, ServerFrame};
use crate::core::resume::{DEAD_AFTER_TENTHS, Id};
use crate::core::time::Instant;

/// How long an entry stays unacknowledged at most, in ms.
const ACK_MS: u64 = 1_000;

/// How far a socket has come.
#[derive(Debug)]
pub(super) enum Stage<P> {
    /// It was told nothing: the welcome is the first.
    Welcome,
    /// It was welcomed; what comes first may be gone, and then a gap says so.
    Start,
    /// A gap was announced, and this picture is what follows.
    Picture {
        picture: P,
        /// The number that the picture stands for.
        to: u64,
    },
    /// One entry after the other.
    Flow,
}

/// Whether an acknowledgement is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ack {
    Nothing,
    /// Not before this, if nothing else makes it due.
    At(Instant),
    Due,
}

/// A socket that speaks for its attachment.
#[derive(Debug)]
pub(super) struct Link<P> {
    pub(super) id: LinkId,
    pub(super) stage: Stage<P>,
    /// The number of the last output that was handed over, or that the client had before.
    pub(super) sent: u64,
    /// What the client has stated: the number of the last output that it has received, and consumed.
    pub(super) stated: (u64, u64),
    pub(super) flight: Flight,
    /// What the client had consumed when this link began is no progress.
    pub(super) began: u64,
    /// How far the client may skip: the last input that it had ever sent when this link began.
    pub(super) skip_to: u64,
    /// What it was told of its role.
    pub(super) told_controller: bool,
    /// How many pings were not answered yet.
    pub(super) pongs: u64,
    /// Whether a ping is owed.
    ping: bool,
    /// When the next ping is due; `None` before the welcome.
    ping_at: Option<Instant>,
    ack: Ack,
    /// What was received, and what was consumed, since the client was told last, as costs.
    unstated: (u64, u64),
    /// The last `consumed` that the client was told over this link. The welcome says none.
    told_consumed: Option<u64>,
    /// The last sign of life.
    pub(super) heard: Instant,
}

impl<P> Link<P> {
    pub(super) fn new(id: LinkId, now: Instant, sent: u64, skip_to: u64) -> Self {
        Self {
            id,
            stage: Stage::Welcome,
            sent,
            stated: (sent, 0),
            flight: Flight::default(),
            began: sent,
            skip_to,
            told_controller: false,
            pongs: 0,
            ping: false,
            ping_at: None,
            ack: Ack::Nothing,
            unstated: (0, 0),
            told_consumed: None,
            heard: now,
        }
    }

    /// The number after which entries of the log are to come, if that is settled.
    pub(super) fn position(&self) -> Option<u64> {
        match self.stage {
            Stage::Welcome | Stage::Start => None,
            Stage::Picture { to, .. } => Some(to),
            Stage::Flow => Some(self.sent),
        }
    }

    /// The welcome is handed over, and with it all counts.
    pub(super) fn welcomed(&mut self, now: Instant, controller: bool, terms: &Terms) {
        self.stage = Stage::Start;
        self.told_controller = controller;
        self.ping_at = Some(now + terms.heartbeat_ms);
        self.all_told();
    }

    /// Input of this cost came in, or was consumed: at half the credit, or a while after the first, the client
    /// has to know.
    pub(super) fn owe(&mut self, now: Instant, received: u64, consumed: u64, terms: &Terms) {
        let (all_received, all_consumed) = &mut self.unstated;
        *all_received = all_received.saturating_add(received);
        *all_consumed = all_consumed.saturating_add(consumed);
        if (*all_received).max(*all_consumed) >= terms.credit / 2 {
            self.ack = Ack::Due;
        } else if self.ack == Ack::Nothing {
            self.ack = Ack::At(now + ACK_MS);
        }
    }

    /// Whether the client was not told all that there is to acknowledge.
    pub(super) fn owes(&self, counts: Counts) -> bool {
        self.ack != Ack::Nothing || self.told_consumed.unwrap_or(0) != counts.consumed
    }

    /// The frame with counts that is due, if one is: these are the counts by now.
    pub(super) fn due(&mut self, now: Instant, counts: Counts) -> Option<ServerFrame> {
        let frame = if self.pongs > 0 {
            self.pongs -= 1;
            ServerFrame::Pong(counts)
        } else if std::mem::take(&mut self.ping) {
            ServerFrame::Ping(counts)
        } else if self.ack == Ack::Due || matches!(self.ack, Ack::At(at) if at <= now) {
            ServerFrame::Ack(counts)
        } else {
            return None;
        };
        self.told(counts);
        Some(frame)
    }

    /// The client is told these counts.
    pub(super) fn told(&mut self, counts: Counts) {
        self.told_consumed = Some(counts.consumed);
        self.all_told();
    }

    fn all_told(&mut self) {
        self.ack = Ack::Nothing;
        self.unstated = (0, 0);
    }

    /// The next deadline of this link alone.
    pub(super) fn poll_timeout(&self, terms: &Terms) -> Instant {
        let dead = self.heard + dead_after_ms(terms);
        let ack = match self.ack {
            Ack::At(at) => Some(at),
            Ack::Nothing | Ack::Due => None,
        };
        [self.ping_at, ack].into_iter().flatten().fold(dead, Instant::min)
    }

    /// Turns the deadlines that have come into what is owed, so that none of them comes again. Says whether
    /// the client is to be taken for dead.
    pub(super) fn timeout(&mut self, now: Instant, terms: &Terms) -> bool {
        if self.ping_at.is_some_and(|at| at <= now) {
            self.ping = true;
            self.ping_at = Some(now + terms.heartbeat_ms.max(1));
        }
        if matches!(self.ack, Ack::At(at) if at <= now) {
            self.ack = Ack::Due;
        }
        self.heard + dead_after_ms(terms) <= now
    }
}

fn dead_after_ms(terms: &Terms) -> u64 {
    terms.heartbeat_ms.saturating_mul(DEAD_AFTER_TENTHS) / 10
}

/// What was handed over and not consumed yet, by number and cost. Kept beside the log, because what was
/// received may leave the log before it is consumed.
#[derive(Debug, Default)]
pub(super) struct Flight {
    entries: VecDeque<(u64, u64)>,
    cost: u64,
}

impl Flight {
    /// Whether an entry of this cost may be handed over.
    pub(super) fn admits(&self, cost: u64, window: u64) -> bool {
        self.entries.is_empty() || self.cost.saturating_add(cost) <= window
    }

    pub(super) fn cost(&self) -> u64 {
        self.cost
    }

    pub(super) fn push(&mut self, number: u64, cost: u64) {
        self.entries.push_back((number, cost));
        self.cost = self.cost.saturating_add(cost);
    }

    pub(super) fn consumed(&mut self, until: u64) {
        while let Some((_, cost)) = self.entries.pop_front_if(|(number, _)| *number <= until) {
            self.cost = self.cost.saturating_sub(cost);
        }
        slim(&mut self.entries);
    }
}

/// A socket that does not speak for its attachment any more, until the driver has closed it.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) attachment: Id,
    /// The frame that comes before the close.
    pub(super) bye: Option<ServerFrame>,
    pub(super) farewell: Farewell,
}

impl Ending {
    pub(super) fn next<P>(&mut self) -> Next<P> {
        self.bye.take().map_or_else(|| Next::Over(self.farewell.clone()), Next::Frame)
    }

    /// Whether a client that was told this code does not come back to its attachment.
    pub(super) fn is_final(&self) -> bool {
        match self.farewell.code {
            // It begins a new session.
            VIOLATION => true,
            // The end of a socket that was superseded is nobody's.
            SUPERSEDED => false,
            code => matches!(judge(code).0, Verdict::Ended | Verdict::Refused),
        }
    }
}
