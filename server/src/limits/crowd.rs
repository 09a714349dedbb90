//! All WebSockets together: who may begin one, and how many anybody may have. What is refused is refused cheaply,
//! before anything is read.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use super::Quotas;
use super::address::Neighbours;
use super::pace::Pace;
use super::tally::{Taken, Tally};

/// How many refused ones may be told so at once, each of them for the time of a closing handshake. Those beyond get
/// an answer over HTTP, which costs next to nothing, and which no page can read.
const TOLD_AT_ONCE: usize = 256;

#[derive(Debug)]
pub(crate) struct Crowd {
    pace: Pace,
    addresses: Tally<Neighbours>,
    subjects: Tally<Arc<str>>,
    told: Tally<()>,
    refused: AtomicU64,
}

/// A WebSocket's place.
#[derive(Debug)]
pub(crate) struct Entered {
    _place: Taken<Neighbours>,
}

/// Why somebody has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooMany {
    #[error("too many handshakes from this address")]
    Handshakes,
    #[error("too many connections from this address")]
    OfAddress,
    #[error("too many connections with this token's subject")]
    OfSubject,
}

impl Crowd {
    /// With so many sockets of all together.
    pub(crate) fn new(quotas: Quotas, sockets: usize) -> Self {
        Self {
            pace: Pace::new(quotas.handshakes_per_second, quotas.handshakes_burst),
            addresses: Tally::sharing(quotas.connections_per_address, sockets),
            subjects: Tally::new(quotas.connections_per_subject),
            told: Tally::new(TOLD_AT_ONCE),
            refused: AtomicU64::new(0),
        }
    }

    /// A place for one more WebSocket from this address.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<Entered, TooMany> {
        let who = Neighbours::from(address);
        let entered = match self.pace.take(who, Instant::now()) {
            true => self.addresses.enter(who).ok_or(TooMany::OfAddress),
            false => Err(TooMany::Handshakes),
        };
        entered.map(|place| Entered { _place: place }).inspect_err(|why| self.note(address, *why))
    }

    /// For the log, which a flood is not to flood as well.
    fn note(&self, address: IpAddr, why: TooMany) {
        let count = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            tracing::warn!(count, %address, %why, "WebSockets refused since the start");
        }
    }

    /// A place for one more WebSocket of this subject.
    pub(crate) fn enter_as(&self, subject: &Arc<str>) -> Result<Taken<Arc<str>>, TooMany> {
        self.subjects.enter(Arc::clone(subject)).ok_or(TooMany::OfSubject)
    }

    /// Whether one more may be told in a close frame that it is refused.
    pub(crate) fn tell(&self) -> Option<Taken<()>> {
        self.told.enter(())
    }
}
