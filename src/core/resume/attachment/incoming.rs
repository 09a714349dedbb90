//! The output of a session as an attachment has received it: counted, never kept.

use super::held::Held;
use crate::core::resume::{ENTRY_COST, Violation, cost};

/// How far it has come.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// The number of the last entry that was received.
    pub(super) received: u64,
    /// What was received up to this number came over earlier sockets.
    began: u64,
    /// What was sent up to this number was sent before the present socket was there.
    live: u64,
    /// The count once the snapshot has come that is due next.
    snapshot: Option<u64>,
    /// Whether the last message was sent before the present socket was there, or is a snapshot.
    pub(super) is_replaying: bool,
    /// At this much, as costs, the server is told at once.
    due_at: u64,
    /// What was received on the present socket, as costs.
    total: u64,
    /// What was received and consumed when the server was told last, as costs.
    told: (u64, u64),
    /// The number of the last entry that the server was told to be consumed.
    consumed: u64,
    /// What the last message has cost.
    latest: u64,
    pub(super) held: Held,
    /// The source has ended: nothing follows.
    pub(super) ended: bool,
}

impl Incoming {
    /// A new socket, and what its welcome says. What is held stays so, if the numbers go on.
    pub(super) fn begin(&mut self, next: u64, live: u64, window: u64) {
        let received = next - 1;
        *self = Self {
            received,
            began: received,
            live,
            due_at: window.div_ceil(2),
            consumed: self.consumed,
            held: std::mem::take(&mut self.held),
            ..Self::default()
        };
    }

    /// All counts are void.
    pub(super) fn forget(&mut self) {
        self.consumed = 0;
        self.held = Held::default();
    }

    /// A message has come. Whether it has a number, and was sent before the socket was there.
    pub(super) fn message(&mut self, bytes: u64) -> bool {
        self.latest = cost(bytes);
        self.total = self.total.saturating_add(self.latest);
        let snapshot = self.snapshot.take();
        self.received = snapshot.unwrap_or(self.received + 1);
        let replayed = self.received <= self.live && snapshot.is_none();
        self.is_replaying = replayed || snapshot.is_some();
        replayed
    }

    /// A numbered frame has come.
    pub(super) fn entry(&mut self) -> Result<(), Violation> {
        self.expects_no_snapshot()?;
        self.total = self.total.saturating_add(ENTRY_COST);
        self.received += 1;
        Ok(())
    }

    /// These will never come; perhaps a snapshot instead.
    pub(super) fn gap(&mut self, from: u64, to: u64, snapshot: bool) -> Result<(), Violation> {
        self.expects_no_snapshot()?;
        if from != self.received + 1 {
            return Err(Violation("gap: `from` is not what comes next".into()));
        }
        if snapshot {
            self.snapshot = Some(to);
        } else {
            self.received = to;
            self.total = self.total.saturating_add(ENTRY_COST);
        }
        Ok(())
    }

    fn expects_no_snapshot(&self) -> Result<(), Violation> {
        match self.snapshot {
            Some(_) => Err(Violation("the snapshot is missing".into())),
            None => Ok(()),
        }
    }

    /// Somebody holds on to the message that came last.
    pub(super) fn hold(&mut self, ticket: u32) {
        self.held.hold(ticket, self.received, self.total - self.latest);
    }

    /// What was received and what was consumed, as costs.
    fn costs(&self) -> (u64, u64) {
        let consumed = match self.held.first() {
            Some((number, before)) if number > self.began => before,
            Some(_) => 0,
            None => self.total,
        };
        (self.total, consumed)
    }

    /// What the server does not know to be received, or to be consumed: the larger of the two, as costs.
    fn untold(&self) -> u64 {
        let (received, consumed) = self.costs();
        (received - self.told.0).max(consumed.saturating_sub(self.told.1))
    }

    /// Whether the server does not know how much was received, or consumed.
    pub(super) fn is_untold(&self) -> bool {
        self.untold() > 0
    }

    /// Whether it must know now.
    pub(super) fn is_due(&self) -> bool {
        self.untold() >= self.due_at
    }

    /// It is told. Returns the number of the last entry that is consumed.
    pub(super) fn tell(&mut self) -> u64 {
        self.told = self.costs();
        // Whoever takes hold of a message that the server knows to be consumed is late.
        let consumed = self.held.first().map_or(self.received, |(number, _)| number - 1);
        self.consumed = self.consumed.max(consumed);
        self.consumed
    }
}
