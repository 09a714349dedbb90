//! A server under test that the suite starts itself, on a port that is free.

use std::ffi::OsString;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::wire::Target;

/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that lives as long as this.
pub(crate) struct Server {
    pub(crate) target: Target,
    _child: Child,
}

impl Server {
    /// Starts this command, in which `{port}` stands for the port, and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started, or ends, or does not listen.
    pub(crate) async fn start(command: &[OsString]) -> Result<Self, String> {
        let port = free_port().map_err(|why| format!("there is no free port: {why}"))?;
        let Some((program, args)) = command.split_first() else {
            return Err("the command is missing".into());
        };
        let args = args.iter().map(|arg| match arg.to_str() {
            Some(text) => OsString::from(text.replace("{port}", &port.to_string())),
            None => arg.clone(),
        });
        // What it says on its standard output is none of the results.
        let child = Command::new(program).args(args).stdout(Stdio::null()).kill_on_drop(true).spawn();
        let mut child = child.map_err(|why| format!("{} cannot be started: {why}", program.display()))?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("{} has ended: {status}", program.display()));
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{} does not listen on 127.0.0.1:{port}", program.display()));
            }
            sleep(Duration::from_millis(20)).await;
        }
        let target = Target::parse(&format!("ws://127.0.0.1:{port}")).expect("it is an address");
        Ok(Self { target, _child: child })
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
