//! A tab whose server is the test: it says by hand what a server of `envsocket.v1` would.

use super::{
    Bench, Event, Input, Output, Overrides, SocketId, Spoken, Text, ended, events, openings, sends, set,
};
use crate::core::event::{Direction, Fresh, Heard};
use crate::core::options::Knob;
use crate::core::resume::frame::{ClientFrame, Counts, Hello, ServerFrame, Welcome};
use crate::core::resume::{Id, Violation};

/// Two epochs.
pub(super) const FIRST: Id = Id(1);
pub(super) const SECOND: Id = Id(2);

/// A connection under `auto`, and its present socket.
pub(super) struct Tab {
    pub(super) bench: Bench,
    pub(super) socket: SocketId,
}

impl Tab {
    pub(super) fn new() -> Self {
        Self::with(Overrides::default())
    }

    pub(super) fn with(overrides: Overrides) -> Self {
        let mut bench = Bench::new();
        let socket = bench.connect_with("a", overrides.over(auto()));
        Self { bench, socket }
    }

    /// One that has had its first welcome.
    pub(super) fn welcomed() -> Self {
        Self::welcomed_with(Overrides::default())
    }

    pub(super) fn welcomed_with(overrides: Overrides) -> Self {
        let mut tab = Self::with(overrides);
        tab.greet();
        tab.says(ServerFrame::Welcome(welcome(FIRST)));
        tab
    }

    /// The socket opens, and the client says hello.
    pub(super) fn greet(&mut self) -> Hello {
        let done = self.open();
        match &*controls(&done) {
            [ClientFrame::Hello(hello)] => hello.clone(),
            other => panic!("one hello and nothing else: {other:?}"),
        }
    }

    pub(super) fn open(&mut self) -> Vec<Output<Text>> {
        self.bench.tell(Input::Opened(self.socket, Spoken::V1(fresh(self.socket.generation))))
    }

    /// The server says this, and that is what follows.
    pub(super) fn says(&mut self, frame: ServerFrame) -> Vec<Output<Text>> {
        assert_ne!(self.bench.pool.hears(self.socket), Heard::Nobody);
        self.bench.tell(Input::Control(self.socket, Ok(frame)))
    }

    /// The server sends messages of so many bytes, as the driver takes them.
    pub(super) fn receives(&mut self, messages: &[u64]) -> Vec<Output<Text>> {
        let mut done = Vec::new();
        for bytes in messages {
            assert_eq!(self.bench.pool.hears(self.socket), Heard::V1);
            if self.bench.pool.received(self.socket.conn, *bytes) {
                self.bench.pool.acknowledge(self.bench.now(), self.socket.conn);
            }
            done.extend(self.bench.drain());
        }
        done
    }

