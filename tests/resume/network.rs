//! Links between the page and the server: two queues of frames each, in order, and all the ways in which they fail.
//!
//! Like TCP, a link delivers a beginning of what it was given, in order and whole, and then perhaps nothing more.
//! Nothing here knows the protocol.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::event::{ConnId, Offer, SocketId};
use envsocket::core::queue::Payload;
use envsocket::core::resume::Id;
use envsocket::core::resume::frame::{ClientFrame, Hello, ServerFrame};

use crate::account::{Heard, Said};
use crate::rights::Pass;

/// What a message is: its identity, whatever it goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Sent by a person, numbered over all connections.
    Input(u32),
    /// What a source has said: its life, and the number in its log.
    Output { life: usize, number: u64 },
    /// What a source's output up to a number has led to.
    Picture { life: usize, upto: u64 },
    /// Something that a plain server says.
    Chatter,
}

/// A message, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Msg {
    pub(crate) what: What,
    pub(crate) bytes: u64,
}

impl Payload for Msg {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}

/// What goes up.
#[derive(Debug)]
pub(crate) enum Up {
    Frame(ClientFrame),
    Message(Msg),
    Close(u16),
    /// The server sees that the link is gone.
    Lost,
}

/// What comes down.
#[derive(Debug)]
pub(crate) enum Down {
    /// The handshake is done; whether the server has chosen the protocol.
    Accepted {
        v1: bool,
    },
    Frame(ServerFrame),
    Message(Msg),
    Close(u16, Box<str>),
    /// The page sees that the link is gone.
    Lost,
}

/// A platform socket's `readyState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    Connecting,
    Open,
    Closing,
    Closed,
}

/// Who is at the server's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Served {
    Nobody,
    /// Accepted with the protocol: a hello is due.
    Waiting,
    Attached(Id),
    Plain,
    /// A close frame was sent; the session that does not know yet that the link is over.
    Closing(u16, Option<Id>),
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Pipe<T> {
    queue: VecDeque<T>,
    latency: u64,
    last: u64,
    /// Takes nothing any more.
    is_dead: bool,
    /// Delivers nothing before.
    pub(crate) stalled_until: u64,
    /// How many frames have come out.
    pub(crate) delivered: u64,
    /// Bytes under way.
    pub(crate) bytes: u64,
}

impl<T> Pipe<T> {
    fn new(latency: u64) -> Self {
        Self {
            queue: VecDeque::new(),
            latency,
            last: 0,
            is_dead: false,
            stalled_until: 0,
            delivered: 0,
            bytes: 0,
        }
    }
}

/// What will happen to a link.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// It is gone. Who notices, and whether what is on its way up still arrives.
    Cut { page: bool, server: bool, lingers: bool },
    /// What goes up vanishes from now on.
    DeafServer,
    /// What comes down vanishes from now on.
    DeafPage,
    /// Nothing moves upwards for so long, in ms; then all of it arrives.
    Stall(u64),
    /// The server closes it.
    Close(u16),
}

/// When it will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    AfterUp(u64),
    AfterDown(u64),
}

/// A platform socket, the link beneath it and the server's end of it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) conn: ConnId,
    pub(crate) generation: u32,
    pub(crate) offer: Offer,
    pub(crate) ready: Ready,
    /// Somebody listens to it.
    pub(crate) is_heeded: bool,
    pub(crate) served: Served,
    pub(crate) v1: bool,
    /// A frame has arrived with a number that nobody wrote.
    pub(crate) is_corrupted: bool,
    /// The operator has said that it is over.
    pub(crate) is_dismissed: bool,
    /// Its server has said that it may only read, or is about to.
    pub(crate) read_only: bool,
    /// The last token that the server has seen over it.
    pub(crate) pass: Option<Pass>,
    pub(crate) up: Pipe<Up>,
    pub(crate) down: Pipe<Down>,
    pub(crate) fault: Option<(Trigger, Fault)>,
    /// When the server last heard something over it.
    pub(crate) heard_at: u64,
    /// What it said hello with, and what was the last output by then.
    pub(crate) hello: Option<(Hello, u64)>,
    /// What the server's end has said.
    pub(crate) said: Option<Said>,
    /// What the page's end has said.
    pub(crate) heard: Option<Heard>,
}

impl Link {
    pub(crate) fn socket(&self) -> SocketId {
        SocketId { conn: self.conn, generation: self.generation }
    }
}

