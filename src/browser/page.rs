//! What the page says of the network.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

const EVENTS: [&str; 2] = ["online", "offline"];

/// Listens to the page until it is dropped.
pub(crate) struct PageListener {
    global: EventTarget,
    listener: Closure<dyn FnMut(Event)>,
}

impl PageListener {
    /// Calls `changed` whenever the network comes or goes. `None` where there is no page, as in Node.
    pub(crate) fn new(mut changed: impl FnMut() + 'static) -> Option<Self> {
        let global: EventTarget = js_sys::global().dyn_into().ok()?;
        let listener = Closure::new(move |_: Event| changed());
        for event in EVENTS {
            global.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref()).ok()?;
        }
        Some(Self { global, listener })
    }
}

impl Drop for PageListener {
    fn drop(&mut self) {
        for event in EVENTS {
            let listener = self.listener.as_ref().unchecked_ref();
            // It was added with the same arguments, so that there is nothing to fail.
            let _ = self.global.remove_event_listener_with_callback(event, listener);
        }
    }
}
