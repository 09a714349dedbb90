//! What became of everything that people have sent: applied once and in order, or reported.
//!
//! The numbers of the wire are kept here a second time, by what is handed to sockets.

use std::collections::BTreeMap;

use envsocket::core::resume::cost;

use crate::network::Msg;

/// One message that was sent.
#[derive(Debug)]
pub(crate) struct Line {
    conn: u32,
    bytes: u64,
    /// When, on the page's time line, in ms.
    at: u64,
    /// Nobody has asked for the age of input then: it has none.
    is_ageless: bool,
    /// `send` has refused it.
    is_refused: bool,
    is_applied: bool,
    is_discarded: bool,
    /// A gap going out says that it may be lost.
    is_admitted: bool,
    /// The connection was closed in both ends' agreement while it was under way.
    is_excused: bool,
    /// It was given to a link that cannot resume.
    is_plain: bool,
    number: Option<u64>,
}

/// What has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbered {
    Message(u32),
    /// A size: whatever it is when it is handed over.
    Size,
}

/// One attachment's input, as the page hands it over.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// By their numbers, from 1.
    numbers: Vec<(Numbered, u64)>,
    /// The last that the server has said it received, and consumed.
    pub(crate) received: u64,
    pub(crate) consumed: u64,
    /// The server's terms.
    pub(crate) credit: u64,
    pub(crate) max_message: u64,
}

impl Flow {
    /// The number of the last that was ever handed over.
    pub(crate) fn sent(&self) -> u64 {
        self.numbers.len() as u64
    }

