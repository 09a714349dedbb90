//! What a terminal answers, or rings at, found in output. It knows sequences by their ends only, and shares nothing
//! with the screen's own parser.

/// The first sequence that something would come back of.
pub(super) fn find(output: &[u8]) -> Option<&[u8]> {
    let mut rest = output;
    while let Some((&first, after)) = rest.split_first() {
        let sequence = match first {
            0x05 | 0x07 => return Some(&rest[..1]),
            0x1b => sequence(rest),
            _ => &rest[..1],
        };
        if is_query(sequence) {
            return Some(sequence);
        }
        rest = rest.get(sequence.len()..).unwrap_or(after);
    }
    None
}

/// The sequence at the beginning of this, or all of it if that is unfinished.
pub(super) fn sequence(from: &[u8]) -> &[u8] {
    let end = match from.get(1) {
        Some(b'[') => from[2..].iter().position(|byte| (0x40..0x7f).contains(byte)).map(|at| at + 3),
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            from[2..].windows(2).position(|pair| pair == b"\x1b\\").map(|at| at + 4)
        }
        Some(_) => Some(2),
        None => None,
    };
    &from[..end.unwrap_or(from.len())]
}

fn is_query(sequence: &[u8]) -> bool {
    match sequence {
        [0x1b, b'Z'] => true,
        // Device attributes, status, parameters, window reports, modes.
        [0x1b, b'[', .., b'c' | b'n' | b't' | b'x'] | [0x1b, b'[', .., b'$', b'p'] => true,
        [0x1b, b']', payload @ .., 0x1b, b'\\'] => {
            let is_text = payload.starts_with(b"2;") || payload.starts_with(b"8;");
            payload.starts_with(b"52;") || !is_text && payload.ends_with(b";?")
        }
        [0x1b, b'P', .., 0x1b, b'\\'] => true,
        _ => false,
    }
}
