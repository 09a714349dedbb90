//! One client's place in a session of `envsocket.v1`: what it has counted, and what it answers. Keeps no
//! message: it can resume what the server has sent, not what it has sent itself.
//!
//! Not the client of the core, which belongs to a page's pool: this one checks the server against the
//! protocol's document instead of against the same code.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use envsocket::core::resume::frame::{ClientFrame, Counts, Hello, ServerFrame, Welcome};
use envsocket::core::resume::{Id, cost};

/// What a client remembers from one link to the next.
#[derive(Debug)]
pub(crate) struct Attachment {
    id: Id,
    attempt: u64,
    epoch: Option<Id>,
    is_welcome: bool,
    /// The last output that was received, and the cost of what was not acknowledged since.
    received: u64,
    unacknowledged: u64,
    window: u64,
    /// The last input that was sent, and the costs of what was not consumed yet.
    sent: u64,
    consumed: u64,
    outstanding: VecDeque<u64>,
    outstanding_cost: u64,
    credit: u64,
}

impl Attachment {
    /// One of a session of its own.
    pub(crate) fn new() -> Self {
        // Every server under test is this process's own: numbers are as good as random bits.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: Id(NEXT.fetch_add(1, Ordering::Relaxed).into()),
            attempt: 0,
            epoch: None,
            is_welcome: false,
            received: 0,
            unacknowledged: 0,
            window: 0,
            sent: 0,
            consumed: 0,
            outstanding: VecDeque::new(),
            outstanding_cost: 0,
            credit: 0,
        }
    }

    /// The first frame on a new link.
    pub(crate) fn hello(&mut self) -> ClientFrame {
        self.attempt += 1;
        self.is_welcome = false;
        let sent = if self.epoch.is_some() { self.sent } else { 0 };
        ClientFrame::Hello(Hello {
            session: self.id,
            attachment: self.id,
            secret: self.id,
            attempt: self.attempt,
            epoch: self.epoch,
            received: self.received,
            sent,
            acked: self.consumed,
            size: None,
            token: None,
        })
    }

    /// Whether this link's hello was answered.
    pub(crate) fn is_welcome(&self) -> bool {
        self.is_welcome
    }

    /// Whether a message of so many bytes may be sent now.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.outstanding.is_empty() || self.outstanding_cost + cost(bytes as u64) <= self.credit
    }

    /// A message of so many bytes is handed to the socket.
    pub(crate) fn send(&mut self, bytes: usize) {
        self.sent += 1;
        self.outstanding.push_back(cost(bytes as u64));
        self.outstanding_cost += cost(bytes as u64);
    }

    /// A message of so many bytes has come. Says what to answer.
    ///
    /// # Errors
    /// It came before the welcome.
    pub(crate) fn receive(&mut self, bytes: usize) -> io::Result<Option<ClientFrame>> {
        if !self.is_welcome {
            return Err(wrong("a message before the welcome"));
        }
        self.received += 1;
        self.unacknowledged += cost(bytes as u64);
        if self.unacknowledged < self.window / 2 {
            return Ok(None);
        }
        self.unacknowledged = 0;
        Ok(Some(ClientFrame::Ack(self.counts())))
    }

    /// A control frame has come. Says what to answer.
    ///
    /// # Errors
    /// What the server did wrong, or what no benchmark expects of it.
    pub(crate) fn control(&mut self, frame: ServerFrame) -> io::Result<Option<ClientFrame>> {
        match frame {
            ServerFrame::Welcome(welcome) if !self.is_welcome => self.welcome(&welcome).map(|()| None),
            _ if !self.is_welcome => Err(wrong("a control frame before the welcome")),
            ServerFrame::Ack(counts) | ServerFrame::Pong(counts) => self.acknowledged(counts).map(|()| None),
            ServerFrame::Ping(counts) => {
                self.acknowledged(counts)?;
                self.unacknowledged = 0;
                Ok(Some(ClientFrame::Pong(self.counts())))
            }
            ServerFrame::Role { .. } => Ok(None),
            ServerFrame::Welcome(_)
            | ServerFrame::Gap { .. }
            | ServerFrame::Size(_)
            | ServerFrame::End { .. }
            | ServerFrame::Bye { .. } => Err(wrong(&format!("unexpected: {frame:?}"))),
        }
    }

    fn welcome(&mut self, welcome: &Welcome) -> io::Result<()> {
        match self.epoch {
            None => self.received = welcome.next - 1,
            Some(epoch) if epoch != welcome.epoch => return Err(wrong("the session is lost")),
            Some(_) if welcome.next != self.received + 1 => return Err(wrong("the resume has a gap")),
            Some(_) => {}
        }
        if welcome.received != self.sent {
            return Err(wrong(&format!("the server has {} of {} messages", welcome.received, self.sent)));
        }
        self.epoch = Some(welcome.epoch);
        self.is_welcome = true;
        (self.window, self.credit) = (welcome.window, welcome.credit);
        Ok(())
    }

    fn acknowledged(&mut self, counts: Counts) -> io::Result<()> {
        if counts.sent != self.received {
            return Err(wrong(&format!("miscount: {} were sent, {} came", counts.sent, self.received)));
        }
        if counts.received > self.sent || counts.consumed < self.consumed {
            return Err(wrong(&format!("{} were sent, and acknowledged: {counts:?}", self.sent)));
        }
        for cost in self.outstanding.drain(..(counts.consumed - self.consumed) as usize) {
            self.outstanding_cost -= cost;
        }
        self.consumed = counts.consumed;
        Ok(())
    }

    fn counts(&self) -> Counts {
        Counts { sent: self.sent, received: self.received, consumed: self.received }
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::other(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELCOME: Welcome = Welcome {
        epoch: Id(7),
        received: 0,
        next: 1,
        live: 0,
        heartbeat_ms: 15_000,
        window: 1_000,
        credit: 300,
        max_message: 1_000,
        controller: true,
        read_only: false,
        size: None,
    };

    fn welcomed() -> Attachment {
        let mut attachment = Attachment::new();
        attachment.hello();
        attachment.control(ServerFrame::Welcome(WELCOME)).expect("it is the first");
        attachment
    }

    #[test]
    fn half_a_window_is_acknowledged_at_once() {
        let mut attachment = welcomed();
        for _ in 0..3 {
            assert_eq!(attachment.receive(64).expect("it is welcome"), None);
        }
        let counts = Counts { sent: 0, received: 4, consumed: 4 };
        assert_eq!(attachment.receive(64).expect("it is welcome"), Some(ClientFrame::Ack(counts)));
        assert_eq!(attachment.receive(64).expect("it is welcome"), None);
    }

    #[test]
    fn what_was_consumed_makes_room() {
        let mut attachment = welcomed();
        assert!(attachment.has_room(10_000), "a message alone always may");
        attachment.send(64);
        attachment.send(64);
        assert!(!attachment.has_room(64));
        let received = Counts { sent: 0, received: 2, consumed: 0 };
        attachment.control(ServerFrame::Ack(received)).expect("it is right");
        assert!(!attachment.has_room(64));
        let consumed = Counts { consumed: 1, ..received };
        attachment.control(ServerFrame::Ack(consumed)).expect("it is right");
        assert!(attachment.has_room(64));
    }

    #[test]
    fn a_server_that_miscounts_is_found_out() {
        let mut attachment = welcomed();
        attachment.receive(64).expect("it is welcome");
        for (sent, received, consumed) in [(0, 0, 0), (2, 0, 0), (1, 1, 0)] {
            let counts = Counts { sent, received, consumed };
            assert!(attachment.control(ServerFrame::Ping(counts)).is_err(), "{counts:?}");
        }
    }

    #[test]
    fn a_resume_goes_on_where_it_was() {
        let mut attachment = welcomed();
        attachment.send(6);
        attachment.receive(64).expect("it is welcome");
        let ClientFrame::Hello(hello) = attachment.hello() else { panic!("hello says hello") };
        assert_eq!((hello.attempt, hello.epoch, hello.received, hello.sent), (2, Some(Id(7)), 1, 1));
        assert!(attachment.receive(64).is_err(), "the new link has no welcome yet");
        for wrong in [
            Welcome { epoch: Id(8), received: 1, next: 2, ..WELCOME },
            Welcome { received: 1, next: 3, ..WELCOME },
            Welcome { received: 0, next: 2, ..WELCOME },
        ] {
            assert!(attachment.control(ServerFrame::Welcome(wrong)).is_err());
        }
        let right = Welcome { received: 1, next: 2, ..WELCOME };
        attachment.control(ServerFrame::Welcome(right)).expect("it is right");
        assert!(attachment.is_welcome());
    }
}
