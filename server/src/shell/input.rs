//! What was typed and not yet taken by the terminal: a queue bounded in bytes, in order of arrival.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Over all connections of an environment. A program that reads nothing must not cost memory without end.
const QUEUE_BYTES: u32 = 1024 * 1024;
/// What a message costs besides its bytes, so that a flood of tiny ones is bounded too.
const MESSAGE_BYTES: u32 = 64;

type Queued = (Bytes, OwnedSemaphorePermit);

/// The end that connections write to.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    queue: mpsc::UnboundedSender<Queued>,
    room: Arc<Semaphore>,
}

/// The end that the terminal reads from.
#[derive(Debug)]
pub(super) struct InputQueue {
    queue: mpsc::UnboundedReceiver<Queued>,
    room: Arc<Semaphore>,
}

/// The shell is over; there is nobody to type to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NobodyReads;

pub(super) fn queue() -> (Input, InputQueue) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(QUEUE_BYTES as usize));
    (Input { queue: sender, room: Arc::clone(&room) }, InputQueue { queue: receiver, room })
}

impl Input {
    /// Queues `bytes`; waits while the queue is full.
    pub(crate) async fn push(&self, bytes: Bytes) -> Result<(), NobodyReads> {
        let cost = u32::try_from(bytes.len()).unwrap_or(QUEUE_BYTES).saturating_add(MESSAGE_BYTES);
        let room = Arc::clone(&self.room);
        let permit = room.acquire_many_owned(cost.min(QUEUE_BYTES)).await.map_err(|_| NobodyReads)?;
        self.queue.send((bytes, permit)).map_err(|_| NobodyReads)
    }
}

impl InputQueue {
    /// The next bytes; `None` once no connection can write any more. They count as queued until the
    /// permit beside them is dropped.
    pub(super) async fn next(&mut self) -> Option<Queued> {
        self.queue.recv().await
    }
}

impl Drop for InputQueue {
    fn drop(&mut self) {
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::task::unconstrained;

    #[tokio::test]
    async fn a_full_queue_makes_the_writer_wait_until_the_terminal_took_something() {
        let (input, mut queue) = queue();
        let half = Bytes::from(vec![0; QUEUE_BYTES as usize / 2]);
        input.push(half.clone()).await.expect("the queue is there");
        let mut blocked = Box::pin(input.push(half));
        assert_eq!((&mut blocked).now_or_never(), None);
        drop(queue.next().await);
        assert_eq!(blocked.await, Ok(()));
    }

    #[tokio::test]
    async fn a_message_as_large_as_the_queue_passes() {
        let (input, mut queue) = queue();
        input.push(Bytes::from(vec![0; QUEUE_BYTES as usize])).await.expect("the queue is there");
        assert_eq!(queue.next().await.map(|(bytes, _)| bytes.len()), Some(QUEUE_BYTES as usize));
    }

    #[tokio::test]
    async fn tiny_messages_are_bounded_too() {
        let (input, _queue) = queue();
        let mut accepted = 0;
        // Unconstrained, because tokio makes a task that does so much at once wait for its turn.
        while unconstrained(input.push(Bytes::from_static(b"x"))).now_or_never().is_some() {
            accepted += 1;
        }
        assert_eq!(accepted, QUEUE_BYTES / (1 + MESSAGE_BYTES));
    }

    #[tokio::test]
    async fn who_waits_is_told_when_the_shell_is_over() {
        let (input, queue) = queue();
        let all = Bytes::from(vec![0; QUEUE_BYTES as usize]);
        input.push(all.clone()).await.expect("the queue is there");
        let mut blocked = Box::pin(input.push(all));
        assert_eq!((&mut blocked).now_or_never(), None);
        drop(queue);
        assert_eq!(blocked.await, Err(NobodyReads));
    }
}
