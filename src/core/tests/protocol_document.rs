//! What `docs/PROTOCOL.md` shows is what the core reads and writes, here with the server's kind of JSON.
//! `tests/browser/protocol.rs` does the same with the browser's.

#[path = "../../../tests/protocol/document.rs"]
mod document;
#[path = "../../../tests/protocol/json.rs"]
mod json;

use crate::core::close::{MAX_REASON_BYTES, VIOLATION};
use document::{Codec, End, check};
use json::Object;

use crate::core::resume::fields::{Build, Fields, Value};
use crate::core::resume::frame::{ClientFrame, NO_OBJECT, ServerFrame};
use crate::core::resume::session::{Limits, Terms};
use crate::core::resume::{
    DEAD_AFTER_TENTHS, ENTRY_COST, MAX_CONTROL_BYTES, MAX_NUMBER, PLAIN, V1, Violation,
};

#[test]
fn the_clients_frames_are_as_the_document_says() {
    check(
        End::Client,
        &Codec {
            read: &|text| {
                parse(text).and_then(|object| ClientFrame::read(&object)).map_err(|why| why.to_string())
            },
            write: &|frame| write(|object| frame.write(object)),
            fields: &fields,
        },
    );
}

#[test]
fn the_servers_frames_are_as_the_document_says() {
    check(
        End::Server,
        &Codec {
            read: &|text| {
                parse(text).and_then(|object| ServerFrame::read(&object)).map_err(|why| why.to_string())
            },
            write: &|frame| write(|object| frame.write(object)),
            fields: &fields,
        },
    );
}

#[test]
fn the_numbers_in_the_document_are_those_of_the_code() {
    let document = include_str!("../../../docs/PROTOCOL.md");
    let (_, limits) = document.split_once("\n## Limits\n").expect("there is a chapter of limits");
    let terms = Terms::default();
    for (what, number) in [
        ("cost of an entry besides its bytes", ENTRY_COST),
        ("largest number", MAX_NUMBER),
        ("dead after, in tenths of `heartbeatMs`", DEAD_AFTER_TENTHS),
        ("longest control frame of a client, with its U+0000", MAX_CONTROL_BYTES as u64),
        ("close reason", MAX_REASON_BYTES as u64),
        ("`heartbeatMs`", terms.heartbeat_ms),
        ("`window`", terms.ring / 2),
        ("`credit`", terms.credit),
        ("`maxMessage`", terms.max_message),
        ("ring", terms.ring),
        ("tail", terms.tail),
        ("patience with a controller without progress", terms.patience_ms),
        ("grace of a detached attachment", Limits::default().grace_ms),
    ] {
        let row = limits.lines().find_map(|line| line.strip_prefix(&format!("| {what} | ")));
        let digits = row.and_then(|row| row.split([' ', ':']).next());
        assert_eq!(digits, Some(&*number.to_string()), "{what}");
    }
    assert!(document.starts_with(&format!("# The protocol `{V1}`\n")));
    assert!(document.contains(&format!("| `auto` | `{PLAIN}`, `{V1}` |")));
    assert!(document.contains(&format!("\n| {VIOLATION} | either: a violation |")));
}

#[test]
fn every_close_code_of_the_document_is_judged_as_it_says() {
    use crate::core::close::{Verdict, judge};
    let document = include_str!("../../../docs/PROTOCOL.md");
    let mut judged = 0;
    for line in document.lines() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (Some(codes), Some(_), Some(then)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let verdict = match then.split([' ', ',']).next() {
            Some("comes") => Verdict::Retry,
            Some("failed") => Verdict::Refused,
            Some("renews") => Verdict::Renew,
            Some("over") => Verdict::Ended,
            _ => continue,
        };
        for code in codes.split(", ").flat_map(codes_of) {
            assert_eq!(judge(code).0, verdict, "{code}");
            judged += 1;
        }
    }
    assert!(judged > 20, "the table is found");
}

/// One code or a range of them; what is no number (`none`, `other …`, the application's own) is none of a server's.
fn codes_of(cell: &str) -> Vec<u16> {
    let numbers: Vec<u16> = cell.split('–').filter_map(|number| number.parse().ok()).collect();
    match *numbers {
        [code] if !cell.contains('–') => vec![code],
        [first, last] if last < 3000 => (first..=last).collect(),
        _ => Vec::new(),
    }
}

fn parse(text: &str) -> Result<Object, Violation> {
    serde_json::from_str(text).map(Object).map_err(|_| NO_OBJECT)
}

fn write(by: impl FnOnce(&mut Object)) -> String {
    Object::written(by).to_string()
}

fn fields(text: &str) -> Vec<(String, String)> {
    let object = parse(text).expect("what was read is an object");
    object.0.into_iter().map(|(name, value)| (name, value.to_string())).collect()
}
