//! The reference server as a child: started, awaited, stopped.
//!
//! It runs with `--exit-with-stdin` on a pipe of ours: however this process ends, the server ends too.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{AtPath, Failure, Step};
use crate::process::Tool;
use crate::signals::{self, Group};

/// How long it may take to listen and to answer.
const START: Duration = Duration::from_secs(30);

/// How long it may take to end its shells and itself.
const STOP: Duration = Duration::from_secs(10);

/// How long the rest of its log may take to arrive before a failure repeats the end of it.
const DRAIN: Duration = Duration::from_secs(1);

/// How many lines of its log a failure repeats.
const LAST_WORDS: usize = 20;

/// Those that speak the language of the tests, the one that most people use first.
const PLAIN_SHELLS: [&str; 2] = ["/bin/bash", "/bin/sh"];

/// Its line on standard output, before the address.
const LISTENING: &str = "listening on http://";

/// What to start it with.
#[derive(Debug)]
pub(crate) struct Options<'a> {
    /// Its program.
    pub(crate) program: &'a Path,
    /// The port on 127.0.0.1; 0 picks a free one.
    pub(crate) port: u16,
    /// The built page, if it serves one.
    pub(crate) www: Option<&'a Path>,
    /// Origins besides its own.
    pub(crate) origins: &'a [&'a str],
    /// Whose shells it starts.
    pub(crate) shells: Shells<'a>,
    /// Whom it serves.
    pub(crate) users: Users,
    /// Where its log goes; ours if there is none.
    pub(crate) log: Option<PathBuf>,
}

/// Whom a server serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Users {
    /// Whoever comes.
    Anybody,
    /// Those with a token, which it hands out itself, for half a minute each: renewal is seen at work.
    Demo,
}

/// Whose shells a server starts.
#[derive(Debug)]
pub(crate) enum Shells<'a> {
    /// The user's, with all that they have set up: what a demo should show.
    Users,
    /// Bash or sh, with this empty folder as their home: what tests type is in their language, and what
    /// somebody's start-up files do (print, ask, take a lock for a minute) must not decide over a test.
    Plain(&'a Path),
}

/// A server that answers. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    input: Option<ChildStdin>,
    ended: Receiver<io::Result<ExitStatus>>,
    log: Log,
    /// Disconnects when its log is read to the end.
    drained: Receiver<()>,
    group: Group,
}

impl Server {
    /// Starts it, and returns once `/healthz` and, with a page, `/` answer.
    ///
    /// # Errors
    /// When it ends or does not answer within 30 s; with the last lines of its log.
    pub(crate) fn start(options: &Options<'_>) -> Result<Self, Failure> {
        let tool = tool(options);
        let line = tool.line();
        let not_started = |error: io::Error| {
            let by_hand = "build it with `cargo build --package envsocket-server`";
            Failure::step(format!("`{line}` could not be started: {error}"), by_hand)
        };
        let (mut child, group) = tool.start(Stdio::piped()).map_err(not_started)?;
        let log = Log::new(options.log.as_deref())?;
        let (said, hears) = mpsc::channel();
        let (draining, drained) = mpsc::channel();
        if let Some(errors) = child.stderr.take() {
            log.follow(errors, draining);
        }
        if let Some(out) = child.stdout.take() {
            listen(out, said);
        }
        let (end, ended) = mpsc::channel();
        let input = child.stdin.take();
        thread::spawn(move || end.send(child.wait()));
        let unknown = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let mut server = Self { address: unknown, input, ended, log, drained, group };
        server.address = hears.recv_timeout(START).map_err(|error| server.failed_to_start(&line, error))?;
        server.answers("/healthz")?;
        if options.www.is_some() {
            server.answers("/")?;
        }
        Ok(server)
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns when it has ended by itself, or because a signal reached it.
    ///
    /// # Errors
    /// When no signal asked for it; with its last words.
    pub(crate) fn wait(self) -> Result<(), Failure> {
        let ended = self.ended.recv();
        if signals::asked().is_some() {
            return Ok(());
        }
        let how = match ended {
            Ok(Ok(status)) => format!("ended with {status}"),
            Ok(Err(error)) => format!("cannot be awaited: {error}"),
            Err(_) => "is gone".to_owned(),
        };
        let by_hand = "see its log above, and run it again";
        Err(self.failed(format!("the server {how}, and nobody asked it to"), by_hand))
    }

    /// The last lines of its log.
    pub(crate) fn last_words(&self) -> Vec<String> {
        self.log.last()
    }

    fn failed_to_start(&self, line: &str, error: RecvTimeoutError) -> Failure {
        if let Err(interrupted) = signals::go_on() {
            return interrupted;
        }
        let what = match error {
            RecvTimeoutError::Timeout => format!("`{line}` does not listen after {} s", START.as_secs()),
            RecvTimeoutError::Disconnected => format!("`{line}` ended before it listened"),
        };
        self.failed(what, "see its log above; if the port is in use, choose another with `--port`")
    }

    fn failed(&self, what: String, by_hand: &str) -> Failure {
        let _ = self.drained.recv_timeout(DRAIN);
        Failure::Step(Box::new(Step { what, tail: self.last_words(), by_hand: by_hand.to_owned() }))
    }

    fn answers(&self, path: &str) -> Result<(), Failure> {
        let until = Instant::now() + START;
        loop {
            signals::go_on()?;
            match status(self.address, path) {
                Ok(200) => return Ok(()),
                other if Instant::now() > until => {
                    let what = format!("the server does not answer {path}: {other:?}");
                    return Err(self.failed(what, "see its log above"));
                }
                _ => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(STOP) {
            self.group.kill();
            let _ = self.ended.recv_timeout(STOP);
        }
    }
}

fn tool(options: &Options<'_>) -> Tool {
    let mut tool = Tool::new(options.program).args([
        "--listen",
        &format!("127.0.0.1:{}", options.port),
        "--faults",
        "--exit-with-stdin",
    ]);
    if let Some(www) = options.www {
        tool = tool.arg_path("--www", www);
    }
    for origin in options.origins {
        tool = tool.args(["--allow-origin", origin]);
    }
    if options.users == Users::Demo {
        tool = tool.args(["--demo-auth"]);
    }
    match options.shells {
        Shells::Users => tool,
        Shells::Plain(home) => {
            let shell = PLAIN_SHELLS.into_iter().find(|shell| Path::new(shell).exists()).unwrap_or("/bin/sh");
            tool.quiet_env("SHELL", shell).quiet_env("HOME", home).without_env(&["ENV", "BASH_ENV"])
        }
    }
}

/// The port if it is free, else 0, which lets the system pick: a port that stays the same spares
/// compiling the browser tests again.
pub(crate) fn preferred(port: u16) -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_or(0, |_| port)
}

/// Fails when something listens there already.
///
/// # Errors
/// Names the port and the option that chooses another.
pub(crate) fn must_be_free(port: u16) -> Result<(), Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| {
        Failure::step(
            format!("127.0.0.1:{port} cannot be listened on: {error}"),
            "choose another port with `cargo xtask demo --port P` (0 picks a free one)",
        )
    })
}

