//! Who is attached, and who was: fencing, forgetting, and who is the controller. Nothing here looks at what is
//! said over a link.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::attachment::Attachment;
use super::link::{Ending, Link, Stage};
use super::terms::{Farewell, LinkId};
use super::{MAX_ATTACHMENTS, Session, Socket, base};
use crate::core::close::{FORBIDDEN, SLOW_DOWN, SUPERSEDED};
use crate::core::queue::Payload;
use crate::core::resume::frame::{Hello, ServerFrame};
use crate::core::resume::{Access, Id, Violation};
use crate::core::time::Instant;

impl<P: Payload + Clone> Session<P> {
    /// A socket has said hello. `fresh` becomes the epoch if a new one is needed: 128 random bits, never used
    /// before.
    ///
    /// # Errors
    /// How the socket is to be closed; the session knows nothing of it then. 4403: the attachment has another
    /// secret. 4409: a newer socket has the attachment already. 4400: the counts contradict what is known; the
    /// attachment's older socket is over all the same. 4429: there is no room for one more attachment, or for
    /// its input.
    pub fn attach(
        &mut self,
        now: Instant,
        link: LinkId,
        hello: &Hello,
        access: Access,
        fresh: Id,
    ) -> Result<(), Farewell> {
        self.see(now);
        if self.sockets.contains_key(&link) {
            self.violated(link, twice());
            return Err(twice().into());
        }
        let id = hello.attachment;
        let mut hello = Cow::Borrowed(hello);
        let mut resumes = false;
        if let Some(known) = self.attachments.get_mut(&id) {
            if !known.secret.is(hello.secret) {
                return Err(Farewell::new(FORBIDDEN, "the attachment has another secret"));
            }
            if hello.attempt <= known.attempt {
                return Err(superseded());
            }
            // First the fence, then the counts: what the older socket still has to say can no longer move them.
            known.attempt = hello.attempt;
            if hello.epoch.is_some_and(|epoch| epoch != known.epoch) && known.is_untouched() {
                // The welcome of this life was lost: what is left of an earlier one is void.
                hello =
                    Cow::Owned(Hello { epoch: None, received: 0, sent: 0, acked: 0, ..hello.into_owned() });
            }
            resumes = hello.epoch.is_none_or(|epoch| epoch == known.epoch);
            if let Some(older) = known.link.as_ref().map(|link| link.id) {
                self.end(older, superseded(), None);
            }
        }
        if resumes {
            let known = self.attachments.get_mut(&id);
            known.map_or(Ok(()), |known| known.resume(&hello))?;
        } else {
            self.make_room(id)?;
            self.lives += 1;
            let base = base(&self.log, self.recorder.is_some(), &self.terms);
            self.attachments.insert(id, Attachment::new(self.lives, now, &hello, fresh, base, link));
        }
        // The counts of an epoch that is over are void: there is nothing to skip.
        let skip_to = if resumes { hello.sent } else { 0 };
        let mut was_resized = false;
        if let Some(attachment) = self.attachments.get_mut(&id) {
            was_resized = hello.size.is_some_and(|size| attachment.size.is_some_and(|known| known != size));
            attachment.link = Some(Link::new(link, now, attachment.received, skip_to));
            attachment.last_link = link;
            attachment.access = access;
            attachment.since = now;
            attachment.size = hello.size.or(attachment.size);
        }
        self.sockets.insert(link, Socket::Attached(id));
        self.detached_since = None;
        self.slowest = self.slowest.min(self.log.first() - 1);
        self.forget_what_all_have();
        if access == Access::ReadOnly {
            self.give_up_controls(id);
            return Ok(());
        }
        match self.controller {
            // Whoever has lost a session and comes back by itself takes the terminal from nobody who has it now.
            None if hello.epoch.is_some() && !self.in_charge => self.take_controls(id),
            None => self.control(id),
            Some(controller) if controller == id => {
                if let Some(attachment) = self.attachments.get_mut(&id) {
                    attachment.patience.renew(now);
                }
                // Or a link that breaks would take the terminal from another session, which is used meanwhile.
                if self.in_charge || was_resized {
                    self.apply_size(id);
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The link is gone. Its attachment is kept for when it comes back.
    pub fn lost(&mut self, now: Instant, link: LinkId) {
        self.see(now);
        if let Some(Socket::Attached(id)) = self.sockets.remove(&link) {
            self.detach(id);
        }
    }

    /// The client has closed for good, with a close frame of its own or in answer to one that is final: its
    /// attachment is forgotten. An answer to a close that it comes back from is as good as a loss, and that of
    /// a socket which was superseded means nothing.
    pub fn left(&mut self, now: Instant, link: LinkId) {
        self.see(now);
        match self.sockets.remove(&link) {
            Some(Socket::Attached(id)) => {
                self.detach(id);
                self.forget(id);
            }
            Some(Socket::Over(ending)) if ending.is_final() => {
                let known = self.attachments.get(&ending.attachment);
                if known.is_some_and(|known| known.last_link == link) {
                    self.forget(ending.attachment);
                }
            }
            Some(Socket::Over(_)) | None => {}
        }
    }

    /// Says why before the link is closed, and for how long the client is to stay away, in ms.
    pub fn say_bye(&mut self, link: LinkId, farewell: Farewell, retry_after_ms: Option<u64>) {
        let bye = ServerFrame::Bye { code: farewell.code, retry_after_ms };
        self.end(link, farewell, Some(bye));
    }

    /// The client does not keep to the protocol, as the driver has found: its link is over with 4400.
    pub fn violated(&mut self, link: LinkId, why: Violation) {
        self.end(link, why.into(), None);
    }

    /// Whether `next` has nothing more for this link but its goodbye, if it is known at all. A driver whose
    /// socket is stuck in the middle of a delivery asks this, because what `next` returns counts as handed over.
    pub fn is_over(&self, link: LinkId) -> bool {
        !matches!(self.sockets.get(&link), Some(Socket::Attached(_)))
    }

    /// From here on the link says this and nothing else, and nothing is read from it. Its attachment is
    /// detached at once: it holds nobody back while its socket is being closed.
    pub(super) fn end(&mut self, link: LinkId, farewell: Farewell, bye: Option<ServerFrame>) {
        let Some(socket) = self.sockets.get_mut(&link) else { return };
        let Socket::Attached(attachment) = *socket else { return };
        let link = self.attachments.get(&attachment).and_then(|attachment| attachment.link.as_ref());
        // Nothing may come before the welcome.
        let bye = bye.filter(|_| link.is_some_and(|link| !matches!(link.stage, Stage::Welcome)));
        *socket = Socket::Over(Ending { attachment, bye, farewell });
        self.detach(attachment);
    }

    /// Makes it the controller: its size counts from now on, and its progress.
    pub(super) fn control(&mut self, id: Id) {
        if self.controller != Some(id) {
            self.take_controls(id);
            self.apply_size(id);
        }
    }

    fn take_controls(&mut self, id: Id) {
        self.controller = Some(id);
        self.changes += 1;
        if let Some(attachment) = self.attachments.get_mut(&id) {
            attachment.controlled = self.changes;
            attachment.patience.renew(self.now);
        }
    }

    pub(super) fn apply_size(&mut self, id: Id) {
        if let Some(size) = self.attachments.get(&id).and_then(|attachment| attachment.size) {
            self.queue.resize(size);
        }
    }

    fn detach(&mut self, id: Id) {
        if let Some(attachment) = self.attachments.get_mut(&id) {
            attachment.link = None;
            attachment.since = self.now;
        }
        if self.attachments.values().all(|attachment| attachment.link.is_none()) {
            self.detached_since = Some(self.now);
        }
    }

    /// Forgets an attachment that is detached. What it has said still reaches the source.
    fn forget(&mut self, id: Id) {
        let Some(gone) = self.attachments.remove(&id) else { return };
        self.orphaned = self.orphaned.saturating_add(gone.input.cost);
        self.forget_what_all_have();
        self.give_up_controls(id);
    }

    /// If it was the controller, whoever was used last of those attached is so now.
    fn give_up_controls(&mut self, id: Id) {
        if self.controller == Some(id) {
            self.controller = None;
            let may_be = |it: &Attachment<P>| it.link.is_some() && it.access == Access::ReadWrite;
            let attached = self.attachments.iter().filter(|(_, attachment)| may_be(attachment));
            let used_last = attached.max_by_key(|(_, heir)| (heir.controlled, Reverse(heir.life)));
            if let Some(heir) = used_last.map(|(id, _)| *id) {
                self.control(heir);
            }
        }
    }

    /// Makes room for a new life of this attachment.
    fn make_room(&mut self, id: Id) -> Result<(), Farewell> {
        // Whoever comes, sends and goes again must not fill the queue of a source that does not listen.
        if self.orphaned > self.terms.credit {
            return Err(Farewell::new(SLOW_DOWN, "the source is behind with its input"));
        }
        if let Some(known) = self.attachments.remove(&id) {
            self.orphaned = self.orphaned.saturating_add(known.input.cost);
        } else if self.attachments.len() >= MAX_ATTACHMENTS {
            let detached = self.attachments.iter().filter(|(_, attachment)| attachment.link.is_none());
            let longest = detached.min_by_key(|(_, attachment)| (attachment.since, attachment.life));
            let Some(longest) = longest.map(|(id, _)| *id) else {
                return Err(Farewell::new(SLOW_DOWN, "too many attachments"));
            };
            self.forget(longest);
        }
        Ok(())
    }
}

fn superseded() -> Farewell {
    Farewell::new(SUPERSEDED, "superseded")
}

pub(super) fn twice() -> Violation {
    Violation("hello was said before".into())
}
