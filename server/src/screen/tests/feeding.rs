//! Output that comes in pieces: a drawing in the middle of a sequence or a character changes nothing.

use super::{copy, difference, screen, state};

const SAMPLE: &str = "ab\x1b[1;31mc日本e\u{301}\u{302}👩\u{200d}👩\
    \x1b]0;title ü\x07x\x1b(0lqk\x1b(B\r\n\x1b[?1049h\x1b[2;3r\
    \x1b[?6h\x1b[48:2::1:2:3mZ\x1b[K\x1bP+q544e\x1b\\\x1b_ignored\x1b\\y\x1b[5\nC\x1b[?25l\x1b[4\x18m\
    \x1b]8;;http://a/\x1b\\l\x1b[3b\x1b]8;;\x07\u{9b}32mq\u{9d}2;t\u{9c}…─\x1b^x\x1b[?1049lend\x1b[12;34";

#[test]
fn drawn_at_any_byte_the_rest_does_the_same() {
    let whole = state(&screen(12, 4, SAMPLE.as_bytes()));
    for at in 0..=SAMPLE.len() {
        let (head, rest) = SAMPLE.as_bytes().split_at(at);
        let mut copy = copy(&screen(12, 4, head));
        copy.feed(rest);
        assert_eq!(difference(&whole, &state(&copy)), None, "cut at {at}, after {}", head.escape_ascii());
    }
}

#[test]
fn byte_for_byte_is_the_same_as_at_once() {
    let mut pieces = screen(12, 4, b"");
    for byte in SAMPLE.as_bytes() {
        pieces.feed(&[*byte]);
    }
    assert_eq!(state(&pieces), state(&screen(12, 4, SAMPLE.as_bytes())));
}

#[test]
fn bytes_that_are_no_utf8_vanish_as_in_xterm_js() {
    let cases: [(&[u8], &str); 9] = [
        (b"a\xffb", "ab"),
        (b"a\x80b", "ab"),
        (b"a\xc3b", "ab"),
        (b"a\xe2\x82b", "ab"),
        (b"a\xf0\x9f\x98b", "ab"),
        (b"a\xed\xa0\x80b", "ab"),
        (b"a\xc0\x80b", "ab"),
        (b"a\xf4\x90\x80\x80b", "ab"),
        (b"a\xe2\xe2\x82\xacb", "a€b"),
    ];
    for (bytes, text) in cases {
        assert_eq!(state(&screen(9, 2, bytes)), state(&screen(9, 2, text.as_bytes())), "{bytes:x?}");
    }
}

#[test]
fn what_is_unfinished_stands_at_the_end() {
    let cases: [(&[u8], &[u8]); 9] = [
        (b"\x1b", b"\x1b"),
        (b"\x1b[3\n1", b"\x1b[31"),
        (b"\x1b]0;ti", b"\x1b]0;ti"),
        (b"\x1bP1;2q#", b"\x1bP1;2q#"),
        (b"\x1b_whatever", b"\x1b_"),
        (b"\xe2\x82", b"\xe2\x82"),
        (b"\x1b]0;\xe2\x82", b"\x1b]0;\xe2\x82"),
        (b"\xc2\x9b5", b"\x1b[5"),
        (b"\x1b[3\x18", b""),
    ];
    for (fed, end) in cases {
        let screen = screen(9, 2, fed);
        assert_eq!(screen.parser.unfinished(), end, "{}", fed.escape_ascii());
        assert!(screen.draw().ends_with(end));
    }
}

#[test]
fn a_string_without_end_takes_bounded_memory_and_ends_as_it_began() {
    for (begin, end) in [("\x1b]2;", "\x07"), ("\x1bPq", "\x1b\\"), ("\x1b[1;", "m"), ("\x1b_", "\x1b\\")] {
        let mut screen = screen(9, 2, begin.as_bytes());
        for _ in 0..100 {
            screen.feed(&[b'1'; 10_000]);
        }
        assert!(screen.draw().len() < 200_000, "{} bytes", screen.draw().len());
        let mut copy = copy(&screen);
        for screen in [&mut screen, &mut copy] {
            screen.feed(end.as_bytes());
            screen.feed(b"x");
        }
        assert_eq!(difference(&state(&screen), &state(&copy)), None, "{}", begin.escape_debug());
    }
}
