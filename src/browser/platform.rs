//! Globals that are the same in windows, workers and Node, and calls that must not copy what they pass.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_name = reportError)]
    fn report_error_global(error: &JsValue);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(error: &JsValue);

    /// `String(value)`, with which the platform makes text of whatever is no buffer and no blob.
    #[wasm_bindgen(catch, js_name = String)]
    pub(crate) fn to_text(value: &JsValue) -> Result<JsString, JsValue>;

    /// `WebSocket`, for its `send` that takes any value; web-sys's copies text through linear memory.
    #[wasm_bindgen(extends = web_sys::WebSocket, js_name = WebSocket)]
    pub(crate) type NativeSocket;

    #[wasm_bindgen(method, catch, js_name = send)]
    pub(crate) fn send_value(this: &NativeSocket, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn object_to_string(value: &JsValue) -> Result<String, JsValue>;

    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method, catch)]
    fn encode(this: &TextEncoder, text: &JsValue) -> Result<js_sys::Uint8Array, JsValue>;
}

/// The page's clocks in ms: the monotonic one, and Unix time.
pub(crate) fn clocks() -> (u64, u64) {
    (performance_now() as u64, js_sys::Date::now() as u64)
}

/// A property of a value, `undefined` when there is none or the value cannot have any.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// What `navigator.onLine` says; without it, as in Node, there is a network.
pub(crate) fn is_online() -> bool {
    let navigator = property(&js_sys::global(), "navigator");
    property(&navigator, "onLine").as_bool().unwrap_or(true)
}

/// The address that relative URLs are relative to, where there is a page.
pub(crate) fn base_url() -> Option<String> {
    let document = property(&js_sys::global(), "document");
    let base = property(&document, "baseURI");
    base.as_string().or_else(|| property(&property(&js_sys::global(), "location"), "href").as_string())
}

/// How long a text is in UTF-8; fails when it is too long for memory.
pub(crate) fn utf8_length(text: &JsValue) -> Result<u64, JsValue> {
    Ok(u64::from(TextEncoder::new().encode(text)?.length()))
}

/// What kind of object it is, whichever frame it is from: `[object Blob]`.
pub(crate) fn brand(value: &JsValue) -> Option<String> {
    object_to_string(value).ok()
}

/// As the platform reports an exception that a listener threw. Node before 25 has no `reportError`.
pub(crate) fn report_error(error: &JsValue) {
    if property(&js_sys::global(), "reportError").is_function() {
        report_error_global(error);
    } else {
        console_error(error);
    }
}
