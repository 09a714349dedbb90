//! Whether an open socket is alive, and whether anybody uses it.
//!
//! A socket can be open and dead: after sleep, a change of network, behind a proxy that forgot it. A plain
//! server answers nothing of ours, so the application says what to ask it (the heartbeat); anything that
//! comes counts as an answer. Messages only raise a flag: the clock is read when a timer asks. A server that
//! speaks `envsocket.v1` asks by itself, and its silence is what counts.

use super::{Connection, Context, Fault, Lateness, PROBE_MS, State};
use crate::core::event::{CloseInfo, Output};
use crate::core::queue::Payload;
use crate::core::resume::frame::ClientFrame;
use crate::core::time::Instant;
use crate::core::timer::Timer;
use crate::core::wire::Wire;

/// What was seen of a socket, and of its use.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Something came since the last question.
    pub(super) heard: bool,
    /// A question was sent, and its answer was not told apart yet.
    pub(super) asked: bool,
    /// When it was sent, if it was the only one: otherwise nobody can say which of them was answered.
    asked_at: Option<Instant>,
    /// The application sent or received something since the last look.
    pub(super) used: bool,
    /// Something was handed to a socket, and nobody has said yet that it may be lost.
    pub(super) sent: bool,
}

impl Pulse {
    /// Whether something that was sent may be lost. Asked when that is told, and told once.
    pub(super) fn take_sent(&mut self) -> bool {
        std::mem::take(&mut self.sent)
    }
}

impl<P: Payload> Connection<P> {
    pub(super) fn begin_liveness(&mut self, cx: &mut Context<'_, P>) {
        self.pulse = Pulse { used: self.pulse.used, ..Pulse::default() };
        if self.wire() == Some(Wire::V1) {
            self.begin_silence(cx);
        } else if let Some(heartbeat) = self.settings.heartbeat {
            self.timers.set(Timer::Beat, cx.now.instant + heartbeat.interval_ms);
        }
    }

    /// The server has said something over `envsocket.v1`: from now on it may be silent for so long.
    pub(super) fn begin_silence(&mut self, cx: &mut Context<'_, P>) {
        self.pulse.heard = false;
        self.lateness = Lateness::None;
        self.timers.stop(Timer::Reply);
        let patience_ms = self.link().silence_ms();
        self.timers.set(Timer::Beat, cx.now.instant + patience_ms);
    }

    /// Asks the server for a pong, which says how long the way there and back is.
    pub(super) fn ping(&mut self, cx: &mut Context<'_, P>) {
        // The next pong answers the first of those that wait.
        self.pulse.asked_at.get_or_insert(cx.now.instant);
        let counts = self.counts();
        self.say(cx, ClientFrame::Ping(counts));
    }

    /// The server has answered a ping.
    pub(super) fn ponged(&mut self, now: Instant) {
        if let Some(asked_at) = self.pulse.asked_at.take() {
            self.metrics.round_trip(now.since_us(asked_at));
        }
    }

    /// The message that was there was the heartbeat's answer.
    pub(crate) fn replied(&mut self, now: Instant) {
        self.pulse.asked = false;
        if let Some(asked_at) = self.pulse.asked_at.take() {
            self.metrics.round_trip(now.since_us(asked_at));
        }
    }

    /// The page or its network woke up: whatever is open is asked now, whatever waits tries now, unless the
    /// server has named a time.
    pub(crate) fn awake(&mut self, cx: &mut Context<'_, P>) {
        match (self.state, self.settings.heartbeat) {
            (State::Waiting, _) if self.not_before <= cx.now.instant => self.begin_attempt(cx),
            (State::Open(Wire::V1, _), _) => self.ask(cx, PROBE_MS),
            (State::Open(..), Some(heartbeat)) => self.ask(cx, heartbeat.timeout_ms.min(PROBE_MS)),
            _ => {}
        }
    }

