//! Who has left for good, for a short while: the hello of an older socket can arrive after that, and must not
//! open a source for nobody.

use std::collections::{HashMap, VecDeque};

use envsocket::core::resume::Id;
use envsocket::core::resume::frame::Hello;
use envsocket::core::time::Instant;

/// How long a hello may be under way, in ms.
const LATE_MS: u64 = 60_000;

/// So many are remembered at most, the newest.
const MOST: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Left {
    /// The attachment's last attempt.
    attempts: HashMap<Id, u64>,
    /// In the order of their leaving.
    order: VecDeque<(Instant, Id)>,
}

impl Left {
    /// The attachment of this hello has left.
    pub(super) fn note(&mut self, now: Instant, hello: &Hello) {
        let is_old = |(at, _): &mut (Instant, Id)| now.since(*at) > LATE_MS;
        while self.order.len() >= MOST || self.order.front_mut().is_some_and(is_old) {
            let Some((_, id)) = self.order.pop_front() else { break };
            self.attempts.remove(&id);
        }
        if self.attempts.insert(hello.attachment, hello.attempt).is_none() {
            self.order.push_back((now, hello.attachment));
        }
    }

    /// Whether this hello is older than its attachment's leaving.
    pub(super) fn is_late(&self, hello: &Hello) -> bool {
        self.attempts.get(&hello.attachment).is_some_and(|left| hello.attempt <= *left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(attachment: u128, attempt: u64) -> Hello {
        Hello {
            session: Id(1),
            attachment: Id(attachment),
            secret: Id(2),
            attempt,
            epoch: None,
            received: 0,
            sent: 0,
            acked: 0,
            size: None,
            token: None,
        }
    }

    #[test]
    fn only_attempts_before_the_leaving_are_late() {
        let mut left = Left::default();
        left.note(Instant::from_ms(0), &hello(7, 3));
        assert!(left.is_late(&hello(7, 2)) && left.is_late(&hello(7, 3)));
        assert!(!left.is_late(&hello(7, 4)) && !left.is_late(&hello(8, 1)));
    }

    #[test]
    fn what_is_remembered_is_bounded_in_time_and_number() {
        let mut left = Left::default();
        left.note(Instant::from_ms(0), &hello(7, 3));
        left.note(Instant::from_ms(LATE_MS), &hello(8, 1));
        assert!(left.is_late(&hello(7, 3)));
        left.note(Instant::from_ms(LATE_MS + 1), &hello(9, 1));
        assert!(!left.is_late(&hello(7, 3)) && left.is_late(&hello(8, 1)));
        for id in 0..2 * MOST as u128 {
            left.note(Instant::from_ms(LATE_MS + 2), &hello(100 + id, 1));
        }
        assert_eq!((left.order.len(), left.attempts.len()), (MOST, MOST));
    }
}
