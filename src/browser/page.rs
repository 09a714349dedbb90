//! What the page says of itself and the network.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

use super::platform;
use crate::core::event::Page;

/// The events of the window, or of a worker's global scope.
const OF_GLOBAL: [&str; 3] = ["online", "offline", "pageshow"];

/// The events of the document: seen or hidden, and on again after the browser had frozen it.
const OF_DOCUMENT: [&str; 2] = ["visibilitychange", "resume"];

/// What has happened to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// What the state machine wants to know.
    Told(Page),
    /// It is shown, perhaps after it lay in the back/forward cache: its sockets were closed there, and
    /// not every browser says so.
    Shown,
}

/// Listens to the page until it is dropped.
pub(crate) struct PageListener {
    targets: Vec<(EventTarget, &'static str)>,
    listener: Closure<dyn FnMut(Event)>,
}

impl PageListener {
    /// Calls `changed` whenever something happens to the page. Where there is none, as in Node, nothing
    /// ever does.
    pub(crate) fn new(mut changed: impl FnMut(Change) + 'static) -> Self {
        let listener = Closure::new(move |event: Event| {
            if let Some(change) = translate(&event.type_()) {
                changed(change);
            }
        });
        let global: JsValue = js_sys::global().into();
        let document = platform::property(&global, "document");
        let mut targets = Vec::new();
        for (target, events) in [(global, &OF_GLOBAL[..]), (document, &OF_DOCUMENT[..])] {
            let Ok(target) = target.dyn_into::<EventTarget>() else { continue };
            for event in events {
                let function = listener.as_ref().unchecked_ref();
                if target.add_event_listener_with_callback(event, function).is_ok() {
                    targets.push((target.clone(), *event));
                }
            }
        }
        Self { targets, listener }
    }

    /// How many listeners the page has of it.
    pub(crate) fn count(&self) -> usize {
        self.targets.len()
    }
}

impl Drop for PageListener {
    fn drop(&mut self) {
        for (target, event) in &self.targets {
            let function = self.listener.as_ref().unchecked_ref();
            // It was added with the same arguments, so that there is nothing to fail.
            let _ = target.remove_event_listener_with_callback(event, function);
        }
    }
}

fn translate(event: &str) -> Option<Change> {
    match event {
        "pageshow" => Some(Change::Shown),
        "visibilitychange" => {
            let document = platform::property(&js_sys::global(), "document");
            let is_hidden = platform::property(&document, "hidden").as_bool().unwrap_or(false);
            (!is_hidden).then_some(Change::Told(Page::Awake))
        }
        "resume" => Some(Change::Told(Page::Awake)),
        _ => Some(Change::Told(network())),
    }
}

/// What the platform says of the network.
pub(crate) fn network() -> Page {
    if platform::is_online() { Page::Online } else { Page::Offline }
}
