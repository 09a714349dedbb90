//! The server's promises, each kept by the real server on a free port, with real shells and real clients.
//! One file a behaviour; one binary, because linking a dozen takes longer than running them.

mod support;

mod api;
mod binary;
mod blackhole;
mod delete;
mod exit;
mod faults;
mod gate;
mod input;
mod liveness;
mod pages;
mod reconnect;
mod shutdown;
mod size;
mod unknown;
mod viewers;