    /// Whether a deadline ran out unobserved, which is not the peer's fault: that counts once.
    pub(super) fn excuses(&mut self, cx: &Context<'_, P>, deadline: Instant) -> bool {
        let excused = cx.is_late_for(deadline) && self.lateness == Lateness::None;
        if excused {
            self.lateness = Lateness::Excused;
        }
        excused
    }

    pub(super) fn beat_due(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        if self.wire() == Some(Wire::V1) {
            // Messages came, though no ping did; or nobody looked when its time ran out.
            if self.pulse.heard || cx.is_late_for(deadline) {
                self.ask(cx, PROBE_MS);
            } else {
                self.silent(cx, "no sign of life from the server");
            }
        } else if let Some(heartbeat) = self.settings.heartbeat {
            // A peer whose time is over as well is asked once, or no more: see `reply_due`.
            if !self.pulse.heard && self.timers.get(Timer::Reply).is_some_and(|at| at <= cx.now.instant) {
                self.timers.set(Timer::Beat, cx.now.instant + heartbeat.interval_ms);
                return;
            }
            let patience = if cx.is_late_for(deadline) {
                heartbeat.timeout_ms.min(PROBE_MS)
            } else {
                heartbeat.timeout_ms
            };
            self.ask(cx, patience);
        }
    }

    fn ask(&mut self, cx: &mut Context<'_, P>, patience_ms: u64) {
        // Asking again must not put off the end of a peer that is silent already.
        let pending = self.timers.get(Timer::Reply).filter(|_| !self.pulse.heard);
        let deadline = cx.now.instant + patience_ms;
        self.pulse.heard = false;
        self.timers.set(Timer::Reply, pending.map_or(deadline, |pending| pending.min(deadline)));
        if self.wire() == Some(Wire::V1) {
            // The answer decides now, not the silence before.
            self.timers.stop(Timer::Beat);
            self.ping(cx);
            return;
        }
        self.pulse.asked_at = (!self.pulse.asked).then_some(cx.now.instant);
        self.pulse.asked = true;
        if let Some(heartbeat) = self.settings.heartbeat {
            self.timers.set(Timer::Beat, cx.now.instant + heartbeat.interval_ms);
        }
        cx.out.push_back(Output::Beat { socket: self.socket(cx.id) });
    }

    pub(super) fn reply_due(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        let resumes = self.wire() == Some(Wire::V1);
        if self.pulse.heard && resumes {
            self.begin_silence(cx);
        } else if self.pulse.heard {
            (self.pulse.asked, self.pulse.asked_at) = (false, None);
            self.lateness = Lateness::None;
        } else if self.excuses(cx, deadline) {
            let own = self.settings.heartbeat.filter(|_| !resumes);
            self.ask(cx, own.map_or(PROBE_MS, |heartbeat| heartbeat.timeout_ms.min(PROBE_MS)));
        } else {
            self.silent(cx, "no answer to the heartbeat");
        }
    }

    fn silent(&mut self, cx: &mut Context<'_, P>, meaning: &'static str) {
        self.abandon(cx);
        self.fault = Fault::Reported;
        self.lost(cx, CloseInfo::abnormal(), meaning, None);
    }

    /// Counts the time in the background from now on.
    pub(crate) fn arm_idle(&mut self, cx: &mut Context<'_, P>) {
        match self.settings.idle_timeout_ms {
            Some(ms) if !cx.is_active && self.key.is_some() => {
                self.pulse.used = false;
                self.timers.set(Timer::Idle, cx.now.instant + ms);
            }
            _ => self.timers.stop(Timer::Idle),
        }
    }

    pub(super) fn idle_due(&mut self, cx: &mut Context<'_, P>) {
        let waits = !self.queue.is_empty() || self.kept_bytes() > 0 || self.question().is_some();
        if self.pulse.used || waits {
            self.arm_idle(cx);
        } else {
            self.close(cx, None, "", "idle in the background");
        }
    }
}
