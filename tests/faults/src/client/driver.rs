//! The loop between the state machine and the platform: what happens goes in, what comes out is done.

use std::net::SocketAddr;
use std::time::Duration;

use envsocket::core::connection::{Readiness, SendError};
use envsocket::core::event::{ConnId, Fresh, Heard, Input, Offer, Output, Page, Place, SocketId, Spoken};
use envsocket::core::options::Overrides;
use envsocket::core::pool::Pool;
use envsocket::core::resume::{Id, V1, Violation};
use envsocket::core::time::Now;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message as Frame;

use super::clock::Clocks;
use super::codec::{self, Incoming};
use super::socket::{Happened, Socket};
use super::{Command, Counted, Message, Told};

/// How many frames may wait for the driver; a socket is not read meanwhile.
const NEWS: usize = 64;

/// A client's one connection and everything that it holds of the platform.
pub(super) struct Driver {
    addr: SocketAddr,
    path: String,
    pool: Pool<Message>,
    conn: ConnId,
    clocks: Clocks,
    sleeps: u32,
    /// The socket that the connection has, if it has one, and whether it speaks `envsocket.v1`.
    socket: Option<(SocketId, Socket, bool)>,
    news: mpsc::Sender<(SocketId, Happened)>,
    happened: mpsc::Receiver<(SocketId, Happened)>,
    tell: mpsc::UnboundedSender<Told>,
    /// What the queue had no room for.
    stuck: Option<Message>,
}

impl Driver {
    pub(super) fn new(
        addr: SocketAddr,
        path: String,
        overrides: Overrides,
        tell: mpsc::UnboundedSender<Told>,
    ) -> Self {
        let mut clocks = Clocks::new();
        let mut pool = Pool::new(rand::random(), true);
        let conn = pool.connect(clocks.read(), None, overrides);
        let (news, happened) = mpsc::channel(NEWS);
        Self { addr, path, pool, conn, clocks, sleeps: 0, socket: None, news, happened, tell, stuck: None }
    }

