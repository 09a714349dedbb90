//! One native WebSocket: made, listened to, and let go.

use std::rc::Weak;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, Event, WebSocket};

use super::driver::Driver;
use super::platform::NativeSocket;
use crate::core::connection::Readiness;
use crate::core::event::{CloseInfo, Input, SocketId};

/// How many closures a socket holds.
pub(crate) const CLOSURES: usize = 2;

/// A native WebSocket whose events go to the driver, under its name. Dropping it ends both: nothing of
/// it is heard any more, and it closes.
pub(crate) struct Socket {
    native: NativeSocket,
    /// Messages have a closure of their own: theirs is the hot path.
    _on_message: Closure<dyn FnMut(JsValue)>,
    _on_other: Closure<dyn FnMut(Event)>,
}

impl Socket {
    /// Makes it, or says what the platform threw.
    pub(crate) fn open(
        driver: &Weak<Driver>,
        id: SocketId,
        url: &str,
        protocols: &JsValue,
        array_buffers: bool,
    ) -> Result<Self, JsValue> {
        let native = if protocols.is_undefined() {
            WebSocket::new(url)?
        } else {
            WebSocket::new_with_str_sequence(url, protocols)?
        };
        let to = driver.clone();
        let on_message = Closure::new(move |event: JsValue| {
            if let Some(driver) = to.upgrade() {
                driver.message(id, &event);
            }
        });
        let to = driver.clone();
        let on_other = Closure::new(move |event: Event| {
            if let Some(driver) = to.upgrade() {
                tell(&driver, id, &event);
            }
        });
        native.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let other = Some(on_other.as_ref().unchecked_ref());
        native.set_onopen(other);
        native.set_onerror(other);
        native.set_onclose(other);
        let socket = Self { native: native.unchecked_into(), _on_message: on_message, _on_other: on_other };
        socket.set_array_buffers(array_buffers);
        Ok(socket)
    }

    pub(crate) fn native(&self) -> &NativeSocket {
        &self.native
    }

    /// Whether it takes messages. Between the peer's close and the `close` event it drops them.
    pub(crate) fn readiness(&self) -> Readiness {
        if self.native.ready_state() == WebSocket::OPEN { Readiness::Takes } else { Readiness::Drops }
    }

    /// Whether it is over, whatever its events say.
    pub(crate) fn is_closed(&self) -> bool {
        self.native.ready_state() == WebSocket::CLOSED
    }

    /// How binary messages arrive from now on: as `arraybuffer`, or as `blob`.
    pub(crate) fn set_array_buffers(&self, array_buffers: bool) {
        let kind = if array_buffers { BinaryType::Arraybuffer } else { BinaryType::Blob };
        self.native.set_binary_type(kind);
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

fn tell(driver: &Driver, id: SocketId, event: &Event) {
    if let Some(close) = event.dyn_ref::<CloseEvent>() {
        let info = CloseInfo { code: close.code(), reason: close.reason().into(), clean: close.was_clean() };
        driver.closed(id, info);
    } else if event.type_() == "open" {
        driver.handle(Input::Opened(id));
    } else {
        driver.handle(Input::Errored(id));
    }
}
