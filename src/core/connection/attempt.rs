//! From the decision to try until the socket is open: where to go, whose turn it is, how long it may take. With what,
//! is `credentials`' question.

use std::borrow::Cow;

use super::{Connection, Context, Fault, Lateness, PROBE_MS, Slots, State};
use crate::core::event::{CloseInfo, Direction, Event, NoAnswer, Output, Place};
use crate::core::options::TokenUse;
use crate::core::question::Loss;
use crate::core::queue::{Payload, SendQueue};
use crate::core::resume::Access;
use crate::core::time::Instant;
use crate::core::timer::Timer;
use crate::core::wire::Wire;

/// What was bound to one destination is never sent to another.
const MOVED: &str = "the destination has changed";

/// How long a handshake keeps its slot, in ms: four servers that never answer must not starve the rest.
const SLOT_MS: u64 = 3_000;

impl<P: Payload> Connection<P> {
    pub(super) fn begin_attempt(&mut self, cx: &mut Context<'_, P>) {
        self.free_slot(cx);
        self.settings = self.overrides.over(*cx.defaults).resolve();
        self.credentials.begin_attempt(self.settings.token_use);
        self.generation += 1;
        self.attempt += 1;
        self.metrics.attempts += 1;
        self.fault = Fault::None;
        self.lateness = Lateness::None;
        let timeout = if self.spoke.is_some() {
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

    pub(crate) fn located(&mut self, cx: &mut Context<'_, P>, answer: Result<Place, NoAnswer>, turn: u32) {
        if self.state != State::Locating {
            return;
        }
        match answer {
            Ok(place) => {
                let elsewhere = |before: &Place| before.destination != place.destination;
                if self.place.as_ref().is_some_and(elsewhere) {
                    self.forsake(cx, MOVED);
                    self.lose_question(cx, Loss::Session);
                    let queued = self.queue.take();
                    self.discard(cx, queued, MOVED, true);
                }
                self.place = Some(place);
                self.authorize(cx, turn);
            }
            Err(NoAnswer { why, is_final: true }) => self.unopenable(cx, why),
            Err(NoAnswer { why, is_final: false }) => {
                self.fault = Fault::Reported;
                self.lost(cx, CloseInfo::abnormal(), "no address for the attempt", Some(why));
            }
        }
    }

    /// Knows where to go, and with what: waits for its turn there.
    pub(super) fn line_up(&mut self, cx: &mut Context<'_, P>, turn: u32) {
        let deadline = self.timers.get(Timer::Connect).unwrap_or_default();
        self.timers.stop(Timer::Connect);
        let mut left_ms = deadline.since(cx.now.instant);
        if self.excuses(cx, deadline) {
            left_ms = PROBE_MS;
        }
        *cx.slots = Slots::Changed;
        let reason = self.reason.clone();
        self.enter(cx, State::Queued { left_ms, turn }, reason);
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
            if self.needs_token() {
                self.credentials.note_shown();
            }
            let offer = self.offer();
            cx.out.push_back(Output::OpenSocket { socket: self.socket(cx.id), offer });
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

    /// The socket is usable by what it speaks.
    pub(super) fn begin_open(&mut self, cx: &mut Context<'_, P>, wire: Wire) {
        self.timers.stop(Timer::Connect);
        self.attempt = 0;
        self.lateness = Lateness::None;
        self.metrics.opens += 1;
        self.metrics.reconnects += u64::from(self.spoke.is_some());
        self.enter(cx, State::Open(wire, cx.now), Cow::Borrowed(""));
    }

    pub(super) fn begin_plain(&mut self, cx: &mut Context<'_, P>) {
        self.begin_open(cx, Wire::Plain);
        // The application may have switched it off meanwhile.
        self.forsake(cx, "no envsocket.v1 any more");
        let socket = self.socket(cx.id);
        if self.settings.token_use == TokenUse::FirstMessage {
            self.credentials.note_shown();
            cx.out.push_back(Output::Credential { socket });
        }
        let mut queue = std::mem::replace(&mut self.queue, SendQueue::new());
        while let Some(waiting) = queue.pop() {
            cx.out.push_back(Output::Send { socket, payload: waiting.payload });
        }
        self.admit_gaps(cx);
        self.note_spoken(Wire::Plain);
        self.begin_liveness(cx);
        self.take_access(cx, Access::ReadWrite);
        self.take_role(cx, true);
        cx.emit(Event::Open);
    }

    /// A plain server could not say what it sent meanwhile, nor what arrived of what it was sent.
    pub(super) fn admit_gaps(&mut self, cx: &mut Context<'_, P>) {
        if self.spoke != Some(Wire::Plain) {
            return;
        }
        let reason = Cow::Borrowed("reconnected to a server that cannot resume");
        self.tell_gap(cx, Direction::In, (None, None), reason.clone(), false);
        if self.pulse.take_sent() {
            self.tell_gap(cx, Direction::Out, (None, None), reason, false);
        }
    }

    pub(super) fn connect_timed_out(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        if self.excuses(cx, deadline) {
            self.timers.set(Timer::Connect, cx.now.instant + PROBE_MS);
            return;
        }
        self.abandon(cx);
        self.fault = Fault::Reported;
        let meaning = match self.state {
            State::Authorizing => self.credentials.timed_out(),
            _ => "no answer within the connect timeout",
        };
        self.lost(cx, CloseInfo::abnormal(), meaning, None);
    }
}