/// What will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The handshake reaches the server.
    Accept(usize),
    /// The handshake fails.
    Refuse(usize),
    /// The next frame on its way up arrives.
    Up(usize),
    /// The next frame on its way down arrives.
    Down(usize),
    /// The server has waited long enough for a hello.
    HelloDue(usize),
    /// The server has waited long enough for the answer to its close frame.
    CloseDue(usize),
    /// The page's socket has closed without ever having been open.
    Closed(usize),
    /// The source of this life has consumed what it took.
    Consumed(usize),
    /// The platform says that the page is awake.
    Awake,
    /// The answer to a question for a token, if there is one.
    Token(SocketId, Option<Pass>),
    /// The server dies; whether the pages notice.
    Dies { is_noticed: bool },
}

/// All links that there ever were, and what will happen. Times are the world's, in ms.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) links: Vec<Link>,
    agenda: BTreeMap<(u64, u64), Happening>,
    noted: u64,
}

impl Network {
    pub(crate) fn plan(&mut self, at: u64, happening: Happening) {
        self.noted += 1;
        self.agenda.insert((at, self.noted), happening);
    }

    pub(crate) fn next_at(&self) -> Option<u64> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn take_next(&mut self) -> Option<Happening> {
        self.agenda.pop_first().map(|(_, happening)| happening)
    }

    pub(crate) fn make(&mut self, socket: SocketId, offer: Offer, latencies: [u64; 2]) -> usize {
        self.links.push(Link {
            conn: socket.conn,
            generation: socket.generation,
            offer,
            ready: Ready::Connecting,
            is_heeded: true,
            served: Served::Nobody,
            v1: false,
            is_corrupted: false,
            is_dismissed: false,
            read_only: false,
            pass: None,
            up: Pipe::new(latencies[0]),
            down: Pipe::new(latencies[1]),
            fault: None,
            heard_at: 0,
            hello: None,
            said: None,
            heard: None,
        });
        self.links.len() - 1
    }

    pub(crate) fn send_up(&mut self, now: u64, at: usize, parcel: Up) {
        let pipe = &mut self.links[at].up;
        if !pipe.is_dead {
            pipe.queue.push_back(parcel);
            pipe.last = pipe.last.max(now + pipe.latency);
            let arrival = pipe.last;
            self.plan(arrival, Happening::Up(at));
        }
    }

    pub(crate) fn send_down(&mut self, now: u64, at: usize, parcel: Down) {
        let pipe = &mut self.links[at].down;
        if !pipe.is_dead {
            pipe.bytes += bytes(&parcel);
            pipe.queue.push_back(parcel);
            pipe.last = pipe.last.max(now + pipe.latency);
            let arrival = pipe.last;
            self.plan(arrival, Happening::Down(at));
        }
    }

    /// The next frame that arrives at the server; none if the link was cut meanwhile.
    pub(crate) fn arrives_up(&mut self, at: usize) -> Option<Up> {
        let pipe = &mut self.links[at].up;
        let parcel = pipe.queue.pop_front()?;
        pipe.delivered += 1;
        Some(parcel)
    }

    /// The next frame that arrives at the page.
    pub(crate) fn arrives_down(&mut self, at: usize) -> Option<Down> {
        let pipe = &mut self.links[at].down;
        let parcel = pipe.queue.pop_front()?;
        pipe.delivered += 1;
        pipe.bytes -= bytes(&parcel);
        Some(parcel)
    }

    pub(crate) fn cut(&mut self, now: u64, at: usize, page: bool, server: bool, lingers: bool) {
        let link = &mut self.links[at];
        (link.down.bytes, link.fault) = (0, None);
        link.down.queue.clear();
        if !lingers {
            link.up.queue.clear();
        }
        if page {
            self.send_down(now, at, Down::Lost);
        }
        if server {
            self.send_up(now, at, Up::Lost);
        }
        self.links[at].up.is_dead = true;
        self.links[at].down.is_dead = true;
    }

    /// The link gets quick, and fails no more by itself.
    pub(crate) fn calm(&mut self, at: usize) {
        let link = &mut self.links[at];
        link.fault = None;
        link.up.latency = link.up.latency.min(20);
        link.down.latency = link.down.latency.min(20);
    }

    /// What is under way upwards, and what follows, vanishes.
    pub(crate) fn deafen_server(&mut self, at: usize) {
        self.links[at].up.queue.clear();
        self.links[at].up.is_dead = true;
    }

    /// What is under way downwards, and what follows, vanishes.
    pub(crate) fn deafen_page(&mut self, at: usize) {
        let down = &mut self.links[at].down;
        down.queue.clear();
        (down.bytes, down.is_dead) = (0, true);
    }
}

/// What a parcel takes of the link's buffer.
fn bytes(parcel: &Down) -> u64 {
    match parcel {
        Down::Message(msg) => 2 + msg.bytes,
        _ => 100,
    }
}
