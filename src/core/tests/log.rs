//! The last transitions, with their reasons.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, CloseInfo, Input, SocketId, key, opened, set};
use crate::core::options::Knob;

fn log(bench: &Bench) -> Vec<(u64, &'static str, &'static str, String)> {
    let pair = key("a");
    let entries = bench.pool.log(&pair);
    entries.map(|entry| (entry.at, entry.from, entry.to, entry.because.to_string())).collect()
}

#[test]
fn it_tells_a_life_in_order_with_unix_times_and_reasons() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.ms = 40;
    bench.tell(opened(socket));
    bench.ms = 90;
    let restart = CloseInfo { code: 1012, reason: "".into(), clean: true };
    bench.tell(Input::Closed(socket, restart));
    let connecting = || "connecting".to_string();
    assert_eq!(
        log(&bench),
        [
            (1_000_000, "ended", "locating", connecting()),
            (1_000_000, "locating", "queued", connecting()),
            (1_000_000, "queued", "opening", connecting()),
            (1_000_040, "opening", "open", "".into()),
            (1_000_090, "open", "waiting", "the server is restarting".into()),
        ]
    );
}

#[test]
fn each_entry_goes_on_from_the_one_before() {
    let mut bench = Bench::new();
    let mut socket = bench.connect_with("a", set(Knob::Asks, 1.0));
    for retry in [true, true, false] {
        bench.tell(opened(socket));
        bench.lose(socket, 1006);
        bench.tell(Input::Judged(socket, CloseInfo::abnormal(), Some(retry)));
        if retry {
            bench.advance();
            socket = SocketId { generation: socket.generation + 1, ..socket };
        }
    }
    let log = log(&bench);
    assert!(log.windows(2).all(|pair| pair[0].2 == pair[1].1), "{log:?}");
    assert_eq!(log.last().map(|entry| (entry.1, entry.2)), Some(("open", "failed")));
}

#[test]
fn the_last_thirty_two_are_kept() {
    let mut bench = Bench::new();
    let mut socket = bench.connect("a");
    for _ in 0..20 {
        bench.lose(socket, 1006);
        bench.advance();
        socket.generation += 1;
    }
    let log = log(&bench);
    assert_eq!((log.len(), log[31].2), (32, "opening"));
    assert!(log.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].2 == pair[1].1));
}

#[test]
fn it_outlives_the_connection_and_goes_on_with_the_next() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 4410);
    assert_eq!(log(&bench).last().map(|entry| &*entry.3), Some("the environment was deleted"));
    let before = log(&bench).len();
    bench.connect("a");
    assert_eq!(log(&bench).len(), before + 3);
}

#[test]
fn of_the_pairs_that_have_left_the_last_are_remembered() {
    let mut bench = Bench::new();
    for env in ["a"].into_iter().chain(["b"; 32]).enumerate().map(|(at, env)| format!("{env}{at}")) {
        let socket = bench.open(&env);
        bench.lose(socket, 1000);
    }
    let of = |env: &str| bench.pool.log(&key(env)).count();
    assert_eq!((of("a0"), of("b1") > 0, of("b32") > 0), (0, true, true));
}

#[test]
fn a_pair_never_seen_has_none() {
    assert_eq!(log(&Bench::new()).len(), 0);
}
