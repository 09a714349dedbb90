//! `envsocket.v1` over a socket: its handshake, its frames, and what becomes of a session that is no more. The
//! numbers are the attachment's; the order in which things are said is decided here.

use std::borrow::Cow;

use super::{Connection, Context, State};
use crate::core::close::VIOLATION;
use crate::core::event::{CloseInfo, Direction, Event, Fresh, Output};
use crate::core::question::Loss;
use crate::core::queue::Payload;
use crate::core::resume::attachment::{Attachment, Lost, Welcomed};
use crate::core::resume::frame::{ClientFrame, Counts, ServerFrame, Welcome};
use crate::core::resume::{Access, Size, Violation};
use crate::core::wire::Wire;

/// A second violation within this time, in ms, is the end: the two will not come to understand each other.
const VIOLATIONS_APART_MS: u64 = 60_000;

// The handshake, and what the server says afterwards.
impl<P: Payload> Connection<P> {
    /// The socket is open: the client speaks first.
    pub(super) fn greet(&mut self, cx: &mut Context<'_, P>, fresh: Fresh) {
        self.note_destination();
        let attachment = self.attachment.get_or_insert_with(|| Box::new(Attachment::new(fresh)));
        let hello = attachment.hello(self.size, self.credentials.show());
        let reason = self.reason.clone();
        self.enter(cx, State::Greeting, reason);
        self.say(cx, ClientFrame::Hello(hello));
    }

    /// A control frame has come, or something that was to be one.
    pub(crate) fn control(&mut self, cx: &mut Context<'_, P>, frame: Result<ServerFrame, Violation>) {
        let heeded = match self.state {
            State::Greeting => frame.and_then(|frame| match frame {
                ServerFrame::Welcome(welcome) => self.welcomed(cx, &welcome),
                _ => Err(Violation("a frame before the welcome".into())),
            }),
            State::Open(Wire::V1, _) => frame.and_then(|frame| self.heed(cx, frame)),
            _ => Ok(()),
        };
        if let Err(violation) = heeded {
            self.violated(cx, violation);
        }
    }

    fn heed(&mut self, cx: &mut Context<'_, P>, frame: ServerFrame) -> Result<(), Violation> {
        match frame {
            ServerFrame::Ack(counts) => self.settle(cx, &counts)?,
            ServerFrame::Ping(counts) => {
                self.settle(cx, &counts)?;
                let counts = self.counts();
                self.say(cx, ClientFrame::Pong(counts));
                self.ping(cx);
            }
            ServerFrame::Pong(counts) => {
                self.settle(cx, &counts)?;
                self.ponged(cx.now.instant);
            }
            ServerFrame::Gap { from, to, reason, snapshot, size } => {
                self.link().gap(from, to, snapshot)?;
                self.tell_gap(cx, Direction::In, (Some(from), Some(to)), reason, snapshot);
                Self::tell_size(cx, size);
                self.acknowledge(cx);
            }
            ServerFrame::Size(size) => {
                self.link().entry()?;
                Self::tell_size(cx, Some(size));
                self.acknowledge(cx);
            }
            ServerFrame::End { .. } => {
                self.link().end()?;
                self.acknowledge(cx);
            }
            ServerFrame::Role { controller } => self.take_role(cx, controller),
            ServerFrame::Bye { retry_after_ms, .. } => self.link().retry_after_ms = retry_after_ms,
            ServerFrame::Welcome(_) => return Err(Violation("a second welcome".into())),
        }
        self.begin_silence(cx);
        Ok(())
    }

    /// The socket is usable, and the server has said what it remembers.
    fn welcomed(&mut self, cx: &mut Context<'_, P>, welcome: &Welcome) -> Result<(), Violation> {
        let welcomed = self.link().welcome(welcome)?;
        let resumed = matches!(welcomed, Welcomed::Resumed);
        self.begin_open(cx, Wire::V1);
        self.take_access(cx, if welcome.read_only { Access::ReadOnly } else { Access::ReadWrite });
        match welcomed {
            Welcomed::Started => self.admit_gaps(cx),
            Welcomed::Resumed => {
                self.metrics.resumed += 1;
                if self.access == Access::ReadWrite {
                    self.discard_aged(cx);
                }
            }
            Welcomed::Renewed(lost) => self.tell_lost(cx, lost, "session_lost"),
        }
        if self.access == Access::ReadOnly {
            self.discard_lacking(cx, "read-only");
        }
        self.note_spoken(Wire::V1);
        self.begin_liveness(cx);
        self.welcome_token(cx);
        self.take_role(cx, welcome.controller);
        if let Some(to) = self.link().skip() {
            self.say(cx, ClientFrame::Skip { to });
        }
        // Before what follows: the answer says how much credit is left.
        self.ping(cx);
        self.pump(cx);
        if !resumed {
            cx.emit(Event::Open);
            Self::tell_size(cx, welcome.size);
        }
        Ok(())
    }

