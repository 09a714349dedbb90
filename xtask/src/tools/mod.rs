//! What the chores need from outside, one file each: found if it is there, brought if it is not.

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod cargo_tools;
pub(crate) mod debian_wasm;
pub(crate) mod nightly;
pub(crate) mod npm;
pub(crate) mod package;
pub(crate) mod programs;
pub(crate) mod python;
pub(crate) mod server;
pub(crate) mod sizes;
pub(crate) mod tally;
pub(crate) mod versions;
pub(crate) mod wasm_manifest;
pub(crate) mod wasm_target;
pub(crate) mod webdriver;
