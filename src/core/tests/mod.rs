//! The state machine in virtual time: natively, and the same tests again compiled to wasm.

mod backoff;
mod closing;
mod eviction;
mod gaps;
mod heartbeat;
mod idle;
mod judging;
mod lifecycle;
mod locating;
mod log;
mod metrics;
mod names;
mod page;
mod polling;
mod pool;
#[cfg(not(target_arch = "wasm32"))]
mod protocol_document;
mod question_bench;
mod questions;
mod questions_lost;
mod questions_resumed;
mod queueing;
mod read_only;
mod resume_acks;
mod resume_age;
mod resume_bench;
mod resume_bye;
mod resume_closing;
mod resume_credit;
mod resume_gaps;
mod resume_handshake;
mod resume_heartbeat;
mod resume_held;
mod resume_links;
mod resume_lost;
mod resume_metrics;
mod resume_negotiation;
mod resume_terminal;
mod resume_violation;
mod retry_after;
mod sending;
mod session_attach;
mod session_bench;
mod session_controller;
mod session_cuts;
mod session_ends;
mod session_gaps;
mod session_holding;
mod session_input;
mod session_liveness;
mod session_nonsense;
mod session_output;
mod session_read_only;
mod session_shelf;
mod slots;
mod time;
mod token_bench;
mod tokens;
mod tokens_rejected;
mod tokens_renewed;
mod tokens_replaced;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use super::connection::Readiness;
use super::event::{CloseInfo, ConnId, Event, Heard, Input, Output, Place, SocketId, Spoken};
use super::key::Key;
use super::metrics::Metrics;
use super::options::{Knob, Overrides};
use super::pool::{Facts, Pool};
use super::queue::Payload;
use super::status::Status;
use super::time::{Instant, Now};

/// A message of a test: a name, and as many bytes as it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text(&'static str);

impl Payload for Text {
    fn byte_len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// A pool, a clock that moves when it is told, and no network: the test is the network.
struct Bench {
    pool: Pool<Text>,
    ms: u64,
    /// Where every attempt is told to go, at once; `None` when the test tells it.
    place: Option<Place>,
}

impl Bench {
    fn new() -> Self {
        Self::seeded(7)
    }

    fn seeded(seed: u64) -> Self {
        Self { pool: Pool::new(seed, true), ms: 0, place: Some(place("host", "/path")) }
    }

    fn now(&self) -> Now {
        Now { instant: Instant::from_ms(self.ms), unix_ms: 1_000_000 + self.ms }
    }

    fn connect(&mut self, env: &str) -> SocketId {
        self.connect_with(env, Overrides::default())
    }

    /// Makes a connection and returns its first socket.
    fn connect_with(&mut self, env: &str, overrides: Overrides) -> SocketId {
        let id = self.pool.connect(self.now(), Some(key(env)), overrides);
        self.opening(id)
    }

    /// The socket that the pool asks for, among whatever else it says.
    fn opening(&mut self, id: ConnId) -> SocketId {
        let mut asked = self.drain().into_iter().filter_map(|output| match output {
            Output::OpenSocket { socket, .. } if socket.conn == id => Some(socket),
            _ => None,
        });
        asked.next_back().expect("the pool asks for a socket")
    }

    fn open(&mut self, env: &str) -> SocketId {
        let socket = self.connect(env);
        self.tell(opened(socket));
        socket
    }

    /// Hands the input in and returns what follows.
    fn tell(&mut self, input: Input) -> Vec<Output<Text>> {
        let now = self.now();
        self.pool.handle(now, input);
        self.drain()
    }

    /// Closes without code and reason.
    fn close(&mut self, id: ConnId) -> Vec<Output<Text>> {
        self.pool.close(self.now(), id, None, "").expect("good arguments");
        self.drain()
    }

    fn reconnect(&mut self, id: ConnId) -> Vec<Output<Text>> {
        self.pool.reconnect(self.now(), id).expect("it is in the pool");
        self.drain()
    }

