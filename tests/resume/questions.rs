//! What became of every question: its answer, as long as the session goes on; or one clear word that there will be
//! none, and why.

use std::collections::BTreeMap;

use envsocket::core::event::ConnId;
use envsocket::core::question::{AskError, Loss};
use envsocket::core::resume::Id;
use envsocket::core::status::Status;

use crate::reader::Place;
use crate::world::World;

/// How long an answer is, in bytes.
pub(crate) const ANSWER_BYTES: u64 = 8;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    /// By whoever has asked: its message was discarded.
    GivenUp,
    Lost(Loss),
}

#[derive(Debug)]
struct Line {
    conn: u32,
    /// The number of its message among all that people have sent.
    msg: u32,
    /// On the page's time line.
    due: Option<u64>,
    /// The session to which it belongs, once there is one.
    epoch: Option<Id>,
    /// The link over which the page was connected when it was asked.
    link: Option<usize>,
    /// The source does not answer it.
    is_ignored: bool,
    /// What the source has said to it.
    answer: Option<Place>,
    /// People were told that the answer is among what is missing.
    is_missed: bool,
    outcome: Option<Outcome>,
}

/// Every question that was let in, by its number.
#[derive(Debug, Default)]
pub(crate) struct Questions(BTreeMap<u32, Line>);

impl Questions {
    fn waiting(&self) -> impl Iterator<Item = (u32, &Line)> {
        let waiting = self.0.iter().filter(|(_, line)| line.outcome.is_none());
        waiting.map(|(number, line)| (*number, line))
    }

    fn waiting_of(&mut self, conn: ConnId) -> impl Iterator<Item = (u32, &mut Line)> {
        let waiting =
            self.0.iter_mut().filter(move |(_, line)| line.outcome.is_none() && line.conn == conn.0);
        waiting.map(|(number, line)| (*number, line))
    }

    pub(crate) fn count_waiting(&self) -> u64 {
        self.waiting().count() as u64
    }

    fn ends(&mut self, number: u32, outcome: Outcome) {
        let line = self.0.get_mut(&number).expect("it was asked");
        assert_eq!(line.outcome.replace(outcome), None, "question {number} came to {outcome:?} as well");
    }

    /// The page is welcome in this session.
    pub(crate) fn belong_to(&mut self, conn: ConnId, epoch: Id) {
        for (_, line) in self.waiting_of(conn) {
            line.epoch.get_or_insert(epoch);
        }
    }

    /// The life is over, and with it all its questions: what waits was asked in the next one already.
    pub(crate) fn another_life(&mut self, conn: ConnId) {
        self.waiting_of(conn).for_each(|(_, line)| line.epoch = None);
    }

    /// The source has said what answers this message.
    pub(crate) fn answered_by(&mut self, msg: u32, place: Place) {
        if let Some(line) = self.0.values_mut().find(|line| line.msg == msg) {
            line.answer = Some(place);
        }
    }

    /// Listeners were told that what a source has said between these two, both included, is missing.
    pub(crate) fn missed(&mut self, conn: ConnId, life: usize, from: u64, to: u64) {
        for (_, line) in self.waiting_of(conn) {
            line.is_missed |= line.answer.is_some_and(|(of, at)| of == life && (from..=to).contains(&at));
        }
    }
}

// What people and sources do.
impl World {
    /// Asks, and sends the question, as the facade does in one go.
    pub(crate) fn ask_something(&mut self, conn: ConnId) {
        let timeout = self.dice.pick(&[None, None, None, Some(300), Some(20_000)]);
        let (now, msg) = (self.read_clocks(), self.people.writers.next_id());
        let answer = self.page.pool.ask(now, conn, timeout);
        self.note(|_| format!("ask over {conn:?} for {timeout:?} ms: {answer:?}"));
        let waits = self.questions.waiting().any(|(_, line)| line.conn == conn.0);
        let number = match answer {
            Ok(number) => number,
            // It may have been told apart, and not told yet.
            Err(AskError::Busy) => return assert!(waits, "busy with nothing"),
            Err(AskError::Refused) => {
                let status = self.page.pool.connection_status(conn);
                let is_alive =
                    matches!(status, Some(Status::Connecting | Status::Connected | Status::Reconnecting));
                let may_only_read = is_alive && self.twin(conn).rights.reads_only;
                return assert!(!is_alive || may_only_read, "refused while {status:?}");
            }
        };
        let twin = self.twin(conn);
        let (epoch, link) = (twin.epoch.filter(|_| !twin.must_renew), twin.native);
        let line = Line {
            conn: conn.0,
            msg,
            due: timeout.map(|ms| self.page_ms() + ms),
            epoch,
            link,
            is_ignored: self.dice.percent(10),
            answer: None,
            is_missed: false,
            outcome: None,
        };
        assert!(self.questions.0.insert(number, line).is_none(), "a number is used again");
        self.tally.asked += 1;
        if !self.type_something(conn) {
            self.settle_question(conn, number, true);
        }
    }

