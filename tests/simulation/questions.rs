//! Who asks over which connection, who answers, and what became of every question: one thing, once, and for a reason.
//! That is stated without the model's help.

use std::collections::BTreeMap;

use envsocket::core::event::ConnId;
use envsocket::core::question::Loss;
use envsocket::core::status::Status;

use crate::ledger::Fate;
use crate::network::{Parcel, Ready};
use crate::world::World;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    /// By whoever has asked.
    GivenUp,
    Lost(Loss),
}

#[derive(Debug)]
struct Line {
    conn: u32,
    /// The number of its message.
    msg: u32,
    /// On the page's time line.
    due: Option<u64>,
    /// The socket that has taken its message.
    went: Option<usize>,
    outcome: Option<Outcome>,
}

/// Every question that was let in, by its number.
#[derive(Debug, Default)]
pub(crate) struct Questions(BTreeMap<u32, Line>);

impl Questions {
    fn ends(&mut self, number: u32, outcome: Outcome) {
        let line = self.0.get_mut(&number).expect("it was asked");
        assert_eq!(line.outcome.replace(outcome), None, "question {number} came to {outcome:?} as well");
    }

    /// The question that waits and has this message.
    fn with_message(&self, msg: u32) -> Option<u32> {
        let waits = |line: &Line| line.msg == msg && line.outcome.is_none();
        self.0.iter().rev().find(|(_, line)| waits(line)).map(|(number, _)| *number)
    }

    /// A socket has taken a message.
    pub(crate) fn message_taken(&mut self, msg: u32, native: usize) {
        if let Some(number) = self.with_message(msg) {
            self.0.get_mut(&number).expect("it was found").went = Some(native);
        }
    }
}

// What people and servers do.
impl World {
    /// Asks, and sends the question, as the facade does in one go.
    pub(crate) fn ask_something(&mut self) {
        let Some(id) = self.any_connection() else { return };
        let timeout =
            self.dice.pick(&[None, Some(0), Some(40), Some(3_000), Some(60_000), Some(1_000_000_000_000)]);
        let now = self.read_clocks();
        let answer = self.pool.ask(now, ConnId(id), timeout);
        self.note(|_| format!("ask over {id}, for {timeout:?} ms: {answer:?}"));
        let msg = self.ledger.next_id();
        let expected = self.model.ask(id, answer.unwrap_or(0), msg, timeout);
        assert_eq!(answer.map(|_| ()), expected, "whether it is let in");
        let Ok(number) = answer else { return };
        assert!(self.questions.0.keys().all(|other| *other < number), "a number is used again");
        let due = timeout.map(|ms| self.model.now + ms);
        self.questions.0.insert(number, Line { conn: id, msg, due, went: None, outcome: None });
        self.tally.asked += 1;
        self.follow();
        if !self.send_over(id) {
            self.settle_question(id, number, true);
        }
    }

    /// Whoever has asked gives up; or settles what was settled long ago.
    pub(crate) fn give_up_something(&mut self) {
        let waiting = self.questions.0.iter().rev().take(8).map(|(number, line)| (*number, line.conn));
        let waiting: Vec<(u32, u32)> = waiting.collect();
        if !waiting.is_empty() {
            let (number, conn) = self.dice.pick(&waiting);
            let failed = self.dice.percent(70);
            self.settle_question(conn, number, failed);
        }
    }

    /// As the facade does: whoever has asked is told that the message goes nowhere.
    pub(crate) fn give_up_unsent(&mut self, msgs: &[u32]) {
        for msg in msgs {
            if let Some(number) = self.questions.with_message(*msg) {
                let conn = self.questions.0[&number].conn;
                self.settle_question(conn, number, true);
            }
        }
    }

    fn settle_question(&mut self, id: u32, number: u32, failed: bool) {
        self.note(|_| format!("settle {number} of {id}, failed: {failed}"));
        if self.pool.question(ConnId(id)) == Some(number) {
            self.questions.ends(number, if failed { Outcome::GivenUp } else { Outcome::Answered });
            self.tally.answered += u64::from(!failed);
        }
        let now = self.read_clocks();
        self.pool.settle_question(now, ConnId(id), number, failed);
        self.model.settle_question(id, number, failed);
        assert_ne!(self.pool.question(ConnId(id)), Some(number), "it is settled");
        self.follow();
    }

