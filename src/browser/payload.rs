//! Messages as JavaScript holds them. Their bytes never enter linear memory.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsValue;

use super::platform;
use crate::core::queue::Payload;

/// Something that a native WebSocket sends, or has received.
#[derive(Debug)]
pub(crate) struct Message {
    value: JsValue,
    bytes: u64,
}

impl Message {
    /// What goes straight through, from a socket or to one: as it is. The socket itself looks at it.
    pub(crate) fn passing(value: JsValue) -> Self {
        Self { value, bytes: 0 }
    }

    /// What has to wait for its socket: converted, measured and copied now, as the platform does in
    /// `send`, because the caller may change or transfer it afterwards. Must not be called while anything
    /// is borrowed: the value may be an object with code of its own.
    pub(crate) fn waiting(value: JsValue) -> Result<Self, JsValue> {
        if value.is_string() {
            return Self::text(value);
        }
        if ArrayBuffer::is_view(&value) {
            let buffer = platform::property(&value, "buffer");
            return Ok(Self::copied(&buffer, size(&value, "byteOffset"), size(&value, "byteLength")));
        }
        // Not `instanceof`: a buffer of another frame is a buffer too.
        match platform::brand(&value).as_deref() {
            Some("[object ArrayBuffer]") => Ok(Self::copied(&value, 0, size(&value, "byteLength"))),
            Some("[object Blob]" | "[object File]") => {
                let bytes = u64::from(size(&value, "size"));
                Ok(Self { value, bytes })
            }
            _ => Self::text(platform::to_text(&value)?.into()),
        }
    }

    pub(crate) fn value(&self) -> &JsValue {
        &self.value
    }

    fn text(value: JsValue) -> Result<Self, JsValue> {
        let bytes = platform::utf8_length(&value)?;
        Ok(Self { value, bytes })
    }

    /// A detached buffer says that it has no bytes, and cannot be asked for them.
    fn copied(buffer: &JsValue, offset: u32, length: u32) -> Self {
        let copy = match length {
            0 => Uint8Array::new_with_length(0),
            _ => Uint8Array::new_with_byte_offset_and_length(buffer, offset, length).slice(0, length),
        };
        Self { value: copy.into(), bytes: u64::from(length) }
    }
}

impl Payload for Message {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}

fn size(value: &JsValue, name: &str) -> u32 {
    platform::property(value, name).as_f64().unwrap_or(0.0) as u32
}
