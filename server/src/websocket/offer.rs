//! Which of a client's offers of `permessage-deflate` is taken, and what that means. RFC 7692 section 7.1.

/// What zlib can do without a header. A window of 8 bits is in the RFC, but in no zlib.
const WINDOW_BITS: std::ops::RangeInclusive<u8> = 9..=15;

/// What both ends keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreed {
    /// The server begins each message anew.
    pub(super) forgets: bool,
    /// The largest window of the server, as the exponent of 2, where the client has said one.
    pub(super) window_bits: Option<u8>,
}

/// The first offer, in the order of the client's preference, that can be kept to. `headers` are all of its
/// `Sec-WebSocket-Extensions`. An offer that is not understood in all its parts is declined.
pub(super) fn agree<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<Agreed> {
    headers.into_iter().flat_map(|header| split(header, ',')).find_map(read)
}

impl Agreed {
    /// What the client is answered. That *it* must begin each message anew is asked of everybody: what is typed is
    /// too short to gain from the messages before it, and the server would have to keep 32 KiB for it.
    pub(super) fn answer(&self) -> String {
        let mut answer = "permessage-deflate; client_no_context_takeover".to_owned();
        if self.forgets {
            answer.push_str("; server_no_context_takeover");
        }
        if let Some(bits) = self.window_bits {
            answer.push_str(&format!("; server_max_window_bits={bits}"));
        }
        answer
    }
}

fn read(offer: &str) -> Option<Agreed> {
    let mut parts = split(offer, ';');
    if parts.next()? != "permessage-deflate" {
        return None;
    }
    let mut agreed = Agreed { forgets: false, window_bits: None };
    let mut seen = Vec::new();
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(unquoted(value.trim_start()))),
            None => (part, None),
        };
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
        match (name, value) {
            ("server_no_context_takeover", None) => agreed.forgets = true,
            // It is what the server asks for anyway.
            ("client_no_context_takeover", None) => {}
            ("server_max_window_bits", Some(value)) => {
                agreed.window_bits = Some(bits(value).filter(|bits| WINDOW_BITS.contains(bits))?);
            }
            // However small the client's window is, the server can read what was made with it.
            ("client_max_window_bits", None) => {}
            ("client_max_window_bits", Some(value)) => drop(bits(value)?),
            _ => return None,
        }
    }
    Some(agreed)
}

/// A window that the RFC knows: from 8 to 15, without leading zeros.
fn bits(value: &str) -> Option<u8> {
    value.parse().ok().filter(|bits: &u8| (8..=15).contains(bits) && bits.to_string() == value)
}

/// A value may be quoted if it is a token without the quotes.
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// The parts between the separators, trimmed. What is quoted is not taken apart.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |character| {
        if character == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = is_quoted && !is_escaped && character == '\\';
        character == separator && !is_quoted
    })
    .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(offers: &[&str]) -> Option<String> {
        agree(offers.iter().copied()).map(|agreed| agreed.answer())
    }

    #[test]
    fn what_clients_offer_is_taken() {
        let plain = "permessage-deflate; client_no_context_takeover";
        for (offer, more) in [
            ("permessage-deflate", ""),
            // Chromium, and Node's `ws`.
            ("permessage-deflate; client_max_window_bits", ""),
            ("permessage-deflate;client_max_window_bits=8", ""),
            ("permessage-deflate ; client_no_context_takeover", ""),
            ("permessage-deflate; server_no_context_takeover", "; server_no_context_takeover"),
            ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits = \"15\"", "; server_max_window_bits=15"),
            (
                "permessage-deflate; server_max_window_bits=12; server_no_context_takeover; \
                 client_max_window_bits=15; client_no_context_takeover",
                "; server_no_context_takeover; server_max_window_bits=12",
            ),
        ] {
            assert_eq!(answer(&[offer]), Some(format!("{plain}{more}")), "{offer}");
        }
    }

    #[test]
    fn what_cannot_be_kept_to_is_declined() {
        for offer in [
            "",
            "permessage-bzip2",
            "x-webkit-deflate-frame",
            "permessage-deflate; unknown",
            "permessage-deflate; unknown=1",
            "permessage-deflate;",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover=\"\"",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=x",
        ] {
            assert_eq!(answer(&[offer]), None, "{offer}");
        }
    }

    #[test]
    fn the_first_offer_that_can_be_kept_to_is_taken() {
        let taken = "permessage-deflate; client_no_context_takeover; server_max_window_bits=10";
        for offers in [
            &["permessage-deflate; server_max_window_bits=10, permessage-deflate"][..],
            &["permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=10"],
            &["foo; a=\"x, permessage-deflate; y\", permessage-deflate; server_max_window_bits=10"],
            &["foo; a=\"\\\", permessage-deflate\"", "permessage-deflate; server_max_window_bits=10"],
        ] {
            assert_eq!(answer(offers).as_deref(), Some(taken), "{offers:?}");
        }
        assert_eq!(answer(&[]), None);
    }
}
