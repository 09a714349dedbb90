//! What is on the wire: control frames as JSON behind their mark, and messages whose text might be taken for
//! one. Nothing is decided here. For those who bring the protocol over a transport of their own.

use bytes::Bytes;
use envsocket::core::resume::fields::{Build, Fields, Value};
use envsocket::core::resume::frame::{ClientFrame, NO_OBJECT, ServerFrame};
use envsocket::core::resume::{MARK, MAX_CONTROL_BYTES, Violation};
use serde_json::{Map, Value as Json};

use super::Message;
use super::message::received;
use crate::websocket::{Frame, Utf8Bytes};

/// What a client sent.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A frame of the protocol.
    Control(ClientFrame),
    /// A message for the source.
    Message(Message),
}

/// Reads a text.
///
/// # Errors
/// What is wrong with it, for the reason of a close with 4400.
pub fn read(text: Utf8Bytes) -> Result<Incoming, Violation> {
    let Some(rest) = text.strip_prefix(MARK) else { return Ok(Incoming::Message(received(text))) };
    if rest.starts_with(MARK) {
        let bytes = Bytes::from(text).slice(MARK.len_utf8()..);
        let text = Utf8Bytes::try_from(bytes).expect("a text without its first character is a text");
        return Ok(Incoming::Message(received(text)));
    }
    if text.len() > MAX_CONTROL_BYTES {
        return Err(Violation(format!("a control frame of more than {MAX_CONTROL_BYTES} bytes").into()));
    }
    if !rest.starts_with('{') {
        return Err(NO_OBJECT);
    }
    let object = serde_json::from_str(rest).map_err(|_| NO_OBJECT)?;
    ClientFrame::read(&Parsed(object)).map(Incoming::Control)
}

/// Writes a control frame.
pub fn control(frame: &ServerFrame) -> Frame {
    let mut text = Text(MARK.to_string());
    frame.write(&mut text);
    text.0.push('}');
    Frame::Text(text.0.into())
}

/// Writes a message; a text that could be taken for a control frame gets another mark.
pub fn message(message: Message) -> Frame {
    match message {
        Message::Text(text) if text.starts_with(MARK) => Frame::Text(format!("{MARK}{text}").into()),
        other => other.into(),
    }
}

struct Parsed(Map<String, Json>);

impl Fields for Parsed {
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

/// An object's text, as far as it is written: with its fields in their order, and without its last brace.
struct Text(String);

impl Build for Text {
    fn set(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Missing => return,
            Value::Null | Value::Other => Json::Null,
            // All numbers of the protocol are whole, and fit.
            Value::Number(number) => (number as i64).into(),
            Value::Text(text) => text.into(),
            Value::Flag(flag) => flag.into(),
        };
        self.0.push(if self.0.ends_with(MARK) { '{' } else { ',' });
        self.0.push_str(&format!("\"{name}\":{value}"));
    }
}

#[cfg(test)]
#[path = "../../../tests/protocol/document.rs"]
mod document;

#[cfg(test)]
mod tests {
    use super::document::{Codec, End, check};
    use super::*;
    use envsocket::core::resume::frame::Counts;

    /// An object's fields, each with its value as JSON.
    fn fields(text: &str) -> Vec<(String, String)> {
        let object: Map<String, Json> = serde_json::from_str(text).expect("what was read is an object");
        object.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    fn parsed(text: &str) -> Result<Parsed, String> {
        serde_json::from_str(text).map(Parsed).map_err(|_| NO_OBJECT.to_string())
    }

    /// The text without its mark.
    fn written(by: impl FnOnce(&mut Text)) -> String {
        let mut text = Text(MARK.to_string());
        by(&mut text);
        text.0.push('}');
        text.0.split_off(MARK.len_utf8())
    }

    #[test]
    fn frames_are_read_and_written_as_the_protocols_document_says() {
        let read = |text: &str| match read(format!("{MARK}{text}").into()) {
            Ok(Incoming::Control(frame)) => Ok(frame),
            Ok(Incoming::Message(_)) => Err("a message".to_owned()),
            Err(why) => Err(why.to_string()),
        };
        let write = |frame: &ClientFrame| written(|text| frame.write(text));
        check(End::Client, &Codec { read: &read, write: &write, fields: &fields });
        let read = |text: &str| {
            parsed(text).and_then(|object| ServerFrame::read(&object).map_err(|why| why.to_string()))
        };
        let write = |frame: &ServerFrame| written(|text| frame.write(text));
        check(End::Server, &Codec { read: &read, write: &write, fields: &fields });
    }

    fn refusal(text: &str) -> String {
        read(text.into()).expect_err("it is wrong on purpose").to_string()
    }

    #[test]
    fn a_control_frame_is_a_mark_and_an_object_with_its_type_first() {
        let (to, reason) = (9_007_199_254_740_991, "\"é\0".into());
        let frame = ServerFrame::Gap { from: 1, to, reason, snapshot: true, size: None };
        let text = concat!(
            "\0{\"type\":\"gap\",\"from\":1,\"to\":9007199254740991,",
            "\"reason\":\"\\\"é\\u0000\",\"snapshot\":true,\"cols\":null,\"rows\":null}"
        );
        assert_eq!(control(&frame), Frame::Text(text.into()));
        let bye = ServerFrame::Bye { code: 4410, retry_after_ms: None };
        assert_eq!(
            control(&bye),
            Frame::Text("\0{\"type\":\"bye\",\"code\":4410,\"retryAfterMs\":null}".into())
        );
    }

    #[test]
    fn what_a_client_says_is_read() {
        let text = "\0{ \"received\": 3, \"sent\":4,\"consumed\":2.0,\"more\":[{}],\"type\":\"ack\" }";
        let counts = Counts { sent: 4, received: 3, consumed: 2 };
        assert_eq!(read(text.into()), Ok(Incoming::Control(ClientFrame::Ack(counts))));
    }

    #[test]
    fn a_text_that_begins_with_a_mark_crosses_the_wire_with_one_more() {
        for text in ["\0", "\0{}", "\0\0", "\0é"] {
            let Frame::Text(sent) = message(text.into()) else { panic!("a text stays a text") };
            assert_eq!(sent.as_str(), format!("\0{text}"));
            assert_eq!(read(sent), Ok(Incoming::Message(text.into())));
        }
        assert_eq!(read("plain".into()), Ok(Incoming::Message("plain".into())));
        assert_eq!(
            message(Message::Binary(Bytes::from_static(b"\0{"))),
            Frame::Binary(Bytes::from_static(b"\0{"))
        );
    }

    #[test]
    fn what_is_no_frame_is_refused_with_what_is_wrong() {
        let deep = format!("\0{{\"a\":{}", "[".repeat(4000));
        for text in ["\0", "\0x", "\0 {}", "\0[]", "\0{", "\0{}x", "\0{'type':1}", "\0{\"a\":1e999}", &deep] {
            assert_eq!(refusal(text), "a control frame that is not a JSON object", "{text}");
        }
        assert_eq!(refusal("\0{}"), "a control frame without a `type`");
        let long = format!("\0{{\"type\":\"ack\",\"x\":\"{}\"}}", "x".repeat(MAX_CONTROL_BYTES));
        assert_eq!(refusal(&long), "a control frame of more than 16384 bytes");
    }
}
