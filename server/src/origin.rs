//! Origins and hosts as browsers write them. Parsing only; what is allowed is decided in `gate`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `host` or `host:port`, as in a Host header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) host: Host,
    pub(crate) port: Option<u16>,
}

/// Browsers send hosts in lower case and addresses in their canonical form; nothing else is recognised as
/// an address here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// Whether only this machine can be meant. Browsers resolve `localhost` and what ends in `.localhost`
    /// to loopback without asking the network (RFC 6761).
    pub(crate) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::Address(address) => address.is_loopback(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inner.parse::<Ipv6Addr>().ok().map(|address| Self::Address(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        (!text.is_empty() && text.bytes().all(valid)).then(|| Self::Name(text.to_ascii_lowercase()))
    }
}

impl Authority {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (host, port) = split_port(text);
        let port = match port {
            Some(port) => Some(parse_port(port)?),
            None => None,
        };
        Some(Self { host: Host::parse(host)?, port })
    }
}

/// The port is what follows the last colon, unless that colon is inside the brackets of an IPv6 address.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    // `u16::from_str` would take "+80".
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Where a page came from: an Origin header that is not `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: Host,
    /// With the scheme's default filled in.
    port: Option<u16>,
}

impl Origin {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = split_scheme(text)?;
        let Authority { host, port } = Authority::parse(authority)?;
        Some(Self { port: port.or(default_port(&scheme)), scheme, host })
    }

    /// The origin of a page that this server itself delivered under the name `authority`.
    pub(crate) fn own(authority: &Authority) -> Self {
        let scheme = "http".to_owned();
        Self { port: authority.port.or(default_port(&scheme)), scheme, host: authority.host.clone() }
    }
}

fn split_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    (!scheme.is_empty() && scheme.bytes().all(valid)).then(|| (scheme.to_ascii_lowercase(), rest))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// A value of `--allow-origin`: one origin, or with `:*` every port of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin {
    scheme: String,
    host: Host,
    port: PortRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PortRule {
    Any,
    Exactly(Option<u16>),
}

impl AllowedOrigin {
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        let port = match self.port {
            PortRule::Any => true,
            PortRule::Exactly(port) => port == origin.port,
        };
        port && self.scheme == origin.scheme && self.host == origin.host
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }
}

impl FromStr for AllowedOrigin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let bad = || BadOrigin { given: text.to_owned() };
        if let Some(every_port) = text.strip_suffix(":*") {
            let (scheme, host) = split_scheme(every_port).ok_or_else(bad)?;
            return Ok(Self { scheme, host: Host::parse(host).ok_or_else(bad)?, port: PortRule::Any });
        }
        let Origin { scheme, host, port } = Origin::parse(text).ok_or_else(bad)?;
        Ok(Self { scheme, host, port: PortRule::Exactly(port) })
    }
}

/// A value of `--allow-origin` that is no origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOrigin {
    given: String,
}

impl fmt::Display for BadOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = &self.given;
        write!(f, "\"{given}\" is no origin; write it like https://app.example, http://localhost:5173 or ")?;
        f.write_str("http://localhost:* (every port), without a path")
    }
}

impl std::error::Error for BadOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> AllowedOrigin {
        text.parse().expect("an origin")
    }

    fn origin(text: &str) -> Origin {
        Origin::parse(text).expect("an origin")
    }

    #[test]
    fn an_allowed_origin_is_met_exactly_with_default_ports_filled_in() {
        assert!(allowed("https://app.example").allows(&origin("https://app.example")));
        assert!(allowed("https://app.example:443").allows(&origin("https://APP.example")));
        assert!(!allowed("https://app.example").allows(&origin("http://app.example")));
        assert!(!allowed("https://app.example").allows(&origin("https://app.example:8443")));
        assert!(!allowed("https://app.example").allows(&origin("https://evil.app.example")));
        assert!(!allowed("https://app.example").allows(&origin("https://app.example.evil")));
    }

    #[test]
    fn a_star_allows_every_port_of_that_host_only() {
        let rule = allowed("http://127.0.0.1:*");
        assert!(rule.allows(&origin("http://127.0.0.1")));
        assert!(rule.allows(&origin("http://127.0.0.1:5173")));
        assert!(!rule.allows(&origin("https://127.0.0.1:5173")));
        assert!(!rule.allows(&origin("http://localhost:5173")));
        assert!(allowed("http://[::1]:*").allows(&origin("http://[::1]:9")));
    }

    #[test]
    fn what_is_no_origin_is_refused_and_named() {
        let wrong = [
            "",
            "null",
            "*",
            "app.example",
            "https://",
            "https://a/b",
            "https://a:x",
            "https://a:+1",
            "https://u@a",
            "https://*.a",
            "https://a:99999",
            "http://[::1",
            "://a",
            "http://a:",
        ];
        for text in wrong {
            let error = text.parse::<AllowedOrigin>().expect_err(text);
            assert!(error.to_string().contains(&format!("\"{text}\"")), "{error}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        let loopback = |text| Authority::parse(text).is_some_and(|authority| authority.host.is_loopback());
        for text in
            ["localhost", "LOCALHOST:1", "a.localhost:80", "127.0.0.1", "127.9.9.9:7420", "[::1]:7420"]
        {
            assert!(loopback(text), "{text}");
        }
        for text in
            ["", "evil", "localhost.evil", "notlocalhost", "127.0.0.1.evil", "10.0.0.1", "[::2]", "::1"]
        {
            assert!(!loopback(text), "{text}");
        }
    }
}
