//! Waiting, with an end: a broken promise is a failure that says what was missing, and not a test that hangs.

use std::future::Future;
use std::time::Duration;

/// Far longer than anything takes, on a machine that is busy with other things as well.
const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// Waits for what must come.
///
/// # Panics
/// When it does not, with `what`.
pub async fn within<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(FAR_TOO_LONG, wait).await {
        Ok(done) => done,
        Err(_) => panic!("waited too long for {what}"),
    }
}
