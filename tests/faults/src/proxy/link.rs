//! One link: bytes go through it both ways, until one side ends it or the proxy cuts it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::flow::Flow;
use super::{Cut, Manner, Order, Tally, Way};

/// The most that is read at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// How many chunks may be on their way from one side to the other.
const ON_THE_WAY: usize = 8;

/// What a link is to do.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) plan: Option<Cut>,
    /// From a byte's coming to its going.
    pub(super) delay: Duration,
    pub(super) flows: watch::Receiver<Flow>,
    pub(super) order: oneshot::Receiver<Order>,
    pub(super) tally: watch::Sender<Tally>,
}

/// Why a link carries nothing more.
enum End {
    /// It was planned, or ordered.
    Cut(Manner, Option<oneshot::Sender<()>>),
    /// One side broke off.
    Broken,
}

/// Both sides of a link that is over.
pub(super) enum Sides {
    /// Whatever they still say is taken and thrown away: closing a socket that has something to read would
    /// reset it.
    Open(Box<[TcpStream]>),
    Closed,
}

/// What goes from one side to the other, at its time.
enum Parcel {
    Data(Bytes),
    /// The side will say no more.
    Finished,
    Broken,
    /// The planned end.
    Cut(Manner),
}

impl Link {
    /// Runs the link to its end.
    pub(super) async fn carry(self, mut client: TcpStream, target: SocketAddr) -> Sides {
        let Self { plan, delay, flows, order, tally } = self;
        let mut ordered = pin!(async {
            match order.await {
                Ok((manner, done)) => End::Cut(manner, Some(done)),
                // The handle goes when the link has ended, and not before.
                Err(_) => std::future::pending().await,
            }
        });
        let connected = tokio::select! {
            connected = TcpStream::connect(target) => connected.map_err(|_| End::Broken),
            end = &mut ordered => Err(end),
        };
        let mut server = match connected {
            Ok(server) => server,
            Err(end) => return over(end, [client].into(), &tally).await,
        };
        for side in [&client, &server] {
            // Nagle's algorithm would hold small messages back. It fails when that side is gone already.
            let _ = side.set_nodelay(true);
        }
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let pump = |way, from, to| {
            let plan = plan.filter(|plan| plan.way == way);
            Pump { way, plan, delay, flows: flows.clone(), tally: &tally }.run(from, to)
        };
        let both = async {
            tokio::try_join!(pump(Way::Up, from_client, to_server), pump(Way::Down, from_server, to_client))
        };
        let end = tokio::select! {
            ended = both => match ended {
                Ok(((), ())) => return Sides::Closed,
                Err(end) => end,
            },
            end = &mut ordered => end,
        };
        over(end, [client, server].into(), &tally).await
    }
}

/// Ends what is left of a link.
async fn over(end: End, mut sides: Box<[TcpStream]>, tally: &watch::Sender<Tally>) -> Sides {
    let (manner, done) = match end {
        End::Cut(manner, done) => {
            tally.send_modify(|tally| tally.cut += 1);
            (manner, done)
        }
        End::Broken => (Manner::Reset, None),
    };
    let rest = match manner {
        Manner::Reset => {
            sides.iter().for_each(reset);
            drop(sides);
            Sides::Closed
        }
        Manner::Finish => {
            for side in &mut sides {
                // It fails when that side is gone already.
                let _ = side.shutdown().await;
            }
            Sides::Open(sides)
        }
    };
    if let Some(done) = done {
        // Whoever ordered it may have stopped waiting.
        let _ = done.send(());
    }
    rest
}

/// Has the socket end with RST when it is dropped.
pub(super) fn reset(socket: &TcpStream) {
    // Only a socket that is no more refuses.
    let _ = socket.set_zero_linger();
}

impl Sides {
    /// Lets both sides end by themselves.
    pub(super) async fn rest(self) {
        let Self::Open(mut sides) = self else { return };
        for side in &mut sides {
            let mut ignored = vec![0; CHUNK];
            while matches!(side.read(&mut ignored).await, Ok(1..)) {}
        }
    }
}

/// One direction of a link.
struct Pump<'a> {
    way: Way,
    plan: Option<Cut>,
    delay: Duration,
    flows: watch::Receiver<Flow>,
    tally: &'a watch::Sender<Tally>,
}

impl Pump<'_> {
    /// Until one side has said all that it wanted, and the other has it.
    async fn run(self, from: ReadHalf<'_>, to: WriteHalf<'_>) -> Result<(), End> {
        let (parcels, coming) = mpsc::channel(ON_THE_WAY);
        let taking = take(from, parcels, self.plan, self.delay);
        let mut giving = pin!(self.give(coming, to));
        tokio::select! {
            // What cannot be given any more need not be taken.
            ended = &mut giving => ended,
            () = taking => giving.await,
        }
    }

    async fn give(
        self,
        mut coming: mpsc::Receiver<(Instant, Parcel)>,
        mut to: WriteHalf<'_>,
    ) -> Result<(), End> {
        let Self { way, mut flows, tally, .. } = self;
        while let Some((due, parcel)) = coming.recv().await {
            sleep_until(due).await;
            // It fails only without a sender, and a link that is running has one, or is being cut.
            if flows.wait_for(|flow| !flow.holds(way)).await.is_err() {
                std::future::pending::<Infallible>().await;
            }
            match parcel {
                Parcel::Data(data) => {
                    to.write_all(&data).await.map_err(|_| End::Broken)?;
                    tally.send_modify(|tally| match way {
                        Way::Up => tally.up += data.len() as u64,
                        Way::Down => tally.down += data.len() as u64,
                    });
                }
                Parcel::Finished => return to.shutdown().await.map_err(|_| End::Broken),
                Parcel::Broken => return Err(End::Broken),
                Parcel::Cut(manner) => return Err(End::Cut(manner, None)),
            }
        }
        unreachable!("the last parcel is none with data")
    }
}

/// Reads up to the planned end, or one side's own.
async fn take(
    mut from: ReadHalf<'_>,
    parcels: mpsc::Sender<(Instant, Parcel)>,
    plan: Option<Cut>,
    delay: Duration,
) {
    let mut left = plan.map_or(u64::MAX, |plan| plan.after);
    let mut buffer = BytesMut::new();
    loop {
        let parcel = match plan {
            Some(plan) if left == 0 => Parcel::Cut(plan.manner),
            _ => {
                buffer.reserve(CHUNK);
                let most = left.min(CHUNK as u64);
                match (&mut from).take(most).read_buf(&mut buffer).await {
                    Ok(0) => Parcel::Finished,
                    Ok(count) => {
                        left -= count as u64;
                        Parcel::Data(buffer.split().freeze())
                    }
                    Err(_) => Parcel::Broken,
                }
            }
        };
        let is_last = !matches!(parcel, Parcel::Data(_));
        // Nobody takes it when writing has failed.
        if parcels.send((Instant::now() + delay, parcel)).await.is_err() || is_last {
            return;
        }
    }
}
