//! The frames that docs/PROTOCOL.md says to be refused when a client sends them.

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

/// The JSON of each, without the mark.
pub(crate) fn refused_of_clients() -> Vec<&'static str> {
    let mut refused = Vec::new();
    let mut rest = DOCUMENT;
    while let Some((_, block)) = rest.split_once("\n```text client") {
        let (info, body) = block.split_once('\n').expect("a block begins with a line");
        let (body, after) = body.split_once("\n```").expect("a block has an end");
        rest = after;
        if info.ends_with(" refused") {
            // Each is followed by a line with the reason, in this project's words.
            refused.extend(body.lines().step_by(2));
        }
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_examples_of_every_kind() {
        let refused = refused_of_clients();
        for kind in ["hello", "ack", "ping", "pong", "skip", "resize", "token", "welcome"] {
            let is_there = refused.iter().any(|json| json.starts_with(&format!("{{\"type\":\"{kind}\"")));
            assert!(is_there, "{kind} in {refused:?}");
        }
        assert!(refused.contains(&"{'type':'ack'}"), "{refused:?}");
    }
}
