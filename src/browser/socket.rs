//! One native WebSocket: asked, closed, and let go. The facade makes it, and says what happens to it.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::platform::NativeSocket;
use crate::core::close::ABANDONED;
use crate::core::connection::Readiness;

/// How many handlers a socket has.
pub(crate) const HANDLERS: usize = 4;

/// A native WebSocket. Dropping it ends it: nothing of it is heard any more, and it closes.
pub(crate) struct Socket {
    native: NativeSocket,
    resumes: Cell<bool>,
}

impl Socket {
    pub(crate) fn new(native: NativeSocket) -> Self {
        Self { native, resumes: Cell::new(false) }
    }

    pub(crate) fn native(&self) -> &NativeSocket {
        &self.native
    }

    /// Whether it speaks the resume protocol.
    pub(crate) fn resumes(&self) -> bool {
        self.resumes.get()
    }

    /// It is open, and speaks the resume protocol.
    pub(crate) fn set_resumes(&self) {
        self.resumes.set(true);
    }

    /// Whether it takes messages. Between the peer's close and the `close` event it drops them.
    pub(crate) fn readiness(&self) -> Readiness {
        if self.native.ready_state() == WebSocket::OPEN { Readiness::Takes } else { Readiness::Drops }
    }

    /// Whether it is over, whatever its events say.
    pub(crate) fn is_closed(&self) -> bool {
        self.native.ready_state() == WebSocket::CLOSED
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
        // There is nothing that it could refuse; on a closed socket it does nothing. Without a code, a server that
        // can resume would take it for a goodbye.
        let _ = if self.resumes() { self.native.close_with_code(ABANDONED) } else { self.native.close() };
    }
}
