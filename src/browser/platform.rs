//! What web-sys and js-sys do not bring as it is needed here: calls that do not copy what they pass.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    /// `WebSocket`, for its `send` that takes any value; web-sys's copies text through linear memory.
    #[wasm_bindgen(extends = web_sys::WebSocket, js_name = WebSocket)]
    #[derive(Clone)]
    pub(crate) type NativeSocket;

    #[wasm_bindgen(method, catch, js_name = send)]
    pub(crate) fn send_value(this: &NativeSocket, data: &JsValue) -> Result<(), JsValue>;
}

/// The page's clocks: the monotonic one in µs, and Unix time in ms.
pub(crate) fn clocks() -> (u64, u64) {
    ((performance_now() * 1_000.0) as u64, js_sys::Date::now() as u64)
}
