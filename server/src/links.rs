//! All open WebSocket connections together: how many there are, cutting them, waiting for their end. It
//! knows nothing of what they carry.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Connections come in generations: a cut ends one generation and begins the next, so that it can neither
/// miss a connection that is just being opened nor hit one that came after it.
#[derive(Debug)]
pub(crate) struct Links {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    generation: Generation,
    door: Door,
}

#[derive(Debug, Default)]
struct Generation {
    cut: CancellationToken,
    open: TaskTracker,
}

#[derive(Debug)]
enum Door {
    Open,
    RefusingUntil(Instant),
}

/// One connection, from before its upgrade to the drop of its socket.
#[derive(Debug)]
pub(crate) struct Link {
    cut: CancellationToken,
    _open: TaskTrackerToken,
}

impl Link {
    /// Completes when the connection must be dropped without a word.
    pub(crate) async fn cut(&self) {
        self.cut.cancelled().await;
    }
}

/// New connections are refused for a while, by a fault.
#[derive(Debug, thiserror::Error)]
#[error("new WebSockets are refused for now: a fault was asked for with /faults/drop")]
pub(crate) struct Refusing;

impl Links {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State { generation: Generation::default(), door: Door::Open }) }
    }

    pub(crate) fn open(&self) -> Result<Link, Refusing> {
        let state = self.lock();
        match state.door {
            Door::RefusingUntil(end) if Instant::now() < end => Err(Refusing),
            Door::RefusingUntil(_) | Door::Open => {
                let generation = &state.generation;
                Ok(Link { cut: generation.cut.clone(), _open: generation.open.token() })
            }
        }
    }

    /// Cuts what is open and refuses what comes for `refuse`; returns how many were cut once their sockets
    /// are gone.
    pub(crate) async fn cut(&self, refuse: Duration) -> usize {
        let old = {
            let mut state = self.lock();
            state.door = Door::RefusingUntil(Instant::now() + refuse);
            std::mem::take(&mut state.generation)
        };
        let count = old.open.len();
        old.cut.cancel();
        old.open.close();
        old.open.wait().await;
        count
    }

    /// Completes once no connection of the present generation is left. None may be opened meanwhile.
    pub(crate) async fn ended(&self) {
        let open = self.lock().generation.open.clone();
        open.close();
        open.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cut_counts_the_open_links_and_waits_for_their_end() {
        let links = Links::new();
        let (first, second) = (links.open().expect("open"), links.open().expect("open"));
        let ends = async {
            first.cut().await;
            second.cut().await;
            drop((first, second));
        };
        let (count, ()) = tokio::join!(links.cut(Duration::ZERO), ends);
        assert_eq!(count, 2);
        assert_eq!(links.cut(Duration::ZERO).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn links_are_refused_exactly_as_long_as_asked() {
        let links = Links::new();
        links.cut(Duration::from_millis(500)).await;
        tokio::time::advance(Duration::from_millis(499)).await;
        assert!(links.open().is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(links.open().is_ok());
    }

    #[tokio::test]
    async fn a_link_after_a_cut_is_not_cut() {
        let links = Links::new();
        links.cut(Duration::ZERO).await;
        let link = links.open().expect("open");
        assert!(!link.cut.is_cancelled());
    }
}
