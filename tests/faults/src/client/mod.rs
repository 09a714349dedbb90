//! A client without a browser: the real state machine, driven over real sockets.
//!
//! It does what the browser's driver does (`src/browser`), with tokio's timers, tungstenite's sockets, and clocks
//! that a test can set ahead.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | what a test can ask of it, and what it is told |
//! | `driver` | the loop between the state machine and the platform |
//! | `socket` | one native socket |
//! | `codec` | control frames as JSON |
//! | `clock` | the machine's clocks, and a hand on them |
//! | `message` | what is sent and received |

mod clock;
mod codec;
mod driver;
mod message;
mod socket;

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use envsocket::core::event::{CloseInfo, Direction, Event};
use envsocket::core::options::{Knob, Overrides};
use envsocket::core::status::Status;
use tokio::sync::{mpsc, oneshot};

use crate::patience::within;
pub use clock::Jump;
use driver::Driver;
pub use message::Message;

/// What a client is told to do.
#[derive(Debug)]
enum Command {
    Jump(Jump),
    Count(oneshot::Sender<Counted>),
}

/// What happened, as an application sees it, in its order.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Usable, for the first time or after something may have been lost.
    Open,
    /// A message.
    Message(Message),
    /// Something was, or may have been, lost.
    Gap {
        /// Which way it was going.
        direction: Direction,
        /// The first number that is missing.
        from: Option<u64>,
        /// The last one.
        to: Option<u64>,
        /// Why.
        reason: String,
        /// Whether a picture of it follows.
        snapshot: bool,
    },
    /// What will not be sent, and why.
    Discarded(Vec<Message>, &'static str),
    /// The public status.
    Status(Status, Option<String>),
    /// Right before the final close.
    Error,
    /// Over.
    Close(CloseInfo),
}

/// What a client has counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Attempts to connect.
    pub attempts: u64,
    /// Sockets that were opened.
    pub opens: u64,
    /// Reconnects that lost nothing.
    pub resumed: u64,
    /// Messages that had been sent before the socket was there that brought them.
    pub replayed: u64,
    /// How often something was, or may have been, lost.
    pub lost: u64,
    /// How many pings were answered.
    pub round_trips: u64,
}

/// A client on a thread of its own, with one connection. Dropping it cuts its sockets.
#[derive(Debug)]
pub struct Client {
    messages: mpsc::Sender<Message>,
    commands: mpsc::UnboundedSender<Command>,
    told: mpsc::UnboundedReceiver<Told>,
}

/// What a client requires and how quickly it comes back, unless a test says otherwise: `envsocket.v1`, and
/// without a pause.
pub fn eager() -> Overrides {
    Overrides::default()
        .with(Knob::Protocol, 2.0)
        .with(Knob::BackoffBaseMs, 1.0)
        .with(Knob::BackoffCapMs, 20.0)
}

impl Client {
    /// Begins to connect.
    pub fn start(addr: SocketAddr, path: &str, overrides: Overrides) -> Self {
        let (messages, sent) = mpsc::channel(1);
        let (commands, commanded) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let path = path.to_owned();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let driver = Driver::new(addr, path, overrides, tell);
            runtime.expect("a runtime").block_on(driver.run(sent, commanded));
        };
        thread::Builder::new().name("client".to_owned()).spawn(run).expect("a thread");
        Self { messages, commands, told }
    }

    /// Sends a message, once the client's queue has room for it.
    pub async fn send(&self, message: impl Into<Message>) {
        within("room in the queue", self.messages.send(message.into())).await.expect("the client runs");
    }

    /// Who can send while somebody else listens.
    pub fn sender(&self) -> mpsc::Sender<Message> {
        self.messages.clone()
    }

    /// Sets the machine's clocks ahead, now: as after a sleep, or with timers that were throttled.
    pub fn jump(&self, jump: Jump) {
        self.command(Command::Jump(jump));
    }

    /// What it has counted.
    pub async fn counted(&self) -> Counted {
        let (answer, counted) = oneshot::channel();
        self.command(Command::Count(answer));
        within("the client's counts", counted).await.expect("the client runs")
    }

    /// The next that it is told.
    ///
    /// # Panics
    /// When that takes far too long.
    pub async fn next(&mut self) -> Told {
        within("news from the client", self.told.recv()).await.expect("the client runs")
    }

    /// What it was told already, and nobody has taken; `None` when that is nothing.
    pub fn next_already(&mut self) -> Option<Told> {
        self.told.try_recv().ok()
    }

    /// All that it is told up to the first that is meant, and that one.
    pub async fn until(&mut self, is_meant: impl Fn(&Told) -> bool) -> Vec<Told> {
        let mut told = Vec::new();
        loop {
            told.push(self.next().await);
            if told.last().is_some_and(&is_meant) {
                return told;
            }
        }
    }

    fn command(&self, command: Command) {
        self.commands.send(command).expect("the client runs");
    }
}

impl Told {
    /// Whether it says that the connection has this status.
    pub fn is(&self, status: Status) -> bool {
        matches!(self, Self::Status(told, _) if *told == status)
    }
}

impl Told {
    /// What is of interest to a client without a terminal.
    fn of(event: Event<Message>) -> Option<Self> {
        Some(match event {
            Event::Size(_) | Event::Role { .. } | Event::Access { .. } => return None,
            Event::QuestionLost { .. } => return None,
            Event::Open => Self::Open,
            Event::Gap { direction, from, to, reason, snapshot } => {
                Self::Gap { direction, from, to, reason: reason.into_owned(), snapshot }
            }
            Event::Discarded { payloads, reason, .. } => Self::Discarded(payloads.into(), reason),
            Event::Error => Self::Error,
            Event::Close(info) => Self::Close(info),
            Event::Status { status, reason, .. } => Self::Status(status, reason),
        })
    }
}

/// Hours, as a [`Jump`] has them.
pub const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}