    fn settle_question(&mut self, conn: ConnId, number: u32, failed: bool) {
        if self.page.pool.question(conn) == Some(number) {
            let line = &self.questions.0[&number];
            let is_elsewhere = self.page.twins[&conn.0].native != line.link;
            self.tally.answered += u64::from(!failed);
            self.tally.answered_elsewhere += u64::from(!failed && is_elsewhere);
            self.questions.ends(number, if failed { Outcome::GivenUp } else { Outcome::Answered });
        }
        let now = self.read_clocks();
        self.page.pool.settle_question(now, conn, number, failed);
        self.follow();
    }

    /// A source has taken a message: whether it answers.
    pub(crate) fn is_to_be_answered(&self, msg: u32) -> bool {
        self.questions.0.values().any(|line| line.msg == msg && !line.is_ignored)
    }

    /// The page was told what a source has said.
    pub(crate) fn heard(&mut self, conn: ConnId, place: Place) {
        let answered = self.questions.waiting_of(conn).find(|(_, line)| line.answer == Some(place));
        if let Some(number) = answered.map(|(number, _)| number) {
            self.settle_question(conn, number, false);
        }
    }

    /// As the facade does: whoever has asked is told that the message goes nowhere.
    pub(crate) fn give_up_unsent(&mut self, conn: ConnId, msgs: &[u32]) {
        let unsent = self.questions.waiting_of(conn).find(|(_, line)| msgs.contains(&line.msg));
        if let Some(number) = unsent.map(|(number, _)| number) {
            self.settle_question(conn, number, true);
        }
    }

    /// The facade is told that there will be no answer.
    pub(crate) fn question_lost(&mut self, conn: ConnId, number: u32, why: Loss) {
        self.questions.ends(number, Outcome::Lost(why));
        let line = &self.questions.0[&number];
        assert_eq!(line.conn, conn.0, "somebody else's question");
        let twin = &self.page.twins[&conn.0];
        let has_reason = match why {
            Loss::TimedOut => line.due.is_some_and(|due| due <= self.page_ms()),
            Loss::Link => self.people.writers.is_plain(line.msg),
            Loss::Session => line.epoch.is_some() && (line.epoch != twin.epoch || twin.must_renew),
            Loss::Over => {
                matches!(
                    twin.reader.status_told(),
                    Status::Disconnecting | Status::Disconnected | Status::Failed
                )
            }
        };
        assert!(has_reason, "question {number} is lost for no reason: {why:?}, {line:?}, {twin:?}");
        match why {
            Loss::TimedOut => self.tally.questions_late += 1,
            Loss::Link => self.tally.questions_linkless += 1,
            Loss::Session => self.tally.questions_homeless += 1,
            Loss::Over => self.tally.questions_over += 1,
        }
    }
}

// What must hold.
impl World {
    /// Whoever waits waits in the gate, for the session that it is in.
    pub(crate) fn check_questions(&self) {
        for (number, line) in self.questions.waiting() {
            let conn = ConnId(line.conn);
            assert_eq!(self.page.pool.question(conn), Some(number), "a question is forgotten: {line:?}");
            let twin = &self.page.twins[&line.conn];
            let is_home = line.epoch.is_none_or(|epoch| twin.epoch == Some(epoch) && !twin.must_renew);
            assert!(is_home, "question {number} waits for a session that is lost: {line:?}, {twin:?}");
        }
        let (_, waiting) = self.page.pool.conversations(None);
        assert_eq!(waiting, self.questions.count_waiting(), "a gate waits for nobody");
    }

    /// Nothing is under way any more: whatever a source has said to a question was heard, or was told to be missing.
    pub(crate) fn check_answers_at_rest(&self) {
        for (number, line) in self.questions.waiting() {
            let excused = line.is_ignored || line.is_missed || self.people.writers.is_plain(line.msg);
            assert!(excused, "question {number} has no answer: {line:?}");
        }
    }

    pub(crate) fn check_every_question_has_come_to_something(&self) {
        let open = self.questions.waiting().next();
        assert!(open.is_none(), "a question waits for ever: {open:?}");
        let (totals, ..) = self.page.pool.totals(self.page.now);
        let answered = self.questions.0.values().filter(|line| line.outcome == Some(Outcome::Answered));
        let (asked, answered) = (self.questions.0.len() as u64, answered.count() as u64);
        assert_eq!((totals.asked, totals.answered), (asked, answered), "questions and answers");
        assert_eq!(totals.unanswered, asked - answered, "questions without answers");
    }
}
