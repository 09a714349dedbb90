//! How a socket ends, and what follows: another try, or the end of the connection.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Connection, Context, Fault, Socket, State};
use crate::core::close::{self, VIOLATION, Verdict};
use crate::core::event::{CloseInfo, Direction, Event, Output};
use crate::core::queue::{Payload, SendQueue};
use crate::core::resume::NO_HELLO;
use crate::core::time::Instant;
use crate::core::timer::Timer;
use crate::core::wire::Wire;

/// What people read while a close that they asked for is under way.
pub(crate) const CLOSING: &str = "closing";

impl<P: Payload> Connection<P> {
    pub(crate) fn errored(&mut self) {
        self.fault = Fault::Reported;
    }

    pub(crate) fn closed(&mut self, cx: &mut Context<'_, P>, info: CloseInfo) {
        let state = self.state;
        match state {
            State::Closing(_) => self.finish_closing(cx, info),
            State::Opening if self.falls_back() => {
                self.reason = Cow::Borrowed("the subprotocols were refused, it seems");
                self.begin_attempt(cx);
            }
            State::Greeting | State::Open(Wire::V1, _)
                if info.code == VIOLATION && &*info.reason != NO_HELLO =>
            {
                self.begin_anew(cx, info);
            }
            State::Opening if info.code == close::ABNORMAL => {
                self.lost(cx, info, "the server cannot be reached", None);
            }
            State::Opening | State::Greeting | State::Open(..) => {
                let meaning = match close::judge(info.code) {
                    (Verdict::Renew, _) if !self.has_shown_token() => "the server wants a token",
                    (_, meaning) => meaning,
                };
                let why = match &*info.reason {
                    "" => None,
                    why if meaning == close::REJECTED => Some([meaning, ": ", why].concat()),
                    why => Some(String::from(why)),
                };
                self.lost(cx, info, meaning, why);
            }
            _ => {}
        }
    }

    /// The server would be of no use.
    pub(super) fn refuse(&mut self, cx: &mut Context<'_, P>, meaning: &'static str) {
        self.abandon(cx);
        self.fault = Fault::Reported;
        self.timers.stop_for_next_state();
        self.metrics.failed(meaning);
        self.finish(cx, State::Failed, Cow::Borrowed(meaning), CloseInfo::abnormal());
    }

    /// The platform refused to make the socket at all, or there is nowhere to go; `why` is what it said.
    pub(crate) fn unopenable(&mut self, cx: &mut Context<'_, P>, why: String) {
        self.fault = Fault::Reported;
        match self.state {
            State::Closing(_) => self.finish_closing(cx, CloseInfo::abnormal()),
            _ => {
                self.metrics.failed("there is nowhere to go");
                self.finish(cx, State::Failed, Cow::Owned(why), CloseInfo::abnormal());
            }
        }
    }

    /// The page's network is gone, by its own account: no hurry, but no giving up either.
    pub(crate) fn offline(&mut self, cx: &mut Context<'_, P>) {
        if self.state == State::Waiting {
            let slow = cx.now.instant + self.settings.backoff.slow_ms(cx.rng);
            let planned = self.timers.get(Timer::Attempt).unwrap_or(slow);
            self.plan_attempt(cx, slow.max(planned));
            self.changed(cx);
        }
    }

    /// The socket is gone and nobody here asked for it. `meaning` is one of a few, `why` in anybody's words.
    pub(super) fn lost(
        &mut self,
        cx: &mut Context<'_, P>,
        info: CloseInfo,
        meaning: &'static str,
        why: Option<String>,
    ) {
        let has_ended = matches!(self.state, State::Open(Wire::V1, _)) && self.link().has_ended();
        if has_ended && info.code != close::NORMAL {
            // Everything came; only the close frame did not. Whoever came back could find a new source.
            self.settle_connected_time(cx);
            self.fault = Fault::None;
            let info = CloseInfo { code: close::NORMAL, reason: "".into(), clean: true };
            self.finish(cx, State::Ended, Cow::Borrowed(close::judge(close::NORMAL).1), info);
            return;
        }
        // The server's own close came as well: a platform that could not answer it calls it unclean.
        let info = CloseInfo { clean: info.clean || has_ended, ..info };
        if let State::Open(_, since) = self.state
            && cx.now.instant.since(since.instant) >= self.settings.backoff.stable_after_ms
        {
            self.failures = 0;
            self.credentials.forgive();
        }
        if info.code == close::UNAUTHORIZED {
            self.credentials.reject(self.has_shown_token());
        }
        self.settle_connected_time(cx);
        self.free_slot(cx);
        self.timers.stop_for_next_state();
        self.metrics.failed(meaning);
        self.reason = why.map_or(Cow::Borrowed(meaning), Cow::Owned);
        if self.settings.asks {
            self.state = State::Judging(self.status(), self.state.name());
            cx.out.push_back(Output::Judge { socket: self.socket(cx.id), info });
        } else {
            self.decide(cx, close::judge(info.code).0, false, info);
        }
    }

    /// The application's verdict. It can call for a retry where the code does not, and the other way round; or leave
    /// it to the code.
    pub(crate) fn judged(&mut self, cx: &mut Context<'_, P>, retry: Option<bool>, info: CloseInfo) {
        if !matches!(self.state, State::Judging(..)) {
            return;
        }
        let verdict = match (retry, close::judge(info.code).0) {
            (None, by_code) => by_code,
            (Some(true), Verdict::Renew) => Verdict::Renew,
            (Some(true), _) => Verdict::Retry,
            (Some(false), Verdict::Ended) => Verdict::Ended,
            (Some(false), _) => Verdict::Refused,
        };
        self.decide(cx, verdict, retry == Some(true), info);
    }

