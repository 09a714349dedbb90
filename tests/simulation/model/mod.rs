//! What must be true of the state machine: a second, plainer account of the design, kept beside the real one.
//!
//! It is told the same things at the same moments and says, for each connection, every output that must
//! follow, in order, and every deadline. It must not ask the real one anything but what chance decided: the
//! jitter of the backoff, which it only checks against its bounds.

mod attempts;
mod ends;
mod liveness;
mod messages;
mod orders;
mod questions;
mod tokens;

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::event::{CloseInfo, Direction, Occasion};
use envsocket::core::options::{Overrides, Settings};
use envsocket::core::question::Loss;
use envsocket::core::status::{ReadyState, Status};

pub(crate) use messages::Msg;

/// The peer's time to answer a close, in ms.
pub(crate) const CLOSE_MS: u64 = 3_000;
/// How long a handshake may keep others of its origin waiting, in ms.
pub(crate) const SLOT_MS: u64 = 3_000;
/// What a peer gets when its own time ran out unobserved, in ms.
pub(crate) const PROBE_MS: u64 = 3_000;
/// How many handshakes with one origin may be under way.
pub(crate) const SLOTS: usize = 4;
/// What is later than this, in ms, was not observed.
const LATE_MS: u64 = 1_000;

/// Where an attempt goes: numbers in place of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) origin: u8,
    pub(crate) destination: u8,
}

/// What a connection is in. Times are ms on the page's time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The next attempt is planned between these two, both included.
    Waiting {
        earliest: u64,
        latest: u64,
    },
    Locating {
        by: u64,
    },
    Authorizing {
        by: u64,
    },
    Queued {
        left: u64,
        turn: u64,
    },
    Opening {
        by: u64,
        slot: Option<u64>,
    },
    Open {
        since: u64,
    },
    Judging {
        seen: Status,
    },
    Closing {
        socket: bool,
        by: u64,
    },
    Failed,
    Ended,
}

/// What the driver must be told of a connection next.
#[derive(Debug, PartialEq)]
pub(crate) enum Expect {
    Locate(u32),
    Authorize(u32, Occasion, bool),
    OpenSocket(u32),
    Credential(u32),
    Send(u32, u32),
    Beat(u32),
    Judge(u32, CloseInfo),
    CloseSocket(u32, Option<u16>),
    Abandon(u32),
    Status(Status, Status),
    Open,
    Gap(Direction),
    Discarded(Vec<u32>, bool),
    QuestionLost(u32, Loss),
    Error,
    Close(CloseInfo),
    Release,
}

/// What a connection did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) attempts: u64,
    pub(crate) opens: u64,
    pub(crate) reconnects: u64,
    pub(crate) messages_in: u64,
    pub(crate) messages_out: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) connected_ms: u64,
    pub(crate) lost: u64,
    pub(crate) discarded: u64,
    pub(crate) round_trips: u64,
    pub(crate) failures: u64,
    pub(crate) asked: u64,
    pub(crate) answered: u64,
    pub(crate) unanswered: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.opens += other.opens;
        self.reconnects += other.reconnects;
        self.messages_in += other.messages_in;
        self.messages_out += other.messages_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.connected_ms += other.connected_ms;
        self.lost += other.lost;
        self.discarded += other.discarded;
        self.round_trips += other.round_trips;
        self.failures += other.failures;
        self.asked += other.asked;
        self.answered += other.answered;
        self.unanswered += other.unanswered;
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Twin {
    pub(crate) pair: Option<usize>,
    pub(crate) phase: Phase,
    pub(crate) generation: u32,
    pub(crate) opened_before: bool,
    pub(crate) settings: Settings,
    pub(crate) attempt: u32,
    pub(crate) counts: Counts,
    pub(crate) expected: VecDeque<Expect>,
    /// Out of the pool; kept until that was told.
    pub(crate) released: bool,
    own: Overrides,
    failures: u32,
    spot: Option<Spot>,
    not_before: u64,
    /// An error was reported for the present socket.
    fault: bool,
    excused: bool,
    last_active: u64,
    pulse: liveness::Pulse,
    idle_at: Option<u64>,
    tokens: tokens::Tokens,
    mail: messages::Mail,
    question: Option<questions::Question>,
}

/// All connections of the page.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: u64,
    pub(crate) online: bool,
    pub(crate) active: Option<usize>,
    pub(crate) defaults: Overrides,
    pub(crate) max_connections: usize,
    pub(crate) twins: BTreeMap<u32, Twin>,
    /// Which connection has the pair's place.
    pub(crate) listed: BTreeMap<usize, u32>,
    /// What those did that are gone.
    pub(crate) gone: Counts,
    /// Subscribers: number, interval, next call.
    pub(crate) polls: Vec<(u32, u64, u64)>,
    pub(crate) expected_polls: VecDeque<u32>,
    turns: u64,
    moments: u64,
}

