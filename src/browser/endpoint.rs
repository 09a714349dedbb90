//! Where a connection goes: its URL, its subprotocols, and how it wants binary messages.

use wasm_bindgen::JsValue;
use web_sys::{BinaryType, Url};

use super::error::syntax_error;
use super::platform;
use crate::core::key::Key;

/// The page's own origin, one path for each environment.
const DEFAULT_URL: &str = "/ws/{project}/{env}";

/// What was set of it, on the manager or on one connection.
#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    /// A template or a full URL.
    pub(crate) url: Option<String>,
    /// Names that were checked; `undefined` when none were given.
    pub(crate) protocols: JsValue,
    pub(crate) binary_type: Option<BinaryType>,
}

impl Endpoint {
    /// `self`, and `lower` where `self` says nothing.
    pub(crate) fn over(self, lower: &Self) -> Self {
        Self {
            url: self.url.or_else(|| lower.url.clone()),
            protocols: if self.protocols.is_undefined() { lower.protocols.clone() } else { self.protocols },
            binary_type: self.binary_type.or(lower.binary_type),
        }
    }

    /// The full URL, as `WebSocket.url` shows it. `argument` names what the caller passed.
    pub(crate) fn resolve(&self, key: Option<&Key>, argument: &str) -> Result<String, JsValue> {
        let template = self.url.as_deref().unwrap_or(DEFAULT_URL);
        match key {
            Some(key) => absolute(&key.expand(template), argument),
            None => absolute(template, argument),
        }
    }
}

/// Parses as `new WebSocket(url)` does: relative to the page, http as ws, https as wss.
fn absolute(url: &str, argument: &str) -> Result<String, JsValue> {
    let parsed = match platform::base_url() {
        Some(base) => Url::new_with_base(url, &base),
        None => Url::new(url),
    };
    let Ok(parsed) = parsed else {
        return Err(syntax_error(argument, &["is no URL that a page could resolve: ", url].concat()));
    };
    match parsed.protocol().as_str() {
        "http:" => parsed.set_protocol("ws:"),
        "https:" => parsed.set_protocol("wss:"),
        "ws:" | "wss:" => {}
        _ => return Err(syntax_error(argument, &["must be a ws, wss, http or https URL: ", url].concat())),
    }
    if !parsed.hash().is_empty() {
        return Err(syntax_error(argument, &["must not have a fragment: ", url].concat()));
    }
    Ok(parsed.href())
}
