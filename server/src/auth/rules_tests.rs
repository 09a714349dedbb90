//! Every way that we know of to be taken for somebody else with a token.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm as Jwa, EncodingKey, Header};
use serde_json::{Value, json};

use super::super::key::Algorithm;
use super::*;

const PRIVATE: &[u8] = include_bytes!("../../tests/keys/ed25519-private.pem");
const PUBLIC: &[u8] = include_bytes!("../../tests/keys/ed25519-public.pem");
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn rules(algorithm: Algorithm) -> TokenRules {
    let text = match algorithm {
        Algorithm::EdDsa => PUBLIC,
        Algorithm::Hs256 => SECRET,
    };
    TokenRules::new(VerifyingKey::new(algorithm, text).expect("it is a key"))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs()
}

fn good() -> Value {
    json!({ "sub": "ada", "exp": now() + 60, "access": [{ "rights": ["read"] }] })
}

fn with(more: &Value) -> Value {
    let mut claims = good();
    for (name, value) in more.as_object().expect("it is an object") {
        claims[name] = value.clone();
    }
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().expect("it is an object").remove(name);
    claims
}

fn eddsa(claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(PRIVATE).expect("it is a key");
    jsonwebtoken::encode(&Header::new(Jwa::EdDSA), claims, &key).expect("it can be signed")
}

fn hmac(algorithm: Jwa, secret: &[u8], claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("it can be signed")
}

fn check(rules: TokenRules, token: &str) -> Result<Claims, Denied> {
    let token = Token::new(token.to_owned()).expect("it is short enough");
    Checker::new(rules).check(&token)
}

fn is_bad(result: Result<Claims, Denied>) -> bool {
    matches!(result, Err(Denied::Bad(_)))
}

#[test]
fn a_good_token_of_the_configured_algorithm_says_who_it_is() {
    let claims = check(rules(Algorithm::EdDsa), &eddsa(&good())).expect("it is good");
    assert_eq!(&*claims.subject, "ada");
    let claims = check(rules(Algorithm::Hs256), &hmac(Jwa::HS256, SECRET, &good())).expect("it is good");
    assert_eq!((&*claims.subject, claims.rights(None, None).read), ("ada", true));
}

#[test]
fn exactly_the_configured_algorithm_is_accepted() {
    let of_ed = |token: &str| check(rules(Algorithm::EdDsa), token);
    let of_hmac = |token: &str| check(rules(Algorithm::Hs256), token);
    assert!(is_bad(of_ed(&hmac(Jwa::HS256, SECRET, &good()))));
    assert!(is_bad(of_hmac(&eddsa(&good()))));
    for algorithm in [Jwa::HS384, Jwa::HS512] {
        assert!(is_bad(of_hmac(&hmac(algorithm, SECRET, &good()))));
    }
    // The public key, which everybody may have, taken for the secret: as its file, its text, its bytes.
    let text = std::str::from_utf8(PUBLIC).expect("it is a text");
    let body = text.lines().nth(1).expect("a PEM has three lines");
    let der = base64::prelude::BASE64_STANDARD.decode(body).expect("it is base64");
    for secret in [PUBLIC, text.trim().as_bytes(), body.as_bytes(), &der, &der[der.len() - 32..]] {
        assert!(is_bad(of_ed(&hmac(Jwa::HS256, secret, &good()))));
    }
}

#[test]
fn a_token_that_says_that_it_needs_no_signature_is_refused() {
    let claims = BASE64.encode(good().to_string());
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let header = BASE64.encode(json!({ "alg": algorithm, "typ": "JWT" }).to_string());
        for signature in ["", "AA", BASE64.encode([0; 64]).as_str()] {
            let token = format!("{header}.{claims}.{signature}");
            for rules in [rules(Algorithm::EdDsa), rules(Algorithm::Hs256)] {
                assert!(is_bad(check(rules, &token)), "{token}");
            }
        }
    }
}

#[test]
fn a_key_that_the_token_itself_brings_is_not_looked_at() {
    let mut header = Header::new(Jwa::HS256);
    header.kid = Some("../../dev/null".to_owned());
    header.jku = Some("http://127.0.0.1:1/keys".to_owned());
    let token = jsonwebtoken::encode(
        &header,
        &good(),
        &EncodingKey::from_secret(b"another secret, long enough, too"),
    );
    assert!(is_bad(check(rules(Algorithm::Hs256), &token.expect("it can be signed"))));
}

#[test]
fn extensions_that_must_be_understood_are_not() {
    let key = EncodingKey::from_secret(SECRET);
    let signed = |header: Value| {
        let mut made = Header::new(Jwa::HS256);
        made.crit = header.get("crit").map(|names| serde_json::from_value(names.clone()).expect("names"));
        if let Some(b64) = header.get("b64") {
            made.extras.insert("b64", b64);
        }
        check(rules(Algorithm::Hs256), &jsonwebtoken::encode(&made, &good(), &key).expect("it can be signed"))
    };
    assert!(signed(json!({})).is_ok() && signed(json!({ "crit": [] })).is_ok());
    for header in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": ["b64"], "b64": true }),
        json!({ "b64": false }),
        json!({ "b64": true }),
    ] {
        assert!(is_bad(signed(header.clone())), "{header}");
    }
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    for (rules, token) in [
        (rules(Algorithm::EdDsa), eddsa(&good())),
        (rules(Algorithm::Hs256), hmac(Jwa::HS256, SECRET, &good())),
    ] {
        assert!(check(rules.clone(), &token).is_ok());
        for end in 0..token.len() {
            if let Some(cut) = Token::new(token[..end].to_owned()) {
                assert!(is_bad(Checker::new(rules.clone()).check(&cut)), "cut at {end}");
            }
        }
        for at in 0..token.len() {
            // The last character of base64 may carry bits that count for nothing: those are refused as well.
            for other in ["A", "Q", "g", "w", ".", "=", " ", "é"] {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert!(changed == token || is_bad(check(rules.clone(), &changed)), "{other} at {at}");
            }
        }
        let parts: Vec<_> = token.split('.').collect();
        let others = BASE64.encode(with(&json!({ "sub": "eve" })).to_string());
        assert!(is_bad(check(rules.clone(), &format!("{}.{others}.{}", parts[0], parts[2]))));
        for around in [format!(" {token}"), format!("{token} "), format!("{token}."), format!(".{token}")] {
            assert!(is_bad(check(rules.clone(), &around)));
        }
    }
}

