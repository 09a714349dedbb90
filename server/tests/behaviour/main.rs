//! The server's promises, each kept by the real server on a free port, with real shells and real clients.
//! One file a behaviour; one binary, because linking a dozen takes longer than running them.

mod support;

mod api;
mod binary;
mod blackhole;
mod compression;
mod delete;
mod demo;
mod exit;
mod farewell;
mod faults;
mod feed;
mod gate;
mod input;
mod keeping;
mod limits;
mod liveness;
mod misbehaviour;
mod negotiation;
mod ownership;
mod pages;
mod permissions;
mod reconnect;
mod resume;
mod rights_over_http;
mod secrecy;
mod sharing;
mod shutdown;
mod size;
mod slow;
mod storm;
mod strangers;
mod tokens;
mod unknown;
mod viewers;
