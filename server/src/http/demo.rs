//! The demo's tokens, for everybody whom the gate lets pass. Only there with `--demo-auth`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use envsocket::core::key::Key;
use serde::{Deserialize, Serialize};

use super::{ApiError, App};
use crate::auth::{Caller, Demo};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lifetime {
    /// How long a token is good, in ms; null where nobody needs one of these.
    expires_in_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A viewer's code; without it the token is a writer's.
    viewer: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issued {
    token: String,
    expires_in_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToView {
    project: String,
    env: String,
}

#[derive(Serialize)]
pub(super) struct ViewerCode {
    viewer: String,
}

/// `GET /api/demo`: whether there are such tokens.
///
/// Always answered: browsers write a 404 on the console of a page that only asks.
pub(super) async fn lifetime(State(app): State<Arc<App>>) -> Json<Lifetime> {
    Json(Lifetime { expires_in_ms: demo(&app).ok().map(millis) })
}

/// `POST /api/demo/token`
pub(super) async fn token(
    State(app): State<Arc<App>>,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<Json<Issued>, ApiError> {
    let demo = demo(&app)?;
    let Json(Wanted { viewer }) = body?;
    let token = match viewer {
        None => demo.writer(),
        Some(code) => {
            let viewed = demo.viewed(code).map_err(|denied| {
                tracing::info!(why = denied.why(), "viewer's code refused");
                ApiError::new(StatusCode::FORBIDDEN, "the viewer's code is not good here, or has expired")
            })?;
            demo.reader(&viewed)
        }
    };
    Ok(Json(Issued { token, expires_in_ms: millis(demo) }))
}

/// `POST /api/demo/viewers`
pub(super) async fn viewer(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Result<Json<ToView>, JsonRejection>,
) -> Result<(StatusCode, Json<ViewerCode>), ApiError> {
    let demo = demo(&app)?;
    let Json(ToView { project, env }) = body?;
    caller.must_write(Some(&project), Some(&env))?;
    let key = Key::new(&project, &env)?;
    Ok((StatusCode::CREATED, Json(ViewerCode { viewer: demo.viewer(key.project(), key.env()) })))
}

fn demo(app: &App) -> Result<&Demo, ApiError> {
    app.authority
        .demo()
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "this server is no demo: see --demo-auth"))
}

fn millis(demo: &Demo) -> u64 {
    u64::try_from(demo.lifetime().as_millis()).unwrap_or(u64::MAX)
}
