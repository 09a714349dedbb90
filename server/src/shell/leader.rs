//! The shell's own process, the leader of its terminal session: learning of its end, and reaping it last.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread;

use portable_pty::Child;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::sync::oneshot;

use super::Exit;

/// While a `Leader` exists its process id, which is the session's too, is not given to another process:
/// the child is reaped on drop, and until then is a zombie at least.
#[derive(Debug)]
pub(super) struct Leader {
    pid: Pid,
    child: Mutex<Box<dyn Child + Send + Sync>>,
}

impl Leader {
    pub(super) fn new(child: Box<dyn Child + Send + Sync>) -> io::Result<Self> {
        let pid = child
            .process_id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(|| io::Error::other("the system gave the shell no process id"))?;
        Ok(Self { pid, child: Mutex::new(child) })
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Tells how the shell ended, once it has; without reaping it.
    ///
    /// A thread of its own waits: tokio's blocking threads are for short work, and a runtime that is being
    /// dropped waits for them.
    pub(super) fn watch(self: &Arc<Self>) -> io::Result<oneshot::Receiver<Exit>> {
        let (tell, told) = oneshot::channel();
        let leader = Arc::clone(self);
        thread::Builder::new().name("shell-exit".to_owned()).stack_size(64 * 1024).spawn(move || {
            let exit = leader.wait();
            // Before anybody hears of the end, so that who waits for it waits for the reaping too.
            drop(leader);
            // Nobody listens any more when the runtime went away first.
            let _ = tell.send(exit);
        })?;
        Ok(told)
    }

    fn wait(&self) -> Exit {
        loop {
            match waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Exit::Unknown,
                Ok(status) => {
                    return status.map_or(Exit::Unknown, |status| {
                        let signal = status.terminating_signal().map(Exit::Signal);
                        signal.or(status.exit_status().map(Exit::Code)).unwrap_or(Exit::Unknown)
                    });
                }
            }
        }
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        let child = self.child.get_mut().expect("nothing panics while it holds this lock");
        if matches!(child.try_wait(), Ok(None)) {
            // Only when the server itself is torn down early; without this the wait below could be long.
            let _ = kill_process(self.pid, Signal::KILL);
            let _ = child.wait();
        }
    }
}
