//! A session, a clock that moves when it is told, and no network: the test is the network and the source.

use crate::core::queue::Payload;
use crate::core::resume::frame::{ClientFrame, Counts, Hello, ServerFrame, Welcome};
use crate::core::resume::session::{Entry, Farewell, Input, LinkId, Next, Recorder, Session, Terms};
use crate::core::resume::{Access, ENTRY_COST, Id, Size};
use crate::core::time::Instant;

/// A message of a test: which one, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) bytes: u64,
}

impl Payload for Note {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}

/// What most notes cost, whole: ten of them fill the ring of [`TERMS`].
pub(super) const NOTE_COST: u64 = 100;

/// The ring keeps ten notes, the tail two; five fill the window, four the credit.
pub(super) const TERMS: Terms = Terms {
    ring: 10 * NOTE_COST,
    window: 5 * NOTE_COST,
    tail: 2 * NOTE_COST,
    credit: 4 * NOTE_COST,
    max_message: 5 * NOTE_COST,
    heartbeat_ms: 15_000,
    patience_ms: 5_000,
};

pub(super) fn note(id: u64) -> Note {
    Note { id, bytes: NOTE_COST - ENTRY_COST }
}

pub(super) fn size(cols: u16) -> Size {
    Size { cols, rows: 24 }
}

/// What the client states.
pub(super) fn counts(sent: u64, received: u64, consumed: u64) -> Counts {
    Counts { sent, received, consumed }
}

/// One tab, as far as its hellos go.
#[derive(Debug, Clone)]
pub(super) struct Tab {
    pub(super) hello: Hello,
    pub(super) link: LinkId,
    pub(super) access: Access,
}

pub(super) fn tab(id: u128) -> Tab {
    let hello = Hello {
        session: Id(1),
        attachment: Id(id),
        secret: Id(id + 1_000),
        attempt: 0,
        epoch: None,
        received: 0,
        sent: 0,
        acked: 0,
        size: None,
        token: None,
    };
    Tab { hello, link: LinkId(0), access: Access::ReadWrite }
}

/// Draws the number of the entries that it has seen, as the id of a note.
#[derive(Default)]
pub(super) struct Painter {
    seen: u64,
}

impl Recorder<Note> for Painter {
    fn record(&mut self, entry: &Entry<Note>) {
        self.seen += u64::from(!matches!(entry, Entry::End { .. }));
    }

    fn snapshot(&self) -> Option<Note> {
        Some(Note { id: 1_000_000 + self.seen, bytes: 10 })
    }
}

pub(super) struct Bench {
    pub(super) session: Session<Note>,
    pub(super) ms: u64,
    links: u64,
    epochs: u128,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(TERMS)
    }

    pub(super) fn with(terms: Terms) -> Self {
        Self { session: Session::new(terms, None), ms: 0, links: 0, epochs: 1 << 64 }
    }

    pub(super) fn painting() -> Self {
        Self { session: Session::new(TERMS, Some(Box::new(Painter::default()))), ..Self::new() }
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_ms(self.ms)
    }

    /// The next attempt of the tab, over a socket of its own.
    pub(super) fn attach(&mut self, tab: &mut Tab) -> Result<(), Farewell> {
        tab.hello.attempt += 1;
        self.links += 1;
        self.epochs += 1;
        tab.link = LinkId(self.links);
        let now = self.now();
        self.session.attach(now, tab.link, &tab.hello, tab.access, Id(self.epochs))
    }

    /// Attaches the tab, and welcomes it.
    pub(super) fn enter(&mut self, tab: &mut Tab) -> Welcome {
        self.attach(tab).expect("it may attach");
        let Next::Frame(ServerFrame::Welcome(welcome)) = self.next(tab) else { panic!("no welcome") };
        tab.hello.epoch = Some(welcome.epoch);
        welcome
    }

    /// A new tab that has heard all there was.
    pub(super) fn tab(&mut self, id: u128) -> Tab {
        let mut tab = tab(id);
        self.enter(&mut tab);
        self.pull(&tab);
        tab
    }

    pub(super) fn next(&mut self, tab: &Tab) -> Next<Note> {
        let now = self.now();
        self.session.next(now, tab.link)
    }

    /// All that the tab's socket is told by now.
    pub(super) fn pull(&mut self, tab: &Tab) -> Vec<Next<Note>> {
        let mut told = Vec::new();
        loop {
            match self.next(tab) {
                Next::Idle => return told,
                over @ Next::Over(_) => {
                    told.push(over);
                    return told;
                }
                next => told.push(next),
            }
        }
    }

    /// The ids of the messages that the tab's socket is told by now, whatever else it is told.
    pub(super) fn notes(&mut self, tab: &Tab) -> Vec<u64> {
        notes(&self.pull(tab))
    }

    /// The code and the reason that the tab's link is over with.
    pub(super) fn over(&mut self, tab: &Tab) -> Option<(u16, String)> {
        match self.pull(tab).pop() {
            Some(Next::Over(farewell)) => Some((farewell.code, farewell.reason.into())),
            _ => None,
        }
    }

    pub(super) fn say(&mut self, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            self.append(Entry::Message(note(id)));
        }
    }

    pub(super) fn append(&mut self, entry: Entry<Note>) {
        let now = self.now();
        self.session.append(now, entry);
    }

    pub(super) fn end(&mut self) {
        self.append(Entry::End { code: Some(0), reason: "the shell has ended".into() });
    }

    pub(super) fn frame(&mut self, tab: &Tab, frame: ClientFrame) {
        let now = self.now();
        self.session.frame(now, tab.link, frame);
    }

    /// The tab has received and consumed all up to this number, and has sent no input.
    pub(super) fn ack(&mut self, tab: &Tab, number: u64) {
        self.frame(tab, ClientFrame::Ack(counts(0, number, number)));
    }

    pub(super) fn send(&mut self, tab: &Tab, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            let now = self.now();
            self.session.message(now, tab.link, note(id));
        }
    }

    pub(super) fn lose(&mut self, tab: &Tab) {
        let now = self.now();
        self.session.lost(now, tab.link);
    }

    pub(super) fn leave(&mut self, tab: &Tab) {
        let now = self.now();
        self.session.left(now, tab.link);
    }

    /// Lets the source consume all input, and says what it was.
    pub(super) fn feed(&mut self) -> Vec<Input<Note>> {
        let mut fed = Vec::new();
        let now = self.now();
        while let Some((ticket, input)) = self.session.take_input() {
            self.session.consumed(now, ticket);
            fed.push(input);
        }
        fed
    }

    /// Lets this much time pass, with every deadline on the way.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = Instant::from_ms(self.ms + ms);
        while let Some(deadline) = self.session.poll_timeout().filter(|deadline| *deadline <= end) {
            self.ms += deadline.delay_from(self.now());
            let now = self.now();
            self.session.timeout(now);
            let next = self.session.poll_timeout();
            assert!(next.is_none_or(|next| next > now), "a deadline that has come comes again at once");
        }
        self.ms += end.since(self.now());
    }
}

/// The ids of the messages among these.
pub(super) fn notes(told: &[Next<Note>]) -> Vec<u64> {
    let said = told.iter().filter_map(|next| match next {
        Next::Message(note) => Some(note.id),
        _ => None,
    });
    said.collect()
}

/// The frames among these.
pub(super) fn frames(told: Vec<Next<Note>>) -> Vec<ServerFrame> {
    let said = told.into_iter().filter_map(|next| match next {
        Next::Frame(frame) => Some(frame),
        _ => None,
    });
    said.collect()
}
