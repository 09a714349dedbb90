//! Whatever peers say: nothing panics, nothing grows without bound, and whoever keeps to the protocol is served.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, Note, TERMS, Tab, counts, size, tab};
use crate::core::resume::frame::{ClientFrame, Counts};
use crate::core::resume::session::MAX_ATTACHMENTS;
use crate::core::resume::{Id, MAX_NUMBER};
use crate::core::rng::Rng;

/// A number that a peer might choose: small, near the end of the numbers, or beyond it.
fn number(rng: &mut Rng) -> u64 {
    match rng.up_to(9) {
        0 => MAX_NUMBER - rng.up_to(1),
        1 => u64::MAX,
        _ => rng.up_to(6),
    }
}

fn any_counts(rng: &mut Rng) -> Counts {
    counts(number(rng), number(rng), number(rng))
}

fn any_frame(rng: &mut Rng, tab: &Tab) -> ClientFrame {
    match rng.up_to(5) {
        0 => ClientFrame::Hello(tab.hello.clone()),
        1 => ClientFrame::Ack(any_counts(rng)),
        2 => ClientFrame::Ping(any_counts(rng)),
        3 => ClientFrame::Pong(any_counts(rng)),
        4 => ClientFrame::Skip { to: number(rng) },
        _ => ClientFrame::Resize(size(rng.up_to(3) as u16)),
    }
}

/// One of many tabs comes with a hello that is more or less honest.
fn any_hello(rng: &mut Rng, bench: &mut Bench, tabs: &mut Vec<Tab>) {
    let id = rng.up_to(2 * MAX_ATTACHMENTS as u64).into();
    let mut guest = tab(id);
    let known = tabs.iter().find(|known| known.hello.attachment == Id(id));
    if let Some(known) = known.filter(|_| rng.up_to(9) > 0) {
        guest.hello = known.hello.clone();
    }
    guest.hello.attempt = guest.hello.attempt.max(number(rng).min(20));
    if rng.up_to(1) == 0 {
        let hello = &mut guest.hello;
        (hello.received, hello.sent, hello.acked) = (number(rng), number(rng), number(rng));
    }
    if bench.attach(&mut guest).is_ok() {
        tabs.retain(|known| known.hello.attachment != Id(id));
        tabs.push(guest);
    }
}

#[test]
fn nonsense_is_refused_and_the_others_are_served() {
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let mut bench = Bench::new();
        let honest = bench.tab(5_000);
        let mut tabs = Vec::new();
        let (mut said, mut heard) = (0, 0);
        for _ in 0..600 {
            match rng.up_to(9) {
                0..=2 => any_hello(&mut rng, &mut bench, &mut tabs),
                3..=6 if !tabs.is_empty() => {
                    let guest = &tabs[rng.up_to(tabs.len() as u64 - 1) as usize];
                    let now = bench.now();
                    match rng.up_to(5) {
                        0 => bench.lose(guest),
                        1 => bench.leave(guest),
                        2 => bench.frame(guest, any_frame(&mut rng, guest)),
                        3 => bench.session.message(now, guest.link, Note { id: 1, bytes: number(&mut rng) }),
                        _ => drop(bench.pull(guest)),
                    }
                }
                7 => bench.pass(rng.up_to(900)),
                8 => drop(bench.session.take_input()),
                _ => {
                    said += 1;
                    bench.say([said]);
                    heard += bench.notes(&honest).len() as u64;
                    bench.ack(&honest, heard);
                }
            }
            let most = TERMS.ring + TERMS.credit * (MAX_ATTACHMENTS as u64 + 2);
            assert!(bench.session.cost() <= most);
        }
        assert_eq!(heard, said, "seed {seed}");
        assert_eq!(bench.over(&honest), None);
    }
}
