//! How many sockets there may be, of what the system lets one process open. Every socket is an open file, and so is
//! every terminal: who takes all of them locks everybody out, and nobody gets a shell.

use rustix::process::{Resource, Rlimit, getrlimit};

/// What the server itself has open, and what starting some shells at a time takes.
const OWN: usize = 64;
/// A shell's terminal, and what tells of its end.
const OF_A_SHELL: usize = 2;

/// How many sockets leave room for so many shells: half of all files at least, for who has few.
pub(crate) fn sockets(shells: usize) -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok());
    left(files.unwrap_or(usize::MAX), shells)
}

fn left(files: usize, shells: usize) -> usize {
    let reserve = OWN.saturating_add(shells.saturating_mul(OF_A_SHELL)).min(files / 2);
    (files - reserve).max(1)
}

/// Lets this process open as many files as it may, instead of as many as is usual. Shells get the old limit:
/// programs that use `select` break with more than 1024.
///
/// On Linux only: elsewhere a shell could not be given the old one, and nothing is done.
///
/// # Errors
/// What the system says.
pub fn raise_open_files() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let before = getrlimit(Resource::Nofile);
        if before.current != before.maximum {
            rustix::process::setrlimit(Resource::Nofile, Rlimit { current: before.maximum, ..before })?;
            // Whoever comes second finds nothing to raise.
            let _ = linux::BEFORE.set(before);
        }
    }
    Ok(())
}

/// Gives a shell that has just been started the limit that there was before it was raised.
#[cfg(target_os = "linux")]
pub(crate) use linux::give_back;

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::OnceLock;

    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    pub(super) static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    pub(crate) fn give_back(pid: u32) {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let Some((before, pid)) = BEFORE.get().zip(pid) else { return };
        if let Err(error) = prlimit(Some(pid), Resource::Nofile, *before) {
            // It has ended already, or has become another user's.
            tracing::debug!(%error, "a shell keeps the server's limit of open files");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_have_their_files_and_sockets_the_rest() {
        assert_eq!(left(1_048_576, 256), 1_048_000);
        assert_eq!(left(1_024, 256), 512, "half of them at least");
        assert_eq!((left(100, 4), left(1, 4), left(0, 4)), (50, 1, 1));
        assert_eq!(left(usize::MAX, usize::MAX), usize::MAX - usize::MAX / 2);
    }
}