    /// A server has received a message, and may answer it: more than once, or in vain.
    pub(crate) fn maybe_answer(&mut self, at: usize, msg: u32) {
        let asked = self.questions.0.iter().rev().find(|(_, line)| line.msg == msg);
        let Some(number) = asked.map(|(number, _)| *number) else { return };
        for often in [self.climate.answers, 5] {
            if self.dice.percent(often) {
                let later = self.time.world() + self.dice.delay();
                self.network.carry_down(at, later, Parcel::Answer { number });
            }
        }
    }

    /// The facade has heard an answer.
    pub(crate) fn answered(&mut self, conn: ConnId, number: u32) {
        self.settle_question(conn.0, number, false);
    }

    /// The facade is told that a question will have no answer.
    pub(crate) fn question_lost(&mut self, id: u32, number: u32, why: Loss) {
        self.questions.ends(number, Outcome::Lost(why));
        self.tally.lost[why as usize] += 1;
        let line = &self.questions.0[&number];
        assert_eq!(line.conn, id, "somebody else's question");
        let has_reason = match why {
            Loss::TimedOut => line.due.is_some_and(|due| due <= self.model.now),
            Loss::Link => line.went.is_some_and(|at| {
                let native = &self.network.natives[at];
                !native.heeded || native.ready != Ready::Open
            }),
            Loss::Session => self.climate.destinations > 1,
            Loss::Over => {
                let told = self.listeners[&id].believed();
                matches!(told, Status::Disconnecting | Status::Disconnected | Status::Failed)
            }
        };
        assert!(has_reason, "question {number} is lost for no reason: {why:?}");
    }
}

// What must hold.
impl World {
    /// Whoever waits has something to wait for.
    pub(crate) fn check_questions(&self) {
        for (number, line) in self.questions.0.iter().filter(|(_, line)| line.outcome.is_none()) {
            let conn = ConnId(line.conn);
            assert_eq!(self.pool.question(conn), Some(*number), "a question is forgotten");
            let status = self.pool.connection_status(conn).expect("the gate is in the pool");
            let is_alive = matches!(status, Status::Connecting | Status::Connected | Status::Reconnecting);
            assert!(is_alive, "question {number} waits for one that is {status:?}");
            let fate = self.ledger.fate(line.msg);
            match line.went {
                Some(native) => {
                    let present = self.entries[&line.conn].native;
                    assert_eq!(present, Some(native), "question {number} waits for a link that is gone");
                }
                None => assert_eq!(fate, Some(Fate::Waiting), "question {number} waits, and is never sent"),
            }
        }
        for id in self.model.ids() {
            if let Some(number) = self.pool.question(ConnId(id)) {
                assert_eq!(self.questions.0[&number].outcome, None, "the gate waits for nobody");
            }
        }
        let (active, waiting) = self.pool.conversations(None);
        let open = self.questions.0.values().filter(|line| line.outcome.is_none()).count();
        assert_eq!(waiting, open as u64, "how many wait");
        assert_eq!(active, self.model.who_can_be_asked(), "how many can be asked");
    }

    pub(crate) fn check_every_question_has_come_to_something(&self) {
        let open = self.questions.0.iter().find(|(_, line)| line.outcome.is_none());
        assert!(open.is_none(), "a question waits for ever: {open:?}");
        let ended = |outcome: fn(Outcome) -> bool| {
            self.questions.0.values().filter(|line| line.outcome.is_some_and(outcome)).count() as u64
        };
        let (totals, ..) = self.pool.totals(self.now);
        assert_eq!(totals.asked, self.questions.0.len() as u64);
        assert_eq!(totals.answered, ended(|outcome| outcome == Outcome::Answered));
        assert_eq!(totals.unanswered, ended(|outcome| outcome != Outcome::Answered));
        assert_eq!(totals.answers.map_or(0, |answers| answers.count()), totals.answered);
    }
}
