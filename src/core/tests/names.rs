//! What can name a connection, and what becomes of it in a URL.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::core::key::{BadName, Key, MAX_NAME_BYTES, Part, check_name};

#[test]
fn a_name_may_hold_anything_that_people_read() {
    for name in ["a", "my project", "org/repo", "日本", "a-b", "...", "%2F", "{env}"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
}

#[test]
fn a_name_that_no_url_or_log_can_carry_is_refused() {
    for (name, why) in [
        ("", BadName::Empty),
        ("a\nb", BadName::Control),
        ("\u{7f}", BadName::Control),
        ("\u{85}", BadName::Control),
        (".", BadName::Dots),
        ("..", BadName::Dots),
    ] {
        assert_eq!(check_name(name), Err(why), "{name:?}");
    }
}

#[test]
fn the_longest_name_is_counted_in_bytes() {
    assert_eq!(check_name(&"é".repeat(MAX_NAME_BYTES / 2)), Ok(()));
    assert_eq!(check_name(&"é".repeat(MAX_NAME_BYTES / 2 + 1)), Err(BadName::TooLong));
}

#[test]
fn the_error_says_which_half_of_the_pair_is_wrong() {
    assert_eq!(Key::new("", "e").map_err(|bad| bad.part), Err(Part::Project));
    assert_eq!(Key::new("p", "").map_err(|bad| bad.part), Err(Part::Env));
}

#[test]
fn two_pairs_with_one_label_are_two_keys() {
    let (one, other) = (Key::new("a-b", "c").unwrap(), Key::new("a", "b-c").unwrap());
    assert_eq!(one.label(), other.label());
    assert_ne!(one, other);
}
