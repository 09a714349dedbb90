//! Faults on demand, for tests and for the demo's button. Only there with `--faults`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::{ApiError, App};

/// Ten minutes; a longer outage is a server that does not run.
const MAX_REFUSE_MS: u64 = 600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DropQuery {
    #[serde(default)]
    refuse_ms: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Dropped {
    /// How many connections were cut.
    cut: usize,
}

/// `POST /faults/drop?refuse_ms=N`, answered once the sockets are gone.
pub(super) async fn drop_links(
    State(app): State<Arc<App>>,
    query: Result<Query<DropQuery>, QueryRejection>,
) -> Result<Json<Dropped>, ApiError> {
    let Query(DropQuery { refuse_ms }) = query?;
    if refuse_ms > MAX_REFUSE_MS {
        return Err(ApiError::unprocessable(format!(
            "refuse_ms must be at most {MAX_REFUSE_MS}, not {refuse_ms}"
        )));
    }
    let cut = app.links.cut(Duration::from_millis(refuse_ms)).await;
    tracing::info!(cut, refuse_ms, "fault: connections cut");
    Ok(Json(Dropped { cut }))
}
