//! The facade's half of the engine: what it knows of the page, and who listens there.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const HOST: &str = r"
/** What the engine asks of the page that it is on. None of it may throw: there is nobody left to tell. */
export interface Host {
  /** A snapshot would show something else now. It must not call back. */
  stale(): void;
  /** Whether there may be a network. */
  isOnline(): boolean;
  /** From now on, or no longer: what the page says of itself is told with `page`. */
  watch(on: boolean): void;
  /** As the platform reports an exception that a listener threw. */
  report(error: unknown): void;
}
";

#[wasm_bindgen]
extern "C" {
    /// What the engine asks of the page that it is on.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type Host;

    #[wasm_bindgen(method)]
    pub(super) fn stale(this: &Host);

    #[wasm_bindgen(method, js_name = isOnline)]
    pub(super) fn is_online(this: &Host) -> bool;

    #[wasm_bindgen(method)]
    pub(super) fn watch(this: &Host, on: bool);

    #[wasm_bindgen(method)]
    pub(super) fn report(this: &Host, error: &JsValue);
}
