//! The output of a session as an attachment has received it: counted, never kept.

use crate::core::resume::{ENTRY_COST, Violation, cost};

/// How far it has come.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// The number of the last entry that was received.
    pub(super) received: u64,
    /// What was sent up to this number was sent before the present socket was there.
    live: u64,
    /// The count once the snapshot has come that is due next.
    snapshot: Option<u64>,
    /// At this much, as costs, the server is told at once.
    due_at: u64,
    /// What was received, as costs, and not told yet.
    untold: u64,
    /// The source has ended: nothing follows.
    pub(super) ended: bool,
}

impl Incoming {
    /// A new socket, and what its welcome says.
    pub(super) fn begin(&mut self, next: u64, live: u64, window: u64) {
        *self = Self { received: next - 1, live, due_at: window.div_ceil(2), ..Self::default() };
    }

    /// A message has come. Whether it is one that was sent before the socket was there.
    pub(super) fn message(&mut self, bytes: u64) -> bool {
        self.untold = self.untold.saturating_add(cost(bytes));
        match self.snapshot.take() {
            Some(to) => {
                self.received = to;
                false
            }
            None => {
                self.received += 1;
                self.received <= self.live
            }
        }
    }

    /// A numbered frame has come.
    pub(super) fn entry(&mut self) -> Result<(), Violation> {
        self.expects_no_snapshot()?;
        self.untold = self.untold.saturating_add(ENTRY_COST);
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
            self.untold = self.untold.saturating_add(ENTRY_COST);
        }
        Ok(())
    }

    fn expects_no_snapshot(&self) -> Result<(), Violation> {
        match self.snapshot {
            Some(_) => Err(Violation("the snapshot is missing".into())),
            None => Ok(()),
        }
    }

    /// Whether the server does not know how much was received.
    pub(super) fn is_untold(&self) -> bool {
        self.untold > 0
    }

    /// Whether it must know now.
    pub(super) fn is_due(&self) -> bool {
        self.untold >= self.due_at
    }

    /// It is told.
    pub(super) fn told(&mut self) {
        self.untold = 0;
    }
}
