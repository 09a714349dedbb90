//! One native WebSocket: asked, closed, and let go. The facade makes it, and says what happens to it.

use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::platform::NativeSocket;
use crate::core::connection::Readiness;

/// How many handlers a socket has.
pub(crate) const HANDLERS: usize = 4;

/// A native WebSocket. Dropping it ends it: nothing of it is heard any more, and it closes.
pub(crate) struct Socket(NativeSocket);

impl Socket {
    pub(crate) fn new(native: NativeSocket) -> Self {
        Self(native)
    }

    pub(crate) fn native(&self) -> &NativeSocket {
        &self.0
    }

    /// Whether it takes messages. Between the peer's close and the `close` event it drops them.
    pub(crate) fn readiness(&self) -> Readiness {
        if self.0.ready_state() == WebSocket::OPEN { Readiness::Takes } else { Readiness::Drops }
    }

    /// Whether it is over, whatever its events say.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.ready_state() == WebSocket::CLOSED
    }

    /// Begins the closing handshake. The arguments were checked by the state machine.
    pub(crate) fn close(&self, code: Option<u16>, reason: &str) -> Result<(), JsValue> {
        match code {
            Some(code) => self.0.close_with_code_and_reason(code, reason),
            None => self.0.close(),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.set_onmessage(None);
        self.0.set_onopen(None);
        self.0.set_onerror(None);
        self.0.set_onclose(None);
        // Without arguments there is nothing that it could refuse; on a closed socket it does nothing.
        let _ = self.0.close();
    }
}
