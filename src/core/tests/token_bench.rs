//! A connection whose token is given by the test, which is the server as well.

use super::resume_bench::{FIRST, controls, counts, fresh, welcome};
use super::{Bench, Input, Output, Overrides, SocketId, Spoken, Text, ended, openings, set};
use crate::core::event::{Grant, NoAnswer, Occasion};
use crate::core::options::Knob;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};
use crate::core::token::Token;

/// Where a token goes, by the number of [`Knob::TokenUse`].
pub(super) const V1: f64 = 1.0;
pub(super) const HANDSHAKE: f64 = 2.0;
pub(super) const FIRST_MESSAGE: f64 = 3.0;

/// Options under which `envsocket.v1` is spoken with servers that know it, and this is the use of the token.
pub(super) fn uses(token_use: f64) -> Overrides {
    set(Knob::TokenUse, token_use).with(Knob::Protocol, 1.0)
}

/// The same with plain servers only.
pub(super) fn plain(token_use: f64) -> Overrides {
    set(Knob::TokenUse, token_use)
}

/// A connection with a token, and its present socket, or the one that its attempt will have.
pub(super) struct Holder {
    pub(super) bench: Bench,
    pub(super) socket: SocketId,
}

impl Holder {
    /// One that has just been made, and what followed.
    pub(super) fn made(overrides: Overrides) -> (Self, Vec<Output<Text>>) {
        let mut bench = Bench::new();
        let conn = bench.pool.connect(bench.now(), Some(super::key("a")), overrides);
        let done = bench.drain();
        (Self { bench, socket: SocketId { conn, generation: 1 } }, done)
    }

    /// One whose first attempt has asked for a token.
    pub(super) fn asking(overrides: Overrides) -> Self {
        let (holder, done) = Self::made(overrides);
        assert_eq!(asked(&done), [(1, Occasion::First, false)]);
        holder
    }

    /// One that has had its welcome, with a token that is good for so long.
    pub(super) fn welcomed(overrides: Overrides, expires_in_ms: Option<u64>) -> Self {
        let mut holder = Self::asking(overrides);
        holder.gives("token-1", expires_in_ms);
        holder.comes_in(welcome(FIRST));
        holder
    }

    /// One with an open plain socket.
    pub(super) fn open_plain(overrides: Overrides, expires_in_ms: Option<u64>) -> Self {
        let mut holder = Self::asking(overrides);
        holder.gives("token-1", expires_in_ms);
        holder.opens_plain();
        holder
    }

    /// The question is answered with this token.
    pub(super) fn gives(&mut self, token: &str, expires_in_ms: Option<u64>) -> Vec<Output<Text>> {
        self.bench.tell(Input::Authorized(self.socket, Ok(grant(token, expires_in_ms))))
    }

    pub(super) fn gives_none(&mut self, why: &str, is_final: bool) -> Vec<Output<Text>> {
        let none = NoAnswer { why: why.into(), is_final };
        self.bench.tell(Input::Authorized(self.socket, Err(none)))
    }

    /// The application gives this one, unasked.
    pub(super) fn replaces(&mut self, token: &str, expires_in_ms: Option<u64>) -> Vec<Output<Text>> {
        let now = self.bench.now();
        self.bench.pool.replace_token(now, self.socket.conn, grant(token, expires_in_ms));
        self.bench.drain()
    }

    /// The application takes back what it has given.
    pub(super) fn forgets(&mut self) {
        let now = self.bench.now();
        self.bench.pool.forget_token(now, self.socket.conn);
        assert_eq!(self.bench.drain(), []);
    }

    /// The socket opens, and speaks `envsocket.v1`: the token in its hello.
    pub(super) fn greets(&mut self) -> Option<String> {
        let done = self.bench.tell(Input::Opened(self.socket, Spoken::V1(fresh(1))));
        match &*controls(&done) {
            [ClientFrame::Hello(hello)] => hello.token.as_ref().map(|token| token.reveal().to_owned()),
            other => panic!("one hello and nothing else: {other:?}"),
        }
    }

    pub(super) fn says(&mut self, frame: ServerFrame) -> Vec<Output<Text>> {
        self.bench.tell(Input::Control(self.socket, Ok(frame)))
    }

    pub(super) fn comes_in(&mut self, welcome: Welcome) -> Vec<Output<Text>> {
        self.greets();
        self.says(ServerFrame::Welcome(welcome))
    }

    pub(super) fn opens_plain(&mut self) -> Vec<Output<Text>> {
        self.bench.tell(super::opened(self.socket))
    }

    /// The server closes with this code; the next attempt, if there is one at once, is the present one then.
    pub(super) fn closes(&mut self, code: u16) -> Vec<Output<Text>> {
        let done = self.bench.tell(Input::Closed(self.socket, ended(code)));
        self.note_attempt();
        done
    }

    /// Lets time pass on an open link of `envsocket.v1`, whose server pings in time, and returns what followed.
    pub(super) fn stays(&mut self, ms: u64) -> Vec<Output<Text>> {
        let end = self.bench.ms + ms;
        let mut outputs = Vec::new();
        while self.bench.ms < end {
            outputs.extend(self.says(ServerFrame::Ping(counts(0, 0, 0))));
            outputs.extend(self.bench.pass((end - self.bench.ms).min(5_000)));
        }
        outputs
    }

    /// Lets time pass until an attempt begins, and returns what it did.
    pub(super) fn tries_again(&mut self) -> Vec<Output<Text>> {
        let before = self.attempts();
        loop {
            let done = self.bench.advance();
            if self.attempts() > before {
                self.note_attempt();
                return done;
            }
        }
    }

    pub(super) fn reconnects(&mut self) -> Vec<Output<Text>> {
        let done = self.bench.reconnect(self.socket.conn);
        self.note_attempt();
        done
    }

    fn attempts(&self) -> u32 {
        let metrics = self.bench.pool.metrics(self.bench.now(), self.socket.conn);
        metrics.expect("it is in the pool").0.attempts as u32
    }

    fn note_attempt(&mut self) {
        if self.bench.pool.connection_status(self.socket.conn).is_some() {
            self.socket.generation = self.attempts();
        }
    }

    pub(super) fn reason(&self) -> String {
        self.bench.facts("a").and_then(|facts| facts.reason).unwrap_or_default().to_owned()
    }

    /// The states of which the log tells, the latest last.
    pub(super) fn states(&self) -> Vec<&'static str> {
        self.bench.pool.log(&super::key("a")).map(|entry| entry.to).collect()
    }
}

pub(super) fn grant(token: &str, expires_in_ms: Option<u64>) -> Grant {
    Grant { token: Token::new(token.into()).expect("a good token"), expires_in_ms }
}

/// The questions for tokens: whose, why, and whether the last one was not answered in its time.
pub(super) fn asked(outputs: &[Output<Text>]) -> Vec<(u32, Occasion, bool)> {
    let asked = outputs.iter().filter_map(|output| match output {
        Output::Authorize { socket, reason, late } => Some((socket.generation, *reason, *late)),
        _ => None,
    });
    asked.collect()
}

/// The tokens in frames of their own.
pub(super) fn told_tokens(outputs: &[Output<Text>]) -> Vec<String> {
    let tokens = controls(outputs).into_iter().filter_map(|frame| match frame {
        ClientFrame::Token(token) => Some(token.reveal().to_owned()),
        _ => None,
    });
    tokens.collect()
}

/// Whether a socket is asked for.
pub(super) fn goes_on(outputs: &[Output<Text>]) -> bool {
    !openings(outputs).is_empty()
}
