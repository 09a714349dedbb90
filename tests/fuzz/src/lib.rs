//! Fuzzing: what must hold whatever comes in. Every target is a function of bytes that panics when something does
//! not hold.
//!
//! `cargo xtask fuzz` feeds them with what libFuzzer makes up (`libfuzzer/`, a package of its own, because it wants a
//! nightly compiler); the test `corpus` feeds them with what is kept in `corpus/`, which is where a finding goes.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`decoder`] | a text that came over a socket, on either end |
//! | [`session`] | a schedule for the server's end of `envsocket.v1`, whose clients do what they like |
//! | [`snapshot`] | a program's output, for the screen that is kept of it |
//! | `hostile` | the bytes, read as choices |

pub mod decoder;
mod hostile;
pub mod session;
pub mod snapshot;
