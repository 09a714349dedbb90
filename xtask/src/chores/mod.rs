//! What a person asks for, one file each.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod fuzz;
pub(crate) mod mutate;
mod mutations;
pub(crate) mod setup;
mod steps;
mod suites;
pub(crate) mod test;
