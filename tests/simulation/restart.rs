//! A server with ten thousand clients restarts: how they come back, by attempts per 100 ms.
//!
//! All lose their link at one moment. The server refuses everybody until it is up again; then it takes so
//! many handshakes a second, and lets the others wait for it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use envsocket::core::event::{CloseInfo, Input, Output, Place, SocketId, Spoken};
use envsocket::core::options::Overrides;
use envsocket::core::pool::Pool;
use envsocket::core::time::{Instant, Now};

use crate::chance::Dice;
use crate::model::Msg;

const CLIENTS: usize = 10_000;
const BIN_MS: u64 = 100;
/// How long the server is away.
const DOWN_MS: &[u64] = if cfg!(debug_assertions) { &[5_000] } else { &[500, 5_000, 20_000] };
/// How many handshakes the server completes in a second.
const HANDSHAKES_PER_S: u64 = 2_000;
/// Nobody waits longer than the backoff's cap.
const CAP_MS: u64 = 30_000;
/// Every client had a stable connection before.
const UPTIME_MS: u64 = 60_000;

enum Happening {
    /// The next deadline of the client has come.
    Timeout,
    Answer(SocketId, bool),
}

/// All clients, each a page of its own, and the server that they share. Times are ms; all links are lost at 0.
struct Restart {
    clients: Vec<Pool<Msg>>,
    agenda: BTreeMap<(u64, u64), (usize, Happening)>,
    noted: u64,
    dice: Dice,
    down_ms: u64,
    /// When the server has time for one more handshake, in µs.
    free_at_us: u64,
    /// When each client is back.
    back: Vec<Option<u64>>,
    attempts: Vec<u32>,
}

impl Restart {
    fn new(down_ms: u64) -> Self {
        let clients = (0..CLIENTS as u64).map(|seed| Pool::new(seed * 7_919 + down_ms, true)).collect();
        Self {
            clients,
            agenda: BTreeMap::new(),
            noted: 0,
            dice: Dice::new(down_ms),
            down_ms,
            free_at_us: 0,
            back: vec![None; CLIENTS],
            attempts: Vec::new(),
        }
    }

    /// Connects everybody, takes the server away, and waits until all are back.
    fn run(mut self) -> Self {
        for client in 0..CLIENTS {
            let (began, lost) = (moment(0, 0), moment(UPTIME_MS, 0));
            let pool = &mut self.clients[client];
            let id = pool.connect(began, None, Overrides::default());
            let socket = SocketId { conn: id, generation: 1 };
            let place = Place { origin: "server".into(), destination: "server".into() };
            pool.handle(began, Input::Located(socket, Ok(place)));
            pool.handle(began, Input::Opened(socket, Spoken::Plain));
            while pool.poll_output().is_some() {}
            pool.handle(lost, Input::Closed(socket, CloseInfo::abnormal()));
            self.follow(client, 0);
        }
        while let Some(((at, _), (client, happening))) = self.agenda.pop_first() {
            let now = moment(UPTIME_MS, at);
            let pool = &mut self.clients[client];
            match happening {
                Happening::Timeout => pool.handle(now, Input::Timeout),
                Happening::Answer(socket, true) => {
                    // Its patience may have ended before the server had time for it.
                    if pool.socket(socket.conn) == Some(socket) {
                        self.back[client] = Some(at);
                    }
                    pool.handle(now, Input::Opened(socket, Spoken::Plain));
                }
                Happening::Answer(socket, false) => {
                    pool.handle(now, Input::Closed(socket, CloseInfo::abnormal()));
                }
            }
            self.follow(client, at);
        }
        self
    }

    fn plan(&mut self, at: u64, client: usize, happening: Happening) {
        self.noted += 1;
        self.agenda.insert((at, self.noted), (client, happening));
    }

