//! One native WebSocket: made, listened to, and let go.

use std::rc::Weak;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::driver::Driver;
use super::payload::Message;
use super::platform::NativeSocket;
use crate::core::event::{CloseInfo, Input, SocketId};

/// A native WebSocket whose events go to the driver, under its name. Dropping it ends both: nothing of
/// it is heard any more, and it closes.
pub(crate) struct Socket {
    native: NativeSocket,
    /// Messages have a closure of their own: theirs is the hot path.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_other: Closure<dyn FnMut(Event)>,
}

impl Socket {
    /// Makes it, or says what the platform threw.
    pub(crate) fn open(
        driver: &Weak<Driver>,
        id: SocketId,
        url: &str,
        protocols: &JsValue,
        binary_type: BinaryType,
    ) -> Result<Self, JsValue> {
        let native = if protocols.is_undefined() {
            WebSocket::new(url)?
        } else {
            WebSocket::new_with_str_sequence(url, protocols)?
        };
        native.set_binary_type(binary_type);

        let to = driver.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(driver) = to.upgrade() {
                driver.handle(Input::Received(id, Message::passing(event.data())));
            }
        });
        let to = driver.clone();
        let on_other = Closure::new(move |event: Event| {
            if let Some(driver) = to.upgrade() {
                driver.handle(translate(id, &event));
            }
        });
        native.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let other = Some(on_other.as_ref().unchecked_ref());
        native.set_onopen(other);
        native.set_onerror(other);
        native.set_onclose(other);
        Ok(Self { native: native.unchecked_into(), _on_message: on_message, _on_other: on_other })
    }

    pub(crate) fn native(&self) -> &NativeSocket {
        &self.native
    }

    /// Begins the closing handshake. The arguments were checked by the state machine.
    pub(crate) fn close(&self, code: Option<u16>, reason: &str) -> Result<(), JsValue> {
        match code {
            Some(code) => self.native.close_with_code_and_reason(code, reason),
            None => self.native.close(),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.native.set_onmessage(None);
        self.native.set_onopen(None);
        self.native.set_onerror(None);
        self.native.set_onclose(None);
        // Without arguments there is nothing that it could refuse; on a closed socket it does nothing.
        let _ = self.native.close();
    }
}

fn translate(id: SocketId, event: &Event) -> Input<Message> {
    if let Some(close) = event.dyn_ref::<CloseEvent>() {
        let info = CloseInfo { code: close.code(), reason: close.reason().into(), clean: close.was_clean() };
        Input::Closed(id, info)
    } else if event.type_() == "open" {
        Input::Opened(id)
    } else {
        Input::Errored(id)
    }
}
