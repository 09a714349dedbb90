//! The benchmark's server: echoes, floods, counts what it receives, and cuts.
//!
//! It listens on as many addresses of its own (127.0.0.2 and up) as it is told, because Chromium starts
//! handshakes to one address 10 ms apart. It prints them, one a line, then `ready`, and ends with its
//! standard input.
//!
//! Must not: be what is measured. One thread leaves the other cores to the browser, and a flood is encoded
//! once and written in large pieces.

mod command;
mod flood;
mod link;

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(count) = std::env::args().nth(1).and_then(|text| text.parse().ok()) else {
        eprintln!("usage: envsocket-bench ADDRESSES (1 to 253)");
        return ExitCode::from(2);
    };
    match serve(count).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("envsocket-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(addresses: u8) -> io::Result<()> {
    for last in (2..=u8::MAX).take(usize::from(addresses)) {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), 0)).await?;
        println!("{}", listener.local_addr()?);
        tokio::spawn(accept(listener));
    }
    println!("ready");
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()).map(drop)).await?
}

async fn accept(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(link::run(stream));
            }
            Err(error) => eprintln!("envsocket-bench: accept: {error}"),
        }
    }
}
