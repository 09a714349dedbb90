//! Globals that are the same in windows, workers and Node, and calls that must not copy what they pass.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_name = reportError)]
    fn report_error_global(error: &JsValue);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(error: &JsValue);

    /// `WebSocket`, for its `send` that takes any value; web-sys's copies text through linear memory.
    #[wasm_bindgen(extends = web_sys::WebSocket, js_name = WebSocket)]
    pub(crate) type NativeSocket;

    #[wasm_bindgen(method, catch, js_name = send)]
    pub(crate) fn send_value(this: &NativeSocket, data: &JsValue) -> Result<(), JsValue>;
}

/// The page's clocks: the monotonic one in µs, and Unix time in ms.
pub(crate) fn clocks() -> (u64, u64) {
    ((performance_now() * 1_000.0) as u64, js_sys::Date::now() as u64)
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

/// As the platform reports an exception that a listener threw. Node before 25 has no `reportError`.
pub(crate) fn report_error(error: &JsValue) {
    if property(&js_sys::global(), "reportError").is_function() {
        report_error_global(error);
    } else {
        console_error(error);
    }
}
