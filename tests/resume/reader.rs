//! What a connection's listeners were told, and what they were not: every message of the source once and in order,
//! or a gap that says exactly which are missing.

use envsocket::core::status::Status;

use crate::network::{Msg, What};

/// A place in a source's output: its life, and the number of the last that was told.
pub(crate) type Place = (usize, u64);

#[derive(Debug)]
pub(crate) struct Reader {
    status: Status,
    /// `close` was told, or the life has not begun.
    is_over: bool,
    has_failed: bool,
    opens: u32,
    /// Since the last `open`, a gap coming in was told.
    gap_since_open: bool,
    /// `open` is due.
    expects_open: bool,
    /// How far it has come; nowhere before the first welcome and over plain links.
    pub(crate) at: Option<Place>,
    /// The session is another one: where it begins anew, once the loss was told.
    anew: Option<Place>,
    /// It has heard the source's end: nothing begins after that.
    has_ended: bool,
    /// A picture must follow, of everything up to there.
    picture: Option<u64>,
    /// What is numbered up to here was said before the link was there.
    replay_to: u64,
    pub(crate) counted: Counted,
}

/// What the metrics must agree with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) messages_in: u64,
    pub(crate) resumed: u64,
    pub(crate) replayed: u64,
    pub(crate) lost: u64,
    pub(crate) discarded: u64,
}

impl Counted {
    pub(crate) fn add(&mut self, other: Self) {
        self.messages_in += other.messages_in;
        self.resumed += other.resumed;
        self.replayed += other.replayed;
        self.lost += other.lost;
        self.discarded += other.discarded;
    }
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            status: Status::Disconnected,
            is_over: true,
            has_failed: false,
            opens: 0,
            gap_since_open: false,
            expects_open: false,
            at: None,
            anew: None,
            has_ended: false,
            picture: None,
            replay_to: 0,
            counted: Counted::default(),
        }
    }

    pub(crate) fn status(&mut self, previous: Status, status: Status) {
        assert_eq!(self.status, previous, "the chain of statuses is broken");
        assert_ne!(previous, status, "a change that is none");
        assert!(!self.has_failed, "between error and close");
        if matches!(previous, Status::Disconnected | Status::Failed) && status == Status::Connecting {
            assert!(self.is_over, "a new life before the end of the old one");
            (self.is_over, self.opens, self.at) = (false, 0, None);
            (self.expects_open, self.has_ended) = (false, false);
        }
        self.status = status;
    }

    /// A plain link is open: `open` fires, and again after a gap.
    pub(crate) fn plain(&mut self) {
        (self.expects_open, self.at, self.picture) = (true, None, None);
    }

    /// The welcome of a session that is none of before: `open` fires, after the loss of the old one was told.
    pub(crate) fn begins(&mut self, place: Place, live: u64, had_epoch: bool) {
        (self.picture, self.replay_to, self.expects_open) = (None, live, true);
        if had_epoch {
            self.anew = Some(place);
        } else {
            self.at = Some(place);
        }
    }

    /// The welcome of the session that it was in: nothing is told.
    pub(crate) fn resumes(&mut self, place: Place, live: u64) {
        assert_eq!(self.at, Some(place), "resumed somewhere else");
        (self.picture, self.replay_to) = (None, live);
        self.counted.resumed += 1;
    }

    pub(crate) fn open(&mut self) {
        assert!(!self.has_failed && !self.is_over, "open after the end");
        assert_eq!(self.status, Status::Connected, "open while not connected");
        assert!(self.expects_open, "open though nothing was lost");
        assert!(!self.has_ended, "open after the source's end");
        assert!(self.opens == 0 || self.gap_since_open, "open again, and no word of what is missing");
        assert_eq!(self.anew, None, "open, and no word of what is missing");
        (self.opens, self.gap_since_open, self.expects_open) = (self.opens + 1, false, false);
    }

    /// At rest, all that is due was told.
    pub(crate) fn is_told(&self) -> bool {
        self.anew.is_none() && !(self.expects_open && self.status == Status::Connected)
    }

    /// Frames that count as output: the next entry of the log.
    pub(crate) fn entry(&mut self) -> Place {
        let (life, number) = self.at.as_mut().expect("frames of a session follow its welcome");
        assert_eq!(self.picture, None, "another entry than the picture");
        *number += 1;
        (*life, *number)
    }

    /// The source's end has come.
    pub(crate) fn hears_end(&mut self) {
        self.has_ended = true;
    }

    /// Somebody wants another link, whatever was heard.
    pub(crate) fn asks_again(&mut self) {
        self.has_ended = false;
    }

    pub(crate) fn message(&mut self, msg: Msg) {
        assert!(!self.is_over && !self.has_failed, "a message after the end");
        self.counted.messages_in += 1;
        match msg.what {
            What::Chatter => assert_eq!(self.at, None, "a plain server's message within a session"),
            What::Output { life, number } => {
                assert_eq!(self.entry(), (life, number), "another message than the next");
                self.counted.replayed += u64::from(number <= self.replay_to);
            }
            What::Picture { life, upto } => {
                assert_eq!(self.picture.take(), Some(upto), "another picture than was announced");
                let at = self.at.as_mut().expect("pictures of a session follow its welcome");
                assert_eq!(at.0, life, "a picture of another session");
                at.1 = upto;
            }
            What::Input(_) => panic!("input comes back"),
        }
    }

    /// Whether the session is over by this: then a new one begins, or none.
    pub(crate) fn gap_in(&mut self, from: Option<u64>, to: Option<u64>, reason: &str, snapshot: bool) {
        assert!(!self.has_failed && !self.is_over, "a gap after the end");
        self.counted.lost += 1;
        let next = self.at.map(|(_, number)| number + 1);
        match (from, to) {
            (Some(_), Some(to)) => {
                assert_eq!((from, reason), (next, "evicted"), "a gap somewhere else");
                if snapshot {
                    self.picture = Some(to);
                } else {
                    self.at.as_mut().expect("it has a place").1 = to;
                }
                // Nothing else began: it is no reason for another `open`.
                return;
            }
            (Some(_), None) => {
                assert_eq!(from, next, "a gap somewhere else");
                let expected = if self.anew.is_some() { "session_lost" } else { "protocol" };
                assert_eq!((reason, snapshot), (expected, false));
                self.at = self.anew.take();
                // A broken rule is a reason to begin anew whatever was heard.
                self.has_ended &= self.at.is_some();
            }
            (None, None) => assert_eq!(self.anew, None, "a session's loss has numbers"),
            (None, Some(_)) => panic!("a gap without a beginning"),
        }
        self.picture = None;
        self.gap_since_open = true;
    }

    pub(crate) fn gap_out(&mut self) {
        assert!(!self.has_failed && !self.is_over, "a gap after the end");
        self.counted.lost += 1;
    }

    pub(crate) fn error(&mut self) {
        assert!(!self.has_failed && !self.is_over, "a second error");
        self.has_failed = true;
    }

    pub(crate) fn close(&mut self) {
        assert!(!self.is_over, "a second close");
        let is_end = matches!(self.status, Status::Disconnected | Status::Failed);
        assert!(is_end, "close while {:?}", self.status);
        (self.is_over, self.has_failed, self.at, self.anew) = (true, false, None, None);
    }

    /// What was told last.
    pub(crate) fn status_told(&self) -> Status {
        self.status
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }
}
