//! What became of every message, and what every listener was told: the promises that people rely on, stated
//! without the model's help.

use envsocket::core::event::Direction;
use envsocket::core::status::Status;

/// What became of a message that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Waiting,
    /// Given to a socket.
    Handed,
    Discarded,
    /// Taken back by the application.
    Drained,
}

#[derive(Debug)]
struct Line {
    conn: u32,
    fate: Fate,
    arrived: bool,
}

/// Every message that was accepted, by its number.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lines: Vec<Option<Line>>,
    pub(crate) handed: u64,
    pub(crate) arrived: u64,
}

impl Ledger {
    /// A number for the next message.
    pub(crate) fn next_id(&self) -> u32 {
        self.lines.len() as u32
    }

    /// The message was offered: taken by the connection, or refused.
    pub(crate) fn offered(&mut self, conn: u32, taken: bool) {
        self.lines.push(taken.then_some(Line { conn, fate: Fate::Waiting, arrived: false }));
    }

    /// One fate for each, once.
    pub(crate) fn meets(&mut self, id: u32, fate: Fate) {
        let line = self.lines[id as usize].as_mut().expect("nothing becomes of a message that was refused");
        assert_eq!(line.fate, Fate::Waiting, "message {id} met its fate twice");
        line.fate = fate;
        if fate == Fate::Handed {
            self.handed += 1;
            let conn = line.conn;
            // The youngest before it that is not accounted for would have to go first.
            let overtaken = self.lines[..id as usize].iter().rev().take(64).flatten();
            let mut overtaken = overtaken.filter(|other| other.conn == conn && other.fate == Fate::Waiting);
            assert!(overtaken.next().is_none(), "message {id} overtook another");
        }
    }

    /// A server has received it.
    pub(crate) fn arrives(&mut self, id: u32) {
        let line = self.lines[id as usize].as_mut().expect("a message that was refused was sent");
        assert!(!line.arrived, "message {id} arrived twice");
        assert_eq!(line.fate, Fate::Handed, "message {id} arrived though no socket had it");
        line.arrived = true;
        self.arrived += 1;
    }

    /// What became of a message, if it was accepted.
    pub(crate) fn fate(&self, id: u32) -> Option<Fate> {
        self.lines[id as usize].as_ref().map(|line| line.fate)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.lines.iter().flatten().filter(|line| line.fate == Fate::Waiting).count()
    }
}

/// What a connection's listeners have heard.
#[derive(Debug)]
pub(crate) struct Listener {
    status: Status,
    /// The life is over: `close` was told.
    over: bool,
    /// `error` was told: nothing but `close` may follow.
    error: bool,
    opens: u32,
    /// Since the last `open` a gap coming in was told.
    gap_in: bool,
    /// The oldest socket that took messages of which nobody has said that they may be lost.
    at_risk: Option<u32>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        Self {
            status: Status::Disconnected,
            over: true,
            error: false,
            opens: 0,
            gap_in: false,
            at_risk: None,
        }
    }

    pub(crate) fn status(&mut self, previous: Status, status: Status) {
        assert!(!self.error, "between error and close");
        assert_eq!(self.status, previous, "the chain of statuses is broken");
        assert_ne!(previous, status, "a change that is none");
        let begins =
            matches!(previous, Status::Disconnected | Status::Failed) && status == Status::Connecting;
        let forgets = previous == Status::Failed && status == Status::Disconnected;
        assert!(begins || forgets || !self.over, "{status:?} after the end");
        if begins {
            assert!(self.over, "a new life before the end of the old one");
            (self.over, self.opens, self.at_risk) = (false, 0, None);
        }
        self.status = status;
    }

    pub(crate) fn open(&mut self, generation: u32) {
        assert!(!self.error && !self.over, "open after the end");
        assert_eq!(self.status, Status::Connected, "open while not connected");
        assert!(self.opens == 0 || self.gap_in, "open again, and no word of what may be missing");
        let in_silence = self.at_risk.is_some_and(|taken_by| taken_by < generation);
        assert!(!in_silence, "open again, and no word of what may have gone down with the old socket");
        self.opens += 1;
        self.gap_in = false;
    }

    /// A socket has taken a message.
    pub(crate) fn handed(&mut self, generation: u32) {
        self.at_risk.get_or_insert(generation);
    }

    /// `newest` is the present socket, if it has taken messages already.
    pub(crate) fn gap(&mut self, direction: Direction, newest: Option<u32>) {
        assert!(!self.error && !self.over, "a gap after the end");
        let is_end = matches!(self.status, Status::Disconnected | Status::Failed);
        let was_open = self.opens > 0 || self.at_risk.is_some() || self.status == Status::Connected;
        assert!(was_open || is_end, "a gap before anything was open");
        match direction {
            Direction::In => self.gap_in = true,
            // At the end, the present socket is among what may be lost.
            Direction::Out => self.at_risk = newest.filter(|_| !is_end),
        }
    }

    pub(crate) fn error(&mut self) {
        assert!(!self.error && !self.over, "a second error");
        self.error = true;
    }

    pub(crate) fn close(&mut self, clean: bool) {
        assert!(!self.over, "a second close");
        let in_silence = !clean && self.at_risk.is_some();
        assert!(!in_silence, "the end, and no word of what may have gone down with it");
        let is_end = matches!(self.status, Status::Disconnected | Status::Failed);
        assert!(is_end, "close while {:?}", self.status);
        (self.over, self.error) = (true, false);
    }

    /// It is gone: nothing of its life may be missing.
    pub(crate) fn release(&self) {
        assert!(self.over, "gone without a close");
    }

    /// What people believe.
    pub(crate) fn believed(&self) -> Status {
        self.status
    }
}
