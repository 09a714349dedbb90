//! Who is asking over HTTP: read from the request before its body is, and asked before anything is told.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::claims::{Claims, Rights};
use crate::http::{ApiError, App};
use crate::quote;
use crate::websocket::bearer;

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody is asked: whoever gets here may do everything.
    Anybody,
    /// Whoever the token says.
    Known(Claims),
}

impl Caller {
    /// What they may do in an environment, or in all of a project (`env` is `None`), or everywhere (both are).
    pub(crate) fn rights(&self, project: Option<&str>, env: Option<&str>) -> Rights {
        match self {
            Self::Anybody => Rights::ALL,
            Self::Known(claims) => claims.rights(project, env),
        }
    }

    /// Refuses who may not change what is there, whether or not there is anything.
    pub(crate) fn must_write(&self, project: Option<&str>, env: Option<&str>) -> Result<(), ApiError> {
        if self.rights(project, env).write { Ok(()) } else { Err(ApiError::no_right("write")) }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let token = bearer::of_header(&parts.headers);
        app.authority.who(token.as_ref()).map_err(|denied| {
            let (method, path) = (quote::cut(parts.method.as_str()), quote::cut(parts.uri.path()));
            tracing::info!(method = &*method, path = &*path, why = denied.why(), "token refused");
            ApiError::unauthorized(denied)
        })
    }
}