    /// Sends as the facade does when it cannot go past the core.
    pub(super) fn sends(&mut self, texts: &[&'static str]) -> Vec<Output<Text>> {
        for text in texts {
            self.bench.send(self.socket.conn, text).expect("it is taken");
        }
        self.bench.drain()
    }

    /// The link breaks, and the next socket is asked for.
    pub(super) fn cut(&mut self) {
        self.bench.lose(self.socket, 1006);
        self.next_socket();
    }

    /// Lets time pass until the next socket is asked for.
    pub(super) fn next_socket(&mut self) {
        let socket = loop {
            if let Some(socket) = openings(&self.bench.advance()).pop() {
                break socket;
            }
        };
        self.socket = socket;
    }

    /// The link breaks, and the next socket's hello is answered with this.
    pub(super) fn comes_back(&mut self, welcome: Welcome) -> Vec<Output<Text>> {
        self.cut();
        self.greet();
        self.says(ServerFrame::Welcome(welcome))
    }

    /// The next socket, after an attempt that began at once.
    pub(super) fn follow(&mut self, done: &[Output<Text>]) {
        self.socket = *openings(done).last().expect("another socket is asked for");
    }

    /// The reason why the client has closed with 4400, and the next socket, which was asked for at once.
    pub(super) fn violation(&mut self, done: &[Output<Text>]) -> String {
        let socket = self.socket;
        let mut closes = done.iter().filter_map(|output| match output {
            Output::CloseSocket { socket: closed, code: Some(4400), reason } if *closed == socket => {
                Some(reason)
            }
            _ => None,
        });
        let reason = closes.next().expect("it is closed with 4400").to_string();
        assert!(done.contains(&Output::AbandonSocket { socket }));
        self.follow(done);
        reason
    }

    pub(super) fn is_violated(&mut self, frame: ServerFrame) -> String {
        let done = self.says(frame);
        self.violation(&done)
    }

    pub(super) fn violates(&mut self, what: &'static str) -> Vec<Output<Text>> {
        self.bench.tell(Input::Control(self.socket, Err(Violation(what.into()))))
    }

    pub(super) fn metrics(&self) -> &super::Metrics {
        self.bench.pool.metrics(self.bench.now(), self.socket.conn).expect("it is in the pool").0
    }

    /// Closes from outside and is answered.
    pub(super) fn loses(&mut self, code: u16) -> Vec<Output<Text>> {
        self.bench.tell(Input::Closed(self.socket, ended(code)))
    }
}

pub(super) fn auto() -> Overrides {
    set(Knob::Protocol, 1.0)
}

/// Other ids for every number.
pub(super) fn fresh(number: u32) -> Fresh {
    let id = |kind: u128| Id(u128::from(number) << 8 | kind);
    Fresh { session: id(1), attachment: id(2), secret: id(3) }
}

/// A welcome to a session that has had no output, which gives room for 1,000 each way.
pub(super) fn welcome(epoch: Id) -> Welcome {
    Welcome {
        epoch,
        received: 0,
        next: 1,
        live: 0,
        heartbeat_ms: 10_000,
        window: 1_000,
        credit: 1_000,
        max_message: 500,
        controller: true,
        read_only: false,
        size: None,
    }
}

pub(super) fn counts(sent: u64, received: u64, consumed: u64) -> Counts {
    Counts { sent, received, consumed }
}

/// The control frames that are handed over.
pub(super) fn controls(outputs: &[Output<Text>]) -> Vec<ClientFrame> {
    let handed = outputs.iter().filter_map(|output| match output {
        Output::Control { frame, .. } => Some(frame.clone()),
        _ => None,
    });
    handed.collect()
}

/// All that is handed over, in order: messages as they are, frames by what they do.
pub(super) fn handed(outputs: &[Output<Text>]) -> Vec<&'static str> {
    let handed = outputs.iter().filter_map(|output| match output {
        Output::Send { payload, .. } => Some(payload.0),
        Output::Control { frame, .. } => Some(match frame {
            ClientFrame::Hello(_) => "<hello>",
            ClientFrame::Ack(_) => "<ack>",
            ClientFrame::Ping(_) => "<ping>",
            ClientFrame::Pong(_) => "<pong>",
            ClientFrame::Skip { .. } => "<skip>",
            ClientFrame::Resize(_) => "<resize>",
            ClientFrame::Token(_) => "<token>",
        }),
        _ => None,
    });
    handed.collect()
}

/// What listeners hear of losses and of the open, in order: (what, from, to, reason, messages).
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    Open,
    Gap(Direction, Option<u64>, Option<u64>, String),
    Discarded(Vec<&'static str>, &'static str),
    Error,
    Close(u16),
}

pub(super) fn told(outputs: Vec<Output<Text>>) -> Vec<Told> {
    let told = events(outputs).into_iter().filter_map(|event| match event {
        Event::Open => Some(Told::Open),
        Event::Gap { direction, from, to, reason, .. } => {
            Some(Told::Gap(direction, from, to, reason.into_owned()))
        }
        Event::Discarded { payloads, reason, .. } => {
            Some(Told::Discarded(payloads.into_iter().map(|text| text.0).collect(), reason))
        }
        Event::Error => Some(Told::Error),
        Event::Close(info) => Some(Told::Close(info.code)),
        Event::Status { .. } | Event::Size(_) | Event::Role { .. } | Event::Access { .. } => None,
        Event::QuestionLost { .. } => None,
    });
    told.collect()
}

/// A gap with numbers.
pub(super) fn gap(direction: Direction, from: u64, to: Option<u64>, reason: &str) -> Told {
    Told::Gap(direction, Some(from), to, reason.to_owned())
}

/// Messages and nothing else were handed over.
pub(super) fn only_sends(outputs: &[Output<Text>]) -> Vec<&'static str> {
    assert_eq!(controls(outputs), []);
    sends(outputs)
}
