//! Who is asking, and what they may do: tokens (JWT) that somebody else has signed, or, for the demo, this server.
//!
//! The signatures are checked by jsonwebtoken with AWS-LC behind it, which compares them in constant time. Nothing
//! here reads the time of a comparison into an answer, and no text that is made here has a token or a key in it.
//!
//! Looked at in November 2026: jsonwebtoken 11.1 (September 2026) is well kept, and takes its primitives from AWS-LC
//! or from RustCrypto. A build from nothing takes half a minute longer with either (34 s and 24 s on two cores).
//! RustCrypto's brings the crate `rsa` along, with an open advisory (RUSTSEC-2023-0071), and takes 31 ms for an EdDSA
//! token in builds for tests, where AWS-LC takes 0.4 ms (0.1 ms in release). What a build needs besides Rust is the C
//! compiler that links it anyway.
//!
//! | file | idea |
//! | --- | --- |
//! | `key` | what signatures are checked with, and what no key is |
//! | `rules` | which tokens are good |
//! | `claims` | what a good token says: whose it is, and what they may do |
//! | `caller` | who is asking over HTTP |
//! | `demo` | tokens that this server signs itself |

mod caller;
mod claims;
mod demo;
mod key;
mod rules;

use std::time::Duration;

use envsocket::core::token::Token;

pub(crate) use caller::Caller;
pub(crate) use claims::Claims;
pub(crate) use demo::Demo;
pub use key::{Algorithm, BadKey, VerifyingKey};
pub use rules::TokenRules;
pub(crate) use rules::{Checker, Denied};

/// Who may use the server.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Everybody whom the checks of `Host` and `Origin` let pass. Nobody is asked for a token.
    #[default]
    Open,
    /// Whoever has a good token.
    Tokens(TokenRules),
    /// Whoever has a token of this server itself, which gives one to everybody who asks: the demo. Good for so long
    /// each; whole seconds.
    Demo(Duration),
}

/// What decides while the server runs.
#[derive(Debug)]
pub(crate) enum Authority {
    Open,
    Tokens(Box<Checker>),
    Demo(Box<Demo>),
}

impl Authority {
    pub(crate) fn new(auth: Auth) -> Self {
        match auth {
            Auth::Open => Self::Open,
            Auth::Tokens(rules) => Self::Tokens(Box::new(Checker::new(rules))),
            Auth::Demo(lifetime) => Self::Demo(Box::new(Demo::new(lifetime))),
        }
    }

    /// Who shows this token; everybody is anybody where nobody is asked.
    pub(crate) fn who(&self, token: Option<&Token>) -> Result<Caller, Denied> {
        let checker = match self {
            Self::Open => return Ok(Caller::Anybody),
            Self::Tokens(checker) => checker,
            Self::Demo(demo) => demo.checker(),
        };
        let claims = checker.check(token.ok_or(Denied::Missing)?)?;
        Ok(Caller::Known(claims))
    }

    /// The demo's own tokens, if this is a demo.
    pub(crate) fn demo(&self) -> Option<&Demo> {
        match self {
            Self::Demo(demo) => Some(demo),
            Self::Open | Self::Tokens(_) => None,
        }
    }
}
