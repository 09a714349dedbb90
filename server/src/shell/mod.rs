//! One shell, from its start to the last byte of its output. It outlives connections, and knows none.

mod charge;
mod command;
mod ending;
mod input;
mod leader;
mod log;
mod picture;
mod processes;
mod pty;
mod ring;
mod sizes;

pub(crate) use command::Common;
pub(crate) use ending::{Remains, end_all};
pub(crate) use input::Input;
pub(crate) use log::{End, Next, Recorder, Seat, Urgent, Viewer};

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use envsocket::core::resume::Size;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

use crate::config::EnvironmentSpec;
use ending::MARK;
use input::InputQueue;
use leader::Leader;
use log::OutputLog;
use pty::Pty;

/// What terminals have been since the VT100.
pub(crate) const USUAL_SIZE: Size = Size { cols: 80, rows: 24 };

/// No screen has more rows or columns, and programs allocate by them.
pub(crate) const MAX_SIDE: u16 = 1000;

/// One read; a Linux terminal hands out 4 KiB at a time.
const READ_BYTES: usize = 16 * 1024;

/// How a shell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    /// The system did not say.
    Unknown,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "shell exited with code {code}"),
            Self::Signal(signal) => write!(f, "shell was ended by signal {signal}"),
            Self::Unknown => f.write_str("shell ended"),
        }
    }
}

/// Why an environment was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    Deleted,
    ServerEnds,
}

/// Why a shell could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("shell could not be started: no folder {}", .0.display())]
    Folder(PathBuf),
    #[error("shell could not be started: no terminal: {0}")]
    Terminal(io::Error),
    #[error("shell could not be started: {0}")]
    Process(String),
}

/// A shell that was started. Dropping it does not end its processes; [`end_all`] does.
#[derive(Debug)]
pub(crate) struct Shell {
    log: Arc<OutputLog>,
    input: Input,
    pty: Arc<Pty>,
    leader: Arc<Leader>,
}

/// What must be polled for a shell to live: see [`Work::run`].
#[derive(Debug)]
pub(crate) struct Work {
    log: Arc<OutputLog>,
    queue: InputQueue,
    pty: Arc<Pty>,
    leader: Arc<Leader>,
    exited: oneshot::Receiver<Exit>,
}

impl Shell {
    /// Starts the environment's command, or else the usual shell, in a terminal of its own. Blocks for the time of
    /// a fork, and needs a tokio runtime's context.
    pub(crate) fn start(
        spec: &EnvironmentSpec,
        common: &Common,
        run: &str,
        size: Size,
        patience: Duration,
    ) -> Result<(Self, Work), StartError> {
        let command = command::command(spec, common, (MARK, run))?;
        let (pty, slave) = Pty::open(size).map_err(StartError::Terminal)?;
        let child = slave.spawn_command(command).map_err(|error| StartError::Process(error.to_string()))?;
        #[cfg(target_os = "linux")]
        if let Some(pid) = child.process_id() {
            crate::limits::give_back(pid);
        }
        let watched = Leader::new(child).and_then(|leader| {
            let leader = Arc::new(leader);
            Ok((leader.watch()?, leader))
        });
        let (exited, leader) = watched.map_err(|error| StartError::Process(error.to_string()))?;
        let (log, pty) = (Arc::new(OutputLog::new(patience, size)), Arc::new(pty));
        let (input, queue) = input::queue();
        let work =
            Work { log: Arc::clone(&log), queue, pty: Arc::clone(&pty), leader: Arc::clone(&leader), exited };
        Ok((Self { log, input, pty, leader }, work))
    }

    /// A viewer and a way to type; `None` once the shell is over.
    pub(crate) fn attach(&self) -> Option<(Viewer, Input)> {
        Some((self.log.attach()?, self.input.clone()))
    }

    /// Whether viewers have been, or are about to be, told of the end.
    pub(crate) fn is_over(&self) -> bool {
        self.log.is_over()
    }

    pub(crate) fn resize(&self, size: Size) -> io::Result<()> {
        self.log.resize(size, || self.pty.resize(size))
    }

    /// Cuts all viewers off.
    pub(crate) fn abandon(&self, why: Closing) {
        self.log.abandon(why);
    }
}

/// The processes of an environment with this shell, or with none that runs.
pub(crate) fn remains(shell: Option<&Shell>, run: &str) -> Remains {
    Remains { leader: shell.map(|shell| Arc::clone(&shell.leader)), mark: format!("{MARK}={run}") }
}

impl Work {
    /// Moves bytes between terminal and log until the shell is over and all of its output is in the log.
    pub(crate) async fn run(self) -> Exit {
        let Self { log, queue, pty, leader, exited } = self;
        let typing = AbortOnDropHandle::new(tokio::spawn(write_input(Arc::clone(&pty), queue)));
        let (stop, over) = oneshot::channel();
        let printing = AbortOnDropHandle::new(tokio::spawn(read_output(pty, Arc::clone(&log), over)));
        let exit = exited.await.unwrap_or(Exit::Unknown);
        drop(typing);
        // Its receiver is gone when the end of the output came first.
        let _ = stop.send(());
        let _ = printing.await;
        drop(leader);
        log.end(exit);
        exit
    }
}

/// Ends with the terminal, or with the last connection that could write.
async fn write_input(pty: Arc<Pty>, mut queue: InputQueue) {
    while let Some((bytes, _room)) = queue.next().await {
        if let Err(error) = pty.write_all(&bytes).await {
            tracing::debug!(%error, "the terminal takes no more input");
            return;
        }
    }
}

/// How long the terminal may be quiet after the shell's end before it counts as drained. Normally its end
/// comes first; but a shell that gave up its terminal leaves it to others, who may keep it open.
const DRAINED_AFTER: Duration = Duration::from_secs(1);
/// What the kernel can hold of a terminal's output, and more. Past it, it is others who are printing.
const DRAIN_BYTES: usize = 256 * 1024;

/// Ends with the terminal, or once it is drained after the shell's end.
async fn read_output(pty: Arc<Pty>, log: Arc<OutputLog>, mut over: oneshot::Receiver<()>) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = tokio::select! {
            read = pty.read(&mut buffer) => read,
            _ = &mut over => break,
        };
        match read {
            Ok(0) => return,
            Ok(size) => log.append(&buffer[..size]).await,
            Err(error) => return tracing::warn!(%error, "a terminal could not be read"),
        }
    }
    let mut drained = 0;
    while drained < DRAIN_BYTES {
        match tokio::time::timeout(DRAINED_AFTER, pty.read(&mut buffer)).await {
            Ok(Ok(size)) if size > 0 => {
                drained += size;
                log.append(&buffer[..size]).await;
            }
            _ => return,
        }
    }
}
