//! What terminals print, as the server sends it: real programs in a real shell, typed into, message by message.
//! Nothing is measured here. Every run records anew.

use std::env;
use std::io;
use std::path::Path;
use std::time::Duration;

use envsocket_server::{Config, Server};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::client::{Link, Offer};

/// Between two keys: a quick typist.
const PACE: Duration = Duration::from_millis(60);

/// What the shell is told to say before and after the program, and what it says then.
const BEGIN: (&str, &str) = ("printf 'it be''gins\\r'", "it begins\r");
const END: (&str, &str) = ("printf '\\nit is o''ver\\r'", "\nit is over\r");

/// A program, and what is typed into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// In the tables.
    pub(crate) name: &'static str,
    /// Those of its bytes, and of its CPU time.
    pub(crate) rows: [&'static str; 2],
    program: &'static str,
    /// `{out}` is a folder for its files.
    command: &'static str,
    /// One after the other; an empty one is a pause.
    keys: fn() -> Vec<&'static str>,
}

/// What was recorded.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) script: Script,
    pub(crate) messages: Vec<Vec<u8>>,
}

/// A build log with cargo's progress bar; somebody who writes, leafs and searches; a screen redrawn each second.
pub(crate) const SCRIPTS: [Script; 3] = [
    Script {
        name: "cargo build",
        rows: ["cargo build, bytes sent", "cargo build, µs of CPU a message"],
        program: "cargo",
        command: "cargo build --offline --package xtask --target-dir '{out}'",
        keys: Vec::new,
    },
    Script {
        name: "vim",
        rows: ["vim, bytes sent", "vim, µs of CPU a message"],
        program: "vim",
        command: "vim -u NONE -n -c 'syntax on' -c 'set number ruler showcmd' docs/PROTOCOL.md",
        keys: || {
            let mut keys = vec!["i"];
            keys.extend(
                ["t", "h", "e", " ", "w", "o", "r", "d", "s", " ", "t", "y", "p", "e", "d", "\r"].repeat(8),
            );
            keys.push("\x1b");
            keys.extend(["\x06"; 30]);
            keys.extend(["j"; 60]);
            keys.extend(["/session\r"]);
            keys.extend(["n"; 20]);
            keys.extend([":q!\r"]);
            keys
        },
    },
    Script {
        name: "htop",
        rows: ["htop, bytes sent", "htop, µs of CPU a message"],
        program: "htop",
        command: "htop --delay=10",
        keys: || {
            let mut keys = vec![""; 500];
            keys.push("q");
            keys
        },
    },
];

impl Script {
    /// Whether this machine has it.
    pub(crate) fn is_there(&self) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| folder.join(self.program).is_file())
    }
}

/// Runs it, at the speed at which a person types.
///
/// # Errors
/// Those of the server and the connection.
pub(crate) async fn record(script: Script, out: &Path) -> io::Result<Recording> {
    let folder = out.join("recorded");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let config = Config { listen: ([127, 0, 0, 1], 0).into(), shell: "/bin/sh".into(), ..Config::default() };
    let server = Server::bind(config).await.map_err(io::Error::other)?;
    let (address, end) = (server.addr(), CancellationToken::new());
    let running = AbortOnDropHandle::new(tokio::spawn(server.run(end.clone())));
    let mut link = Link::open(address, "/ws/alpha/dev", Offer::Plain).await?;
    let here = env::current_dir()?;
    let command = script.command.replace("{out}", &folder.display().to_string());
    let line = format!(
        "cd '{}'; stty rows 40 cols 120; {}; {command}; {}; exec cat\n",
        here.display(),
        BEGIN.0,
        END.0
    );
    link.queue(line.as_bytes());
    link.flush().await?;
    let mut heard = Heard::default();
    let begun = heard.until(&mut link, BEGIN.1).await?;
    heard.forget(begun);
    for key in (script.keys)() {
        if !key.is_empty() {
            link.queue(key.as_bytes());
            link.flush().await?;
        }
        let next = Instant::now() + PACE;
        while let Ok(received) = timeout_at(next, link.receive(|message| heard.note(message))).await {
            received?;
        }
    }
    heard.until(&mut link, END.1).await?;
    link.close().await?;
    end.cancel();
    running.await.map_err(io::Error::other)?;
    Ok(Recording { script, messages: heard.messages })
}

/// What came so far.
#[derive(Default)]
struct Heard {
    messages: Vec<Vec<u8>>,
    all: Vec<u8>,
}

impl Heard {
    fn note(&mut self, message: &[u8]) {
        self.all.extend_from_slice(message);
        self.messages.push(message.to_owned());
    }

    /// Listens until these words are there; where they end.
    async fn until(&mut self, link: &mut Link, words: &str) -> io::Result<usize> {
        loop {
            let at = self.all.windows(words.len()).position(|window| window == words.as_bytes());
            if let Some(at) = at {
                return Ok(at + words.len());
            }
            link.receive(|message| self.note(message)).await?;
        }
    }

    /// Keeps only what comes after so many bytes.
    fn forget(&mut self, bytes: usize) {
        let rest = self.all.split_off(bytes);
        *self = Self::default();
        if !rest.is_empty() {
            self.note(&rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_program_prints_is_recorded_and_what_is_typed_reaches_it() {
        let command = "stty -echo; read -r line; echo \"$line and more\"; cat Cargo.toml";
        let keys = || vec!["le", "", "ss", "\n"];
        let script = Script { name: "sh", rows: ["", ""], program: "sh", command, keys };
        assert!(script.is_there());
        assert!(!Script { program: "there is no such program", ..script }.is_there());
        let recording = record(script, &env::temp_dir()).await.expect("it runs");
        let all = String::from_utf8(recording.messages.concat()).expect("it is text");
        let printed = include_str!("../Cargo.toml").replace('\n', "\r\n");
        // Before it, the key's echo may be there.
        assert!(all.ends_with(&format!("less and more\r\n{printed}\r\nit is over\r")), "{all}");
    }
}
