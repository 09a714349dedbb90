//! The proxy as a program: `fault-proxy TARGET` prints the address that it listens on, then obeys the lines of its
//! standard input, each with an answer, and ends with it.

use std::error::Error;

use envsocket_faults::proxy::{Proxy, script};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, stdin, stdout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args().nth(1).ok_or("usage: fault-proxy ADDRESS")?;
    let proxy = Proxy::start(target.parse()?).await?;
    say(&proxy.addr().to_string()).await?;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        say(&script::obey(&proxy, &line).await).await?;
    }
    Ok(())
}

async fn say(line: &str) -> std::io::Result<()> {
    let mut out = stdout();
    out.write_all(format!("{line}\n").as_bytes()).await?;
    out.flush().await
}