    fn lose(&mut self, socket: SocketId, code: u16) -> Vec<Output<Text>> {
        self.tell(Input::Closed(socket, ended(code)))
    }

    /// All that follows. Who asks where to go is told at once, as a template tells it, if the bench knows.
    fn drain(&mut self) -> Vec<Output<Text>> {
        let mut outputs = Vec::new();
        while let Some(output) = self.pool.poll_output() {
            match output {
                Output::Locate { socket } if self.place.is_some() => {
                    let answer = self.place.clone().expect("it was looked for");
                    self.pool.handle(self.now(), Input::Located(socket, Ok(answer)));
                }
                output => outputs.push(output),
            }
        }
        // As the driver does: a deadline that was asked for once and is not looked for again shows.
        self.pool.poll_timeout();
        outputs
    }

    /// Sends over a socket that the platform would take messages on.
    fn send(&mut self, id: ConnId, text: &'static str) -> Result<(), super::connection::SendError> {
        self.pool.send(self.now(), id, Text(text), Readiness::Takes)
    }

    /// Moves to the pool's next deadline and lets it know.
    fn advance(&mut self) -> Vec<Output<Text>> {
        let deadline = self.pool.poll_timeout().expect("a deadline is set");
        self.ms += deadline.since(self.now().instant);
        self.tell(Input::Timeout)
    }

    /// What a snapshot shows of the pair.
    fn facts(&self, env: &str) -> Option<Facts<'_>> {
        self.pool.facts(self.pool.listed(&key(env))?)
    }

    /// Lets this much time pass, with every deadline on the way, and returns what followed.
    fn pass(&mut self, ms: u64) -> Vec<Output<Text>> {
        let end = self.ms + ms;
        let mut outputs = Vec::new();
        while self.pool.poll_timeout().is_some_and(|deadline| deadline <= Instant::from_ms(end)) {
            outputs.extend(self.advance());
        }
        self.ms = end;
        outputs
    }

    fn status(&self, env: &str) -> Status {
        self.pool.status(&key(env))
    }

    /// When the next attempt begins, in ms from now.
    fn delay(&self, env: &str) -> u64 {
        let at = self.facts(env).and_then(|facts| facts.next_attempt_at);
        at.expect("an attempt is planned") - self.now().unix_ms
    }
}

/// What a plain server's socket says.
fn opened(socket: SocketId) -> Input {
    Input::Opened(socket, Spoken::Plain)
}

/// A place at this host.
fn place(host: &str, path: &str) -> Place {
    let origin = ["ws://", host].concat();
    Place { destination: [&origin, path].concat().into(), origin: origin.into() }
}

fn key(env: &str) -> Key {
    Key::new("project", env).expect("a good name")
}

/// Options of which one is set.
fn set(knob: Knob, number: f64) -> Overrides {
    Overrides::default().with(knob, number)
}

fn ended(code: u16) -> CloseInfo {
    CloseInfo { code, reason: "".into(), clean: code != 1006 }
}

/// The sockets that are asked for.
fn openings(outputs: &[Output<Text>]) -> Vec<SocketId> {
    let asked = outputs.iter().filter_map(|output| match output {
        Output::OpenSocket { socket, .. } => Some(*socket),
        _ => None,
    });
    asked.collect()
}

/// The messages that are handed to sockets.
fn sends(outputs: &[Output<Text>]) -> Vec<&'static str> {
    let handed = outputs.iter().filter_map(|output| match output {
        Output::Send { payload, .. } => Some(payload.0),
        _ => None,
    });
    handed.collect()
}

/// What the connection's listeners are told, in order.
fn events(outputs: Vec<Output<Text>>) -> Vec<Event<Text>> {
    let emitted = outputs.into_iter().filter_map(|output| match output {
        Output::Emit { event, .. } => Some(event),
        _ => None,
    });
    emitted.collect()
}

fn statuses(outputs: Vec<Output<Text>>) -> Vec<Status> {
    let told = events(outputs).into_iter().filter_map(|event| match event {
        Event::Status { status, .. } => Some(status),
        _ => None,
    });
    told.collect()
}
