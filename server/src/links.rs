//! All open WebSocket connections together: how many there are, what faults do to them, waiting for their
//! end. It knows nothing of what they carry.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Connections come in generations: a cut ends one generation and begins the next, so that it can neither
/// miss a connection that is just being opened nor hit one that came after it.
#[derive(Debug)]
pub(crate) struct Links {
    state: Mutex<State>,
    hole: Hole,
}

#[derive(Debug)]
struct State {
    generation: Generation,
    refusing_until: Instant,
}

#[derive(Debug, Default)]
struct Generation {
    cut: CancellationToken,
    open: TaskTracker,
}

/// When the latest black hole ends, or ended.
#[derive(Debug, Clone)]
struct Hole(watch::Sender<Instant>);

/// One connection, from before its upgrade to the drop of its socket.
#[derive(Debug)]
pub(crate) struct Link {
    cut: CancellationToken,
    hole: Hole,
    _open: TaskTrackerToken,
}

/// New connections are refused for a while, by a fault.
#[derive(Debug, thiserror::Error)]
#[error("new WebSockets are refused for now: a fault was asked for with /faults/refuse")]
pub(crate) struct Refusing;

impl Links {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let state = State { generation: Generation::default(), refusing_until: now };
        Self { state: Mutex::new(state), hole: Hole(watch::Sender::new(now)) }
    }

    /// Admits a new connection, after the black hole if there is one.
    pub(crate) async fn open(&self) -> Result<Link, Refusing> {
        loop {
            self.hole.ended().await;
            let state = self.lock();
            let now = Instant::now();
            if now < self.hole.end() {
                continue;
            }
            if now < state.refusing_until {
                return Err(Refusing);
            }
            let Generation { cut, open } = &state.generation;
            return Ok(Link { cut: cut.clone(), hole: self.hole.clone(), _open: open.token() });
        }
    }

    /// Cuts what is open; returns how many were cut once their sockets are gone.
    pub(crate) async fn cut(&self) -> usize {
        let old = std::mem::take(&mut self.lock().generation);
        let count = old.open.len();
        old.cut.cancel();
        old.open.close();
        old.open.wait().await;
        count
    }

    /// Refuses what comes from now on, for so long and no longer.
    pub(crate) fn refuse(&self, time: Duration) {
        self.lock().refusing_until = Instant::now() + time;
    }

    /// Holds what is open and what comes from now on, for so long and no longer; returns how many are open.
    pub(crate) fn hold(&self, time: Duration) -> usize {
        let state = self.lock();
        self.hole.0.send_replace(Instant::now() + time);
        state.generation.open.len()
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

impl Link {
    /// Runs a connection's conversation, which stands still in black holes. `None` when it was cut: it must
    /// be dropped without a word.
    pub(crate) async fn carry<T>(&self, talk: impl Future<Output = T>) -> Option<T> {
        let mut talk = pin!(talk);
        loop {
            tokio::select! {
                // In this order: a conversation in a black hole must not be polled.
                biased;
                () = self.cut.cancelled() => return None,
                () = self.hole.begun() => {}
                result = &mut talk => return Some(result),
            }
            tokio::select! {
                () = self.cut.cancelled() => return None,
                () = self.hole.ended() => {}
            }
        }
    }

    /// Whether the connection was in a black hole at any time since then.
    pub(crate) fn was_held_since(&self, then: Instant) -> bool {
        self.hole.end() > then
    }
}

impl Hole {
    fn end(&self) -> Instant {
        *self.0.borrow()
    }

    async fn begun(&self) {
        let mut changes = self.0.subscribe();
        // It fails only without a sender, and `self` is one.
        let _ = changes.wait_for(|end| Instant::now() < *end).await;
    }

    async fn ended(&self) {
        let mut changes = self.0.subscribe();
        loop {
            let end = *changes.borrow_and_update();
            if end <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(end) => {}
                _ = changes.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    async fn is_stuck(wait: impl Future) -> bool {
        tokio::select! {
            biased;
            _ = wait => false,
            () = tokio::task::yield_now() => true,
        }
    }

    #[tokio::test]
    async fn a_cut_counts_the_open_links_and_waits_for_their_end() {
        let links = Links::new();
        let (first, second) = (links.open().await.expect("open"), links.open().await.expect("open"));
        let ends = async {
            first.cut.cancelled().await;
            second.cut.cancelled().await;
            drop((first, second));
        };
        let (count, ()) = tokio::join!(links.cut(), ends);
        assert_eq!(count, 2);
        assert_eq!(links.cut().await, 0);
    }

    #[tokio::test]
    async fn a_link_after_a_cut_is_not_cut() {
        let links = Links::new();
        links.cut().await;
        let link = links.open().await.expect("open");
        assert_eq!(link.carry(async { "talked" }).await, Some("talked"));
    }

    #[tokio::test(start_paused = true)]
    async fn links_are_refused_exactly_as_long_as_asked() {
        let links = Links::new();
        links.refuse(Duration::from_millis(500));
        tokio::time::advance(Duration::from_millis(499)).await;
        assert!(links.open().await.is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(links.open().await.is_ok());
        links.refuse(LONG);
        links.refuse(Duration::ZERO);
        assert!(links.open().await.is_ok(), "the latest request counts");
    }

    #[tokio::test(start_paused = true)]
    async fn a_conversation_stands_still_exactly_as_long_as_asked() {
        let links = Links::new();
        let link = links.open().await.expect("open");
        let begun = Instant::now();
        assert_eq!(links.hold(Duration::from_millis(500)), 1);
        let talked = link.carry(async { Instant::now() }).await.expect("it is not cut");
        assert_eq!(talked - begun, Duration::from_millis(500));
        assert!(link.was_held_since(begun) && !link.was_held_since(talked));
    }

    #[tokio::test(start_paused = true)]
    async fn a_conversation_that_is_under_way_is_held_and_let_go_again() {
        let links = Links::new();
        let link = links.open().await.expect("open");
        let (say, heard) = watch::channel(0);
        let talk = async {
            let mut words = say.subscribe();
            while *words.borrow_and_update() < 2 {
                words.changed().await.expect("it is there");
            }
        };
        let mut carried = pin!(link.carry(talk));
        assert!(is_stuck(&mut carried).await);
        links.hold(LONG);
        say.send_replace(2);
        assert!(is_stuck(&mut carried).await, "nothing gets through");
        links.hold(Duration::ZERO);
        assert_eq!(carried.await, Some(()));
        drop(heard);
    }

    #[tokio::test(start_paused = true)]
    async fn new_links_wait_for_the_black_holes_end_and_a_held_one_can_be_cut() {
        let links = Links::new();
        let link = links.open().await.expect("open");
        links.hold(LONG);
        assert!(is_stuck(links.open()).await);
        let carry = async move { link.carry(std::future::pending::<()>()).await };
        let (carried, cut) = tokio::join!(carry, links.cut());
        assert_eq!((carried, cut), (None, 1));
        assert!(is_stuck(links.open()).await, "a cut ends no black hole");
        links.hold(Duration::ZERO);
        assert!(links.open().await.is_ok());
    }
}
