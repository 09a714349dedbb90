//! Which tokens are good. What is wrong with one is said in words of our own: those of libraries quote what they read.

use std::time::Duration;

use envsocket::core::token::Token;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{TokenData, Validation};

use super::claims::{Claims, RawClaims};
use super::key::VerifyingKey;

/// Which tokens are good.
#[derive(Debug, Clone)]
pub struct TokenRules {
    /// What they are signed with, by which algorithm.
    pub key: VerifyingKey,
    /// The only `iss` that is accepted; `None`: nobody looks.
    pub issuer: Option<String>,
    /// What `aud` must be, or must hold. `None`: a token that names an audience is for somebody else.
    pub audience: Option<String>,
    /// How far the clock of who signs may be from this one. Default 5 s.
    pub leeway: Duration,
    /// How long a link may outlive its token: for networks that are slow. Default 10 s; the leeway, if that is more.
    pub grace: Duration,
}

impl TokenRules {
    /// With the defaults.
    pub fn new(key: VerifyingKey) -> Self {
        Self {
            key,
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(5),
            grace: Duration::from_secs(10),
        }
    }
}

/// Why somebody is nobody: one close code (4401) and one status (401) for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    #[error("a token is needed")]
    Missing,
    #[error("the token has expired")]
    Expired,
    /// In more words for the log, which are no business of who tries.
    #[error("the token is not good here")]
    Bad(&'static str),
}

impl Denied {
    /// For the log.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Missing => "there is none",
            Self::Expired => "it has expired",
            Self::Bad(why) => why,
        }
    }
}

/// Rules that are ready to be used.
#[derive(Debug)]
pub(crate) struct Checker {
    key: VerifyingKey,
    validation: Validation,
    grace: Duration,
}

impl Checker {
    pub(super) fn new(rules: TokenRules) -> Self {
        let TokenRules { key, issuer, audience, leeway, grace } = rules;
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = leeway.as_secs();
        validation.validate_nbf = true;
        // What is to be compared must be there: the library compares what it finds.
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = &issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        Self { key, validation, grace: grace.max(leeway) }
    }

    /// What the token says, if it is good: signed with the key by its algorithm, meant for here, and neither too old
    /// nor from the future.
    pub(crate) fn check(&self, token: &Token) -> Result<Claims, Denied> {
        let decoded = jsonwebtoken::decode::<RawClaims>(token.reveal(), &self.key.key, &self.validation);
        let TokenData { header, claims, .. } = decoded.map_err(|error| denied(error.kind()))?;
        // Extensions that whoever does not know them must not pass over (RFC 7515, 4.1.11; RFC 7797). This knows none.
        if header.crit.is_some_and(|names| !names.is_empty()) || header.extras.inner().contains_key("b64") {
            return Err(Denied::Bad("its header asks for an extension (`crit`, `b64`)"));
        }
        Claims::new(claims, self.grace).map_err(Denied::Bad)
    }
}

fn denied(kind: &ErrorKind) -> Denied {
    Denied::Bad(match kind {
        ErrorKind::ExpiredSignature => return Denied::Expired,
        ErrorKind::InvalidSignature => "its signature is another's",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "its algorithm is another one",
        ErrorKind::ImmatureSignature => "its time has not come (`nbf`)",
        ErrorKind::InvalidIssuer => "its issuer is another one (`iss`)",
        ErrorKind::InvalidAudience => "it is meant for somebody else (`aud`)",
        ErrorKind::MissingRequiredClaim(_) => "it lacks one of `sub`, `exp`, `iss`, `aud`",
        ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => "its claims are not as they must be",
        _ => "it is no JWT",
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
