//! What every link of every case is held to, whatever the case itself is about: the order of the frames, their
//! fields, the server's counts, and its window. Panics with what the server did wrong.

use std::collections::VecDeque;

use envsocket::core::resume::fields::{Fields, Value as Field};
use envsocket::core::resume::frame::ServerFrame;
use serde_json::{Map, Value};

/// What an entry costs besides its bytes.
pub(crate) const ENTRY: u64 = 64;

/// One link, from its welcome on.
#[derive(Debug)]
pub(crate) struct Judge {
    /// The last output that has come over this link, or before it.
    pub(crate) received: u64,
    /// The number that the next message, a picture, stands for.
    picture: Option<u64>,
    /// The numbers and costs of what has come and is not said to be consumed.
    outstanding: VecDeque<(u64, u64)>,
    window: u64,
    /// The last input that was handed over.
    pub(crate) sent: u64,
    /// What the server has said on this link.
    pub(crate) theirs: Theirs,
    has_ended: bool,
    /// The code that it has said it would close with.
    bye: Option<u64>,
}

/// The server's counts of the input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Theirs {
    pub(crate) received: u64,
    /// On this link; nothing yet means 0.
    pub(crate) consumed: u64,
}

impl Judge {
    /// Of a link with this welcome.
    pub(crate) fn new(welcome: &Value, sent: u64) -> Self {
        Self {
            received: number(welcome, "next") - 1,
            picture: None,
            outstanding: VecDeque::new(),
            window: number(welcome, "window"),
            sent,
            theirs: Theirs { received: number(welcome, "received"), consumed: 0 },
            has_ended: false,
            bye: None,
        }
    }

    /// A message came, of so many bytes.
    pub(crate) fn message(&mut self, bytes: usize) {
        assert!(!self.has_ended, "a message came after `end`");
        let cost = ENTRY + bytes as u64;
        match self.picture.take() {
            Some(to) => {
                self.received = to;
                self.outstanding.push_back((to, cost));
            }
            None => self.entry(cost),
        }
    }

    /// A control frame came that is no welcome. `consumed` is the input that the server has said to be consumed in
    /// this epoch.
    pub(crate) fn frame(&mut self, frame: &Value, consumed: &mut u64) {
        let kind = frame["type"].as_str().expect("a frame that was read has a type");
        match kind {
            "ack" | "ping" | "pong" => self.counts(frame, consumed),
            "bye" => self.bye = Some(number(frame, "code")),
            "role" => {}
            _ => {
                assert!(!self.has_ended, "`{kind}` came after `end`");
                assert!(self.picture.is_none(), "`{kind}` came between a gap and its picture");
                match kind {
                    "gap" => self.gap(frame),
                    "size" => self.entry(ENTRY),
                    "end" => {
                        self.entry(ENTRY);
                        self.has_ended = true;
                    }
                    _ => panic!("a second `{kind}`"),
                }
            }
        }
    }

    /// The server has closed the link.
    pub(crate) fn closed(&self, code: u16) {
        if let Some(bye) = self.bye {
            assert_eq!(bye, u64::from(code), "the close code that `bye` has said");
        }
        assert!(!self.has_ended || code == 1000, "a link is closed with {code} after `end`");
    }

    /// The client has said that it has consumed this.
    pub(crate) fn consumed(&mut self, number: u64) {
        while self.outstanding.front().is_some_and(|(at, _)| *at <= number) {
            self.outstanding.pop_front();
        }
    }

    /// How much is outstanding, as costs.
    pub(crate) fn outstanding(&self) -> u64 {
        self.outstanding.iter().map(|(_, cost)| cost).sum()
    }

    fn entry(&mut self, cost: u64) {
        self.received += 1;
        let outstanding = self.outstanding();
        assert!(
            outstanding == 0 || outstanding + cost <= self.window,
            "output {} of cost {cost} came while {outstanding} of {} were outstanding",
            self.received,
            self.window
        );
        self.outstanding.push_back((self.received, cost));
    }

    fn gap(&mut self, frame: &Value) {
        assert_eq!(number(frame, "from"), self.received + 1, "a gap begins with what is expected next");
        let to = number(frame, "to");
        if frame["snapshot"] == true {
            self.picture = Some(to);
        } else {
            self.received = to;
        }
    }

