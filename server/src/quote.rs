//! What a peer has worded, for logs and answers. Must not escape anything: logs do that for texts (never with `%`), and
//! JSON does it, too.

use std::borrow::Cow;

/// More of it helps nobody to recognise it.
const MOST: usize = 200;

/// The text, without what would be more than 200 characters of it.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_long_is_cut() {
        let long = "é".repeat(MOST);
        assert_eq!(cut(&long), long);
        assert_eq!(cut(&format!("{long}x")), format!("{long}…"));
        assert_eq!(cut(""), "");
    }
}
