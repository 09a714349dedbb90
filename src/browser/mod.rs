//! What is done: the driver of [`core`](crate::core) in a browser. It decides nothing.
//!
//! | file | idea |
//! | --- | --- |
//! | `engine` | what the TypeScript facade calls: arguments in, errors out |
//! | `driver` | the loop between the state machine and the platform |
//! | `socket` | one native WebSocket and its handlers |
//! | `alarm` | the one timer |
//! | `page` | what the page says of the network |
//! | `payload` | messages, as the `JsValue`s that they are |
//! | `endpoint` | where a connection goes: URL, subprotocols, binary type |
//! | `options` | options of JavaScript, read with `Reflect` |
//! | `listeners` | callbacks of `subscribe` and `pollStatus` |
//! | `snapshot` | the frozen view of everything |
//! | `error` | errors, as the platform words and types them |
//! | `platform` | the few globals that web-sys and js-sys do not bring as we need them |
//!
//! Two laws: no borrow is held across a call into JavaScript that may call back, as listeners and the
//! application's own objects do; and payloads stay on JavaScript's side.

mod alarm;
mod driver;
mod endpoint;
mod engine;
mod error;
mod listeners;
mod options;
mod page;
mod payload;
mod platform;
mod snapshot;
mod socket;

pub use driver::Sink;
pub use engine::Engine;
