//! What a refused request is answered: a status, and JSON with a message that a person can act on.

use axum::Json;
use axum::extract::OriginalUri;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use envsocket::core::key::{BadKey, Part};
use serde_json::json;

use crate::auth::Denied;
use crate::gate::Refusal;
use crate::limits::TooMany;
use crate::links::Refusing;
use crate::quote;
use crate::resume::NoUpgrade;
use crate::world::{CreateError, UnknownEnvironment};

/// When somebody who was refused for too much may come back: a bucket has filled a little by then.
const RETRY_SECONDS: u64 = 3;

/// `{"error": message}` with a status. A message that quotes too much is cut.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    /// In seconds.
    retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl ToString) -> Self {
        Self { status, message: quote::cut(&message.to_string()).into_owned(), retry_after: None }
    }

    pub(crate) fn unprocessable(message: impl ToString) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(crate) fn forbidden(refusal: Refusal) -> Self {
        Self::new(StatusCode::FORBIDDEN, refusal)
    }

    pub(crate) fn unauthorized(denied: Denied) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, denied)
    }

    /// Whether or not there is anything.
    pub(crate) fn no_right(right: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("the token gives no right to {right} here"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let challenge = (self.status == StatusCode::UNAUTHORIZED).then_some([(WWW_AUTHENTICATE, "Bearer")]);
        let retry_after = self.retry_after.map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        (self.status, challenge, retry_after, Json(json!({ "error": self.message }))).into_response()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<NoUpgrade> for ApiError {
    fn from(rejection: NoUpgrade) -> Self {
        Self::new(rejection.status(), rejection)
    }
}

impl From<BadKey> for ApiError {
    fn from(bad: BadKey) -> Self {
        let field = match bad.part {
            Part::Project => "the project's name",
            Part::Env => "id",
        };
        Self::unprocessable(format!("{field} {}", bad.why))
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        let status = match error {
            CreateError::Exists { .. } => StatusCode::CONFLICT,
            CreateError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            CreateError::Closed => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error)
    }
}

impl From<UnknownEnvironment> for ApiError {
    fn from(error: UnknownEnvironment) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }
}

impl From<TooMany> for ApiError {
    fn from(error: TooMany) -> Self {
        Self { retry_after: Some(RETRY_SECONDS), ..Self::new(StatusCode::TOO_MANY_REQUESTS, error) }
    }
}

impl From<Refusing> for ApiError {
    fn from(error: Refusing) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
    }
}

/// For paths below `/api` and `/faults` that do not exist.
pub(super) async fn unknown_path(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", quote::cut(uri.path())))
}

/// For paths that exist, with another method. The router adds the Allow header.
pub(super) async fn wrong_method(method: Method, OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, format!("{} does not take {method}", uri.path()))
}
