//! Messages as JavaScript holds them. Their bytes never enter linear memory.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::queue::Payload;

/// Something that a native WebSocket sends: a string, a `Uint8Array` or a `Blob`.
#[derive(Debug)]
pub(crate) struct Message {
    value: JsValue,
    bytes: u64,
}

impl Message {
    /// A message that has to wait for its socket. Bytes are copied now, as the platform does in `send`,
    /// because the caller may change or transfer them afterwards.
    pub(crate) fn waiting(value: JsValue, bytes: u64) -> Self {
        match value.dyn_ref::<Uint8Array>() {
            Some(array) => Self { value: array.slice(0, array.length()).into(), bytes },
            None => Self { value, bytes },
        }
    }

    pub(crate) fn value(&self) -> &JsValue {
        &self.value
    }

    pub(crate) fn into_value(self) -> JsValue {
        self.value
    }
}

impl Payload for Message {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}
