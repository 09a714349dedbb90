//! Messages, both ways: to the socket or into the queue, and what is said of those that came.

use std::collections::VecDeque;

use super::{Connection, Context, Readiness, SendError, State};
use crate::core::event::{Event, Heard, Output, SocketId};
use crate::core::options::{Overrides, Settings};
use crate::core::queue::Payload;
use crate::core::resume::attachment::Next;
use crate::core::resume::frame::{ClientFrame, Counts};
use crate::core::resume::{Access, Size};
use crate::core::time::Now;
use crate::core::timer::Timer;
use crate::core::wire::Wire;

/// How long what was received may go unacknowledged, in ms.
const ACK_MS: u64 = 1_000;

// To the server.
impl<P: Payload> Connection<P> {
    /// The open plain socket that a message may go to right away, past nothing that waits.
    pub(crate) fn passes(&self, id: super::ConnId) -> Option<SocketId> {
        (self.wire() == Some(Wire::Plain) && self.queue.is_empty()).then(|| self.socket(id))
    }

    /// Hands the message to the open socket, or keeps it for the next one.
    pub(crate) fn send(
        &mut self,
        cx: &mut Context<'_, P>,
        mut payload: P,
        readiness: Readiness,
    ) -> Result<(), SendError> {
        let state = self.state;
        match state {
            State::Closing(_) | State::Failed | State::Ended => return Err(SendError::Closed),
            _ if self.access == Access::ReadOnly => return Err(SendError::ReadOnly),
            State::Open(Wire::Plain, _) if readiness == Readiness::Takes && self.queue.is_empty() => {
                cx.out.push_back(Output::Send { socket: self.socket(cx.id), payload });
                return Ok(());
            }
            State::Open(Wire::V1, _) if self.link().is_too_large(payload.byte_len()) => {
                let mut too_large = VecDeque::new();
                too_large.push_back(payload);
                self.discard_too_large(cx, too_large);
                return Ok(());
            }
            State::Open(Wire::V1, _) if readiness == Readiness::Takes => {
                let copy = payload.clone();
                match self.record(payload, Some(cx.now)) {
                    Ok(()) => {
                        cx.out.push_back(Output::Send { socket: self.socket(cx.id), payload: copy });
                        return Ok(());
                    }
                    Err(back) => payload = back,
                }
            }
            _ => {}
        }
        let Settings { max_queued_bytes, queue_policy, .. } = self.settings;
        let queued = self.queue.push(payload, cx.now.instant, max_queued_bytes, queue_policy);
        let dropped = queued.map_err(|_| SendError::QueueFull)?;
        self.gate.messages_dropped(dropped.len());
        self.discard(cx, dropped, "the send queue is full", false);
        Ok(())
    }

    /// Numbers a message and keeps it; whoever calls hands it to the open socket. Or gives it back.
    pub(crate) fn record(&mut self, payload: P, now: Option<Now>) -> Result<(), P> {
        let bytes = payload.byte_len();
        let may_send = self.wire() == Some(Wire::V1) && self.access == Access::ReadWrite;
        if !may_send || !self.queue.is_empty() || !self.link().takes(bytes) {
            return Err(payload);
        }
        self.link().record(payload, now.map(|now| now.instant));
        self.count_out(bytes);
        Ok(())
    }

    /// Whether `record` wants the time: what is configured now holds after the next cut, for what is sent now.
    pub(crate) fn stamps(&self, defaults: &Overrides) -> bool {
        self.settings.max_input_age_ms.is_some() || self.overrides.ages_input(defaults)
    }

    /// Hands over what waits for `envsocket.v1`, as far as the credit goes.
    pub(super) fn pump(&mut self, cx: &mut Context<'_, P>) {
        let (socket, mut too_large) = (self.socket(cx.id), VecDeque::new());
        // A size that the server would not take is that of the next hello.
        let size = self.size.filter(|_| self.access == Access::ReadWrite);
        while let Some(next) = self.attachment.as_mut().and_then(|it| it.next(&mut self.queue, size)) {
            match next {
                Next::Again(payload) => cx.out.push_back(Output::Send { socket, payload }),
                Next::First(payload) => {
                    self.count_out(payload.byte_len());
                    cx.out.push_back(Output::Send { socket, payload });
                }
                Next::Resize(size) => self.say(cx, ClientFrame::Resize(size)),
                Next::TooLarge(payload) => too_large.push_back(payload),
            }
        }
        self.discard_too_large(cx, too_large);
    }

