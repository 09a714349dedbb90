//! envsocket: one persistent WebSocket per environment, for browser apps that talk to many.
//!
//! | module | what it is | what it may touch |
//! | --- | --- | --- |
//! | [`core`] | what is decided: state machines, backoff, the pool, the poll | nothing: no clock, no randomness, no browser |
//! | `browser` | what is done: sockets, timers, snapshots (wasm32 only) | web-sys, js-sys, gloo-timers |
//!
//! The TypeScript facade over `browser` is in `pkg-template/`; the server uses `core` natively, so that
//! the two ends of the wire cannot drift apart.

pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod browser;
