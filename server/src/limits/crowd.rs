//! Everybody together: who may begin a WebSocket, how many anybody may have, and who may ask for something over HTTP.
//! What is refused is refused cheaply, before anything is read.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::time::Instant;

use super::Quotas;
use super::address::Neighbours;
use super::pace::Pace;
use super::rarely::Rarely;
use super::tally::{Taken, Tally};

/// How many refused ones may be told so at once, each of them for the time of a closing handshake. Those beyond get
/// an answer over HTTP, which costs next to nothing, and which no page can read.
const TOLD_AT_ONCE: usize = 256;

#[derive(Debug)]
pub(crate) struct Crowd {
    handshakes: Pace,
    requests: Pace,
    addresses: Tally<Neighbours>,
    subjects: Tally<Arc<str>>,
    told: Tally<()>,
    refused: Rarely,
    refused_requests: Rarely,
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
    #[error("too many requests from this address")]
    Requests,
    #[error("too many connections from this address")]
    OfAddress,
    #[error("too many connections with this token's subject")]
    OfSubject,
}

impl Crowd {
    /// With so many sockets of all together.
    pub(crate) fn new(quotas: Quotas, sockets: usize) -> Self {
        Self {
            handshakes: Pace::new(quotas.handshakes_per_second, quotas.handshakes_burst),
            requests: Pace::new(quotas.requests_per_second, quotas.requests_burst),
            addresses: Tally::sharing(quotas.connections_per_address, sockets),
            subjects: Tally::new(quotas.connections_per_subject),
            told: Tally::new(TOLD_AT_ONCE),
            refused: Rarely::default(),
            refused_requests: Rarely::default(),
        }
    }

    /// A place for one more WebSocket from this address.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<Entered, TooMany> {
        let who = Neighbours::from(address);
        let entered = match self.handshakes.take(who, Instant::now()) {
            true => self.addresses.enter(who).ok_or(TooMany::OfAddress),
            false => Err(TooMany::Handshakes),
        };
        entered.map(|place| Entered { _place: place }).inspect_err(|why| self.note(address, *why))
    }

    /// For the log, which a flood is not to flood as well.
    fn note(&self, address: IpAddr, why: TooMany) {
        if let Some(count) = self.refused.again() {
            tracing::warn!(count, %address, %why, "WebSockets refused since the start");
        }
    }

    /// Whether this address may ask for something now, over HTTP.
    pub(crate) fn request(&self, address: IpAddr) -> Result<(), TooMany> {
        if self.requests.take(address.into(), Instant::now()) {
            return Ok(());
        }
        if let Some(count) = self.refused_requests.again() {
            tracing::warn!(count, %address, "requests refused since the start: too many from one address");
        }
        Err(TooMany::Requests)
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
