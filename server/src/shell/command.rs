//! What is started in an environment: program, folder, variables.

use std::ffi::OsString;
use std::path::PathBuf;

use portable_pty::CommandBuilder;

use super::StartError;
use crate::config::EnvironmentSpec;

/// What all shells of a server have in common.
#[derive(Debug)]
pub(crate) struct Common {
    /// The program of environments that name no other.
    pub(crate) shell: PathBuf,
    /// Variables of the server that no shell gets.
    pub(crate) withheld: Vec<String>,
}

/// Fills in what the configuration leaves open. `mark` is a `NAME=value` of its own.
pub(super) fn command(
    spec: &EnvironmentSpec,
    common: &Common,
    mark: (&str, &str),
) -> Result<CommandBuilder, StartError> {
    let mut command = match &spec.command {
        Some(argv) => CommandBuilder::from_argv(argv.iter().map(OsString::from).collect()),
        None => CommandBuilder::new(&common.shell),
    };
    if let Some(cwd) = &spec.cwd {
        // The library would silently take the home folder instead.
        if !cwd.is_dir() {
            return Err(StartError::Folder(cwd.clone()));
        }
        command.cwd(cwd);
    }
    for name in &common.withheld {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    for (name, value) in &spec.env {
        command.env(name, value);
    }
    command.env("ENVSOCKET_PROJECT", spec.key.project());
    command.env("ENVSOCKET_ENV", spec.key.env());
    command.env(mark.0, mark.1);
    Ok(command)
}