fn status(address: SocketAddr, path: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first)?;
    let code = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.ok_or_else(|| io::Error::other(format!("answered {first:?}")))
}

/// Sends the address once the line with it arrives, and drains the pipe to its end.
fn listen(out: impl Read + Send + 'static, said: Sender<SocketAddr>) {
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                let _ = said.send(address);
            }
        }
    });
}

fn address_in(line: &str) -> Option<SocketAddr> {
    line.strip_prefix(LISTENING)?.trim_end_matches('/').parse().ok()
}

/// The server's log: passed on or written to a file, and its end remembered.
#[derive(Debug, Clone)]
struct Log {
    last: Arc<Mutex<VecDeque<String>>>,
    to: Arc<Option<File>>,
}

impl Log {
    fn new(path: Option<&Path>) -> Result<Self, Failure> {
        let to = path.map(|path| File::create(path).at("cannot write", path)).transpose()?;
        Ok(Self { last: Arc::default(), to: Arc::new(to) })
    }

    /// `draining` is dropped at the end of the log.
    fn follow(&self, errors: impl Read + Send + 'static, draining: Sender<()>) {
        let log = self.clone();
        thread::spawn(move || {
            let _until_the_end = draining;
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                log.add(line);
            }
        });
    }

    fn add(&self, line: String) {
        // A full disk or a closed terminal is no reason to stop the server.
        let _ = match self.to.as_ref() {
            Some(file) => writeln!(&mut &*file, "{line}"),
            None => writeln!(io::stderr(), "{line}"),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.push_back(line);
        if last.len() > LAST_WORDS {
            last.pop_front();
        }
    }

    fn last(&self) -> Vec<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_servers_line() {
        let address = address_in("listening on http://127.0.0.1:7420/");
        assert_eq!(address, Some(SocketAddr::from(([127, 0, 0, 1], 7420))));
        assert_eq!(address_in("listening"), None);
        assert_eq!(address_in("2026-01-01 INFO listening on http://127.0.0.1:1/"), None);
    }

    #[test]
    fn a_port_in_use_is_named_with_the_option_that_chooses_another() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the system has a free port");
        let port = taken.local_addr().expect("it is bound").port();
        let text = must_be_free(port).expect_err("it is taken").to_string();
        assert!(text.contains(&port.to_string()) && text.contains("--port"), "{text}");
        assert_eq!(preferred(port), 0);
    }
}
