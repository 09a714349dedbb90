//! Chapters "Handshake" and "Input": after a cut, wherever it comes, both ends go on after the last message that
//! arrived.

use crate::case::{At, Case, case, numbered};
use crate::tab::Said;

pub(super) const CASES: &[Case] = &[
    case!(output_goes_on_after_a_cut_at_any_place),
    case!(output_that_was_made_meanwhile_comes_and_live_says_how_much),
    case!(input_goes_on_after_a_cut_at_any_place),
    case!(a_welcome_says_what_was_received_and_not_what_was_consumed),
    case!(whatever_is_cut_nothing_is_lost_doubled_or_disordered),
];

async fn output_goes_on_after_a_cut_at_any_place(at: At) {
    for acknowledges in [true, false] {
        for cut in 0..=6 {
            let mut tab = at.attached("/told").await;
            tab.consumes = acknowledges;
            tab.send("!say 6 20").await;
            for number in 1..=cut {
                tab.expect(&[&numbered(number, 20)]).await;
            }
            let epoch = tab.epoch.clone();
            tab.cut();
            tab.attach().await;
            assert_eq!((&tab.epoch, tab.told("next")), (&epoch, cut + 1));
            for number in cut + 1..=6 {
                tab.expect(&[&numbered(number, 20)]).await;
            }
            tab.send("on").await;
            tab.expect(&["on"]).await;
        }
    }
}

async fn output_that_was_made_meanwhile_comes_and_live_says_how_much(at: At) {
    let mut tab = at.attached("/told").await;
    let (go, done) = (at.gate(), at.gate());
    for command in [format!("!stop {go}"), "!say 5 30".into(), format!("!go {done}")] {
        tab.send(command).await;
    }
    tab.hear_counts(3, 0).await;
    tab.cut();
    at.open_gate(&go).await;
    at.pass_gate(&done).await;
    tab.attach().await;
    assert_eq!((tab.told("next"), tab.told("live"), tab.told("received")), (1, 5, 3));
    for number in 1..=5 {
        tab.expect(&[&numbered(number, 30)]).await;
    }
}

async fn input_goes_on_after_a_cut_at_any_place(at: At) {
    for cut in 0..=6 {
        let mut tab = at.attached("/told").await;
        let texts: Vec<String> = (1..=6).map(|number| format!("input {number}")).collect();
        for (index, text) in texts.iter().enumerate() {
            if index < cut { tab.send(text).await } else { tab.lose(text) }
        }
        tab.cut();
        tab.attach().await;
        for text in &texts {
            tab.expect(&[text]).await;
        }
        tab.round_trip().await;
        assert_eq!(tab.received, 6, "each was taken once");
    }
}

async fn a_welcome_says_what_was_received_and_not_what_was_consumed(at: At) {
    let mut tab = at.attached("/told").await;
    let gate = at.gate();
    tab.send(format!("!stop {gate}")).await;
    tab.send("two").await;
    tab.send("three").await;
    tab.hear_counts(3, 0).await;
    tab.cut();
    tab.attach().await;
    assert_eq!(tab.told("received"), 3);
    tab.round_trip().await;
    assert_eq!((tab.their_counts(), tab.received), ((3, 0), 0));
    at.open_gate(&gate).await;
    tab.expect(&["two", "three"]).await;
    tab.hear_counts(3, 3).await;
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

async fn whatever_is_cut_nothing_is_lost_doubled_or_disordered(at: At) {
    for seed in 0..8 {
        let (mut dice, mut tab) = (Dice(seed), at.attached("/told").await);
        tab.consumes = seed % 2 == 0;
        let (mut sent, mut heard) = (0, 0);
        let epoch = tab.epoch.clone();
        for _ in 0..120 {
            match dice.below(8) {
                0..=3 => {
                    sent += 1;
                    let text = format!("{sent}");
                    if dice.below(10) == 0 {
                        tab.lose(&text);
                        tab.cut();
                        tab.attach().await;
                    } else {
                        tab.send(text).await;
                    }
                }
                4..=5 if heard < sent => {
                    heard += 1;
                    tab.expect(&[&heard.to_string()]).await;
                }
                6 => tab.count("ack").await,
                7 => {
                    tab.cut();
                    tab.attach().await;
                }
                _ => tab.round_trip().await,
            }
            // A round trip hears what came before its answer.
            heard = heard.max(tab.received);
        }
        while heard < sent {
            heard += 1;
            tab.expect(&[&heard.to_string()]).await;
        }
        tab.send("!quiet").await;
        tab.hear_counts(sent + 1, sent + 1).await;
        assert_eq!((tab.received, &tab.epoch), (sent, &epoch), "with the seed {seed}");
        if let Said::Ended(ending) = {
            tab.count("ping").await;
            tab.listen().await
        } {
            panic!("{ending:?} with the seed {seed}");
        }
    }
}
