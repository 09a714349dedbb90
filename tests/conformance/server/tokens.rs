//! Tokens that are words, as README.md has them: who may come in is written on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use envsocket_server::resume::{Access, Admission, Admitted, Farewell, Token};
use tokio::time::Instant;

/// How long a link outlives its token.
const GRACE: Duration = Duration::from_millis(500);

/// What is asked at `/token` and `/token-missing`.
#[derive(Clone)]
pub(crate) struct Words {
    /// Whether the environment exists.
    pub(crate) exists: bool,
    /// When each token was seen first.
    seen: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Words {
    pub(crate) fn new(exists: bool) -> Self {
        Self { exists, seen: Arc::default() }
    }

    fn first_seen(&self, token: &str) -> Instant {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen.entry(token.to_owned()).or_insert_with(Instant::now)
    }
}

impl Admission for Words {
    type Key = ();

    async fn admit(&self, token: Option<&Token>) -> Result<Admitted<()>, Farewell> {
        let no_good = || Farewell::new(4401, "the token is not good");
        let token = token.ok_or_else(no_good)?.reveal();
        let words: Vec<&str> = token.split(' ').collect();
        let (subject, right, seconds) = match *words {
            [subject, right] => (subject, right, None),
            [subject, right, seconds] => (subject, right, Some(seconds.parse().map_err(|_| no_good())?)),
            _ => return Err(no_good()),
        };
        let access = match (subject, right) {
            ("ada" | "bob", "write") => Access::ReadWrite,
            ("ada" | "bob", "read") => Access::ReadOnly,
            ("ada" | "bob", "none") => return Err(Farewell::new(4403, "not for you")),
            _ => return Err(no_good()),
        };
        let good_until = seconds.map(|seconds| self.first_seen(token) + Duration::from_secs(seconds));
        if good_until.is_some_and(|until| until <= Instant::now()) {
            return Err(no_good());
        }
        if !self.exists {
            return Err(Farewell::new(4404, "there is no such environment"));
        }
        let until = good_until.map(|until| until + GRACE);
        Ok(Admitted { key: (), label: "told".into(), owner: subject.into(), access, until })
    }
}
