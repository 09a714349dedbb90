//! Whatever happens, in whatever order: what must hold then.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use super::{Bench, ConnId, Input, Network, Output, SocketId, Text, ended, key};
use crate::core::rng::Rng;
use crate::core::status::{ReadyState, Status};

const ENVS: [&str; 3] = ["a", "b", "c"];
const CODES: [u16; 7] = [1000, 1001, 1006, 4401, 4404, 4410, 4999];

/// A socket as the driver would hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    Opening,
    Open,
    Closing,
}

/// The world around the pool: the sockets that exist, and the connections that were not released.
struct World {
    bench: Bench,
    rng: Rng,
    sockets: BTreeMap<(ConnId, u32), Socket>,
    known: Vec<ConnId>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            bench: Bench::seeded(seed),
            rng: Rng::new(seed ^ 0x5eed),
            sockets: BTreeMap::new(),
            known: Vec::new(),
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.up_to(from.len() as u64 - 1) as usize]
    }

    fn step(&mut self) {
        let now = self.bench.now();
        match self.rng.up_to(9) {
            0 | 1 => self.use_pair(),
            2 => {
                if let Some(deadline) = self.bench.pool.poll_timeout() {
                    self.bench.ms += deadline.since(now.instant) + self.rng.up_to(2_000);
                }
                self.bench.pool.handle(self.bench.now(), Input::Timeout);
            }
            3 => {
                let network = self.pick(&[Network::Online, Network::Offline]);
                self.bench.pool.handle(now, Input::Network(network));
            }
            _ => self.move_socket(),
        }
        self.drain();
        self.check();
    }

    fn use_pair(&mut self) {
        let (now, env) = (self.bench.now(), self.pick(&ENVS));
        let Some(id) = self.bench.pool.find(&key(env)) else {
            let id = self.bench.pool.connect(now, Some(key(env)), Default::default());
            self.known.push(id);
            return;
        };
        match self.rng.up_to(4) {
            0 => self.bench.pool.close(now, id, None, "").expect("good arguments"),
            1 => self.bench.pool.reconnect(now, id).expect("it was found"),
            2 => self.bench.pool.set_active(key(env)),
            _ => drop(self.bench.pool.send(now, id, Text("typed"))),
        }
    }

    /// Something happens to one of the sockets, as a browser would tell it.
    fn move_socket(&mut self) {
        let sockets: Vec<_> = self.sockets.iter().map(|(id, state)| (*id, *state)).collect();
        if sockets.is_empty() {
            return;
        }
        let ((conn, generation), state) = self.pick(&sockets);
        let (now, id) = (self.bench.now(), SocketId { conn, generation });
        let input = match (state, self.rng.up_to(2)) {
            (Socket::Opening, 0 | 1) => {
                self.sockets.insert((conn, generation), Socket::Open);
                Input::Opened(id)
            }
            (Socket::Open, 0 | 1) => Input::Received(id, Text("output")),
            (state, _) => {
                self.sockets.remove(&(conn, generation));
                let code = if state == Socket::Opening { 1006 } else { self.pick(&CODES) };
                Input::Closed(id, ended(code))
            }
        };
        self.bench.pool.handle(now, input);
    }

    fn drain(&mut self) {
        for output in self.bench.drain() {
            match output {
                Output::OpenSocket { socket } => {
                    let opened = self.sockets.insert((socket.conn, socket.generation), Socket::Opening);
                    assert_eq!(opened, None, "a generation is used once");
                }
                Output::Send { socket, .. } => {
                    let state = self.sockets.get(&(socket.conn, socket.generation));
                    assert_eq!(state, Some(&Socket::Open), "messages go to open sockets only");
                }
                Output::CloseSocket { socket, .. } => {
                    let state = self.sockets.get_mut(&(socket.conn, socket.generation));
                    *state.expect("what is closed exists") = Socket::Closing;
                }
                Output::AbandonSocket { socket } => {
                    let gone = self.sockets.remove(&(socket.conn, socket.generation));
                    assert!(gone.is_some(), "what is let go exists");
                }
                Output::Release { conn } => self.known.retain(|known| *known != conn),
                Output::Emit { .. } | Output::Poll(_) | Output::Changed => {}
            }
        }
    }

    fn check(&mut self) {
        for id in &self.known {
            let sockets: Vec<Socket> =
                self.sockets.range((*id, 0)..=(*id, u32::MAX)).map(|(_, state)| *state).collect();
            let status = self.bench.pool.connection_status(*id).expect("not released yet");
            let matches = match status {
                Status::Connected => sockets == [Socket::Open],
                Status::Connecting | Status::Reconnecting => {
                    sockets.is_empty() || sockets == [Socket::Opening]
                }
                Status::Disconnecting => sockets.is_empty() || sockets == [Socket::Closing],
                Status::Failed | Status::Disconnected => sockets.is_empty(),
            };
            assert!(matches, "{status:?} with {sockets:?}");
            let open = self.bench.pool.ready_state(*id) == Some(ReadyState::Open);
            assert_eq!(open, matches!(status, Status::Connected | Status::Reconnecting));
        }
        let orphans = self.sockets.keys().filter(|(conn, _)| !self.known.contains(conn));
        assert_eq!(orphans.count(), 0, "a released connection has no socket");
        assert!(self.bench.pool.facts().filter(|facts| facts.is_active).count() <= 1);
        assert_eq!(self.bench.pool.ids(|_| true), self.known);
    }

    /// Closes everything and lets every deadline pass.
    fn end(&mut self) {
        for id in self.known.clone() {
            self.bench.pool.close(self.bench.now(), id, None, "").expect("good arguments");
        }
        self.drain();
        while self.bench.pool.poll_timeout().is_some() {
            let done = self.bench.advance();
            assert!(!done.iter().any(|output| matches!(output, Output::OpenSocket { .. })));
            for output in done {
                if let Output::Release { conn } = output {
                    self.known.retain(|known| *known != conn);
                }
            }
        }
        assert_eq!(self.known, [], "all are released");
    }
}

#[test]
fn every_schedule_keeps_status_sockets_and_timers_true_to_each_other() {
    let schedules = if cfg!(target_arch = "wasm32") { 200 } else { 2_000 };
    for seed in 0..schedules {
        // A panic ends the wasm at once; what was printed before it is shown with it.
        #[cfg(target_arch = "wasm32")]
        wasm_bindgen_test::console_log!("the schedule with seed {seed}");
        let mut world = World::new(seed);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..200).for_each(|_| world.step());
            world.end();
        }));
        assert!(run.is_ok(), "the schedule with seed {seed} failed");
    }
}