impl Twin {
    pub(crate) fn status(&self) -> Status {
        match self.phase {
            Phase::Waiting { .. }
            | Phase::Locating { .. }
            | Phase::Authorizing { .. }
            | Phase::Queued { .. }
            | Phase::Opening { .. } => {
                if self.opened_before {
                    Status::Reconnecting
                } else {
                    Status::Connecting
                }
            }
            Phase::Open { .. } => Status::Connected,
            Phase::Judging { seen } => seen,
            Phase::Closing { .. } => Status::Disconnecting,
            Phase::Failed => Status::Failed,
            Phase::Ended => Status::Disconnected,
        }
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        match self.status() {
            Status::Connecting => ReadyState::Connecting,
            Status::Connected | Status::Reconnecting => ReadyState::Open,
            Status::Disconnecting => ReadyState::Closing,
            Status::Disconnected | Status::Failed => ReadyState::Closed,
        }
    }

    pub(crate) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Closing { .. } | Phase::Ended)
    }

    /// The generation of the socket that the driver holds for it.
    pub(crate) fn socket(&self) -> Option<u32> {
        let exists = matches!(
            self.phase,
            Phase::Opening { .. } | Phase::Open { .. } | Phase::Closing { socket: true, .. }
        );
        exists.then_some(self.generation)
    }

    /// Whether what this socket says matters.
    fn heeds(&self, generation: u32) -> bool {
        generation == self.generation
            && !matches!(
                self.phase,
                Phase::Waiting { .. } | Phase::Closing { socket: false, .. } | Phase::Failed | Phase::Ended
            )
    }

    fn expect(&mut self, output: Expect) {
        self.expected.push_back(output);
    }

    fn enter(&mut self, phase: Phase) {
        let before = self.status();
        self.phase = phase;
        let after = self.status();
        if before != after {
            self.expect(Expect::Status(before, after));
        }
        self.question_after_change();
    }

    /// Every deadline that is known to the millisecond.
    fn deadlines(&self) -> impl Iterator<Item = u64> {
        let of_phase = match self.phase {
            Phase::Waiting { earliest, latest } if earliest == latest => Some(earliest),
            Phase::Locating { by }
            | Phase::Authorizing { by }
            | Phase::Opening { by, .. }
            | Phase::Closing { by, .. } => Some(by),
            _ => None,
        };
        let slot = if let Phase::Opening { slot, .. } = self.phase { slot } else { None };
        let asked = self.question.and_then(|question| question.by);
        let rest = [slot, self.pulse.beat_at, self.pulse.reply_by, self.idle_at, asked];
        of_phase.into_iter().chain(rest.into_iter().flatten())
    }
}

impl Model {
    pub(crate) fn new(online: bool) -> Self {
        Self { online, max_connections: 64, ..Self::default() }
    }

    /// The connections that are in the pool.
    pub(crate) fn present(&self) -> impl Iterator<Item = (u32, &Twin)> {
        self.twins.iter().filter(|(_, twin)| !twin.released).map(|(id, twin)| (*id, twin))
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.present().map(|(id, _)| id).collect()
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Twin> {
        self.twins.get(&id).filter(|twin| !twin.released)
    }

    fn twin(&mut self, id: u32) -> &mut Twin {
        self.twins.get_mut(&id).expect("the model knows it")
    }

    /// The twin, if what this socket says matters.
    fn heeding(&mut self, id: u32, generation: u32) -> Option<&mut Twin> {
        self.twins.get_mut(&id).filter(|twin| !twin.released && twin.heeds(generation))
    }

    pub(crate) fn is_active(&self, id: u32) -> bool {
        self.twins.get(&id).is_some_and(|twin| twin.pair.is_some() && twin.pair == self.active)
    }

    /// The next deadline, and the span of each that only chance knows.
    pub(crate) fn next_deadline(&self) -> (Option<u64>, Vec<(u64, u64)>) {
        let known = self.present().flat_map(|(_, twin)| twin.deadlines());
        let known = known.chain(self.polls.iter().map(|(_, _, due)| *due)).min();
        let unknown = self.present().filter_map(|(_, twin)| match twin.phase {
            Phase::Waiting { earliest, latest } if earliest != latest => Some((earliest, latest)),
            _ => None,
        });
        (known, unknown.collect())
    }

    /// The pairs whose next attempt was planned by chance and is not known yet.
    pub(crate) fn with_unknown_plans(&self) -> impl Iterator<Item = u32> {
        let is_unknown = |twin: &Twin| {
            twin.pair.is_some()
                && matches!(twin.phase, Phase::Waiting { earliest, latest } if earliest != latest)
        };
        self.present().filter(move |(_, twin)| is_unknown(twin)).map(|(id, _)| id)
    }

    /// Whether this is its socket, and open.
    pub(crate) fn is_open_at(&self, id: u32, generation: u32) -> bool {
        let is_open = |twin: &Twin| matches!(twin.phase, Phase::Open { .. }) && twin.generation == generation;
        self.get(id).is_some_and(is_open)
    }

    /// A connection whose attempt was planned by chance: when that is, as far as a snapshot tells.
    pub(crate) fn learn_plan(&mut self, id: u32, planned: u64) {
        let twin = self.twin(id);
        if let Phase::Waiting { earliest, latest } = &mut twin.phase {
            assert!(
                (*earliest..=*latest).contains(&planned),
                "the backoff is out of bounds: {planned} is not in {earliest}..={latest}"
            );
            (*earliest, *latest) = (planned, planned);
        }
    }
}
