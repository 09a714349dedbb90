//! What is measured, one file each. A phase opens its own connections, checks that nothing was lost, and closes
//! them; what it returns are figures, which it must not judge.

mod idle;
mod one_way;
mod opening;
mod replays;
mod resume;
mod round_trips;

use std::io;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::Link;
use crate::target::{Door, Target};

pub(crate) use idle::idle;
pub(crate) use one_way::{received, sent};
pub(crate) use opening::opened;
pub(crate) use replays::replayed;
pub(crate) use resume::resumes;
pub(crate) use round_trips::{echoes, trips};

/// Bytes of a message.
pub(crate) const SIZE: usize = 64;

/// How many handshakes are under way at once.
const AT_ONCE: usize = 64;

/// So much of something, and what it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    count: usize,
    took: Duration,
    cpu: Duration,
}

impl Done {
    /// By the clock on the wall.
    pub(crate) fn a_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// By the time that the server had a core: whatever else the machine does.
    pub(crate) fn a_cpu_second(&self) -> f64 {
        self.count as f64 / self.cpu.as_secs_f64()
    }
}

/// Does the work, which is so much of something.
async fn timed<T>(
    target: &Target,
    count: usize,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<(T, Done)> {
    let (cpu, begun) = (target.cpu()?, Instant::now());
    let result = work.await?;
    Ok((result, Done { count, took: begun.elapsed(), cpu: target.cpu()?.saturating_sub(cpu) }))
}

/// So many connections, some of them at once.
async fn open(door: &Door, count: usize) -> io::Result<Vec<Link>> {
    let mut opening = JoinSet::new();
    for worker in 0..AT_ONCE {
        let (door, share) = (door.clone(), count / AT_ONCE + usize::from(worker < count % AT_ONCE));
        opening.spawn(async move {
            let mut links = Vec::with_capacity(share);
            for _ in 0..share {
                links.push(door.open().await?);
            }
            io::Result::Ok(links)
        });
    }
    Ok(all(opening).await?.into_iter().flatten().collect())
}

/// Does the same on so many new connections, all at once: so much of something on each.
async fn measured<F>(target: &Target, links: usize, each: usize, work: impl Fn(Link) -> F) -> io::Result<Done>
where
    F: Future<Output = io::Result<Link>> + Send + 'static,
{
    let links = open(&target.door, links).await?;
    let (links, done) = timed(target, links.len() * each, together(links, work)).await?;
    close(links).await?;
    Ok(done)
}

/// Does the same with every connection, all at once.
async fn together<F>(links: Vec<Link>, work: impl Fn(Link) -> F) -> io::Result<Vec<Link>>
where
    F: Future<Output = io::Result<Link>> + Send + 'static,
{
    let mut working = JoinSet::new();
    for link in links {
        working.spawn(work(link));
    }
    all(working).await
}

async fn close(links: Vec<Link>) -> io::Result<()> {
    let mut closing = JoinSet::new();
    for link in links {
        closing.spawn(link.close());
    }
    all(closing).await.map(drop)
}

/// What all of them return, or the first error.
async fn all<T: 'static>(mut tasks: JoinSet<io::Result<T>>) -> io::Result<Vec<T>> {
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(ended) = tasks.join_next().await {
        results.push(ended??);
    }
    Ok(results)
}

/// Compares what the server says to a question with what it should say.
async fn expect(link: &mut Link, question: &str, answer: &str) -> io::Result<()> {
    match link.ask(question).await? {
        right if right == answer => Ok(()),
        wrong => Err(io::Error::other(format!("`{question}` was answered with {wrong:?}, not {answer:?}"))),
    }
}
