//! Whose address counts: the peer's, or what a proxy says whom we trust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// Whom to believe where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxies {
    /// Nobody: the peer is who it is. What it says in `X-Forwarded-For` is not looked at.
    #[default]
    Nobody,
    /// Proxies on this machine, and at these addresses: the last entry of their `X-Forwarded-For` counts, which is the
    /// one that the proxy itself has written.
    AtLoopbackAnd(Vec<IpAddr>),
}

impl Proxies {
    /// Where a request came from.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.ip().to_canonical();
        let forwarded_for = self.trust(peer).then(|| forwarded_for(headers)).flatten();
        forwarded_for.unwrap_or(peer)
    }

    /// Whether this is one of them.
    pub(super) fn trust(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        match self {
            Self::Nobody => false,
            Self::AtLoopbackAnd(listed) => peer.is_loopback() || listed.contains(&peer),
        }
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let entry = last.rsplit(',').next()?.trim();
    // Some write a port, too, or the brackets that one would need.
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let of_v6 = bare.map(|bare| bare.parse().map(|address: Ipv6Addr| address.into()));
    let with_port = || entry.parse().map(|with_port: SocketAddr| with_port.ip());
    let address = of_v6.unwrap_or_else(|| entry.parse().or_else(|_| with_port()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// What counts as one: an IPv4 address, or the /64 that one customer has of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Neighbours(IpAddr);

impl From<IpAddr> for Neighbours {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
            v4 => v4,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &Proxies, peer: &str, forwarded: &[&str]) -> String {
        let headers = forwarded.iter().map(|value| {
            (axum::http::HeaderName::from_static("x-forwarded-for"), value.parse().expect("a header"))
        });
        proxies.client(peer.parse().expect("an address"), &headers.collect()).to_string()
    }

    #[test]
    fn what_is_said_of_an_address_is_believed_of_known_proxies_only() {
        let some = Proxies::AtLoopbackAnd(vec!["10.0.0.9".parse().expect("an address")]);
        assert_eq!(client(&Proxies::Nobody, "127.0.0.1:1", &["192.0.2.1"]), "127.0.0.1");
        assert_eq!(client(&some, "10.0.0.8:1", &["192.0.2.1"]), "10.0.0.8");
        for peer in ["127.0.0.1:1", "[::1]:1", "10.0.0.9:1", "[::ffff:10.0.0.9]:1"] {
            assert_eq!(client(&some, peer, &["192.0.2.1"]), "192.0.2.1", "{peer}");
        }
    }

    #[test]
    fn the_last_entry_counts_which_no_client_can_write() {
        let some = Proxies::AtLoopbackAnd(Vec::new());
        for (forwarded, expected) in [
            (&["192.0.2.1, 192.0.2.2"][..], "192.0.2.2"),
            (&["192.0.2.1", "192.0.2.2 , 192.0.2.3"], "192.0.2.3"),
            (&["192.0.2.4:80"], "192.0.2.4"),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["[192.0.2.6]"], "127.0.0.1"),
            (&["[2001:db8::1"], "127.0.0.1"),
            (&["::ffff:192.0.2.5"], "192.0.2.5"),
            (&["192.0.2.1, unknown"], "127.0.0.1"),
            (&["192.0.2.1,"], "127.0.0.1"),
            (&[""], "127.0.0.1"),
            (&[], "127.0.0.1"),
        ] {
            assert_eq!(client(&some, "127.0.0.1:1", forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn addresses_of_one_customer_count_together() {
        let of = |text: &str| Neighbours::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