    fn discard_too_large(&mut self, cx: &mut Context<'_, P>, messages: VecDeque<P>) {
        self.discard(cx, messages, "larger than the server takes", true);
    }

    /// The terminal has this size.
    pub(crate) fn resize(&mut self, cx: &mut Context<'_, P>, size: Size) {
        self.size = Some(size);
        if self.wire() == Some(Wire::V1) {
            self.pump(cx);
        }
    }

    pub(super) fn say(&self, cx: &mut Context<'_, P>, frame: ClientFrame) {
        cx.out.push_back(Output::Control { socket: self.socket(cx.id), frame });
    }

    /// A plain socket was handed a message. Over `envsocket.v1` it was counted when it was numbered. What is to be told
    /// of that.
    pub(crate) fn sent(&mut self, bytes: u64) -> Option<Event<P>> {
        if self.attachment.is_some() {
            return None;
        }
        self.pulse.sent = true;
        self.count_out(bytes);
        self.question_taken()
    }

    fn count_out(&mut self, bytes: u64) {
        self.pulse.used = true;
        self.metrics.messages_out += 1;
        self.metrics.bytes_out += bytes;
    }

    /// Keeps a message that was taken and that its plain socket dropped.
    pub(crate) fn put_back(&mut self, payload: P) {
        // What is numbered is kept already, and would come twice.
        if self.attachment.is_none() {
            self.queue.put_back(payload);
        }
    }

    /// Takes back what no socket has taken.
    pub(crate) fn take_queue(&mut self) -> VecDeque<P> {
        self.gate.messages_gone(self.queue.len());
        self.queue.take()
    }
}

// From the server.
impl<P: Payload> Connection<P> {
    /// A message is there. Who wants it.
    pub(crate) fn hears(&mut self) -> Heard {
        self.pulse.heard = true;
        match self.state {
            State::Open(Wire::Plain, _) => Heard::Plain,
            State::Open(Wire::V1, _) => Heard::V1,
            State::Greeting => Heard::Greeting,
            _ => Heard::Nobody,
        }
    }

    /// The message that was there is one of the application. Whether `acknowledge` is due.
    pub(crate) fn received(&mut self, bytes: u64) -> bool {
        self.metrics.messages_in += 1;
        self.metrics.bytes_in += bytes;
        if self.wire() != Some(Wire::V1) {
            // Without a way to tell answers apart, what follows a question is no use of the connection.
            self.pulse.used |= !self.pulse.asked;
            return false;
        }
        self.pulse.used = true;
        let replayed = self.link().message(bytes);
        self.metrics.replayed += u64::from(replayed);
        self.owes_ack()
    }

    /// Whether the message that was there last was sent before the present socket was there, or is a snapshot.
    pub(crate) fn is_replaying(&self) -> bool {
        self.wire() == Some(Wire::V1) && self.attachment.as_ref().is_some_and(|link| link.is_replaying())
    }

    /// Somebody is not done with the message that was there last. Returns what `release` takes; 0 if nobody counts.
    pub(crate) fn hold(&mut self) -> u32 {
        if self.wire() != Some(Wire::V1) {
            return 0;
        }
        self.holds += 1;
        let ticket = self.holds;
        self.link().hold(ticket);
        ticket
    }

    /// Gives a hold up, at whatever time. Whether `acknowledge` is due.
    pub(crate) fn release(&mut self, ticket: u32) -> bool {
        if let Some(attachment) = &mut self.attachment {
            attachment.release(ticket);
        }
        self.wire() == Some(Wire::V1) && self.owes_ack()
    }

    /// Whether `acknowledge` has something to do.
    fn owes_ack(&mut self) -> bool {
        let link = self.link();
        link.is_due() || (link.is_untold() && self.timers.get(Timer::Ack).is_none())
    }

    /// Something was received, or consumed: the server is told now, or soon.
    pub(crate) fn acknowledge(&mut self, cx: &mut Context<'_, P>) {
        if self.wire() != Some(Wire::V1) {
            return;
        }
        if self.link().is_due() {
            self.ack(cx);
        } else if self.link().is_untold() && self.timers.get(Timer::Ack).is_none() {
            self.timers.set(Timer::Ack, cx.now.instant + ACK_MS);
        }
    }

    pub(super) fn ack(&mut self, cx: &mut Context<'_, P>) {
        let counts = self.counts();
        self.say(cx, ClientFrame::Ack(counts));
    }

    /// What every frame with counts says: afterwards there is nothing to acknowledge.
    pub(super) fn counts(&mut self) -> Counts {
        self.timers.stop(Timer::Ack);
        self.link().counts()
    }
}