    /// Something is handed over with this number: what had it before, or something new.
    pub(crate) fn hand_over(&mut self, number: u64, what: Numbered, cost: u64) {
        assert!(number <= self.sent() + 1, "number {number} before others");
        if number <= self.sent() {
            assert_eq!(self.numbers[number as usize - 1].0, what, "number {number} is something else");
        } else {
            let outstanding: u64 = self.numbers[self.consumed as usize..].iter().map(|(_, cost)| cost).sum();
            let fits = outstanding == 0 || outstanding + cost <= self.credit;
            assert!(fits, "{outstanding} and {cost} are beyond the credit");
            self.numbers.push((what, cost));
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Writers {
    lines: Vec<Line>,
    pub(crate) flows: BTreeMap<u32, Flow>,
    /// By connection: the last that was applied.
    last_applied: BTreeMap<u32, u32>,
    /// By connection: the first that may be sent to the session that it is in now.
    floors: BTreeMap<u32, u32>,
    /// What was discarded though it was applied: a gap must admit that.
    doubtful: Vec<u32>,
}

impl Writers {
    pub(crate) fn next_id(&self) -> u32 {
        self.lines.len() as u32
    }

    pub(crate) fn offers(&mut self, conn: u32, bytes: u64, at: u64, is_ageless: bool) {
        self.lines.push(Line {
            conn,
            bytes,
            at,
            is_ageless,
            is_refused: false,
            is_applied: false,
            is_discarded: false,
            is_admitted: false,
            is_excused: false,
            is_plain: false,
            number: None,
        });
    }

    pub(crate) fn refused(&mut self, id: u32) {
        let line = &mut self.lines[id as usize];
        assert!(line.number.is_none() && !line.is_plain && !line.is_discarded, "refused, and yet taken");
        line.is_refused = true;
    }

    pub(crate) fn flow(&mut self, conn: u32) -> &mut Flow {
        self.flows.entry(conn).or_default()
    }

    /// The page's end of a link of `envsocket.v1` takes a message. `oldest`: what may have been sent no earlier.
    pub(crate) fn hands_over(&mut self, conn: u32, number: u64, id: u32, oldest: Option<u64>) {
        let line = &mut self.lines[id as usize];
        assert!(!line.is_refused && !line.is_discarded && !line.is_plain && line.conn == conn);
        assert!(line.number.is_none_or(|known| known == number), "{id} was number {:?}", line.number);
        line.number = Some(number);
        let is_fresh = oldest.is_none_or(|oldest| line.at >= oldest || line.is_ageless);
        assert!(is_fresh, "{id} is too old to be sent");
        assert!(self.floors.get(&conn).is_none_or(|floor| id >= *floor), "{id} was meant for a lost session");
        let bytes = line.bytes;
        let flow = self.flow(conn);
        assert!(bytes <= flow.max_message, "{bytes} bytes are more than the server takes");
        flow.hand_over(number, Numbered::Message(id), cost(bytes));
    }

    /// What the server lacks up to this number will never be sent: people were told so. It takes no room.
    pub(crate) fn skips(&mut self, conn: u32, to: u64) {
        let flow = self.flows.entry(conn).or_default();
        assert!(flow.received < to && to <= flow.sent(), "a skip to {to}");
        for (what, cost) in &mut flow.numbers[flow.received as usize..to as usize] {
            *cost = 0;
            if let Numbered::Message(id) = what {
                assert!(self.lines[*id as usize].is_discarded, "{id} is skipped, and nobody was told");
            }
        }
    }

    /// A plain link takes it.
    pub(crate) fn hands_over_plain(&mut self, id: u32) {
        let line = &mut self.lines[id as usize];
        assert!(!line.is_refused && !line.is_discarded && !line.is_plain && line.number.is_none());
        line.is_plain = true;
    }

    /// Whether a plain link has taken it.
    pub(crate) fn is_plain(&self, id: u32) -> bool {
        self.lines[id as usize].is_plain
    }

    /// The source takes it.
    pub(crate) fn applied(&mut self, id: u32) {
        let line = &mut self.lines[id as usize];
        assert!(
            !line.is_refused && (line.is_plain || line.number.is_some()),
            "applied, and never handed over"
        );
        assert!(!line.is_applied, "{id} is applied twice");
        assert!(!line.is_discarded || line.is_admitted, "{id} is applied though it was discarded");
        line.is_applied = true;
        // What a gap has given up can still be under way, beside another attachment of the same connection.
        if !line.is_admitted {
            let last = self.last_applied.insert(line.conn, id);
            assert!(last.is_none_or(|last| last < id), "{id} is applied after {last:?}");
        }
    }

    /// When the first of these was sent, on the page's time line.
    pub(crate) fn first_sent(&self, ids: impl Iterator<Item = u32>) -> Option<u64> {
        ids.map(|id| self.lines[id as usize].at).min()
    }

    /// The application is told that these will not be sent.
    pub(crate) fn discarded(&mut self, conn: u32, payloads: impl Iterator<Item = u32>) {
        let mut before = None;
        for id in payloads {
            let received = self.flows.get(&conn).map_or(0, |flow| flow.received);
            let line = &mut self.lines[id as usize];
            assert_eq!(line.conn, conn);
            assert!(before.is_none_or(|before| before < id), "discarded out of order");
            assert!(!line.is_refused && !line.is_discarded, "{id} is discarded twice");
            assert!(line.number.is_none_or(|number| number > received), "{id} was taken by the server");
            line.is_discarded = true;
            if line.is_applied {
                self.doubtful.push(id);
            }
            before = Some(id);
        }
    }

    /// A gap going out: everything in its range may be lost, and nothing else.
    pub(crate) fn gap_out(&mut self, conn: u32, from: Option<u64>, to: Option<u64>) {
        match (from, to) {
            (Some(from), Some(to)) => {
                let flow = self.flows.entry(conn).or_default();
                assert_eq!((from, to), (flow.consumed + 1, flow.sent()), "another range than what is open");
                assert!(from <= to, "a gap of nothing");
                let range = flow.numbers[from as usize - 1..to as usize].to_vec();
                for (what, _) in range {
                    if let Numbered::Message(id) = what {
                        self.lines[id as usize].is_admitted = true;
                    }
                }
            }
            (None, None) => {
                for line in self.lines.iter_mut().filter(|line| line.conn == conn && line.is_plain) {
                    line.is_admitted = true;
                }
            }
            _ => panic!("a gap with one end"),
        }
    }

    /// The connection was closed as it should be: what was under way may have arrived or not.
    pub(crate) fn closed_cleanly(&mut self, conn: u32) {
        let handed = |line: &&mut Line| line.conn == conn && (line.is_plain || line.number.is_some());
        self.lines.iter_mut().filter(handed).for_each(|line| line.is_excused = true);
    }

    /// The session is another one than before: what was sent until now never goes there.
    pub(crate) fn loses_session(&mut self, conn: u32) {
        self.floors.insert(conn, self.next_id());
    }

    /// The attachment is over, and another one begins with 1.
    pub(crate) fn begins(&mut self, conn: u32, credit: u64, max_message: u64) {
        self.flows.insert(conn, Flow { credit, max_message, ..Flow::default() });
    }

    /// What was told is no contradiction.
    pub(crate) fn check(&mut self) {
        while let Some(id) = self.doubtful.pop() {
            assert!(self.lines[id as usize].is_admitted, "{id} is discarded though it was applied");
        }
    }

    /// Nothing is under way any more: everything has met its fate.
    pub(crate) fn check_at_rest(&self) {
        for (id, line) in self.lines.iter().enumerate() {
            let is_told = line.is_refused
                || line.is_applied
                || line.is_discarded
                || line.is_admitted
                || line.is_excused;
            assert!(is_told, "{id} is lost, and nobody was told: {line:?}");
        }
    }
}

/// The number of a message that a person has sent.
pub(crate) fn id(msg: &Msg) -> u32 {
    match msg.what {
        crate::network::What::Input(id) => id,
        _ => panic!("{msg:?} is no input"),
    }
}
