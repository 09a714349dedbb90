//! The sockets as a platform would hold them, the links beneath, and servers that know nothing of us.
//!
//! Nothing here knows the state machine. What happens at which time is in one agenda.

use std::collections::BTreeMap;

use crate::model::Spot;
use crate::tokens::Pass;

/// A platform socket's `readyState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    Connecting,
    Open,
    Closing,
    Closed,
}

/// A platform socket and its link.
#[derive(Debug)]
pub(crate) struct Native {
    pub(crate) conn: u32,
    pub(crate) generation: u32,
    pub(crate) spot: Spot,
    pub(crate) ready: Ready,
    /// Somebody listens to it.
    pub(crate) heeded: bool,
    /// `open` was told and `close` was not.
    pub(crate) told_open: bool,
    /// When it was made, on the page's time line.
    pub(crate) born: u64,
    /// The link swallows everything and says nothing.
    pub(crate) is_hole: bool,
    /// The link is gone: what is under way does not arrive.
    pub(crate) is_cut: bool,
    /// It has taken messages.
    pub(crate) took_some: bool,
    /// The token that its server was shown.
    pub(crate) pass: Option<u32>,
    /// When the first question was sent that nothing has followed, on the page's time line.
    pub(crate) asked_at: Option<u64>,
    last_up: u64,
    last_down: u64,
}

/// What goes over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parcel {
    Data {
        id: u32,
    },
    Beat,
    Token,
    /// From the server: the answer to a heartbeat.
    Reply,
    /// From the server: so many bytes.
    Chatter {
        bytes: u64,
    },
    /// From the server: the answer to a question.
    Answer {
        number: u32,
    },
}

/// What will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    Accepted(usize),
    Refused(usize),
    /// The link swallows everything from now on.
    Swallows(usize),
    /// The peer has said goodbye: the platform's socket takes nothing any more, and tells so later.
    PeerCloses(usize, u16, &'static str),
    Closed(usize, u16, &'static str),
    Up(usize, Parcel),
    Down(usize, Parcel),
    /// The server has something to say.
    Talks(usize),
    /// Where an attempt goes, or whether the lack of an answer is final.
    Address(u32, u32, Result<Spot, bool>),
    /// The token for an attempt, or whether the lack of one is final.
    Token(u32, u32, Result<Pass, bool>),
}

/// All sockets that there ever were, and what will happen. Times are the world's, in ms.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) natives: Vec<Native>,
    agenda: BTreeMap<(u64, u64), Happening>,
    noted: u64,
}

impl Network {
    pub(crate) fn plan(&mut self, at: u64, happening: Happening) {
        self.noted += 1;
        self.agenda.insert((at, self.noted), happening);
    }

    pub(crate) fn next_at(&self) -> Option<u64> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn take_next(&mut self) -> Option<Happening> {
        self.agenda.pop_first().map(|(_, happening)| happening)
    }

    pub(crate) fn make(&mut self, conn: u32, generation: u32, spot: Spot, born: u64) -> usize {
        self.natives.push(Native {
            conn,
            generation,
            spot,
            ready: Ready::Connecting,
            heeded: true,
            told_open: false,
            born,
            is_hole: false,
            is_cut: false,
            took_some: false,
            pass: None,
            asked_at: None,
            last_up: 0,
            last_down: 0,
        });
        self.natives.len() - 1
    }

    /// A link keeps the order of what it carries.
    pub(crate) fn carry_up(&mut self, native: usize, at: u64, parcel: Parcel) {
        let link = &mut self.natives[native];
        link.last_up = link.last_up.max(at);
        let at = link.last_up;
        self.plan(at, Happening::Up(native, parcel));
    }

    pub(crate) fn carry_down(&mut self, native: usize, at: u64, parcel: Parcel) {
        let link = &mut self.natives[native];
        link.last_down = link.last_down.max(at);
        let at = link.last_down;
        self.plan(at, Happening::Down(native, parcel));
    }

    /// The sockets that are opening or open and that somebody listens to.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Native> {
        let is_live =
            |native: &&Native| native.heeded && matches!(native.ready, Ready::Connecting | Ready::Open);
        self.natives.iter().filter(is_live)
    }
}
