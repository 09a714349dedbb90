//! The part of the configuration file that says how much anybody may have. Nothing can be unlimited: who wants that
//! says how much it is.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use serde::Deserialize;
use toml::Spanned;

use super::Limits;
use super::file::{ConfigError, Source};
use crate::limits::{Proxies, Quotas};

/// A million is more than a machine has, and a number that can be counted to.
const COUNT: RangeInclusive<u64> = 1..=1_000_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    connections_per_subject: Option<Spanned<u64>>,
    connections_per_address: Option<Spanned<u64>>,
    sockets: Option<Spanned<u64>>,
    handshakes_per_second: Option<Spanned<u64>>,
    handshakes_burst: Option<Spanned<u64>>,
    requests_per_second: Option<Spanned<u64>>,
    requests_burst: Option<Spanned<u64>>,
    sessions_per_subject: Option<Spanned<u64>>,
    environments: Option<Spanned<u64>>,
    trust_forwarded_for: Option<bool>,
    proxies: Option<Spanned<Vec<Spanned<String>>>>,
}

impl Source<'_> {
    pub(super) fn quotas(&self, raw: &RawLimits) -> Result<Quotas, ConfigError> {
        let usual = Quotas::default();
        let count = |value: &Option<Spanned<u64>>, field, usual: usize| match value {
            None => Ok(usual),
            Some(value) => {
                self.within(value, field, COUNT).map(|count| usize::try_from(count).unwrap_or(usize::MAX))
            }
        };
        let pace = |value: &Option<Spanned<u64>>, field, usual: u32| match value {
            None => Ok(usual),
            Some(value) => {
                self.within(value, field, COUNT).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
            }
        };
        Ok(Quotas {
            connections_per_subject: count(
                &raw.connections_per_subject,
                "limits.connections_per_subject",
                usual.connections_per_subject,
            )?,
            connections_per_address: count(
                &raw.connections_per_address,
                "limits.connections_per_address",
                usual.connections_per_address,
            )?,
            sockets: count(&raw.sockets, "limits.sockets", usual.sockets)?,
            handshakes_per_second: pace(
                &raw.handshakes_per_second,
                "limits.handshakes_per_second",
                usual.handshakes_per_second,
            )?,
            handshakes_burst: pace(&raw.handshakes_burst, "limits.handshakes_burst", usual.handshakes_burst)?,
            requests_per_second: pace(
                &raw.requests_per_second,
                "limits.requests_per_second",
                usual.requests_per_second,
            )?,
            requests_burst: pace(&raw.requests_burst, "limits.requests_burst", usual.requests_burst)?,
            sessions_per_subject: count(
                &raw.sessions_per_subject,
                "limits.sessions_per_subject",
                usual.sessions_per_subject,
            )?,
        })
    }

    pub(super) fn environments_at_most(
        &self,
        raw: &RawLimits,
        limits: &mut Limits,
    ) -> Result<(), ConfigError> {
        if let Some(most) = &raw.environments {
            let most = self.within(most, "limits.environments", COUNT)?;
            limits.environments = usize::try_from(most).unwrap_or(usize::MAX);
        }
        Ok(())
    }

    pub(super) fn proxies(&self, raw: &RawLimits) -> Result<Proxies, ConfigError> {
        let is_trusted = raw.trust_forwarded_for.unwrap_or(false);
        let Some(listed) = &raw.proxies else {
            return Ok(if is_trusted { Proxies::AtLoopbackAnd(Vec::new()) } else { Proxies::Nobody });
        };
        if !is_trusted {
            let why = "are listed, but nobody is trusted: say trust_forwarded_for = true, or leave them out";
            return Err(self.invalid(listed, "limits.proxies", why));
        }
        let address = |text: &Spanned<String>| {
            let parsed = text.get_ref().parse::<IpAddr>().map(|address| address.to_canonical());
            let why = format!("must be addresses, not {:?}", text.get_ref());
            parsed.map_err(|_| self.invalid(text, "limits.proxies", &why))
        };
        listed.get_ref().iter().map(address).collect::<Result<_, _>>().map(Proxies::AtLoopbackAnd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::File;

    fn refusal(text: &str) -> String {
        text.parse::<File>().expect_err("the text is wrong on purpose").to_string()
    }

    #[test]
    fn what_a_file_says_of_limits_is_taken_and_the_rest_is_the_default() {
        let file: File = "".parse().expect("it is right");
        assert_eq!((file.quotas, file.proxies), (Quotas::default(), Proxies::Nobody));
        let text = "[limits]\nconnections_per_subject = 1\nhandshakes_burst = 7\nenvironments = 1000000\n\
                    trust_forwarded_for = true\nproxies = [\"10.0.0.1\", \"::ffff:10.0.0.2\"]\n";
        let file: File = text.parse().expect("it is right");
        let expected = Quotas { connections_per_subject: 1, handshakes_burst: 7, ..Quotas::default() };
        assert_eq!((file.quotas, file.limits.environments), (expected, 1_000_000));
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().expect("an address"));
        assert_eq!(file.proxies, Proxies::AtLoopbackAnd(proxies.into()));
        let file: File = "[limits]\ntrust_forwarded_for = true\n".parse().expect("it is right");
        assert_eq!(file.proxies, Proxies::AtLoopbackAnd(Vec::new()));
    }

    #[test]
    fn no_limit_is_out_of_bounds_and_none_can_be_switched_off() {
        for field in [
            "connections_per_subject",
            "connections_per_address",
            "sockets",
            "handshakes_per_second",
            "handshakes_burst",
            "requests_per_second",
            "requests_burst",
            "sessions_per_subject",
            "environments",
        ] {
            for wrong in ["0", "1000001"] {
                let message = refusal(&format!("[limits]\n\n{field} = {wrong}\n"));
                let expected = format!("line 3: limits.{field} must be between 1 and 1000000, not {wrong}");
                assert!(message.contains(&expected), "{message}");
            }
        }
        assert!(refusal("[limits]\nconnections = 5\n").contains("connections"));
        let message = refusal("[limits]\ntrust_forwarded_for = true\nproxies = [\"10.0.0.0/8\"]\n");
        assert!(
            message.contains("line 3: limits.proxies must be addresses, not \"10.0.0.0/8\""),
            "{message}"
        );
        let message = refusal("[limits]\nproxies = [\"10.0.0.1\"]\n");
        assert!(message.contains("line 2: limits.proxies are listed, but nobody is trusted"), "{message}");
    }
}