#[test]
fn another_key_is_refused() {
    let mut other = SECRET.to_vec();
    other[31] ^= 1;
    assert!(is_bad(check(rules(Algorithm::Hs256), &hmac(Jwa::HS256, &other, &good()))));
    assert!(is_bad(check(rules(Algorithm::Hs256), &hmac(Jwa::HS256, b"", &good()))));
}

#[test]
fn garbage_is_refused_however_long_it_is() {
    let deep = format!("{}.{}.AA", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode("[".repeat(5_000)));
    let longest = "x".repeat(8_192);
    let dots = ".".repeat(8_192);
    for text in ["x", ".", "..", "...", "a.b.c", "null", "{}", "\0", "日本.日本.日本", &deep, &longest, &dots]
    {
        for rules in [rules(Algorithm::EdDsa), rules(Algorithm::Hs256)] {
            assert!(is_bad(check(rules, text)), "{text:.40}");
        }
    }
    assert!(Token::new("x".repeat(8_193)).is_none(), "longer ones never get here");
}

#[test]
fn claims_that_are_missing_or_no_claims_are_refused() {
    for claims in [
        without("exp"),
        without("sub"),
        with(&json!({ "exp": "soon" })),
        with(&json!({ "exp": null })),
        with(&json!({ "exp": -1 })),
        with(&json!({ "sub": "" })),
        with(&json!({ "sub": "x".repeat(257) })),
        with(&json!({ "sub": 7 })),
        with(&json!({ "nbf": "now" })),
        with(&json!({ "access": "all" })),
        with(&json!({ "access": [{ "rights": ["read"], "unless": "…" }] })),
        json!([]),
        json!("ada"),
    ] {
        assert!(is_bad(check(rules(Algorithm::EdDsa), &eddsa(&claims))), "{claims}");
    }
}

#[test]
fn time_is_judged_with_the_leeway_and_not_beyond_it() {
    let at = |rules: TokenRules, more: Value| check(rules, &eddsa(&with(&more)));
    let strict = || TokenRules { leeway: Duration::ZERO, ..rules(Algorithm::EdDsa) };
    let lenient = || TokenRules { leeway: Duration::from_secs(60), ..rules(Algorithm::EdDsa) };
    assert_eq!(at(strict(), json!({ "exp": now() - 2 })), Err(Denied::Expired));
    assert!(at(lenient(), json!({ "exp": now() - 30 })).is_ok());
    assert_eq!(at(lenient(), json!({ "exp": now() - 62 })), Err(Denied::Expired));
    assert!(at(strict(), json!({ "nbf": now() })).is_ok());
    assert!(is_bad(at(strict(), json!({ "nbf": now() + 30 }))));
    assert!(at(lenient(), json!({ "nbf": now() + 30 })).is_ok());
    let claims = at(lenient(), json!({})).expect("it is good");
    assert_eq!(claims.grace, Duration::from_secs(60), "a link lives at least as long as its token is taken");
}

#[test]
fn issuer_and_audience_must_be_there_and_right_where_they_are_configured() {
    let ours = || TokenRules {
        issuer: Some("us".to_owned()),
        audience: Some("here".to_owned()),
        ..rules(Algorithm::EdDsa)
    };
    let at = |rules, more: Value| check(rules, &eddsa(&with(&more)));
    assert!(at(ours(), json!({ "iss": "us", "aud": "here" })).is_ok());
    assert!(at(ours(), json!({ "iss": "us", "aud": ["there", "here"] })).is_ok());
    for more in [
        json!({}),
        json!({ "iss": "us" }),
        json!({ "aud": "here" }),
        json!({ "iss": "them", "aud": "here" }),
        json!({ "iss": "us", "aud": "there" }),
        json!({ "iss": "us", "aud": [] }),
        json!({ "iss": 7, "aud": "here" }),
        json!({ "iss": "us", "aud": { "here": true } }),
    ] {
        assert!(is_bad(at(ours(), more.clone())), "{more}");
    }
    // What is of no type that these may have is refused by whoever looks, and by who does not.
    for more in [
        json!({ "iss": ["us"], "aud": "here" }),
        json!({ "iss": null, "aud": "here" }),
        json!({ "iss": "us", "aud": ["here", 7] }),
        json!({ "iss": "us", "aud": null }),
    ] {
        assert!(is_bad(at(ours(), more.clone())), "{more}");
    }
    for more in [
        json!({ "aud": 7 }),
        json!({ "aud": { "here": 1 } }),
        json!({ "aud": [7] }),
        json!({ "aud": null }),
        json!({ "iss": 7 }),
        json!({ "iss": ["us"] }),
        json!({ "iss": null }),
    ] {
        assert!(is_bad(at(rules(Algorithm::EdDsa), more.clone())), "{more}");
    }
    // Without a name of its own the server takes no token that is meant for somebody.
    assert!(is_bad(at(rules(Algorithm::EdDsa), json!({ "aud": "there" }))));
    assert!(at(rules(Algorithm::EdDsa), json!({ "iss": "anybody" })).is_ok());
}
