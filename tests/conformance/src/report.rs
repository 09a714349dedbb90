//! Says what became of each case, in the manner of cargo's test runner: a line for each, the failures with their
//! places, and a summary that `cargo xtask test` counts by.

use std::future::Future;
use std::panic;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::case::Feature;

tokio::task_local! {
    static NAME: &'static str;
}

/// What was told of those that failed.
#[derive(Debug)]
pub(crate) struct Report(Arc<Mutex<Vec<String>>>);

/// How long a case may take: one that hears pings and nothing else would never end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a case under its name, and says that it ended well.
pub(crate) async fn named(name: &'static str, case: impl Future<Output = ()>) {
    let within = async {
        if timeout(PATIENCE, case).await.is_err() {
            panic!("it did not come to its end in {} s", PATIENCE.as_secs());
        }
    };
    NAME.scope(name, within).await;
    println!("test {name} ... ok");
}

impl Report {
    /// From now on panics are what fails a case.
    pub(crate) fn begin(without: &[(&'static str, Feature)]) -> Self {
        if !without.is_empty() {
            let names: Vec<_> = without.iter().map(|(name, _)| *name).collect();
            println!("left out by this server, as the document allows: {}", names.join(", "));
        }
        let failures = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&failures);
        panic::set_hook(Box::new(move |panic| {
            let name = NAME.try_with(|name| *name).unwrap_or("the suite itself");
            println!("test {name} ... FAILED");
            told.lock().unwrap_or_else(PoisonError::into_inner).push(format!("---- {name}\n{panic}"));
        }));
        Self(failures)
    }

    /// The summary, and what the program ends with.
    pub(crate) fn end(self, passed: usize, failed: usize) -> ExitCode {
        for failure in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            println!("\n{failure}");
        }
        let result = if failed == 0 { "ok" } else { "FAILED" };
        println!("\ntest result: {result}. {passed} passed; {failed} failed");
        if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
