//! Tokens that this server signs itself, for everybody who asks: so that a demo shows renewal and permissions at work
//! without anything else running. Its keys are made at start and are nowhere but in memory.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use envsocket::core::token::Token;
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use super::claims::{Claims, Grant};
use super::key::VerifyingKey;
use super::rules::{Checker, Denied, TokenRules};

/// Whose tokens everybody gets who comes without a viewer's code.
const WRITER: &str = "demo";

/// How long a viewer's code is good.
const VIEWER_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What signs and checks for the demo.
pub(crate) struct Demo {
    tokens: Signer,
    /// Another key: what one has signed is nothing to the other, so a code is no token, and a token no code.
    viewers: Signer,
    lifetime: Duration,
}

/// A key that signs, and its checks.
struct Signer {
    key: EncodingKey,
    checker: Checker,
}

/// A good viewer's code.
#[derive(Debug)]
pub(crate) struct Viewed(Claims);

#[derive(Serialize)]
struct Signed<'a> {
    sub: &'a str,
    iat: u64,
    exp: u64,
    /// So that no two are alike, however fast they follow each other.
    jti: String,
    access: Vec<Grant>,
}

impl fmt::Debug for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Demo").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

impl Demo {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { tokens: Signer::new(), viewers: Signer::new(), lifetime }
    }

    pub(super) fn checker(&self) -> &Checker {
        &self.tokens.checker
    }

    /// How long its tokens are good, at least.
    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A token with which everything may be done.
    pub(crate) fn writer(&self) -> String {
        let all = Grant { project: None, env: None, rights: vec!["read".to_owned(), "write".to_owned()] };
        self.tokens.sign(WRITER, self.lifetime, vec![all])
    }

    /// A token with which one environment may be read: what the code was made for. It outlives the code by its own
    /// lifetime at most.
    pub(crate) fn reader(&self, Viewed(claims): &Viewed) -> String {
        self.tokens.sign(&claims.subject, self.lifetime, claims.grants().to_vec())
    }

    /// A code that is good for readers' tokens, all of one subject that no other code has.
    pub(crate) fn viewer(&self, project: &str, env: &str) -> String {
        let one =
            Grant { project: Some(project.into()), env: Some(env.into()), rights: vec!["read".to_owned()] };
        self.viewers.sign(&format!("viewer-{}", random_name()), VIEWER_FOR, vec![one])
    }

    /// Whether a code is good.
    pub(crate) fn viewed(&self, code: String) -> Result<Viewed, Denied> {
        let code = Token::new(code).ok_or(Denied::Missing)?;
        self.viewers.checker.check(&code).map(Viewed)
    }
}

impl Signer {
    fn new() -> Self {
        let mut secret = [0; 32];
        fill(&mut secret);
        let rules = TokenRules { leeway: Duration::ZERO, ..TokenRules::new(VerifyingKey::secret(&secret)) };
        Self { key: EncodingKey::from_secret(&secret), checker: Checker::new(rules) }
    }

    fn sign(&self, subject: &str, lifetime: Duration, access: Vec<Grant>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // Whole seconds, rounded up: good for as long as its owner is told, or a little longer.
        let exp = (now + lifetime).as_secs_f64().ceil() as u64;
        let signed = Signed { sub: subject, iat: now.as_secs(), exp, jti: random_name(), access };
        jsonwebtoken::encode(&Header::default(), &signed, &self.key)
            .expect("a secret of the right length signs everything")
    }
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    format!("{:016x}", u64::from_ne_bytes(bytes))
}

/// From the system's own source; without it nobody could be told from anybody else.
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random numbers");
}

#[cfg(test)]
mod tests {
    use super::super::claims::Rights;
    use super::*;

    fn token(text: String) -> Token {
        Token::new(text).expect("it is short enough")
    }

    #[test]
    fn a_writer_may_do_everything_and_no_two_tokens_are_alike() {
        let demo = Demo::new(Duration::from_secs(30));
        let claims = demo.checker().check(&token(demo.writer())).expect("it is good");
        assert_eq!(&*claims.subject, "demo");
        assert_eq!(claims.rights(None, None), Rights::ALL);
        let rest = claims.expires.duration_since(SystemTime::now()).expect("it is good for a while");
        assert!(rest > Duration::from_secs(29) && rest <= Duration::from_secs(31), "{rest:?}");
        assert_ne!(demo.writer(), demo.writer());
    }

    #[test]
    fn a_code_reads_its_environment_alone_under_a_name_of_its_own() {
        let demo = Demo::new(Duration::from_secs(30));
        let reader = |code: &str| {
            let viewed = demo.viewed(code.to_owned()).expect("the code is good");
            demo.checker().check(&token(demo.reader(&viewed))).expect("the token is good")
        };
        let (code, other) = (demo.viewer("p", "e"), demo.viewer("p", "e"));
        let claims = reader(&code);
        assert_eq!(claims.rights(Some("p"), Some("e")), Rights { read: true, write: false });
        for (project, env) in
            [(Some("p"), Some("f")), (Some("q"), Some("e")), (Some("p"), None), (None, None)]
        {
            assert_eq!(claims.rights(project, env), Rights::default(), "{project:?} {env:?}");
        }
        assert_eq!(reader(&code).subject, claims.subject);
        assert_ne!(reader(&other).subject, claims.subject);
    }

    #[test]
    fn a_code_is_no_token_a_token_no_code_and_another_servers_are_neither() {
        let (demo, other) = (Demo::new(Duration::from_secs(30)), Demo::new(Duration::from_secs(30)));
        assert!(demo.checker().check(&token(demo.viewer("p", "e"))).is_err());
        assert!(demo.viewed(demo.writer()).is_err());
        assert!(demo.checker().check(&token(other.writer())).is_err());
        assert!(demo.viewed(other.viewer("p", "e")).is_err());
        assert!(demo.viewed(String::new()).is_err() && demo.viewed("x".repeat(9_000)).is_err());
    }
}
