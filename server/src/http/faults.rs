//! Faults on demand, for tests and for the demo's button. Only there with `--faults`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{ApiError, App};
use crate::auth::Caller;

/// Ten minutes; a longer outage is a server that does not run.
const MAX_MS: u64 = 600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HowLong {
    ms: u64,
}

impl HowLong {
    fn time(&self) -> Result<Duration, ApiError> {
        match self.ms {
            0..=MAX_MS => Ok(Duration::from_millis(self.ms)),
            ms => Err(ApiError::unprocessable(format!("ms must be at most {MAX_MS}, not {ms}"))),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Dropped {
    /// How many connections were cut.
    cut: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Held {
    /// How many connections are open.
    held: usize,
}

/// `POST /faults/drop`, answered once the sockets are gone.
pub(super) async fn drop_links(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Result<Query<Nothing>, QueryRejection>,
) -> Result<Json<Dropped>, ApiError> {
    // They concern everybody.
    caller.must_write(None, None)?;
    query?;
    let cut = app.links.cut().await;
    tracing::info!(cut, "fault: connections cut");
    Ok(Json(Dropped { cut }))
}

/// `POST /faults/refuse?ms=N`
pub(super) async fn refuse_links(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Result<Query<HowLong>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    caller.must_write(None, None)?;
    let Query(how_long) = query?;
    app.links.refuse(how_long.time()?);
    tracing::info!(ms = how_long.ms, "fault: new connections refused");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /faults/blackhole?ms=N`
pub(super) async fn hold_links(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Result<Query<HowLong>, QueryRejection>,
) -> Result<Json<Held>, ApiError> {
    caller.must_write(None, None)?;
    let Query(how_long) = query?;
    let held = app.links.hold(how_long.time()?);
    tracing::info!(held, ms = how_long.ms, "fault: black hole");
    Ok(Json(Held { held }))
}
