//! The question of a connection: whether it is let in, and when it ends.

use envsocket::core::question::{AskError, Loss};

use super::{Expect, LATE_MS, Model, PROBE_MS, Phase, Twin};

#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    number: u32,
    /// The number of its message.
    msg: u32,
    pub(super) by: Option<u64>,
    excused: bool,
    /// A socket has taken its message.
    taken: bool,
}

impl Twin {
    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Closing { .. } | Phase::Failed | Phase::Ended)
    }

    pub(super) fn lose_question(&mut self, why: Loss) {
        if let Some(Question { number, .. }) = self.question.take() {
            self.counts.unanswered += 1;
            self.expect(Expect::QuestionLost(number, why));
        }
    }

    /// The phase is another one: what was asked over a link that is no more will have no answer from a plain server.
    pub(super) fn question_after_change(&mut self) {
        if self.is_over() {
            self.lose_question(Loss::Over);
        } else if self.question.is_some_and(|question| question.taken) {
            self.lose_question(Loss::Link);
        }
    }

    pub(super) fn question_taken(&mut self, msg: u32) {
        if let Some(question) = self.question.as_mut().filter(|question| question.msg == msg) {
            question.taken = true;
            if !matches!(self.phase, Phase::Open { .. }) {
                self.lose_question(Loss::Link);
            }
        }
    }

    pub(super) fn question_due(&mut self, now: u64) {
        let Some(question) = &mut self.question else { return };
        let Some(by) = question.by.filter(|by| *by <= now) else { return };
        if now - by > LATE_MS && !question.excused {
            (question.by, question.excused) = (Some(now + PROBE_MS), true);
        } else {
            self.lose_question(Loss::TimedOut);
        }
    }
}

impl Model {
    pub(crate) fn ask(
        &mut self,
        id: u32,
        number: u32,
        msg: u32,
        timeout: Option<u64>,
    ) -> Result<(), AskError> {
        let now = self.now;
        let alive = self.twins.get_mut(&id).filter(|twin| !twin.released && !twin.is_over());
        let twin = alive.ok_or(AskError::Refused)?;
        if twin.question.is_some() {
            return Err(AskError::Busy);
        }
        let by = timeout.map(|ms| now + ms);
        twin.question = Some(Question { number, msg, by, excused: false, taken: false });
        twin.counts.asked += 1;
        Ok(())
    }

    pub(crate) fn settle_question(&mut self, id: u32, number: u32, failed: bool) {
        let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) else { return };
        if twin.question.take_if(|question| question.number == number).is_some() {
            let count = if failed { &mut twin.counts.unanswered } else { &mut twin.counts.answered };
            *count += 1;
        }
    }

    pub(crate) fn who_can_be_asked(&self) -> u64 {
        self.present().filter(|(_, twin)| !twin.is_over()).count() as u64
    }
}
