//! The built page, and the headers that keep it (and every other answer) from being misused by others.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::ServeDir;

/// `'wasm-unsafe-eval'` is what WebAssembly needs to compile; inline styles are how Emotion (MUI) and
/// xterm.js work. A page in a frame could be clicked through.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

const WITHOUT_PAGE: &str = "This is envsocket-server: real shells over WebSockets.\n\
    It was started without a page. `cargo xtask demo` builds one and serves it; --www DIR serves another.\n\
    The API begins at /api/projects.\n";

/// `--www` names a folder that is no built page.
#[derive(Debug, thiserror::Error)]
#[error("no index.html in {}; build it first (`cargo xtask demo` does), or leave --www out", .0.display())]
pub struct NoPage(PathBuf);

/// Adds the page at `/`, for every path that no route takes.
pub(super) fn serve(routes: Router, www: Option<&Path>) -> Result<Router, NoPage> {
    let Some(www) = www else {
        return Ok(routes.route("/", get(|| async { WITHOUT_PAGE })).fallback(not_found));
    };
    if !www.join("index.html").is_file() {
        return Err(NoPage(www.to_owned()));
    }
    let files = ServeDir::new(www).not_found_service(get(not_found));
    Ok(routes.merge(Router::new().fallback_service(files).layer(from_fn(cache))))
}

async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "not found\n")
}

/// Vite puts a hash of the content into the names below `/assets/`; all other names are asked for anew.
async fn cache(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let policy = match response.status() {
        StatusCode::OK | StatusCode::NOT_MODIFIED if hashed => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    response
}

/// Sets the protective headers, and keeps caches off what has no policy of its own.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
