//! The part of the configuration file that says whose tokens are good. No error that is made here has the key in it.

use std::env;
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::file::{ConfigError, Source};
use crate::auth::{Algorithm, TokenRules, VerifyingKey};

/// Clocks that are farther apart are wrong.
const LEEWAY_SECONDS: RangeInclusive<u64> = 0..=300;
/// Who needs longer to renew a token does so all the time.
const GRACE_SECONDS: RangeInclusive<u64> = 0..=3_600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAuth {
    algorithm: Spanned<String>,
    key_file: Option<Spanned<PathBuf>>,
    key_env: Option<Spanned<String>>,
    issuer: Option<Spanned<String>>,
    audience: Option<Spanned<String>>,
    leeway_seconds: Option<Spanned<u64>>,
    grace_seconds: Option<Spanned<u64>>,
    /// For a better answer than that of an unknown field, which shows the whole line.
    key: Option<Spanned<IgnoredAny>>,
    secret: Option<Spanned<IgnoredAny>>,
}

impl RawAuth {
    /// The variable that has the key in it.
    pub(super) fn key_variable(&self) -> Option<String> {
        self.key_env.as_ref().map(|name| name.get_ref().clone())
    }
}

impl Source<'_> {
    pub(super) fn tokens(&self, raw: &Spanned<RawAuth>) -> Result<TokenRules, ConfigError> {
        let auth = raw.get_ref();
        let mut rules = TokenRules::new(self.key(raw)?);
        rules.issuer = self.name(auth.issuer.as_ref(), "auth.issuer")?;
        rules.audience = self.name(auth.audience.as_ref(), "auth.audience")?;
        if let Some(leeway) = &auth.leeway_seconds {
            let seconds = self.within(leeway, "auth.leeway_seconds", LEEWAY_SECONDS)?;
            rules.leeway = Duration::from_secs(seconds);
        }
        if let Some(grace) = &auth.grace_seconds {
            let seconds = self.within(grace, "auth.grace_seconds", GRACE_SECONDS)?;
            rules.grace = Duration::from_secs(seconds);
        }
        Ok(rules)
    }

    fn key(&self, raw: &Spanned<RawAuth>) -> Result<VerifyingKey, ConfigError> {
        let RawAuth { algorithm, key_file, key_env, key, secret, .. } = raw.get_ref();
        if let Some(shown) = key.as_ref().or(secret.as_ref()) {
            let why = "has no place in this file, which people show each other: use key_file or key_env";
            return Err(self.invalid(shown, "auth: a key", why));
        }
        let algorithm = match algorithm.get_ref().as_str() {
            "EdDSA" => Algorithm::EdDsa,
            "HS256" => Algorithm::Hs256,
            other => {
                let why = format!("must be \"EdDSA\" or \"HS256\", not {other:?}");
                return Err(self.invalid(algorithm, "auth.algorithm", &why));
            }
        };
        match (key_file, key_env) {
            (Some(file), None) => {
                let bad = |why: &str| self.invalid(file, "auth.key_file", why);
                let text = fs::read(self.folder.join(file.get_ref()))
                    .map_err(|error| bad(&format!("names a file that cannot be read: {error}")))?;
                VerifyingKey::new(algorithm, &text).map_err(|why| bad(&why.to_string()))
            }
            (None, Some(name)) => {
                let bad = |why: &str| self.invalid(name, "auth.key_env", why);
                // Some names make the system's functions panic.
                let is_name = !name.get_ref().is_empty() && !name.get_ref().contains(['=', '\0']);
                let text = is_name.then(|| env::var(name.get_ref()).ok()).flatten();
                let text = text.ok_or_else(|| bad("names a variable that is not there, or is no text"))?;
                VerifyingKey::new(algorithm, text.as_bytes()).map_err(|why| bad(&why.to_string()))
            }
            (Some(_), Some(name)) => {
                Err(self.invalid(name, "auth.key_env", "is there beside key_file; leave one of them out"))
            }
            (None, None) => {
                let why = "is missing: name the file with the key, or the variable with key_env";
                Err(self.invalid(raw, "auth.key_file", why))
            }
        }
    }

    /// An empty name would let nobody in.
    fn name(
        &self,
        name: Option<&Spanned<String>>,
        field: &'static str,
    ) -> Result<Option<String>, ConfigError> {
        match name {
            Some(name) if name.get_ref().is_empty() => Err(self.invalid(name, field, "must not be empty")),
            other => Ok(other.map(|name| name.get_ref().clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::File;

    const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/ed25519-public.pem");
    const PRIVATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/ed25519-private.pem");

    fn refusal(text: &str) -> String {
        text.parse::<File>().expect_err("the text is wrong on purpose").to_string()
    }

    #[test]
    fn what_a_file_says_of_tokens_is_taken_and_the_rest_is_the_default() {
        assert!("".parse::<File>().expect("it is right").tokens.is_none());
        let text = format!("[auth]\nalgorithm = \"EdDSA\"\nkey_file = {KEY:?}\n");
        let rules = text.parse::<File>().expect("it is right").tokens.expect("it says so");
        assert_eq!((rules.leeway.as_secs(), rules.grace.as_secs()), (5, 10));
        assert_eq!((rules.issuer, rules.audience), (None, None));
        let more = "issuer = \"us\"\naudience = \"here\"\nleeway_seconds = 0\ngrace_seconds = 1\n";
        let rules = format!("{text}{more}").parse::<File>().expect("it is right").tokens.expect("it says so");
        assert_eq!((rules.leeway.as_secs(), rules.grace.as_secs()), (0, 1));
        assert_eq!((rules.issuer.as_deref(), rules.audience.as_deref()), (Some("us"), Some("here")));
    }

    #[test]
    fn a_key_file_is_looked_for_beside_the_file_that_names_it() {
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::write(folder.path().join("secret"), [7; 32]).expect("it can be written");
        let path = folder.path().join("server.toml");
        std::fs::write(&path, "[auth]\nalgorithm = \"HS256\"\nkey_file = \"secret\"\n")
            .expect("it can be written");
        assert!(File::read(&path).expect("it is right").tokens.is_some());
        // No key is as short as what is there instead.
        std::fs::write(folder.path().join("secret"), "hunter2").expect("it can be written");
        let message = File::read(&path).expect_err("it is too short").to_string();
        assert!(message.contains("line 3: auth.key_file must be a secret of at least 32 bytes"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_without_the_key() {
        let path = std::env::var("PATH").expect("there is one");
        let cases = [
            (
                "algorithm = \"none\"\nkey_file = \"x\"",
                "line 2: auth.algorithm must be \"EdDSA\" or \"HS256\"",
            ),
            ("algorithm = \"RS256\"\nkey_file = \"x\"", "not \"RS256\""),
            ("algorithm = \"EdDSA\"", "line 1: auth.key_file is missing"),
            (
                "algorithm = \"EdDSA\"\nkey_file = \"a\"\nkey_env = \"b\"",
                "line 4: auth.key_env is there beside",
            ),
            (
                "algorithm = \"EdDSA\"\nkey_file = \"/nowhere/key\"",
                "line 3: auth.key_file names a file that cannot",
            ),
            (
                "algorithm = \"EdDSA\"\nkey_env = \"NO_SUCH_VARIABLE\"",
                "line 3: auth.key_env names a variable",
            ),
            ("algorithm = \"EdDSA\"\nkey_env = \"A=B\"", "line 3: auth.key_env names a variable"),
            (
                "algorithm = \"EdDSA\"\nkey_env = \"PATH\"",
                "line 3: auth.key_env must be the PEM of an Ed25519",
            ),
            (
                "algorithm = \"HS256\"\nkey_env = \"PATH\"\nleeway_seconds = 301",
                "line 4: auth.leeway_seconds must be",
            ),
            (
                "algorithm = \"HS256\"\nkey_env = \"PATH\"\ngrace_seconds = 3601",
                "line 4: auth.grace_seconds must be",
            ),
            (
                "algorithm = \"HS256\"\nkey_env = \"PATH\"\nissuer = \"\"",
                "line 4: auth.issuer must not be empty",
            ),
            (
                "algorithm = \"HS256\"\nkey_env = \"PATH\"\naudience = \"\"",
                "line 4: auth.audience must not be",
            ),
            ("algorithm = \"HS256\"\nkey = \"it is shown\"", "line 3: auth: a key has no place in this file"),
            (
                "algorithm = \"HS256\"\nsecret = \"it is shown\"",
                "line 3: auth: a key has no place in this file",
            ),
        ];
        for (text, expected) in cases {
            let message = refusal(&format!("[auth]\n{text}\n"));
            assert!(message.contains(expected), "{text}: {message}");
            assert!(!message.contains(&path) && !message.contains("it is shown"), "{message}");
        }
        let private = refusal(&format!("[auth]\nalgorithm = \"EdDSA\"\nkey_file = {PRIVATE:?}\n"));
        assert!(private.contains("must be the PEM of an Ed25519 public key"), "{private}");
        let confused = refusal(&format!("[auth]\nalgorithm = \"HS256\"\nkey_file = {KEY:?}\n"));
        assert!(confused.contains("is a PEM, and HS256 wants a secret"), "{confused}");
    }
}
