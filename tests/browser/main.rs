//! The crate in a headless browser: `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]

mod engine;
mod protocol;
mod questions;
mod server;
mod support;
mod tokens;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
