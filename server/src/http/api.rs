//! The JSON API over projects and environments.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use envsocket::core::key::Key;
use envsocket::core::resume::Size;
use serde::{Deserialize, Serialize};

use super::{ApiError, App};
use crate::auth::Caller;
use crate::shell::MAX_SIDE;

#[derive(Debug, Serialize)]
pub(super) struct ProjectList {
    projects: Vec<ProjectJson>,
}

#[derive(Debug, Serialize)]
struct ProjectJson {
    name: String,
    environments: Vec<EnvironmentJson>,
}

#[derive(Debug, Serialize)]
pub(super) struct EnvironmentJson {
    id: String,
    /// Whether a shell runs there.
    running: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEnvironment {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizeJson {
    cols: u32,
    rows: u32,
}

/// `GET /api/projects`
pub(super) async fn projects(State(app): State<Arc<App>>, caller: Caller) -> Json<ProjectList> {
    let projects = app.registry.map(|name, environments| {
        let is_readable = |env| caller.rights(Some(name), env).read;
        let environments: Vec<_> = environments
            .iter()
            .filter(|it| is_readable(Some(it.key().env())))
            .map(|it| EnvironmentJson { id: it.key().env().to_owned(), running: it.is_running() })
            .collect();
        // An empty one is there for whoever may read all that it could have.
        let is_shown = !environments.is_empty() || is_readable(None);
        is_shown.then(|| ProjectJson { name: name.to_owned(), environments })
    });
    Json(ProjectList { projects: projects.into_iter().flatten().collect() })
}

/// `POST /api/projects/{project}/environments`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    body: Result<Json<NewEnvironment>, JsonRejection>,
) -> Result<(StatusCode, Json<EnvironmentJson>), ApiError> {
    let Path(project) = path?;
    let Json(NewEnvironment { id }) = body?;
    caller.must_write(Some(&project), Some(&id))?;
    app.registry.create(Key::new(&project, &id)?)?;
    tracing::info!(project, env = id, "environment created");
    Ok((StatusCode::CREATED, Json(EnvironmentJson { id, running: false })))
}

/// `DELETE /api/projects/{project}/environments/{env}`, answered once its processes are gone.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((project, env)) = path?;
    caller.must_write(Some(&project), Some(&env))?;
    app.registry.delete(&project, &env).await?;
    tracing::info!(project, env, "environment deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/projects/{project}/environments/{env}/size`
pub(super) async fn resize(
    State(app): State<Arc<App>>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Json<SizeJson>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((project, env)) = path?;
    caller.must_write(Some(&project), Some(&env))?;
    let Json(SizeJson { cols, rows }) = body?;
    let environment = app.registry.find(&project, &env)?;
    let size = Size { cols: side("cols", cols)?, rows: side("rows", rows)? };
    environment.resize(size).map_err(|error| {
        tracing::error!(project, env, %error, "a terminal could not be resized");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the terminal could not be resized: {error}"),
        )
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn side(field: &str, value: u32) -> Result<u16, ApiError> {
    match u16::try_from(value) {
        Ok(side) if (1..=MAX_SIDE).contains(&side) => Ok(side),
        _ => Err(ApiError::unprocessable(format!("{field} must be between 1 and {MAX_SIDE}, not {value}"))),
    }
}
