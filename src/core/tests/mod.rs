//! The state machine in virtual time: natively, and the same tests again compiled to wasm.

mod backoff;
mod closing;
mod lifecycle;
mod names;
mod polling;
mod pool;
mod schedules;
mod sending;
mod time;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use super::event::{CloseInfo, ConnId, Event, Input, Network, Output, SocketId};
use super::key::Key;
use super::options::Overrides;
use super::pool::Pool;
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
}

impl Bench {
    fn new() -> Self {
        Self::seeded(7)
    }

    fn seeded(seed: u64) -> Self {
        Self { pool: Pool::new(seed, Network::Online), ms: 0 }
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
            Output::OpenSocket { socket } if socket.conn == id => Some(socket),
            _ => None,
        });
        asked.next_back().expect("the pool asks for a socket")
    }

    fn open(&mut self, env: &str) -> SocketId {
        let socket = self.connect(env);
        self.tell(Input::Opened(socket));
        socket
    }

    /// Hands the input in and returns what follows.
    fn tell(&mut self, input: Input<Text>) -> Vec<Output<Text>> {
        let now = self.now();
        self.pool.handle(now, input);
        self.drain()
    }

    fn lose(&mut self, socket: SocketId, code: u16) -> Vec<Output<Text>> {
        self.tell(Input::Closed(socket, ended(code)))
    }

    fn drain(&mut self) -> Vec<Output<Text>> {
        let outputs = std::iter::from_fn(|| self.pool.poll_output()).collect();
        // As the driver does: a deadline that was asked for once and is not looked for again shows.
        self.pool.poll_timeout();
        outputs
    }

    /// Moves to the pool's next deadline and lets it know.
    fn advance(&mut self) -> Vec<Output<Text>> {
        let deadline = self.pool.poll_timeout().expect("a deadline is set");
        self.ms += deadline.since(self.now().instant);
        self.tell(Input::Timeout)
    }

    fn status(&self, env: &str) -> Status {
        self.pool.status(&key(env))
    }

    /// When the next attempt begins, in ms from now.
    fn delay(&self, env: &str) -> u64 {
        let at =
            self.pool.facts().find(|facts| facts.key.env() == env).and_then(|facts| facts.next_attempt_at);
        at.expect("an attempt is planned") - self.now().unix_ms
    }
}

fn key(env: &str) -> Key {
    Key::new("project", env).expect("a good name")
}

fn ended(code: u16) -> CloseInfo {
    CloseInfo { code, reason: "".into(), clean: code != 1006 }
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
