//! Control frames as text. They are few: `serde_json`'s own maps will do.

use std::io;

use envsocket::core::resume::MARK;
use envsocket::core::resume::fields::{Build, Fields, Value};
use envsocket::core::resume::frame::{ClientFrame, ServerFrame};
use serde_json::Map;

struct Object(Map<String, serde_json::Value>);

impl Fields for Object {
    fn get(&self, name: &'static str) -> Value {
        match self.0.get(name) {
            None => Value::Missing,
            Some(serde_json::Value::Null) => Value::Null,
            Some(serde_json::Value::Bool(flag)) => Value::Flag(*flag),
            Some(serde_json::Value::Number(number)) => number.as_f64().map_or(Value::Other, Value::Number),
            Some(serde_json::Value::String(text)) => Value::Text(text.clone()),
            Some(serde_json::Value::Array(_) | serde_json::Value::Object(_)) => Value::Other,
        }
    }
}

impl Build for Object {
    fn set(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Missing | Value::Null | Value::Other => serde_json::Value::Null,
            // Whole numbers without a fraction, as JavaScript writes them.
            Value::Number(number) => (number as i64).into(),
            Value::Text(text) => text.into(),
            Value::Flag(flag) => flag.into(),
        };
        self.0.insert(name.to_owned(), value);
    }
}

/// The frame as text, with its mark.
pub(crate) fn write(frame: &ClientFrame) -> String {
    let mut object = Object(Map::new());
    frame.write(&mut object);
    format!("{MARK}{}", serde_json::Value::Object(object.0))
}

/// Reads a control frame, of which the mark is taken off.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(text: &[u8]) -> io::Result<ServerFrame> {
    let object = Object(serde_json::from_slice(text)?);
    ServerFrame::read(&object).map_err(|wrong| io::Error::other(wrong.to_string()))
}

#[cfg(test)]
mod tests {
    use envsocket::core::resume::frame::Counts;

    use super::*;

    #[test]
    fn counts_are_written_as_whole_numbers() {
        let text = write(&ClientFrame::Ack(Counts { sent: 3, received: 1 << 40, consumed: 2 }));
        let (mark, json) = text.split_at(1);
        assert_eq!(mark, "\0");
        let value: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
        let wanted = serde_json::json!({ "type": "ack", "sent": 3, "received": 1_u64 << 40, "consumed": 2 });
        assert_eq!(value, wanted);
    }

    #[test]
    fn a_servers_frame_is_read() {
        let frame = read(br#"{"type":"role","controller":true,"later":[1]}"#).expect("it is a frame");
        assert_eq!(frame, ServerFrame::Role { controller: true });
        assert!(read(br#"{"type":"role"}"#).is_err());
        assert!(read(b"role").is_err());
    }
}
