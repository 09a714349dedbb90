//! Who may attach to an environment, with which token, to do what.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use envsocket::core::close::{FORBIDDEN, UNAUTHORIZED};
use envsocket::core::resume::Access;
use tokio::time::Instant;

use super::{Asked, slow_down};
use crate::auth::{Caller, Claims};
use crate::http::App;
use crate::limits::Taken;
use crate::resume::{Admission, Admitted, Farewell, Token};

/// An environment's door, for one connection.
pub(super) struct Door {
    pub(super) app: Arc<App>,
    pub(super) asked: Asked,
    /// The connection counts for its subject from its first good token on: later ones are the same subject's, or
    /// refused.
    pub(super) counted: OnceLock<Taken<Arc<str>>>,
}

impl Admission for Door {
    type Key = Arc<str>;

    async fn admit(&self, token: Option<&Token>) -> Result<Admitted<Arc<str>>, Farewell> {
        let Self { app, asked, counted } = self;
        let caller = app.authority.who(token).map_err(|denied| {
            tracing::info!(why = denied.why(), "token refused");
            Farewell::new(UNAUTHORIZED, denied.to_string())
        })?;
        let rights = caller.rights(asked.project.as_deref(), asked.env.as_deref());
        if !rights.read {
            tracing::info!("no right to read");
            return Err(Farewell::new(FORBIDDEN, "the token gives no right to read here"));
        }
        let environment = asked.environment()?;
        let (owner, until) = match caller {
            Caller::Anybody => ("".into(), None),
            Caller::Known(claims) => {
                if counted.get().is_none() {
                    let taken = app.crowd.enter_as(&claims.subject).map_err(slow_down)?;
                    // Nobody else is asking for the same connection.
                    let _ = counted.set(taken);
                }
                (Arc::clone(&claims.subject), until(&claims))
            }
        };
        let access = if rights.write { Access::ReadWrite } else { Access::ReadOnly };
        // Environments that come one after the other under one name have different sessions.
        let label = format!("{}/{}", environment.key().project(), environment.key().env()).into();
        Ok(Admitted { key: Arc::clone(environment.run()), label, owner, access, until })
    }
}

/// When a link with this token ends; `None` if that is farther away than clocks go.
fn until(claims: &Claims) -> Option<Instant> {
    let rest = match claims.expires.duration_since(SystemTime::now()) {
        Ok(rest) => rest.saturating_add(claims.grace),
        Err(expired) => claims.grace.saturating_sub(expired.duration()),
    };
    Instant::now().checked_add(rest)
}
