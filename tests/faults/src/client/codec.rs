//! What is on the wire: control frames as JSON behind their mark, and messages whose text might be taken for one.
//!
#[path = "../../../protocol/json.rs"]
mod json;

use envsocket::core::resume::fields::{Build, Fields, Value};
use envsocket::core::resume::frame::{ClientFrame, ServerFrame};
use envsocket::core::resume::{MARK, Violation};
use json::Object;
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};

use super::Message;

/// What a text of an `envsocket.v1` socket is.
pub(super) enum Incoming {
    Message(Message),
    Control(Result<ServerFrame, Violation>),
}

pub(super) fn read(text: Utf8Bytes) -> Incoming {
    let Some(rest) = text.strip_prefix(MARK) else { return Incoming::Message(Message::Text(text)) };
    if rest.starts_with(MARK) {
        return Incoming::Message(rest.into());
    }
    let parsed = serde_json::from_str(rest).map_err(|error| Violation(error.to_string().into()));
    Incoming::Control(parsed.and_then(|object| ServerFrame::read(&Object(object))))
}

pub(super) fn control(frame: &ClientFrame) -> Frame {
    Frame::text(format!("{MARK}{}", Object::written(|object| frame.write(object))))
}

/// A message as it goes over an `envsocket.v1` socket.
pub(super) fn escaped(message: Message) -> Frame {
    match message {
        Message::Text(text) if text.starts_with(MARK) => Frame::text(format!("{MARK}{text}")),
        other => plain(other),
    }
}

/// A message as it goes over a plain socket.
pub(super) fn plain(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text),
        Message::Binary(bytes) => Frame::Binary(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use envsocket::core::resume::frame::Counts;

    #[test]
    fn a_text_that_begins_with_a_mark_crosses_the_wire_with_one_more() {
        for text in ["plain", "\0", "\0{}", "\0\0", ""] {
            let Frame::Text(sent) = escaped(text.into()) else { panic!("a text stays a text") };
            assert_eq!(sent.starts_with("\0\0"), text.starts_with('\0'), "{text:?}");
            assert!(matches!(read(sent), Incoming::Message(read) if read == text.into()), "{text:?}");
        }
    }

    #[test]
    fn control_frames_are_written_and_read() {
        let counts = Counts { sent: 1, received: 2, consumed: 2 };
        let Frame::Text(sent) = control(&ClientFrame::Ack(counts)) else { panic!("control frames are text") };
        // An ack says the same in both directions.
        assert!(matches!(read(sent), Incoming::Control(Ok(ServerFrame::Ack(read))) if read == counts));
        for wrong in ["\0{", "\0[]", "\0{}", "\0x"] {
            assert!(matches!(read(wrong.into()), Incoming::Control(Err(_))), "{wrong:?}");
        }
    }
}