    /// Whether this terminal's size and answers count from now on.
    pub(super) fn take_role(&mut self, cx: &mut Context<'_, P>, controller: bool) {
        if std::mem::replace(&mut self.controller, controller) != controller {
            cx.emit(Event::Role { controller });
        }
    }

    /// Whether messages may be sent from now on.
    pub(super) fn take_access(&mut self, cx: &mut Context<'_, P>, access: Access) {
        if std::mem::replace(&mut self.access, access) != access {
            cx.emit(Event::Access { read_only: access == Access::ReadOnly });
        }
    }

    fn tell_size(cx: &mut Context<'_, P>, size: Option<Size>) {
        if let Some(size) = size {
            cx.emit(Event::Size(size));
        }
    }

    /// Half a command is never typed: when the oldest input that the server lacks is too old, all of it goes.
    fn discard_aged(&mut self, cx: &mut Context<'_, P>) {
        let Some(limit) = self.settings.max_input_age_ms else { return };
        let oldest = self.link().oldest().or(self.queue.oldest());
        if oldest.is_some_and(|oldest| cx.now.instant.since(oldest) > limit) {
            self.discard_lacking(cx, "older than maxInputAgeMs");
        }
    }

    /// Right after a welcome: what the server lacks will not be sent.
    fn discard_lacking(&mut self, cx: &mut Context<'_, P>, reason: &'static str) {
        let mut lacking = self.link().give_up();
        self.queue.drain_to(&mut lacking);
        self.discard(cx, lacking, reason, true);
    }

    fn settle(&mut self, cx: &mut Context<'_, P>, counts: &Counts) -> Result<(), Violation> {
        self.link().settle(counts)?;
        self.pump(cx);
        Ok(())
    }

    /// The attachment of the socket that speaks `envsocket.v1`.
    pub(super) fn link(&mut self) -> &mut Attachment<P> {
        self.attachment.as_mut().expect("a socket that speaks envsocket.v1 has an attachment")
    }
}

// What becomes of a session that is no more.
impl<P: Payload> Connection<P> {
    /// The server does not keep to the protocol: it is told why.
    fn violated(&mut self, cx: &mut Context<'_, P>, violation: Violation) {
        let why: Box<str> = violation.0.into();
        let socket = self.socket(cx.id);
        cx.out.push_back(Output::CloseSocket { socket, code: Some(VIOLATION), reason: why.clone() });
        self.abandon(cx);
        self.begin_anew(cx, CloseInfo { code: VIOLATION, reason: why, clean: false });
    }

    /// One of the two has seen a violation: whatever was counted is void, and a new session is tried at once.
    pub(super) fn begin_anew(&mut self, cx: &mut Context<'_, P>, info: CloseInfo) {
        const MEANING: &str = "against the protocol";
        self.settle_connected_time(cx);
        self.timers.stop_for_next_state();
        self.metrics.failed(MEANING);
        let why = Cow::Owned([MEANING, ": ", &info.reason].concat());
        let before = self.violated_at.replace(cx.now.instant);
        let again = before.is_some_and(|before| cx.now.instant.since(before) < VIOLATIONS_APART_MS);
        if again || self.failures >= self.settings.max_retries {
            self.finish(cx, State::Failed, why, info);
            return;
        }
        self.failures += 1;
        self.forsake(cx, "protocol");
        self.reason = why;
        self.begin_attempt(cx);
    }

    /// Gives up the session, if there ever was one.
    pub(super) fn forsake(&mut self, cx: &mut Context<'_, P>, reason: &'static str) {
        if let Some(mut attachment) = self.attachment.take() {
            let lost = attachment.forget();
            self.tell_lost(cx, lost, reason);
        }
    }

    /// Says what is, or may be, lost with a session. What waits was meant for it.
    fn tell_lost(&mut self, cx: &mut Context<'_, P>, mut lost: Lost<P>, reason: &'static str) {
        if lost.output.is_none() {
            return;
        }
        self.tell_gap(cx, Direction::In, (lost.output, None), Cow::Borrowed(reason), false);
        // Before the loss is told, nobody must have a reason to send what is meant for the old session.
        self.lose_question(cx, Loss::Session);
        self.queue.drain_to(&mut lost.messages);
        self.discard(cx, lost.messages, reason, true);
        if let Some((from, to)) = lost.input {
            self.tell_gap(cx, Direction::Out, (Some(from), Some(to)), Cow::Borrowed(reason), false);
        }
    }
}
