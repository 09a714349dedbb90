//! Who has left for good, for a short while: the hello of an older socket can arrive after that, and must not
//! open a source for nobody.

use std::collections::{HashMap, VecDeque};

use envsocket::core::resume::Id;
use envsocket::core::resume::frame::Hello;
use envsocket::core::time::Instant;

use super::admission::Place;
use super::sessions::SourceKey;

/// How long a hello may be under way, in ms.
const LATE_MS: u64 = 60_000;

/// So many are remembered at most, the newest.
const MOST: usize = 4_096;

#[derive(Debug)]
pub(super) struct Left<K> {
    /// The attachment's last attempt. What others say of an attachment does not concern its owner.
    attempts: HashMap<Attachment<K>, u64>,
    /// In the order of their leaving.
    order: VecDeque<(Instant, Attachment<K>)>,
}

type Attachment<K> = (Place<K>, Id);

impl<K> Default for Left<K> {
    fn default() -> Self {
        Self { attempts: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: SourceKey> Left<K> {
    /// The attachment of this hello has left.
    pub(super) fn note(&mut self, now: Instant, place: &Place<K>, hello: &Hello) {
        let is_old = |(at, _): &mut (Instant, _)| now.since(*at) > LATE_MS;
        while self.order.len() >= MOST || self.order.front_mut().is_some_and(is_old) {
            let Some((_, attachment)) = self.order.pop_front() else { break };
            self.attempts.remove(&attachment);
        }
        let attachment = (place.clone(), hello.attachment);
        if self.attempts.insert(attachment.clone(), hello.attempt).is_none() {
            self.order.push_back((now, attachment));
        }
    }

    /// Whether this hello is older than its attachment's leaving.
    pub(super) fn is_late(&self, place: &Place<K>, hello: &Hello) -> bool {
        self.attempts.get(&(place.clone(), hello.attachment)).is_some_and(|left| hello.attempt <= *left)
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

    fn place(owner: &str) -> Place<()> {
        Place { key: (), owner: owner.into(), label: "".into() }
    }

    #[test]
    fn what_somebody_else_says_of_an_attachment_is_nothing_to_its_owner() {
        let mut left = Left::default();
        left.note(Instant::from_ms(0), &place("b"), &hello(7, 3));
        assert!(left.is_late(&place("b"), &hello(7, 2)) && !left.is_late(&place("a"), &hello(7, 2)));
    }

    #[test]
    fn only_attempts_before_the_leaving_are_late() {
        let mut left = Left::default();
        left.note(Instant::from_ms(0), &place("a"), &hello(7, 3));
        assert!(left.is_late(&place("a"), &hello(7, 2)) && left.is_late(&place("a"), &hello(7, 3)));
        assert!(!left.is_late(&place("a"), &hello(7, 4)) && !left.is_late(&place("a"), &hello(8, 1)));
    }

    #[test]
    fn what_is_remembered_is_bounded_in_time_and_number() {
        let mut left = Left::default();
        left.note(Instant::from_ms(0), &place("a"), &hello(7, 3));
        left.note(Instant::from_ms(LATE_MS), &place("a"), &hello(8, 1));
        assert!(left.is_late(&place("a"), &hello(7, 3)));
        left.note(Instant::from_ms(LATE_MS + 1), &place("a"), &hello(9, 1));
        assert!(!left.is_late(&place("a"), &hello(7, 3)) && left.is_late(&place("a"), &hello(8, 1)));
        for id in 0..2 * MOST as u128 {
            left.note(Instant::from_ms(LATE_MS + 2), &place("a"), &hello(100 + id, 1));
        }
        assert_eq!((left.order.len(), left.attempts.len()), (MOST, MOST));
    }
}
