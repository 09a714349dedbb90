//! What clients say. Everything is judged first; what is wrong ends the link, and has changed nothing.

use super::comings::twice;
use super::terms::{Farewell, Input, LinkId};
use super::{Session, Socket};
use crate::core::close::{FORBIDDEN, TOO_BIG};
use crate::core::queue::Payload;
use crate::core::resume::frame::{ClientFrame, Counts};
use crate::core::resume::{Access, ENTRY_COST, Id, Size, Violation};
use crate::core::time::Instant;

impl<P: Payload + Clone> Session<P> {
    /// The client has sent a control frame. A violation ends the link: `next` says so. Nothing is read from a
    /// link that is over.
    pub fn frame(&mut self, now: Instant, link: LinkId, frame: ClientFrame) {
        let Some(id) = self.hears(now, link) else { return };
        let heard = match frame {
            ClientFrame::Hello(_) => Err(twice()),
            ClientFrame::Ack(counts) | ClientFrame::Pong(counts) => self.counts(now, id, counts),
            ClientFrame::Ping(counts) => self.counts(now, id, counts).map(|()| self.owe_pong(id)),
            ClientFrame::Skip { to } => self.skip(now, id, to),
            ClientFrame::Resize(size) => self.resize(now, link, id, size),
            // Whose tokens are good, the driver knows.
            ClientFrame::Token(_) => Ok(()),
        };
        if let Err(why) = heard {
            self.violated(link, why);
        }
    }

    /// The client has sent a message. One that is too long, beyond the credit or before the welcome ends the
    /// link. Whoever sends a message is the controller.
    pub fn message(&mut self, now: Instant, link: LinkId, payload: P) {
        let Some(id) = self.hears(now, link) else { return };
        if payload.byte_len() > self.terms.max_message {
            let limit = self.terms.max_message.to_string();
            let reason = ["a message is longer than ", &limit, " bytes"].concat();
            self.end(link, Farewell::new(TOO_BIG, reason), None);
            return;
        }
        if self.may_only_read(link, id) {
            return;
        }
        if let Err(why) = self.put(now, id, Input::Message(payload)) {
            self.violated(link, why);
        }
    }

    /// Whether the attachment has sent input that it may not send. That was the end of the link.
    fn may_only_read(&mut self, link: LinkId, id: Id) -> bool {
        let is_so = self.attachments.get(&id).is_some_and(|it| it.access == Access::ReadOnly);
        if is_so {
            self.end(link, Farewell::new(FORBIDDEN, "input from an attachment that may only read"), None);
        }
        is_so
    }

    /// The attachment that the link speaks for, if anything is read from it at all.
    fn hears(&mut self, now: Instant, link: LinkId) -> Option<Id> {
        self.see(now);
        let Some(Socket::Attached(id)) = self.sockets.get(&link) else { return None };
        let link = self.attachments.get_mut(id)?.link.as_mut()?;
        link.heard = link.heard.max(now);
        Some(*id)
    }

    fn counts(&mut self, now: Instant, id: Id, counts: Counts) -> Result<(), Violation> {
        let Some(attachment) = self.attachments.get_mut(&id) else { return Ok(()) };
        if attachment.hear(now, counts)? {
            self.forget_what_all_have();
        }
        Ok(())
    }

    fn owe_pong(&mut self, id: Id) {
        if let Some(link) = self.attachments.get_mut(&id).and_then(|attachment| attachment.link.as_mut()) {
            link.pongs += 1;
        }
    }

    fn skip(&mut self, now: Instant, id: Id, to: u64) -> Result<(), Violation> {
        let Some(attachment) = self.attachments.get_mut(&id) else { return Ok(()) };
        attachment.skip(now, to, ENTRY_COST, &self.terms)
    }

    /// The size of a terminal that is not the controller's is remembered for when it is.
    fn resize(&mut self, now: Instant, link: LinkId, id: Id, size: Size) -> Result<(), Violation> {
        if self.may_only_read(link, id) {
            return Ok(());
        }
        if self.controller == Some(id) {
            self.put(now, id, Input::Resize(size))?;
        } else if let Some(attachment) = self.attachments.get_mut(&id) {
            attachment.pass(now, ENTRY_COST, &self.terms)?;
        }
        if let Some(attachment) = self.attachments.get_mut(&id) {
            attachment.size = Some(size);
        }
        Ok(())
    }

    /// Numbers the input and queues it for the source.
    fn put(&mut self, now: Instant, id: Id, input: Input<P>) -> Result<(), Violation> {
        let Some(attachment) = self.attachments.get_mut(&id) else { return Ok(()) };
        let owner = attachment.admit(now, id, input.cost(), &self.terms)?;
        self.control(id);
        if matches!(input, Input::Message(_)) {
            // It is typed into a terminal of its own terminal's size, whoever has given it another one meanwhile.
            self.apply_size(id);
        }
        self.queue.push(owner, input);
        Ok(())
    }
}