    fn decide(&mut self, cx: &mut Context<'_, P>, verdict: Verdict, insists: bool, info: CloseInfo) {
        let verdict = if verdict == Verdict::Renew { self.rejected(insists) } else { verdict };
        let why = self.reason.clone();
        match verdict {
            Verdict::Renew if self.failures < self.settings.max_retries => {
                self.failures += 1;
                self.begin_attempt(cx);
            }
            Verdict::Retry if self.failures < self.settings.max_retries => self.wait(cx, why, &info.reason),
            Verdict::Retry | Verdict::Renew => {
                let why = if self.failures == 0 { why } else { ["out of retries: ", &why].concat().into() };
                self.finish(cx, State::Failed, why, info);
            }
            Verdict::Ended => self.finish(cx, State::Ended, why, info),
            Verdict::Refused => self.finish(cx, State::Failed, why, info),
        }
    }

    fn wait(&mut self, cx: &mut Context<'_, P>, why: Cow<'static, str>, close_reason: &str) {
        let backoff = self.settings.backoff;
        // A server that names a time names the same one to everybody: the jitter goes on top of it, and grows
        // with it, or all would come back at once.
        let said = self.attachment.as_mut().and_then(|attachment| attachment.retry_after_ms.take());
        let said = said.map(|ms| ms.min(close::MAX_RETRY_AFTER_MS));
        let asked_for = said.or_else(|| close::retry_after_ms(close_reason)).unwrap_or(0);
        self.not_before = cx.now.instant + asked_for;
        let delay = if cx.online { backoff.delay_ms(self.failures, cx.rng) } else { backoff.slow_ms(cx.rng) };
        let delay = delay.max(cx.rng.up_to(asked_for / 2));
        self.failures += 1;
        self.enter(cx, State::Waiting, why);
        self.plan_attempt(cx, self.not_before + delay);
    }

    fn plan_attempt(&mut self, cx: &mut Context<'_, P>, at: Instant) {
        self.timers.set(Timer::Attempt, at);
        self.next_attempt_at = Some(cx.now.unix_at(at));
    }

    pub(super) fn await_close(
        &mut self,
        cx: &mut Context<'_, P>,
        socket: Socket,
        timeout_ms: u64,
        why: &'static str,
    ) {
        self.free_slot(cx);
        self.timers.stop_all();
        self.credentials.forget();
        self.timers.set(Timer::Close, cx.now.instant + timeout_ms);
        self.enter(cx, State::Closing(socket), Cow::Borrowed(why));
    }

    pub(super) fn finish_closing(&mut self, cx: &mut Context<'_, P>, info: CloseInfo) {
        let why = self.reason_afterwards();
        self.finish(cx, State::Ended, why, info);
    }

    pub(super) fn reason_afterwards(&self) -> Cow<'static, str> {
        if self.reason == CLOSING { Cow::Borrowed("closed") } else { self.reason.clone() }
    }

    pub(super) fn finish(
        &mut self,
        cx: &mut Context<'_, P>,
        end: State,
        why: Cow<'static, str>,
        info: CloseInfo,
    ) {
        self.free_slot(cx);
        self.timers.stop_all();
        self.credentials.forget();
        let attachment = self.attachment.take();
        let mut queue = std::mem::replace(&mut self.queue, SendQueue::new());
        let mut unsent = VecDeque::new();
        // Our close can cross the peer's: then it is theirs that is shown, and it answers nothing.
        let is_answered = matches!(self.state, State::Closing(_)) && info.code == self.close_code;
        self.enter(cx, end, why);
        let is_clean = end == State::Ended && info.clean;
        let is_unsure = (self.pulse.take_sent() || cx.is_handing_over()) && !is_clean;
        let mut numbers = is_unsure.then_some((None, None));
        // A peer that answers a close has read all that came before it. Its own close says nothing of the kind.
        if let Some(mut attachment) = attachment.filter(|_| !(is_answered && is_clean)) {
            let lost = attachment.forget();
            // What a plain socket was handed before has no numbers.
            numbers = lost.input.map(|(from, to)| (Some(from), Some(to))).or(numbers);
            unsent = lost.messages;
        }
        if let Some(numbers) = numbers {
            let reason = Cow::Borrowed("the connection ended before all had surely arrived");
            self.tell_gap(cx, Direction::Out, numbers, reason, false);
        }
        queue.drain_to(&mut unsent);
        self.discard(cx, unsent, "the connection is over", true);
        if self.fault == Fault::Reported {
            cx.emit(Event::Error);
        }
        cx.emit(Event::Close(info));
    }

    /// Lets go of the socket, if there is one: nothing that it still says will be heard.
    pub(super) fn abandon(&mut self, cx: &mut Context<'_, P>) {
        if let Some(socket) = self.present_socket(cx.id) {
            cx.out.push_back(Output::AbandonSocket { socket });
        }
    }

    /// The open socket's time is over: it counts.
    pub(super) fn settle_connected_time(&mut self, cx: &Context<'_, P>) {
        if let State::Open(_, since) = self.state {
            self.metrics.connected_ms += cx.now.instant.since(since.instant);
        }
    }
}
