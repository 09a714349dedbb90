//! The question that waits for its answer: what lets it in, and all that can end it. There is one at a time, and
//! whatever ends it frees the gate before anybody is told.

use super::{Connection, Context, PROBE_MS, State};
use crate::core::event::{Event, Output};
use crate::core::question::{AskError, Loss};
use crate::core::queue::Payload;
use crate::core::resume::Access;
use crate::core::time::Instant;
use crate::core::timer::Timer;

// What can be asked, and commanded.
impl<P: Payload> Connection<P> {
    /// The number of the question that waits.
    pub(crate) fn question(&self) -> Option<u32> {
        self.gate.number()
    }

    /// Whether a question waits, or would be let in.
    pub(crate) fn can_converse(&self) -> bool {
        self.question().is_some() || self.takes_questions()
    }

    fn takes_questions(&self) -> bool {
        self.access == Access::ReadWrite && !self.state.is_over()
    }

    /// Lets a question in, whose message is sent next.
    pub(crate) fn ask_question(
        &mut self,
        cx: &mut Context<'_, P>,
        number: u32,
        timeout_ms: Option<u64>,
    ) -> Result<(), AskError> {
        if !self.takes_questions() {
            return Err(AskError::Refused);
        }
        let is_ours =
            |output: &&Output<P>| matches!(output, Output::Send { socket, .. } if socket.conn == cx.id);
        let ahead = cx.out.iter().filter(is_ours).count() + self.queue.len();
        self.gate.enter(number, cx.now.instant, ahead)?;
        self.metrics.asked += 1;
        if let Some(ms) = timeout_ms {
            self.timers.set(Timer::Question, cx.now.instant + ms);
        }
        Ok(())
    }

    /// The question has its answer, or will have none. One that does not wait any more changes nothing.
    pub(crate) fn settle_question(&mut self, now: Instant, number: u32, failed: bool) {
        let Some(asked_at) = self.gate.settle(number) else { return };
        self.timers.stop(Timer::Question);
        if failed {
            self.metrics.unanswered += 1;
        } else {
            self.metrics.answer(now.since_us(asked_at));
        }
    }
}

// What ends it.
impl<P: Payload> Connection<P> {
    pub(super) fn lose_question(&mut self, cx: &mut Context<'_, P>, why: Loss) {
        if let Some(event) = self.lost_question(why) {
            cx.emit(event);
        }
    }

    /// What is to be told of the question, which waits no more.
    fn lost_question(&mut self, why: Loss) -> Option<Event<P>> {
        let number = self.gate.number()?;
        self.settle_question(Instant::default(), number, true);
        Some(Event::QuestionLost { number, why })
    }

    /// A plain socket has taken a message: what is to be told, if that was the question's and the socket one that was
    /// given up while the message was on its way to it.
    pub(super) fn question_taken(&mut self) -> Option<Event<P>> {
        self.gate.messages_gone(1);
        let is_in_vain = self.gate.is_under_way() && self.wire().is_none();
        is_in_vain.then(|| self.lost_question(Loss::Link)).flatten()
    }

    /// The state is another one. What is asked over a plain link ends with it, unless it still waits to be sent: the
    /// next link will have it. A session outlives its links.
    pub(super) fn judge_question(&mut self, cx: &mut Context<'_, P>) {
        if self.state.is_over() {
            self.lose_question(cx, Loss::Over);
        } else if self.attachment.is_none() && self.gate.is_under_way() {
            self.lose_question(cx, Loss::Link);
        }
    }

    /// Its time is over. If nobody looked when that was, an answer may wait to be heard.
    pub(super) fn question_due(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        if cx.is_late_for(deadline) && self.gate.excuse() {
            self.timers.set(Timer::Question, cx.now.instant + PROBE_MS);
        } else {
            self.lose_question(cx, Loss::TimedOut);
        }
    }
}

impl State {
    /// Nothing is sent or heard any more.
    fn is_over(self) -> bool {
        matches!(self, Self::Closing(_) | Self::Failed | Self::Ended)
    }
}
