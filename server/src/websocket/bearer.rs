//! The token that comes with a request. It is found here, and judged elsewhere.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envsocket::core::token::Token;

/// What such a subprotocol begins with.
const OFFER: &str = "envsocket.bearer.";

/// `Authorization: Bearer …`, if there is exactly one such header. The scheme's case does not matter (RFC 9110, 11.1).
pub(crate) fn of_header(headers: &HeaderMap) -> Option<Token> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    Token::new(token.trim().to_owned())
}

/// Whether the subprotocol carries a token, or means to.
pub(super) fn is_offer(protocol: &str) -> bool {
    protocol.starts_with(OFFER)
}

/// The token among the subprotocols that a client offers, if exactly one carries one.
pub(super) fn of_offers(protocols: &[String]) -> Option<Token> {
    let mut offers = protocols.iter().filter_map(|protocol| protocol.strip_prefix(OFFER));
    let (Some(offer), None) = (offers.next(), offers.next()) else { return None };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(offer).ok()?;
    Token::new(String::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().expect("a valid header"))).collect()
    }

    fn offers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn text(token: Option<Token>) -> Option<String> {
        token.map(|token| token.reveal().to_owned())
    }

    #[test]
    fn the_header_carries_a_token_in_one_way_only() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c "] {
            assert_eq!(text(of_header(&headers(&[value]))).as_deref(), Some("a.b.c"), "{value}");
        }
        for values in
            [&[][..], &["Bearer"], &["Bearer "], &["Basic a.b.c"], &["a.b.c"], &["Bearer a", "Bearer a"]]
        {
            assert_eq!(text(of_header(&headers(values))), None, "{values:?}");
        }
    }

    #[test]
    fn an_offer_carries_a_token_in_one_way_only() {
        // RFC 4648's own alphabet test: "a.b.c" and a text whose base64url has `-` and `_`.
        for (name, expected) in
            [("envsocket.bearer.YS5iLmM", "a.b.c"), ("envsocket.bearer.Pz8_fn5-", "???~~~")]
        {
            assert_eq!(text(of_offers(&offers(&["chat", name]))).as_deref(), Some(expected));
        }
        let long = format!("envsocket.bearer.{}", BASE64_URL_SAFE_NO_PAD.encode("x".repeat(8_193)));
        for names in [
            &["envsocket.v1"][..],
            &["envsocket.bearer."],
            &["envsocket.bearer.YS5iLmM="],
            &["envsocket.bearer.Pz8/fn5+"],
            &["envsocket.bearer._w"],
            &["Envsocket.bearer.YS5iLmM"],
            &["envsocket.bearer.YS5iLmM", "envsocket.bearer.YS5iLmM"],
            &[&long],
        ] {
            assert_eq!(text(of_offers(&offers(names))), None, "{names:?}");
        }
    }
}
