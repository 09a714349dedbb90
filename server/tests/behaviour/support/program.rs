//! The program itself, as a process of its own.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::within;

pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// They are read from the start: a pipe that nobody reads would hold the program back.
    logs: JoinHandle<String>,
    pub(crate) addr: SocketAddr,
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    command_by(&[], arguments)
}

/// The same, started by another program that is to become it.
pub(crate) fn command_by(starter: &[&str], arguments: &[&str]) -> Command {
    let argv = [starter, &[env!("CARGO_BIN_EXE_envsocket-server")], arguments].concat();
    let mut command = Command::new(argv[0]);
    // A plain shell: the user's own may take half a second to start.
    command.args(&argv[1..]).env_remove("RUST_LOG").env("SHELL", "/bin/sh").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program was built");
        let mut stderr = child.stderr.take().expect("it is piped");
        let logs = tokio::spawn(async move {
            let mut logs = String::new();
            stderr.read_to_string(&mut logs).await.expect("text");
            logs
        });
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = within("the first line", lines.next_line()).await.expect("readable").expect("a line");
        let addr = line.strip_prefix("listening on http://").and_then(|rest| rest.strip_suffix('/'));
        let addr = addr.expect("the line is the promised one").parse().expect("an address");
        Self { child, lines, logs, addr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.id().cast_signed();
        kill_process(Pid::from_raw(pid).expect("a process id"), signal).expect("it is our child");
    }

    /// Its standard input, if that was piped.
    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits for the end; nothing more may have been printed, and logs are returned.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let logs = within("the logs' end", self.logs).await.expect("the logs are text");
        let status = within("the program's end", self.child.wait()).await.expect("our child");
        assert_eq!(self.lines.next_line().await.expect("readable"), None, "one line only");
        (status, logs)
    }
}
