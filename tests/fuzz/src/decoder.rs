//! Target: a text that came over a socket, on either end.
//!
//! What is accepted is the same when it is written and read again; what is refused is refused in words that a
//! close frame can hold.

#[path = "../../protocol/json.rs"]
mod json;

use envsocket::core::close::{MAX_REASON_BYTES, VIOLATION};
use envsocket::core::resume::fields::{Build, Fields, Value};
use envsocket::core::resume::frame::{ClientFrame, ServerFrame};
use envsocket::core::resume::{MARK, Violation};
use envsocket_server::resume::Farewell;
use envsocket_server::resume::frames::{self, Incoming};
use json::Object;
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
            let written = format!("{MARK}{}", Object::written(|object| frame.write(object)));
            assert_eq!(frames::read(written.into()), Ok(Incoming::Control(frame)));
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
