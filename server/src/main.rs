//! `envsocket-server`: arguments, logging, signals. Everything else is the library's.

mod cli;

use std::error::Error;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use envsocket_server::{Config, Server, raise_open_files};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::Metadata;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use cli::{Cli, LogFormat};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.log_format);
    if let Err(error) = raise_open_files() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Standard output is for the one line that programs wait for.
fn start_logging(format: LogFormat) {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => {
            lines.with_ansi(io::stderr().is_terminal()).finish().with(filter_fn(is_ours)).init()
        }
        LogFormat::Json => lines.json().finish().with(filter_fn(is_ours)).init(),
    }
}

/// tungstenite's lines for its own developers have in them what is typed and printed, and tokens: no level that is
/// asked for brings them out.
fn is_ours(line: &Metadata<'_>) -> bool {
    !["tungstenite", "tokio_tungstenite"].iter().any(|name| line.target().starts_with(name))
}

fn start(cli: Cli) -> Result<(), Box<dyn Error>> {
    let shutdown = CancellationToken::new();
    if cli.exit_with_stdin {
        cancel_at_end_of_stdin(shutdown.clone())?;
    }
    let config = cli.config()?;
    let runtime = Runtime::new()?;
    let served = runtime.block_on(serve(config, shutdown));
    // A process that hangs in the kernel may still be waited for; the server ends all the same.
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, shutdown: CancellationToken) -> Result<(), Box<dyn Error>> {
    cancel_on_signals(&shutdown)?;
    let server = Server::bind(config).await?;
    // The program that started the server may not want to know.
    let _ = writeln!(io::stdout(), "listening on http://{}/", server.addr());
    server.run(shutdown).await;
    Ok(())
}

/// SIGHUP counts too: a closed terminal must not leave shells behind.
fn cancel_on_signals(shutdown: &CancellationToken) -> io::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let (mut signals, shutdown) = (signal(kind)?, shutdown.clone());
        tokio::spawn(async move {
            signals.recv().await;
            shutdown.cancel();
        });
    }
    Ok(())
}

/// On a thread of its own: tokio's standard input would keep the runtime from ending.
fn cancel_at_end_of_stdin(shutdown: CancellationToken) -> io::Result<()> {
    let watch = move || {
        let mut ignored = [0; 1024];
        while matches!(io::stdin().read(&mut ignored), Ok(1..)) {}
        shutdown.cancel();
    };
    thread::Builder::new().name("stdin".to_owned()).spawn(watch).map(drop)
}
