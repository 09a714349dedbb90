//! The servers of the benchmarks: they echo, flood, count what they receive, and cut.
//!
//! | module | what it is |
//! | --- | --- |
//! | `lean` | costs as little as it can: for the page's comparison with native and the peers |
//! | `library` | the server library, with and without the protocol, over a source that does the same |
//! | `bare` | a bare axum WebSocket: what the server library is compared with |
//! | `command`, `talk` | what a client can ask for, and what follows, whichever server it is |
//! | `flood` | many equal messages, encoded once, for `lean` |
//!
//! It listens on as many addresses of its own (127.0.0.2 and up) as it is told, because Chromium starts
//! handshakes to one address 10 ms apart. It prints them, one a line, then `ready`, and ends with its
//! standard input. It has one thread: the other cores are the clients', and its CPU time is that of one core.

mod bare;
mod command;
mod flood;
mod lean;
mod library;
mod talk;

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Which server it is.
#[derive(Debug, Clone, Copy)]
enum Server {
    Lean,
    Bare,
    Library,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some((server, addresses)) = asked(std::env::args().skip(1)) else {
        eprintln!("usage: envsocket-bench lean|bare|library ADDRESSES (1 to 253)");
        return ExitCode::from(2);
    };
    match serve(server, addresses).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("envsocket-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn asked(mut args: impl Iterator<Item = String>) -> Option<(Server, u8)> {
    let server = match args.next()?.as_str() {
        "lean" => Server::Lean,
        "bare" => Server::Bare,
        "library" => Server::Library,
        _ => return None,
    };
    let addresses = args.next()?.parse().ok().filter(|count| (1..=253).contains(count))?;
    args.next().is_none().then_some((server, addresses))
}

async fn serve(server: Server, addresses: u8) -> io::Result<()> {
    let mut serving = JoinSet::new();
    for last in (2..=u8::MAX).take(usize::from(addresses)) {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), 0)).await?;
        println!("{}", listener.local_addr()?);
        match server {
            Server::Lean => serving.spawn(lean::serve(listener)),
            Server::Bare => serving.spawn(bare::serve(listener)),
            Server::Library => serving.spawn(library::serve(listener)),
        };
    }
    println!("ready");
    let told_to_end = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()).map(drop));
    tokio::select! {
        ended = told_to_end => ended?,
        Some(ended) = serving.join_next() => ended?,
    }
}
