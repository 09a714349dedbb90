//! What web-sys and js-sys do not bring as it is needed here: calls that do not copy what they pass.

use wasm_bindgen::prelude::*;

use crate::core::resume::Id;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    /// Not `randomUUID`, which insecure contexts do not have.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_randomness(bytes: &mut [u8]);

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

/// An id that nobody else has, and nobody can guess.
pub(crate) fn fresh_id() -> Id {
    let mut bytes = [0; 16];
    fill_with_randomness(&mut bytes);
    Id(u128::from_le_bytes(bytes))
}