    fn counts(&mut self, frame: &Value, consumed_before: &mut u64) {
        let [sent, received, consumed] = ["sent", "received", "consumed"].map(|name| number(frame, name));
        assert_eq!(sent, self.received, "`sent` is what has come: {frame}");
        assert!(received >= self.theirs.received, "`received` went back: {frame}, {self:?}");
        assert!(received <= self.sent, "`received` is more than was sent: {frame}, {self:?}");
        assert!(consumed >= self.theirs.consumed, "`consumed` went back: {frame}, {self:?}");
        assert!(consumed >= *consumed_before, "`consumed` went back in its epoch: {frame}");
        self.theirs = Theirs { received, consumed };
        *consumed_before = consumed;
    }
}

/// Reads a control frame, by the types and bounds of the document's tables.
pub(crate) fn read(json: &str) -> Value {
    let parsed: Map<String, Value> = match serde_json::from_str(json) {
        Ok(object) => object,
        Err(why) => panic!("a control frame that is not a JSON object ({why}): {json:.200}"),
    };
    let frame = Parsed(parsed);
    if let Err(why) = ServerFrame::read(&frame) {
        panic!("{why}: {json:.200}");
    }
    Value::Object(frame.0)
}

/// A field of a frame that was read.
pub(crate) fn number(frame: &Value, name: &str) -> u64 {
    frame[name].as_f64().map_or_else(|| panic!("`{name}` of {frame}"), |number| number as u64)
}

struct Parsed(Map<String, Value>);

impl Fields for Parsed {
    fn get(&self, name: &'static str) -> Field {
        match self.0.get(name) {
            None => Field::Missing,
            Some(Value::Null) => Field::Null,
            Some(Value::Bool(flag)) => Field::Flag(*flag),
            Some(Value::Number(number)) => number.as_f64().map_or(Field::Other, Field::Number),
            Some(Value::String(text)) => Field::Text(text.clone()),
            Some(Value::Array(_) | Value::Object(_)) => Field::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn link() -> Judge {
        Judge::new(&json!({ "next": 1, "window": 200, "received": 0 }), 3)
    }

    fn is_wrong(act: impl FnOnce(&mut Judge, &mut u64) + std::panic::UnwindSafe, why: &str) {
        let told = std::panic::catch_unwind(|| act(&mut link(), &mut 0)).expect_err(why);
        let told = told
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| Some((*told.downcast_ref::<&str>()?).to_owned()));
        assert!(told.as_deref().is_some_and(|told| told.contains(why)), "{told:?} instead of {why}");
    }

    fn ack(sent: u64, received: u64, consumed: u64) -> Value {
        json!({ "type": "ack", "sent": sent, "received": received, "consumed": consumed })
    }

    #[test]
    fn what_keeps_to_the_document_passes() {
        let (mut link, mut consumed) = (link(), 0);
        link.message(10);
        link.frame(&ack(1, 2, 1), &mut consumed);
        link.frame(&json!({ "type": "gap", "from": 2, "to": 9, "snapshot": false }), &mut consumed);
        link.frame(&json!({ "type": "gap", "from": 10, "to": 12, "snapshot": true }), &mut consumed);
        link.frame(&ack(9, 3, 3), &mut consumed);
        link.message(1000);
        assert_eq!((link.received, consumed), (12, 3));
        link.consumed(12);
        link.frame(&json!({ "type": "end", "code": null }), &mut consumed);
        link.frame(&json!({ "type": "bye", "code": 1000 }), &mut consumed);
        link.closed(1000);
    }

    #[test]
    fn what_does_not_is_named() {
        is_wrong(|link, consumed| link.frame(&ack(1, 0, 0), consumed), "`sent` is what has come");
        is_wrong(|link, consumed| link.frame(&ack(0, 4, 0), consumed), "more than was sent");
        is_wrong(
            |link, consumed| {
                link.frame(&ack(0, 2, 2), consumed);
                link.frame(&ack(0, 2, 1), consumed);
            },
            "`consumed` went back",
        );
        is_wrong(
            |link, _| {
                link.message(100);
                link.message(0);
            },
            "were outstanding",
        );
        is_wrong(
            |link, consumed| {
                link.frame(&json!({ "type": "gap", "from": 2, "to": 9, "snapshot": false }), consumed);
            },
            "a gap begins",
        );
        is_wrong(
            |link, consumed| {
                link.frame(&json!({ "type": "end", "code": 0 }), consumed);
                link.message(0);
            },
            "after `end`",
        );
        is_wrong(|_, _| drop(read(r#"{"type":"size","cols":0,"rows":1}"#)), "`cols` must be");
    }
}
