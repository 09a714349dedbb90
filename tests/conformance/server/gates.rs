//! Gates by name, shared by all sources of the server: what waits before one goes on when somebody opens it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// All gates. One that nobody has named yet is closed.
#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<Mutex<HashMap<String, Arc<Semaphore>>>>);

impl Gates {
    /// Opens one, for ever.
    pub(crate) fn open(&self, name: &str) {
        self.named(name).close();
    }

    /// Completes once it is open.
    pub(crate) async fn pass(&self, name: &str) {
        // It has no permits: all that can happen to it is to be closed, by which the gate is open.
        let _ = self.named(name).acquire().await;
    }

    fn named(&self, name: &str) -> Arc<Semaphore> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(name.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))))
    }
}
