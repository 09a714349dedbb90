//! Target: a text that came over a socket, on either end.
//!
//! What is accepted is the same when it is written and read again; what is refused is refused in words that a
//! close frame can hold.

use envsocket::core::close::MAX_REASON_BYTES;
use envsocket::core::resume::fields::{Build, Fields, Value};
use envsocket::core::resume::frame::{ClientFrame, ServerFrame};
use envsocket::core::resume::{MARK, VIOLATION, Violation};
use envsocket_server::resume::Farewell;
use envsocket_server::resume::frames::{self, Incoming};
use serde_json::{Map, Value as Json};
use tokio_tungstenite::tungstenite::Message as Frame;

/// Bytes that are no text never get this far: a WebSocket refuses them.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    as_the_server(text);
    as_a_client(text);
}

fn as_the_server(text: &str) {
    match frames::read(text.into()) {
        Ok(Incoming::Message(message)) => {
            assert_eq!(frames::message(message), Frame::text(text), "a message crosses the wire unchanged");
        }
        Ok(Incoming::Control(frame)) => {
            let mut object = Object(Map::new());
            frame.write(&mut object);
            assert_eq!(frames::read(object.text().into()), Ok(Incoming::Control(frame)));
        }
        Err(why) => refused(why),
    }
}

/// A browser has a JSON of its own; what is made of its objects is the same.
fn as_a_client(text: &str) {
    let Some(object) = text.strip_prefix(MARK).and_then(|rest| serde_json::from_str(rest).ok()) else {
        return;
    };
    let object = Object(object);
    match ServerFrame::read(&object) {
        Ok(frame) => {
            let Frame::Text(written) = frames::control(&frame) else { panic!("a control frame is text") };
            let rest = written.strip_prefix(MARK).expect("a control frame begins with its mark");
            let again = serde_json::from_str(rest).expect("a control frame is an object");
            assert_eq!(ServerFrame::read(&Object(again)), Ok(frame));
        }
        Err(why) => refused(why),
    }
    if let Err(why) = ClientFrame::read(&object) {
        refused(why);
    }
}

fn refused(why: Violation) {
    // Nothing cuts it on its way to a browser's `close`, which throws at what is longer.
    assert!(!why.0.is_empty() && why.0.len() <= MAX_REASON_BYTES, "{why}");
    let farewell = Farewell::from(why.clone());
    assert_eq!((farewell.code, farewell.reason), (VIOLATION, why.0));
}

struct Object(Map<String, Json>);

impl Object {
    fn text(self) -> String {
        format!("{MARK}{}", Json::Object(self.0))
    }
}

impl Fields for Object {
    fn get(&self, name: &'static str) -> Value {
        match self.0.get(name) {
            None => Value::Missing,
            Some(Json::Null) => Value::Null,
            Some(Json::Bool(flag)) => Value::Flag(*flag),
            Some(Json::Number(number)) => number.as_f64().map_or(Value::Other, Value::Number),
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Array(_) | Json::Object(_)) => Value::Other,
        }
    }
}

impl Build for Object {
    fn set(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Missing => panic!("`{name}` is written as nothing"),
            Value::Null => Json::Null,
            Value::Number(number) => {
                assert_eq!(number as i64 as f64, number, "`{name}` is a whole number");
                (number as i64).into()
            }
            Value::Text(text) => text.into(),
            Value::Flag(flag) => flag.into(),
            Value::Other => panic!("`{name}` is written as what no frame has"),
        };
        assert!(self.0.insert(name.to_owned(), value).is_none(), "`{name}` is written twice");
    }
}
