//! The machine's processes, as far as ending a shell needs to know them.

use rustix::process::Pid;

/// One living process. Zombies are not listed: they have ended, and only wait for their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) session: Option<Pid>,
}

#[cfg(target_os = "linux")]
pub(super) use linux::{bears, list};

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{bears, list};

#[cfg(target_os = "linux")]
mod linux {
    use super::{Pid, Process};
    use std::fs;

    pub(in crate::shell) fn list() -> Vec<Process> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|pid: i32| {
                parse(Pid::from_raw(pid)?, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
            })
            .collect()
    }

    /// proc_pid_stat(5): `pid (name) state ppid pgrp session …`; the name may hold spaces and brackets.
    pub(super) fn parse(pid: Pid, stat: &str) -> Option<Process> {
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let state = fields.next()?;
        let session = fields.nth(2)?.parse().ok().and_then(Pid::from_raw);
        (!matches!(state, "Z" | "X" | "x")).then_some(Process { pid, session })
    }

    /// Whether the process was started with `variable` (`NAME=value`) in its environment, by itself or by
    /// inheritance. A process of another user cannot be asked, nor could it be signalled.
    pub(in crate::shell) fn bears(pid: Pid, variable: &str) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_pid())).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    }
}

/// Without `/proc`: `ps` knows the processes, `getsid` their sessions, and nobody their environments.
#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere {
    use super::{Pid, Process};
    // rustix's `getsid` takes for granted that there is a session; kernel threads have none.
    use nix::unistd::getsid;
    use std::process::Command;

    #[cfg(not(target_os = "linux"))]
    pub(in crate::shell) fn bears(_: Pid, _: &str) -> bool {
        false
    }

    pub(in crate::shell) fn list() -> Vec<Process> {
        let Ok(output) = Command::new("ps").args(["-A", "-o", "pid=,state="]).output() else {
            return Vec::new();
        };
        String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect()
    }

    fn parse(line: &str) -> Option<Process> {
        let mut fields = line.split_whitespace();
        let pid = Pid::from_raw(fields.next()?.parse().ok()?)?;
        let alive = !fields.next()?.starts_with('Z');
        let session = getsid(Some(nix::unistd::Pid::from_raw(pid.as_raw_pid()))).ok();
        alive.then(|| Process { pid, session: session.and_then(|it| Pid::from_raw(it.as_raw())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::getsid;
    use rustix::process::getpid;

    /// In a container, the session may have begun outside; its number is 0 inside, and it counts as none.
    fn this() -> Process {
        let session = getsid(None).expect("every process can ask for its own session");
        Process { pid: getpid(), session: Pid::from_raw(session.as_raw()) }
    }

    #[test]
    fn this_process_is_listed_with_its_session() {
        assert!(list().contains(&this()));
    }

    #[test]
    fn the_portable_list_has_it_too() {
        assert!(elsewhere::list().contains(&this()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_with_brackets_does_not_mislead_and_zombies_are_not_listed() {
        let pid = getpid();
        let session = Pid::from_raw(9);
        assert_eq!(linux::parse(pid, "1 (a) b) S 2 3 9 4"), Some(Process { pid, session }));
        assert_eq!(linux::parse(pid, "1 (a) Z 2 3 9 4"), None);
    }
}
