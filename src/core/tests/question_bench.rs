//! A connection over which somebody asks, with plain servers.

use super::{Bench, Event, Input, Output, Overrides, SocketId, Text, openings};
use crate::core::options::Knob;
use crate::core::question::{AskError, Loss};

/// A connection, and its present socket.
pub(super) struct Asker {
    pub(super) bench: Bench,
    pub(super) socket: SocketId,
}

impl Asker {
    /// One whose first socket opens.
    pub(super) fn connecting() -> Self {
        Self::connecting_with(Overrides::default())
    }

    pub(super) fn connecting_with(overrides: Overrides) -> Self {
        let mut bench = Bench::new();
        let socket = bench.connect_with("a", overrides);
        Self { bench, socket }
    }

    /// One whose first socket is open.
    pub(super) fn open() -> Self {
        Self::with(Overrides::default())
    }

    pub(super) fn with(overrides: Overrides) -> Self {
        let mut asker = Self::connecting_with(overrides);
        asker.opens();
        asker
    }

    /// Asks, and sends nothing.
    pub(super) fn asks(&mut self, timeout_ms: Option<u64>) -> Result<u32, AskError> {
        let now = self.bench.now();
        self.bench.pool.ask(now, self.socket.conn, timeout_ms)
    }

    /// Asks, and sends the question, which the socket takes if it is open. The question's number.
    pub(super) fn sends_question(&mut self, timeout_ms: Option<u64>) -> u32 {
        let number = self.asks(timeout_ms).expect("it is let in");
        self.queues("question");
        for output in self.bench.drain() {
            if let Output::Send { socket, payload } = output {
                self.bench.pool.sent(socket.conn, payload.0.len() as u64);
            }
        }
        number
    }

    /// Sends something, before anything of it is handed over.
    pub(super) fn queues(&mut self, text: &'static str) {
        self.bench.send(self.socket.conn, text).expect("it is taken");
    }

    pub(super) fn settles(&mut self, number: u32, failed: bool) {
        let now = self.bench.now();
        self.bench.pool.settle_question(now, self.socket.conn, number, failed);
        assert_eq!(self.bench.drain(), [], "whoever settles it knows");
    }

    /// The socket opens, and takes all that waits.
    pub(super) fn opens(&mut self) -> Vec<Output<Text>> {
        self.opens_until(usize::MAX)
    }

    /// The socket opens, and takes no more than so many messages before it closes.
    pub(super) fn opens_until(&mut self, takes: usize) -> Vec<Output<Text>> {
        let done = self.bench.tell(super::opened(self.socket));
        let mut taken = 0;
        for output in &done {
            if let Output::Send { socket, payload } = output {
                if taken < takes {
                    self.bench.pool.sent(socket.conn, payload.0.len() as u64);
                } else {
                    self.bench.pool.put_back(socket.conn, *payload);
                }
                taken += 1;
            }
        }
        done
    }

    /// Lets time pass until the next socket is asked for.
    pub(super) fn next_socket(&mut self) {
        while openings(&self.bench.advance()).is_empty() {}
        self.socket.generation += 1;
    }

    /// The number of the question that waits.
    pub(super) fn waiting(&self) -> Option<u32> {
        self.bench.pool.question(self.socket.conn)
    }

    /// Asked, answered, unanswered.
    pub(super) fn counts(&self) -> (u64, u64, u64) {
        let metrics = self.bench.pool.metrics(self.bench.now(), self.socket.conn);
        let metrics = metrics.expect("it is in the pool").0;
        (metrics.asked, metrics.answered, metrics.unanswered)
    }

    /// One in each state that a plain connection can be in, by the state's name.
    pub(super) fn in_every_state() -> Vec<(&'static str, Self)> {
        let mut waiting = Self::open();
        waiting.bench.lose(waiting.socket, 1006);
        waiting.bench.tell(Input::Page(crate::core::event::Page::Offline));
        let mut locating = Self::open();
        locating.bench.place = None;
        locating.bench.reconnect(locating.socket.conn);
        let mut authorizing = Self::open();
        let token_use = super::set(Knob::TokenUse, 2.0);
        authorizing.bench.pool.configure_connection(authorizing.socket.conn, token_use);
        authorizing.bench.reconnect(authorizing.socket.conn);
        let mut queued = Self::open();
        for env in ["1", "2", "3", "4"] {
            queued.bench.connect(env);
        }
        queued.bench.reconnect(queued.socket.conn);
        let mut judging = Self::with(super::set(Knob::Asks, 1.0));
        judging.bench.lose(judging.socket, 1006);
        let mut closing = Self::open();
        closing.bench.close(closing.socket.conn);
        let mut failed = Self::open();
        failed.bench.lose(failed.socket, 4404);
        vec![
            ("waiting", waiting),
            ("locating", locating),
            ("authorizing", authorizing),
            ("queued", queued),
            ("opening", Self::connecting()),
            ("open", Self::open()),
            ("judging", judging),
            ("closing", closing),
            ("failed", failed),
        ]
    }
}

/// The questions that were lost, in order.
pub(super) fn lost(outputs: &[Output<Text>]) -> Vec<(u32, Loss)> {
    let lost = outputs.iter().filter_map(|output| match output {
        Output::Emit { event: Event::QuestionLost { number, why }, .. } => Some((*number, *why)),
        _ => None,
    });
    lost.collect()
}
