//! The commands as lines, for programs that are not Rust: a line in, a line of JSON out.
//!
//! | line | what it does |
//! | --- | --- |
//! | `target ADDRESS` | [`Proxy::retarget`] |
//! | `plan up\|down BYTES reset\|finish` | [`Proxy::plan`] |
//! | `cut reset\|finish` | [`Proxy::cut`] |
//! | `hold-open up\|down\|both` | [`Proxy::hold_open`] |
//! | `hold up\|down\|both` | [`Proxy::hold`] |
//! | `release` | [`Proxy::release`] |
//! | `delay MS` | [`Proxy::delay`] |
//! | `refuse on\|off` | [`Proxy::refuse`] |
//! | `tally` | nothing |
//! | `idle` | nothing, once no link is open |
//!
//! The answer is the [tally](Proxy::tally) once it is done, as an object, or an object with an `error`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Cut, Manner, Proxy, Tally, Way};

/// Does what a line says; returns the answer's line.
pub async fn obey(proxy: &Proxy, line: &str) -> String {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match command(proxy, &words).await {
        Some(()) => tally(proxy.tally()).to_string(),
        None => json!({ "error": format!("no such command: {line}") }).to_string(),
    }
}

async fn command(proxy: &Proxy, words: &[&str]) -> Option<()> {
    match *words {
        ["target", addr] => proxy.retarget(addr.parse().ok()?),
        ["plan", way, after, how] => {
            let [way] = ways(way)? else { return None };
            proxy.plan(Cut { way: *way, after: after.parse().ok()?, manner: manner(how)? });
        }
        ["cut", how] => drop(proxy.cut(manner(how)?).await),
        ["hold-open", way] => proxy.hold_open(ways(way)?),
        ["hold", way] => proxy.hold(ways(way)?),
        ["release"] => proxy.release(),
        ["delay", ms] => proxy.delay(Duration::from_millis(ms.parse().ok()?)),
        ["refuse", "on"] => proxy.refuse(true),
        ["refuse", "off"] => proxy.refuse(false),
        ["tally"] => {}
        ["idle"] => drop(proxy.until("the links' end", |tally| tally.open == 0).await),
        _ => return None,
    }
    Some(())
}

fn ways(word: &str) -> Option<&'static [Way]> {
    match word {
        "up" => Some(&[Way::Up]),
        "down" => Some(&[Way::Down]),
        "both" => Some(&[Way::Up, Way::Down]),
        _ => None,
    }
}

fn manner(word: &str) -> Option<Manner> {
    match word {
        "reset" => Some(Manner::Reset),
        "finish" => Some(Manner::Finish),
        _ => None,
    }
}

fn tally(Tally { begun, open, cut, refused, up, down }: Tally) -> Value {
    json!({ "begun": begun, "open": open, "cut": cut, "refused": refused, "up": up, "down": down })
}
