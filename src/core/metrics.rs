//! What a connection has done, in numbers.

use super::histogram::Histogram;

/// Counted from a connection's beginning, or over all connections from the pool's.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Attempts to connect.
    pub attempts: u64,
    /// Sockets that were opened.
    pub opens: u64,
    /// Those of them that were not a connection's first.
    pub reconnects: u64,
    /// Messages of the application that were received.
    pub messages_in: u64,
    /// Messages of the application that were handed to a socket.
    pub messages_out: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// How long sockets that are no more were open, in ms.
    pub connected_ms: u64,
    /// How often something was, or may have been, lost.
    pub lost: u64,
    /// Messages that were queued and never handed to a socket.
    pub discarded: u64,
    /// Reconnects that lost nothing: the session went on.
    pub resumed: u64,
    /// Messages of the application that were received and had been sent before the socket was there.
    pub replayed: u64,
    /// Round trips of heartbeats.
    pub round_trips: Option<Histogram>,
    /// Questions that were let in.
    pub asked: u64,
    /// Those of them that were answered.
    pub answered: u64,
    /// Those of them that will have no answer.
    pub unanswered: u64,
    /// How long those that were answered took.
    pub answers: Option<Histogram>,
    /// Attempts that failed and sockets that were lost, by the reason.
    pub failures: Vec<(&'static str, u64)>,
}

impl Metrics {
    pub(crate) fn failed(&mut self, reason: &'static str) {
        self.add_failures(reason, 1);
    }

    pub(crate) fn round_trip(&mut self, us: u64) {
        self.round_trips.get_or_insert_default().record(us);
    }

    pub(crate) fn answer(&mut self, us: u64) {
        self.answered += 1;
        self.answers.get_or_insert_default().record(us);
    }

    /// Adds what another connection has done.
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
        self.resumed += other.resumed;
        self.replayed += other.replayed;
        if let Some(round_trips) = &other.round_trips {
            self.round_trips.get_or_insert_default().merge(round_trips);
        }
        self.asked += other.asked;
        self.answered += other.answered;
        self.unanswered += other.unanswered;
        if let Some(answers) = &other.answers {
            self.answers.get_or_insert_default().merge(answers);
        }
        for (reason, count) in &other.failures {
            self.add_failures(reason, *count);
        }
    }

    /// There are as many reasons as this program has words for them: a dozen or two.
    fn add_failures(&mut self, reason: &'static str, count: u64) {
        match self.failures.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, known)) => *known += count,
            None => self.failures.push((reason, count)),
        }
    }
}
