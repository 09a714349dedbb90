//! Tokens as somebody else's server would sign them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envsocket_server::{Algorithm, Auth, Config, TokenRules, VerifyingKey};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::config;

/// What the servers of the tests check signatures with.
pub(crate) const SECRET: &str = "a secret of the tests, of 32 bytes or more";

/// A server that asks for tokens, knows no leeway and gives no grace.
pub(crate) fn asking() -> Config {
    let key = VerifyingKey::new(Algorithm::Hs256, SECRET.as_bytes()).expect("it is long enough");
    let rules = TokenRules { leeway: Duration::ZERO, grace: Duration::ZERO, ..TokenRules::new(key) };
    Config { auth: Auth::Tokens(rules), ..config(None) }
}

/// What a token is to say.
#[derive(Clone)]
pub(crate) struct Signed {
    claims: Value,
}

impl Signed {
    /// A token of this subject for a minute, with which nothing may be done.
    pub(crate) fn of(subject: &str) -> Self {
        Self { claims: json!({ "sub": subject, "exp": now() + 60, "access": [] }) }
    }

    /// With these rights in an environment.
    pub(crate) fn on(mut self, project: &str, env: &str, rights: &[&str]) -> Self {
        let grant = json!({ "project": project, "env": env, "rights": rights });
        self.claims["access"].as_array_mut().expect("it is a list").push(grant);
        self
    }

    /// With these rights everywhere.
    pub(crate) fn everywhere(mut self, rights: &[&str]) -> Self {
        self.claims["access"].as_array_mut().expect("it is a list").push(json!({ "rights": rights }));
        self
    }

    /// It expires so many seconds from now.
    pub(crate) fn expiring(mut self, seconds: i64) -> Self {
        self.claims["exp"] = now().saturating_add_signed(seconds).into();
        self
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_with(SECRET)
    }

    pub(crate) fn sign_with(&self, secret: &str) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::default(), &self.claims, &key).expect("it can be signed")
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs()
}

/// The header of a program.
pub(crate) fn bearer(token: &str) -> [(&'static str, String); 1] {
    [("authorization", format!("Bearer {token}"))]
}

/// The subprotocol of a page.
pub(crate) fn offer(token: &str) -> String {
    format!("envsocket.bearer.{}", BASE64_URL_SAFE_NO_PAD.encode(token))
}
