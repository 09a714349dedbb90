//! What clients are told: first what a socket must hear before anything else, then what it is owed, then the
//! output, as far as its window reaches. What is returned counts as handed over.

use super::attachment::Attachment;
use super::link::Stage;
use super::log::Log;
use super::terms::{Entry, Farewell, LinkId, Next, Recorder, Terms};
use super::{Session, Socket, base};
use crate::core::close::NORMAL;
use crate::core::queue::Payload;
use crate::core::resume::frame::{ServerFrame, Welcome};
use crate::core::resume::{Access, cost};
use crate::core::time::Instant;

impl<P: Payload + Clone> Session<P> {
    /// What the link says next. Call it only when the socket has room: what it returns counts as handed over.
    /// A link that nobody knows has nothing to say.
    pub fn next(&mut self, now: Instant, link: LinkId) -> Next<P> {
        self.see(now);
        let id = match self.sockets.get_mut(&link) {
            Some(Socket::Attached(id)) => *id,
            Some(Socket::Over(ending)) => return ending.next(),
            None => return Next::Idle,
        };
        let controller = self.controller == Some(id) && self.in_charge;
        let draws = self.recorder.is_some();
        let Some(attachment) = self.attachments.get_mut(&id) else { return Next::Idle };
        if let Some(welcome) = attachment.say_welcome(now, (controller, draws), &self.log, &self.terms) {
            self.forget_what_all_have();
            return Next::Frame(ServerFrame::Welcome(welcome));
        }
        let next = attachment
            .say_gap(&self.log, self.recorder.as_deref(), &self.terms)
            .or_else(|| attachment.say_owed(now, controller))
            .or_else(|| attachment.say_output(&self.log, &self.terms));
        if let Some(next) = next {
            return next;
        }
        match self.log.get(self.log.last()) {
            Some(Entry::End { reason, .. }) if attachment.handed_all(&self.log) => {
                let farewell = Farewell::new(NORMAL, reason.to_string());
                self.end(link, farewell.clone(), None);
                Next::Over(farewell)
            }
            _ => Next::Idle,
        }
    }
}

impl<P: Payload + Clone> Attachment<P> {
    fn say_welcome(
        &mut self,
        now: Instant,
        (controller, draws): (bool, bool),
        log: &Log<P>,
        terms: &Terms,
    ) -> Option<Welcome> {
        self.link.as_ref().filter(|link| matches!(link.stage, Stage::Welcome))?;
        self.welcome(base(log, draws, terms));
        let link = self.link.as_mut()?;
        link.welcomed(now, controller, terms);
        Some(Welcome {
            epoch: self.epoch,
            received: self.input.received,
            next: link.sent + 1,
            live: log.last(),
            heartbeat_ms: terms.heartbeat_ms,
            window: terms.window(),
            credit: terms.credit,
            max_message: terms.max_message,
            controller,
            read_only: self.access == Access::ReadOnly,
            size: log.size_at(link.sent),
        })
    }

    /// What comes next may be gone: before the client came, or because it takes too little. A picture is of the
    /// newest entry, and is drawn now, so that what follows it follows in the log as well; a slow client has room
    /// for it when it has consumed half of its window.
    fn say_gap(
        &mut self,
        log: &Log<P>,
        recorder: Option<&(dyn Recorder<P> + Send)>,
        terms: &Terms,
    ) -> Option<Next<P>> {
        let link = self.link.as_mut()?;
        if matches!(link.stage, Stage::Welcome) {
            return None;
        }
        let stage = std::mem::replace(&mut link.stage, Stage::Flow);
        if let Stage::Picture { picture, to } = stage {
            link.sent = to;
            self.handed = self.handed.max(to);
            link.flight.push(to, cost(picture.byte_len()));
            return Some(Next::Message(picture));
        }
        let from = link.sent + 1;
        if from >= log.first() {
            return None;
        }
        if !link.flight.admits(terms.window() / 2, terms.window()) {
            return None;
        }
        let picture = recorder.and_then(Recorder::snapshot);
        let snapshot = picture.is_some();
        let to = if let Some(picture) = picture {
            // The end is in no picture: it is said.
            let to = log.last() - u64::from(log.ended());
            link.stage = Stage::Picture { picture, to };
            to
        } else {
            link.sent = log.first() - 1;
            self.handed = self.handed.max(link.sent);
            link.sent
        };
        let size = log.size_at(to);
        Some(Next::Frame(ServerFrame::Gap { from, to, reason: "evicted".into(), snapshot, size }))
    }

    /// Frames with counts, and the role.
    fn say_owed(&mut self, now: Instant, controller: bool) -> Option<Next<P>> {
        let counts = self.counts();
        let link = self.link.as_mut()?;
        if let Some(frame) = link.due(now, counts) {
            return Some(Next::Frame(frame));
        }
        if link.told_controller != controller {
            link.told_controller = controller;
            return Some(Next::Frame(ServerFrame::Role { controller }));
        }
        None
    }

    fn say_output(&mut self, log: &Log<P>, terms: &Terms) -> Option<Next<P>> {
        let counts = self.counts();
        let link = self.link.as_mut()?;
        let number = link.sent + 1;
        let entry = log.get(number)?;
        if !link.flight.admits(entry.cost(), terms.window()) {
            return None;
        }
        // Nothing can be acknowledged after the end: what was taken is said before it.
        if matches!(entry, Entry::End { .. }) && link.owes(counts) {
            link.told(counts);
            return Some(Next::Frame(ServerFrame::Ack(counts)));
        }
        link.sent = number;
        link.flight.push(number, entry.cost());
        self.handed = self.handed.max(number);
        Some(match entry {
            Entry::Message(payload) => Next::Message(payload.clone()),
            Entry::Size(size) => Next::Frame(ServerFrame::Size(*size)),
            Entry::End { code, .. } => Next::Frame(ServerFrame::End { code: *code }),
        })
    }

    fn handed_all(&self, log: &Log<P>) -> bool {
        self.link.as_ref().is_some_and(|link| link.sent == log.last())
    }
}
