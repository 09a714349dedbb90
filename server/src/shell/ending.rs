//! Ending everything that was started in an environment: first asked, as when a terminal's window is
//! closed, then killed. Blocking: callers are on a thread that may wait.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process};

use super::leader::Leader;
use super::processes::{bears, list};

/// What a program gets to save its work after SIGHUP. Shells and most programs need a few milliseconds.
const GRACE: Duration = Duration::from_millis(500);
/// After this a process that does not even die of SIGKILL (it hangs in the kernel) is left.
const LIMIT: Duration = Duration::from_secs(2);
/// No system tells when a whole session is gone; it has to be looked up again and again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The variable that marks every process of an environment, with a value that no other environment of any
/// server has. It finds those that left the shell's session, as daemons do.
pub(super) const MARK: &str = "ENVSOCKET_RUN";

/// The processes of one environment.
#[derive(Debug)]
pub(crate) struct Remains {
    /// The shell that runs, if one does. Holding it keeps the session's number from being given away.
    pub(super) leader: Option<Arc<Leader>>,
    /// `NAME=value`, in the environment of all that was started there.
    pub(super) mark: String,
}

/// Ends the processes of these environments. Those that survive SIGKILL are logged.
pub(crate) fn end_all(remains: &[Remains]) {
    let started = Instant::now();
    let asked = alive(remains);
    for pid in &asked {
        signal(*pid, Signal::HUP);
        // A stopped process acts on SIGHUP only once it is continued.
        signal(*pid, Signal::CONT);
    }
    while started.elapsed() < GRACE {
        if alive(remains).is_empty() {
            return;
        }
        thread::sleep(LOOK_AGAIN);
    }
    while started.elapsed() < LIMIT {
        // Looked up each time anew: what is forked while others are being killed dies in the next round.
        let left = alive(remains);
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(|pid| signal(pid, Signal::KILL));
        thread::sleep(LOOK_AGAIN);
    }
    let left: Vec<_> = alive(remains).iter().map(|pid| pid.as_raw_pid()).collect();
    if !left.is_empty() {
        tracing::error!(?left, "processes survived SIGKILL");
    }
}

fn alive(remains: &[Remains]) -> Vec<Pid> {
    let leaders = remains.iter().filter_map(|remains| remains.leader.as_ref());
    let sessions: HashSet<Pid> = leaders.map(|leader| leader.pid()).collect();
    let marked = |pid| remains.iter().any(|remains| bears(pid, &remains.mark));
    list()
        .into_iter()
        .filter(|process| process.pid != getpid())
        .filter(|process| process.session.is_some_and(|it| sessions.contains(&it)) || marked(process.pid))
        .map(|process| process.pid)
        .collect()
}

fn signal(pid: Pid, signal: Signal) {
    // Gone meanwhile, or another user's: both are found by the next look.
    let _ = kill_process(pid, signal);
}
