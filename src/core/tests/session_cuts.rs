//! Whatever is cut, whenever: every tab gets what the source has said, in order and once, or is told exactly
//! what is missing; and the source gets what every tab has sent, in order and once.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::VecDeque;

use super::session_bench::{Bench, Note, TERMS, Tab, counts, tab};
use crate::core::resume::ENTRY_COST;
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Entry, Input, Next};
use crate::core::rng::Rng;

/// How many notes a tab has for its input.
const OWN: u64 = 1_000_000;

/// A tab with a client's memory, and the wire between it and the server.
struct Client {
    tab: Tab,
    /// Whether a welcome has come over the socket of now.
    welcomed: bool,
    /// What was handed over and has not arrived.
    wire: VecDeque<Next<Note>>,
    /// Which entries it knows of: delivered, or announced as missing. Always one after the other.
    received: u64,
    consumed: u64,
    /// Where the picture that is to come leads to.
    picture: Option<u64>,
    /// The nth input that it sends is the nth note of its own.
    sent: u64,
    acked: u64,
    /// What the source is known to have consumed.
    spent: u64,
    /// What the server has, if what follows is to be sent again.
    again: Option<u64>,
    gaps: u64,
}

impl Client {
    fn new(id: u128) -> Self {
        Self {
            tab: tab(id),
            welcomed: false,
            wire: VecDeque::new(),
            received: 0,
            consumed: 0,
            picture: None,
            sent: 0,
            acked: 0,
            spent: 0,
            again: None,
            gaps: 0,
        }
    }

    fn attach(&mut self, bench: &mut Bench) {
        self.wire.clear();
        self.picture = None;
        let hello = &mut self.tab.hello;
        (hello.sent, hello.acked) = (self.sent, self.acked);
        hello.received = if hello.epoch.is_some() { self.received } else { 0 };
        bench.attach(&mut self.tab).expect("an honest client is welcome");
        self.welcomed = false;
    }

    /// Takes in the oldest that is on the wire, and does what follows from it.
    fn arrive(&mut self, bench: &mut Bench) {
        self.take_in();
        if let Some(had) = self.again.take() {
            bench.send(&self.tab, (had + 1..=self.sent).map(|number| self.own(number)));
        }
    }

    fn own(&self, number: u64) -> u64 {
        self.tab.hello.attachment.0 as u64 * OWN + number
    }

    fn take_in(&mut self) {
        match self.wire.pop_front() {
            Some(Next::Message(note)) => match self.picture.take() {
                Some(to) => {
                    assert_eq!(note.id, 1_000_000 + to, "the picture is of the entry that the gap ends with");
                    self.received = to;
                }
                None => {
                    self.received += 1;
                    assert_eq!(note.id, self.received, "in order, once, nothing missing");
                }
            },
            Some(Next::Frame(frame)) => self.control(frame),
            Some(Next::Over(farewell)) => {
                assert_eq!(farewell.code, 4413, "{}", farewell.reason);
                self.welcomed = false;
            }
            Some(Next::Idle) | None => {}
        }
    }

    fn control(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Welcome(welcome) => {
                if self.tab.hello.epoch.is_none() {
                    (self.received, self.consumed) = (welcome.next - 1, 0);
                }
                self.tab.hello.epoch = Some(welcome.epoch);
                self.welcomed = true;
                assert_eq!(welcome.next, self.received + 1);
                assert!((self.acked..=self.sent).contains(&welcome.received));
                self.acked = welcome.received;
                self.again = Some(welcome.received);
            }
            ServerFrame::Gap { from, to, snapshot, .. } => {
                assert_eq!(from, self.received + 1);
                self.gaps += 1;
                if snapshot {
                    self.picture = Some(to);
                } else {
                    self.received = to;
                }
            }
            ServerFrame::Ack(told) | ServerFrame::Ping(told) | ServerFrame::Pong(told) => {
                assert_eq!(told.sent, self.received, "no miscount");
                assert!(told.consumed <= told.received && told.received <= self.sent);
                (self.acked, self.spent) = (told.received, told.consumed);
            }
            ServerFrame::Role { .. } => {}
            frame => panic!("nobody said that: {frame:?}"),
        }
    }
}

/// Lets the source consume all input.
fn feed(bench: &mut Bench, fed: &mut [u64; 2]) {
    for input in bench.feed() {
        let Input::Message(Note { id, .. }) = input else { panic!("nobody has a terminal") };
        let typed = &mut fed[(id / OWN - 1) as usize];
        *typed += 1;
        assert_eq!(id % OWN, *typed, "in order, once");
    }
}

/// Plays one schedule and says how many gaps it has led to.
fn run(seed: u64) -> u64 {
    let mut rng = Rng::new(seed);
    let mut bench = if rng.up_to(1) == 0 { Bench::new() } else { Bench::painting() };
    let mut clients = [Client::new(1), Client::new(2)];
    let (mut said, mut fed) = (0, [0; 2]);
    for client in &mut clients {
        client.attach(&mut bench);
    }
    for _ in 0..400 {
        let client = &mut clients[rng.up_to(1) as usize];
        match rng.up_to(15) {
            0..4 => {
                said += 1;
                let bytes = if rng.up_to(39) == 0 { 2 * TERMS.ring } else { rng.up_to(89) };
                bench.append(Entry::Message(Note { id: said, bytes }));
            }
            4..8 => {
                let pulled = bench.next(&client.tab);
                client.wire.push_back(pulled);
            }
            8..12 => client.arrive(&mut bench),
            12 if client.welcomed => {
                client.consumed = client.received;
                let stated = counts(client.sent, client.received, client.consumed);
                let frame =
                    if rng.up_to(1) == 0 { ClientFrame::Ack(stated) } else { ClientFrame::Ping(stated) };
                bench.frame(&client.tab, frame);
            }
            13 if client.welcomed && client.sent - client.spent < 4 => {
                client.sent += 1;
                bench.send(&client.tab, [client.own(client.sent)]);
            }
            14 => feed(&mut bench, &mut fed),
            15 if rng.up_to(3) == 0 => {
                if rng.up_to(1) == 0 {
                    bench.lose(&client.tab);
                }
                client.attach(&mut bench);
            }
            _ => bench.pass(rng.up_to(299)),
        }
        let most = 2 * TERMS.ring + ENTRY_COST + 2 * TERMS.credit;
        assert!(bench.session.cost() <= most);
    }
    // When the network is whole again, everybody gets all there is.
    for client in &mut clients {
        client.attach(&mut bench);
        while client.received < said || !client.wire.is_empty() {
            let pulled = bench.pull(&client.tab);
            client.wire.extend(pulled);
            while !client.wire.is_empty() {
                client.arrive(&mut bench);
            }
            bench.frame(&client.tab, ClientFrame::Ack(counts(client.sent, client.received, client.received)));
        }
        assert_eq!(client.received, said);
    }
    feed(&mut bench, &mut fed);
    assert_eq!(fed, [clients[0].sent, clients[1].sent], "all that was typed");
    clients.iter().map(|client| client.gaps).sum()
}

#[test]
fn every_schedule_of_cuts_delivers_all_or_announces_what_is_missing() {
    let mut gaps = 0;
    for seed in 0..400 {
        gaps += run(seed);
    }
    assert!(gaps > 20, "the schedules reach gaps: {gaps}");
}
