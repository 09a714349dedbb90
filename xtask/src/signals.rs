//! Signals, and the children that they must reach. Every child is a process group of its own, so that
//! one signal ends a tool with all that it started, whoever the signal was sent to.
//!
//! Must not: end anything that was not started here.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

/// How long a child may take to end by itself. The server needs up to 5 s to end its shells.
const GRACE: Duration = Duration::from_secs(10);

struct State {
    /// The signal that asked for the end, once one has.
    asked: Option<i32>,
    /// The process groups that are running.
    groups: Vec<Pid>,
    /// Tells the thread that waits out the grace period that nothing is left.
    idle: Option<Sender<()>>,
}

static STATE: Mutex<State> = Mutex::new(State { asked: None, groups: Vec::new(), idle: None });

fn state() -> MutexGuard<'static, State> {
    // Every change below is one assignment, so a panic elsewhere leaves nothing half done.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, SIGINT, SIGTERM and SIGHUP are passed on to what runs; what does not end within 10 s,
/// or before a second signal, is killed.
///
/// # Errors
/// When the system refuses the handlers.
pub(crate) fn watch() -> Result<(), Failure> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| Failure::step(format!("cannot handle signals: {error}"), "report this"))?;
    thread::spawn(move || {
        for signal in signals.forever() {
            pass_on(signal);
        }
    });
    Ok(())
}

fn pass_on(signal: i32) {
    let mut state = state();
    if state.asked.is_some() {
        return kill(&state.groups);
    }
    state.asked = Some(signal);
    let signal = Signal::try_from(signal).unwrap_or(Signal::SIGTERM);
    for &group in &state.groups {
        // It may have ended just now, which is what is wanted.
        let _ = killpg(group, signal);
    }
    let (idle, all_ended) = mpsc::channel();
    state.idle = Some(idle);
    thread::spawn(move || {
        if let Err(RecvTimeoutError::Timeout) = all_ended.recv_timeout(GRACE) {
            kill(&self::state().groups);
        }
    });
}

fn kill(groups: &[Pid]) {
    for &group in groups {
        let _ = killpg(group, Signal::SIGKILL);
    }
}

/// The signal that asked for the end, if one has.
pub(crate) fn asked() -> Option<i32> {
    state().asked
}

/// Fails when a signal has asked for the end.
///
/// # Errors
/// [`Failure::Interrupted`].
pub(crate) fn go_on() -> Result<(), Failure> {
    asked().map_or(Ok(()), |signal| Err(Failure::Interrupted(signal)))
}

/// A child's process group, known here until it is dropped.
#[derive(Debug)]
pub(crate) struct Group(Pid);

impl Group {
    /// Asks the whole group to end.
    pub(crate) fn terminate(&self) {
        let _ = killpg(self.0, Signal::SIGTERM);
    }

    /// Ends the whole group at once.
    pub(crate) fn kill(&self) {
        let _ = killpg(self.0, Signal::SIGKILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut state = state();
        if state.asked.is_some() {
            // The child has ended; what it started and did not take along must not stay behind.
            let _ = killpg(self.0, Signal::SIGKILL);
        }
        state.groups.retain(|&group| group != self.0);
        if state.groups.is_empty() {
            state.idle = None;
        }
    }
}

/// Starts a child as a group of its own.
///
/// # Errors
/// As [`Command::spawn`]; and [`io::ErrorKind::Interrupted`] once a signal has asked for the end.
pub(crate) fn spawn(command: &mut Command) -> io::Result<(Child, Group)> {
    use std::os::unix::process::CommandExt;
    // Held across the start: a signal finds either no child or one that it can reach.
    let mut state = state();
    if state.asked.is_some() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let child = command.process_group(0).spawn()?;
    let group = Pid::from_raw(i32::try_from(child.id()).expect("process ids are positive and fit pid_t"));
    state.groups.push(group);
    Ok((child, Group(group)))
}