    /// Until nobody wants anything of it any more.
    pub(super) async fn run(
        mut self,
        mut sent: mpsc::Receiver<Message>,
        mut commanded: mpsc::UnboundedReceiver<Command>,
    ) {
        loop {
            self.drain();
            let alarm = self.alarm();
            tokio::select! {
                Some((socket, happened)) = self.happened.recv() => self.happened(socket, happened),
                Some(message) = sent.recv(), if self.stuck.is_none() => self.send(message),
                command = commanded.recv() => match command {
                    Some(command) => self.command(command),
                    None => return,
                },
                () = sleep(alarm) => self.handle(Input::Timeout),
            }
            if let Some(message) = self.stuck.take() {
                self.send(message);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.pool.poll_output() {
            self.perform(output);
        }
    }

    /// How long until the next deadline.
    fn alarm(&mut self) -> Duration {
        const NEVER: Duration = Duration::from_secs(3600);
        let now = self.now();
        let next = self.pool.poll_timeout();
        next.map_or(NEVER, |at| Duration::from_millis(at.delay_from(now.instant)))
    }

    /// The time. A machine that slept since the last look has sockets that may be dead.
    fn now(&mut self) -> Now {
        let now = self.clocks.read();
        if std::mem::replace(&mut self.sleeps, self.clocks.sleeps()) != self.sleeps {
            self.pool.handle(now, Input::Page(Page::Awake));
            self.drain();
        }
        now
    }

    fn handle(&mut self, input: Input) {
        let now = self.now();
        self.pool.handle(now, input);
    }

    fn command(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Jump(jump) => {
                self.clocks.jump(jump);
                // As the first look at the clock afterwards does.
                self.now();
            }
            Command::Count(answer) => {
                let (metrics, ..) = self.pool.totals(now);
                let round_trips = metrics.round_trips.as_ref().map_or(0, |times| times.count());
                // Whoever asked may have stopped waiting.
                let _ = answer.send(Counted {
                    attempts: metrics.attempts,
                    opens: metrics.opens,
                    resumed: metrics.resumed,
                    replayed: metrics.replayed,
                    lost: metrics.lost,
                    round_trips,
                });
            }
        }
    }

    /// Sends it by the short way if that is free, as the browser's driver does.
    fn send(&mut self, message: Message) {
        let now = self.now();
        let takes = self.socket.as_ref().is_some_and(|(_, socket, _)| socket.takes());
        if takes {
            let stamp = self.pool.stamps(self.conn).then_some(now);
            if self.pool.record(self.conn, message.clone(), stamp).is_ok() {
                let (_, socket, _) = self.socket.as_ref().expect("it takes messages");
                return socket.send(codec::escaped(message));
            }
        }
        let readiness = if takes { Readiness::Takes } else { Readiness::Drops };
        match self.pool.send(now, self.conn, message.clone(), readiness) {
            Ok(()) => {}
            Err(SendError::QueueFull) => self.stuck = Some(message),
            // As `WebSocket.send` after the close: it is lost without a word.
            Err(SendError::Closed) => {}
            Err(SendError::ReadOnly) => unreachable!("these servers take messages"),
        }
    }

    fn happened(&mut self, socket: SocketId, happened: Happened) {
        match happened {
            Happened::Opened(protocol) => {
                let is_v1 = protocol.as_deref() == Some(V1);
                if let Some((_, socket, speaks_v1)) = self.native(socket) {
                    socket.is_open = true;
                    *speaks_v1 = is_v1;
                }
                let [session, attachment, secret] = [(); 3].map(|()| Id(rand::random()));
                let spoken =
                    if is_v1 { Spoken::V1(Fresh { session, attachment, secret }) } else { Spoken::Plain };
                self.handle(Input::Opened(socket, spoken));
            }
            Happened::Brought(frame) => self.brought(socket, frame),
            Happened::Closed(info) => {
                if !info.clean {
                    self.handle(Input::Errored(socket));
                }
                self.handle(Input::Closed(socket, info));
                if self.native(socket).is_some() {
                    self.socket = None;
                }
            }
        }
    }

    fn brought(&mut self, socket: SocketId, frame: Frame) {
        let heard = self.pool.hears(socket);
        let incoming = match (heard, frame) {
            (Heard::Nobody, _) => return,
            (Heard::V1 | Heard::Greeting, Frame::Text(text)) => codec::read(text),
            (Heard::Plain, Frame::Text(text)) => Incoming::Message(Message::Text(text)),
            (_, frame) => Incoming::Message(Message::Binary(frame.into_data())),
        };
        match incoming {
            Incoming::Control(frame) => self.handle(Input::Control(socket, frame)),
            Incoming::Message(_) if heard == Heard::Greeting => {
                let early = Violation("data before the welcome".into());
                self.handle(Input::Control(socket, Err(early)));
            }
            Incoming::Message(message) => {
                let is_due = self.pool.received(socket.conn, message.as_bytes().len() as u64);
                self.tell(Told::Message(message));
                if is_due {
                    let now = self.now();
                    self.pool.acknowledge(now, socket.conn);
                }
            }
        }
    }

    fn perform(&mut self, output: Output<Message>) {
        match output {
            Output::Locate { socket } => {
                let origin = self.addr.to_string();
                let destination = [origin.as_str(), self.path.as_str()].concat();
                let place = Place { origin: origin.into(), destination: destination.into() };
                self.handle(Input::Located(socket, Ok(place)));
            }
            Output::OpenSocket { socket, offer } => self.open(socket, offer),
            Output::Send { socket, payload } => match self.native(socket) {
                Some((_, native, true)) => native.send(codec::escaped(payload)),
                Some((_, native, false)) if native.takes() => {
                    native.send(codec::plain(payload.clone()));
                    self.pool.sent(socket.conn, payload.as_bytes().len() as u64);
                }
                _ => self.pool.put_back(socket.conn, payload),
            },
            Output::Control { socket, frame } => {
                if let Some((_, native, _)) = self.native(socket) {
                    native.send(codec::control(&frame));
                }
            }
            Output::CloseSocket { socket, code, reason } => {
                if let Some((_, native, _)) = self.native(socket) {
                    native.close(code, &reason);
                }
            }
            Output::AbandonSocket { socket } => {
                if self.native(socket).is_some() {
                    self.socket = None;
                }
            }
            Output::Emit { event, .. } => {
                if let Some(told) = Told::of(event) {
                    self.tell(told);
                }
            }
            Output::Authorize { .. }
            | Output::Credential { .. }
            | Output::Beat { .. }
            | Output::Judge { .. }
            | Output::Poll(_) => {
                unreachable!("nothing was configured that asks for it")
            }
            Output::Release { .. } | Output::Changed => {}
        }
    }

    fn open(&mut self, id: SocketId, offer: Offer) {
        let socket = Socket::connect(self.addr, &self.path, offer, id, self.news.clone());
        self.socket = Some((id, socket, false));
    }

    /// The socket that goes by this name, if it is still held.
    fn native(&mut self, id: SocketId) -> Option<&mut (SocketId, Socket, bool)> {
        self.socket.as_mut().filter(|(held, ..)| *held == id)
    }

    fn tell(&self, told: Told) {
        // The test may have stopped listening.
        let _ = self.tell.send(told);
    }
}