    fn follow(&mut self, client: usize, at: u64) {
        while let Some(output) = self.clients[client].poll_output() {
            match output {
                Output::Locate { socket } => {
                    let place = Place { origin: "server".into(), destination: "server".into() };
                    self.clients[client].handle(moment(UPTIME_MS, at), Input::Located(socket, Ok(place)));
                }
                Output::OpenSocket { socket, .. } => self.attempt(client, socket, at),
                _ => {}
            }
        }
        if let Some(deadline) = self.clients[client].poll_timeout() {
            let due = deadline.since(Instant::from_ms(UPTIME_MS)).max(at);
            self.plan(due, client, Happening::Timeout);
        }
    }

    fn attempt(&mut self, client: usize, socket: SocketId, at: u64) {
        let bin = (at / BIN_MS) as usize;
        self.attempts.resize(self.attempts.len().max(bin + 1), 0);
        self.attempts[bin] += 1;
        let arrives = at + 5 + self.dice.up_to(30);
        if arrives < self.down_ms {
            return self.plan(arrives, client, Happening::Answer(socket, false));
        }
        self.free_at_us = self.free_at_us.max(arrives * 1_000) + 1_000_000 / HANDSHAKES_PER_S;
        self.plan(self.free_at_us.div_ceil(1_000) + 5, client, Happening::Answer(socket, true));
    }

    fn per_second(&self) -> Vec<u32> {
        self.attempts.chunks(10).map(|bins| bins.iter().sum()).collect()
    }

    /// A wave is a bin that is higher than those of the second before it, by more than chance would have it.
    /// The first base interval (250 ms), in which everybody tries for the first time, is the one wave that
    /// must be.
    fn second_wave(&self) -> Option<(usize, u32)> {
        let first_wave = (250 / BIN_MS + 1) as usize;
        let waves = self.attempts.iter().enumerate().skip(first_wave).filter(|(bin, count)| {
            let before = &self.attempts[bin.saturating_sub(10).max(first_wave - 1)..*bin];
            let usual = f64::from(before.iter().sum::<u32>()) / before.len() as f64;
            f64::from(**count) > usual + noise(usual)
        });
        waves.map(|(bin, count)| (bin, *count)).next()
    }
}

/// Six standard deviations of a count: what chance does once in a thousand million bins.
fn noise(usual: f64) -> f64 {
    6.0 * usual.max(1.0).sqrt()
}

fn moment(base_ms: u64, ms: u64) -> Now {
    Now { instant: Instant::from_ms(base_ms + ms), unix_ms: 1_700_000_000_000 + base_ms + ms }
}

#[test]
fn after_a_restart_ten_thousand_clients_come_back_without_a_second_wave() {
    for down_ms in DOWN_MS.iter().copied() {
        let restart = Restart::new(down_ms).run();
        let last = restart.back.iter().map(|at| at.expect("everybody is back")).max().unwrap_or_default();
        #[cfg(not(target_arch = "wasm32"))]
        print(&restart, last);
        assert_eq!(restart.second_wave(), None, "down for {down_ms} ms: {:?}", restart.attempts);
        let per_second = restart.per_second();
        let falls = |pair: &[u32]| f64::from(pair[1]) <= f64::from(pair[0]) + noise(pair[0].into());
        assert!(per_second.windows(2).all(falls), "down for {down_ms} ms: {per_second:?}");
        assert!(last <= down_ms + CAP_MS + 1_000, "the last was back after {last} ms");
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn print(restart: &Restart, last: u64) {
    let attempts: u32 = restart.attempts.iter().sum();
    println!(
        "restart: {CLIENTS} clients, server down for {} ms, {attempts} attempts, all back after {last} ms; \
         attempts per {BIN_MS} ms:",
        restart.down_ms
    );
    for (second, bins) in restart.attempts.chunks(10).enumerate() {
        let bins: Vec<String> = bins.iter().map(|count| format!("{count:>5}")).collect();
        println!("{second:>4} s {}", bins.concat());
    }
}
