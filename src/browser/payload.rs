//! Messages as JavaScript holds them. Their bytes never enter linear memory.

use std::collections::VecDeque;

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::queue::Payload;
use crate::core::resume::MARK;

/// Something that a native WebSocket sends: a string, a `Uint8Array` or a `Blob`. Nobody changes it any more.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    value: JsValue,
    bytes: u64,
}

impl Message {
    /// A message of so many bytes. If they are the caller's own, the facade has copied them.
    pub(crate) fn new(value: JsValue, bytes: u64) -> Self {
        Self { value, bytes }
    }

    pub(crate) fn value(&self) -> &JsValue {
        &self.value
    }

    /// As it goes to a server that takes text with a mark in front for a control frame.
    pub(crate) fn escaped(self) -> JsValue {
        match self.value.dyn_ref::<JsString>() {
            Some(text) if text.char_code_at(0) == f64::from(MARK as u32) => marked(text),
            _ => self.value,
        }
    }
}

/// The text with a mark in front.
pub(crate) fn marked(text: &JsValue) -> JsValue {
    JsString::from(MARK).concat(text).into()
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
