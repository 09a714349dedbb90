//! Callbacks of `subscribe` and `pollStatus`. One that throws is reported and stops nothing.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::JsValue;

use super::host::Host;

/// Callbacks under their ids. Calling one may add and remove others.
#[derive(Default)]
pub(crate) struct Listeners(RefCell<Vec<(u32, Function)>>);

impl Listeners {
    pub(crate) fn add(&self, id: u32, callback: Function) {
        self.0.borrow_mut().push((id, callback));
    }

    pub(crate) fn remove(&self, id: u32) {
        self.0.borrow_mut().retain(|(other, _)| *other != id);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// Calls one, if it is still there.
    pub(crate) fn call(&self, host: &Host, id: u32) {
        let callback = self.0.borrow().iter().find(|(other, _)| *other == id).map(|(_, f)| f.clone());
        if let Some(Err(error)) = callback.map(|callback| callback.call0(&JsValue::UNDEFINED)) {
            host.report(&error);
        }
    }

    /// Calls all that are there now, in the order of their coming.
    pub(crate) fn call_all(&self, host: &Host) {
        let ids: Vec<u32> = self.0.borrow().iter().map(|(id, _)| *id).collect();
        for id in ids {
            self.call(host, id);
        }
    }
}
