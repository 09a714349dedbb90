//! Projects and their environments: what exists, what runs, what is being ended. Knows shells, not sockets.

mod environment;
mod registry;

pub(crate) use environment::{AttachError, Attached, Environment};
pub(crate) use registry::{CreateError, Registry, UnknownEnvironment};
