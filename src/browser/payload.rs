//! Messages as JavaScript holds them. Their bytes never enter linear memory.

use std::collections::VecDeque;

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
            // Not `slice`: that of Node's Buffer copies nothing.
            Some(array) => Self { value: Uint8Array::new(array).into(), bytes },
            None => Self { value, bytes },
        }
    }

    pub(crate) fn value(&self) -> &JsValue {
        &self.value
    }
}

/// The messages as JavaScript's values, and their bytes.
pub(crate) fn into_values(mut queue: VecDeque<Message>) -> (Vec<JsValue>, u64) {
    let (mut values, mut bytes) = (Vec::with_capacity(queue.len()), 0);
    // A loop, where iterators would bring a kilobyte of their own.
    while let Some(message) = queue.pop_front() {
        bytes += message.bytes;
        values.push(message.value);
    }
    (values, bytes)
}

impl Payload for Message {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}
