//! From the decision to try until the socket is open: where to go, whose turn it is, how long it may take.

use std::borrow::Cow;

use super::{Connection, Context, Fault, Lateness, PROBE_MS, Slots, State};
use crate::core::event::{CloseInfo, Direction, Event, Output, Place, Unlocated};
use crate::core::queue::Payload;
use crate::core::time::Instant;
use crate::core::timer::Timer;
use crate::core::wire::Wire;

/// How long a handshake keeps its slot, in ms: four servers that never answer must not starve the rest.
const SLOT_MS: u64 = 3_000;

impl<P: Payload> Connection<P> {
    pub(super) fn begin_attempt(&mut self, cx: &mut Context<'_, P>) {
        self.free_slot(cx);
        self.settings = self.overrides.over(*cx.defaults).resolve();
        self.generation += 1;
        self.attempt += 1;
        self.metrics.attempts += 1;
        self.fault = Fault::None;
        self.lateness = Lateness::None;
        let timeout = if self.opened_before {
            self.settings.reconnect_timeout_ms
        } else {
            self.settings.connect_timeout_ms
        };
        self.timers.stop_for_next_state();
        self.timers.set(Timer::Connect, cx.now.instant + timeout);
        if self.settings.idle_timeout_ms.is_none() || self.timers.get(Timer::Idle).is_none() {
            self.arm_idle(cx);
        }
        let reason = self.reason.clone();
        self.enter(cx, State::Locating, reason);
        cx.out.push_back(Output::Locate { socket: self.socket(cx.id) });
    }

    pub(crate) fn located(&mut self, cx: &mut Context<'_, P>, answer: Result<Place, Unlocated>, turn: u32) {
        if self.state != State::Locating {
            return;
        }
        match answer {
            Ok(place) => {
                let elsewhere = |before: &Place| before.destination != place.destination;
                if self.place.as_ref().is_some_and(elsewhere) {
                    let queued = self.queue.take();
                    self.discard(cx, queued, "the destination has changed", true);
                }
                self.place = Some(place);
                let deadline = self.timers.get(Timer::Connect).unwrap_or_default();
                self.timers.stop(Timer::Connect);
                let mut left = deadline.since(cx.now.instant);
                if self.excuses(cx, deadline) {
                    left = PROBE_MS;
                }
                *cx.slots = Slots::Changed;
                let reason = self.reason.clone();
                self.enter(cx, State::Queued { left_ms: left, turn }, reason);
            }
            Err(Unlocated { why, is_final: true }) => self.unopenable(cx, why),
            Err(Unlocated { why, is_final: false }) => {
                self.fault = Fault::Reported;
                self.lost(cx, CloseInfo::abnormal(), "no address for the attempt", Some(why));
            }
        }
    }

    /// The origin at which it waits for a slot, and its turn.
    pub(crate) fn waits_for_slot(&self) -> Option<(&str, u32)> {
        let State::Queued { turn, .. } = self.state else { return None };
        Some((&self.place.as_ref()?.origin, turn))
    }

    /// The origin at which it holds a slot.
    pub(crate) fn holds_slot(&self) -> Option<&str> {
        self.timers.get(Timer::Slot)?;
        Some(&self.place.as_ref()?.origin)
    }

    /// It is its turn: the handshake begins.
    pub(crate) fn granted(&mut self, cx: &mut Context<'_, P>) {
        if let State::Queued { left_ms, .. } = self.state {
            self.timers.set(Timer::Slot, cx.now.instant + SLOT_MS);
            self.timers.set(Timer::Connect, cx.now.instant + left_ms);
            let reason = self.reason.clone();
            self.enter(cx, State::Opening, reason);
            cx.out.push_back(Output::OpenSocket { socket: self.socket(cx.id) });
        }
    }

    pub(super) fn free_slot(&mut self, cx: &mut Context<'_, P>) {
        if self.timers.get(Timer::Slot).is_some() {
            self.timers.stop(Timer::Slot);
            *cx.slots = Slots::Changed;
        }
    }

    /// Its slot's time is over: the handshake goes on, and another one may begin.
    pub(super) fn slot_due(cx: &mut Context<'_, P>) {
        *cx.slots = Slots::Changed;
    }

    pub(crate) fn opened(&mut self, cx: &mut Context<'_, P>) {
        if self.state != State::Opening {
            return;
        }
        self.free_slot(cx);
        self.timers.stop(Timer::Connect);
        let again = self.opened_before;
        self.attempt = 0;
        self.lateness = Lateness::None;
        self.metrics.opens += 1;
        self.metrics.reconnects += u64::from(again);
        self.enter(cx, State::Open(Wire::Plain, cx.now), Cow::Borrowed(""));
        self.opened_before = true;
        let socket = self.socket(cx.id);
        for payload in self.queue.take() {
            cx.out.push_back(Output::Send { socket, payload });
        }
        if again {
            self.admit_gaps(cx);
        }
        self.begin_liveness(cx);
        cx.emit(Event::Open);
    }

    /// A plain server cannot say what it sent meanwhile, nor what arrived of what it was sent.
    fn admit_gaps(&mut self, cx: &mut Context<'_, P>) {
        let reason = "reconnected to a server that cannot resume";
        self.admit_gap(cx, Direction::In, reason);
        if self.pulse.take_sent() {
            self.admit_gap(cx, Direction::Out, reason);
        }
    }

    pub(super) fn admit_gap(&mut self, cx: &mut Context<'_, P>, direction: Direction, reason: &'static str) {
        self.metrics.lost += 1;
        cx.emit(Event::Gap { direction, reason });
    }

    pub(super) fn connect_timed_out(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        if self.excuses(cx, deadline) {
            self.timers.set(Timer::Connect, cx.now.instant + PROBE_MS);
            return;
        }
        self.abandon(cx);
        self.fault = Fault::Reported;
        let meaning = "no answer within the connect timeout";
        self.lost(cx, CloseInfo::abnormal(), meaning, None);
    }
}
