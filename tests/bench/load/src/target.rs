//! A server under test: a process of its own, so that its CPU time and its memory are nobody else's. Linux
//! only, whose `/proc` says what both are.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Attachment, Link, Offer};

/// How many addresses a server listens on: each has room for some 28,000 connections, and those that were
/// closed a minute ago count.
const ADDRESSES: usize = 8;

/// What is compared. The first is what the others are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// In the tables.
    pub(crate) name: &'static str,
    /// Which of the servers it is.
    pub(crate) server: &'static str,
    /// What is spoken with it.
    pub(crate) offer: Offer,
}

/// A server that is running. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) door: Door,
    child: Child,
    pid: u32,
}

/// Where connections are made.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    offer: Offer,
    addresses: Arc<[SocketAddr]>,
    opened: Arc<AtomicUsize>,
}

/// One place behind the door: the address, and the path of a session of its own.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    address: SocketAddr,
    path: String,
}

impl Target {
    /// Starts the program and waits until it listens.
    ///
    /// # Errors
    /// The program does not start, or ends before it is ready.
    pub(crate) async fn start(program: &Path, kind: Kind) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args([kind.server, &ADDRESSES.to_string()])
            // It ends with its input, which is closed also when this process is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let early = || io::Error::other(format!("`{} {}` is not ready", program.display(), kind.server));
        let pid = child.id().ok_or_else(early)?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(early)?).lines();
        let mut addresses = Vec::new();
        loop {
            match lines.next_line().await?.ok_or_else(early)?.as_str() {
                "ready" => break,
                line => addresses.push(line.parse().map_err(io::Error::other)?),
            }
        }
        let door = Door { offer: kind.offer, addresses: addresses.into(), opened: Arc::default() };
        Ok(Self { kind, door, child, pid })
    }

    /// Ends it, and waits until it has ended.
    ///
    /// # Errors
    /// It did not end well: what it was measured to do is worth nothing.
    pub(crate) async fn stop(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        match self.child.wait().await? {
            status if status.success() => Ok(()),
            status => Err(io::Error::other(format!("the server `{}` ended with {status}", self.kind.server))),
        }
    }

    /// The time that its threads have spent on a core so far.
    ///
    /// # Errors
    /// The process is gone, or this is not Linux.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let mut all = Duration::ZERO;
        // `/proc/PID/stat` has it, too, in steps of 10 ms.
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let schedstat = fs::read_to_string(thread?.path().join("schedstat"))?;
            let nanoseconds = schedstat.split(' ').next().and_then(|first| first.parse().ok());
            let nanoseconds =
                nanoseconds.ok_or_else(|| io::Error::other(format!("schedstat says {schedstat:?}")))?;
            all += Duration::from_nanos(nanoseconds);
        }
        Ok(all)
    }

    /// How much memory it has now, in bytes. What the system holds for its sockets is not in it.
    ///
    /// # Errors
    /// The process is gone, or this is not Linux.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.pid))?;
        let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
        let pages = pages.ok_or_else(|| io::Error::other(format!("/proc/…/statm says {statm:?}")))?;
        Ok(pages * rustix::param::page_size() as u64)
    }
}

impl Door {
    /// A connection to a session that nobody else is in; it was greeted.
    ///
    /// # Errors
    /// Those of [`Link`]; a greeting that is none.
    pub(crate) async fn open(&self) -> io::Result<Link> {
        self.open_at(&self.place()).await
    }

    /// A place for a session that nobody else is in.
    pub(crate) fn place(&self) -> Place {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        Place { address: self.addresses[number % self.addresses.len()], path: format!("/{number}") }
    }

    /// A connection there; it was greeted.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn open_at(&self, place: &Place) -> io::Result<Link> {
        let mut link = Link::open(place.address, &place.path, self.offer).await?;
        match link.one().await?.as_str() {
            "hello" => Ok(link),
            other => Err(io::Error::other(format!("greeted with {other:?}"))),
        }
    }

    /// Back to where a link was cut.
    ///
    /// # Errors
    /// Those of [`Link`].
    pub(crate) async fn resume(&self, place: &Place, attachment: Attachment) -> io::Result<Link> {
        Link::resume(place.address, &place.path, attachment).await
    }
}
