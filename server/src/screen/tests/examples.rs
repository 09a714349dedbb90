//! One example for each thing that a drawing brings back.

use envsocket::core::resume::Size;

use super::super::SCROLLBACK_LINES;
use super::super::cell::Text;
use super::{assert_restored, copy, screen};

#[test]
fn each_of_these_is_restored() {
    let examples: &[(&str, &str)] = &[
        ("nothing", ""),
        ("text", "one\r\ntwo"),
        ("scrollback", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8"),
        ("a line that runs over", "abcdefghijklmnopqrstuvwxyz0123456789abc\r\nd"),
        ("one that runs over behind an erased end", "abcdefghijklmnopqrstuvwxyz\x1b[A\x1b[19G\x1b[K\x1b[3B"),
        ("one whose beginning is gone", "abcdefghijklmnopqrstuvwxyz\x1b[H\x1b[M"),
        ("wide characters", "日本語 한국어 x\r\n1234567890123456789日x"),
        ("torn wide characters", "\x1b[1;4;31m日本\x1b[2Gx\x1b[3Gy\x1b[20G\x1b[19G日\x1b[19Gz"),
        ("combining characters", "e\u{301}a\u{302}\u{303} 日\u{301}"),
        ("a mark to come", "e"),
        ("emoji as xterm.js counts them", "👩\u{200d}👩\u{200d}👧|🇩🇪|☃\u{fe0f}|"),
        ("colours", "\x1b[31;42ma\x1b[97;104mb\x1b[38;5;9;48;5;200mc\x1b[38;2;1;2;3;48:2::4:5:6md\x1b[me"),
        ("attributes", "\x1b[1ma\x1b[2mb\x1b[3mc\x1b[5md\x1b[7me\x1b[8mf\x1b[9mg\x1b[53mh\x1b[22;23;27mi"),
        ("lines below", "\x1b[4ma\x1b[4:3mb\x1b[58;5;3mc\x1b[58:2::1:2:3;4:5md\x1b[21me\x1b[24mf"),
        ("a colour for lines to come", "\x1b[58;5;3m"),
        ("erased in colour", "\x1b[44m\x1b[2Jx\x1b[m\x1b[3;5H\x1b[41m\x1b[4X"),
        ("protected", "\x1b[1\"qab\x1b[0\"qcd"),
        (
            "a link",
            "\x1b]8;id=7;http://example.org/?a=b;c\x1b\\link\x1b]8;;\x1b\\ none \x1b]8;;http://b/\x07on",
        ),
        ("the alternate screen", "below\x1b[?1049h\x1b[2;3Habove"),
        ("back from it", "below\x1b[?1049h\x1b[2;3Habove\x1b[?1049l"),
        ("what it saved", "\x1b[?47h\x1b[2;3H\x1b[32m\x1b7\x1b[?47l\x1b[mx"),
        ("both saved", "ab\x1b7\x1b[?47h\x1b[4;4H\x1b[1m\x1b7\x1b[2;2H"),
        ("saved in the scrollback", "ab\x1b[31m\x1b(0\x1b7\x1b(B\x1b[m\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6"),
        ("saved where it waits to wrap", "12345678901234567890\x1b7\x1b[3;3H"),
        ("the cursor", "\x1b[3;4H"),
        ("waiting to wrap", "12345678901234567890"),
        ("waiting to wrap, in another pen", "1234567890123456789日\x1b[31m"),
        ("hidden", "\x1b[?25l"),
        ("the cursor's style", "\x1b[5 q\x1b[?12h"),
        ("margins", "a\x1b[2;4r\x1b[3;3H"),
        ("origin mode", "a\x1b[2;4r\x1b[?6h\x1b[2;2Hx"),
        ("no wrapping", "\x1b[?7l123456789012345678901234"),
        ("insert mode", "abc\x1b[2G\x1b[4he"),
        ("insert mode, waiting to wrap", "abcdefghijklmnopqrst\x1b[19G\x1b[4hxy"),
        ("newline mode", "\x1b[20h"),
        ("newline mode, off again", "\x1b[20h\x1b[20l"),
        ("keys", "\x1b[?1h\x1b=\x1b[?2004h"),
        ("mouse", "\x1b[?1002h\x1b[?1006h\x1b[?1007h"),
        ("older mouse", "\x1b[?9h\x1b[?1005h\x1b[?1015h"),
        ("mouse in pixels", "\x1b[?1003h\x1b[?1016h"),
        ("focus, update, reverse wrap", "\x1b[?1004h\x1b[?2026h\x1b[?45h"),
        ("line drawing", "\x1b(0lqk\x1b(Bx"),
        ("a mark to come after line drawing", "\x1b(0q"),
        ("all character sets", "\x1b(A\x1b)0\x1b*K\x1b+R\x0e"),
        ("G2 in force", "\x1b*0\x1bnq"),
        ("a set that DECRC left in force", "\x1b7\x1b(0\x1b8q"),
        ("tabs", "\x1b[3g\x1b[4G\x1bH\x1b[9G\x1bH\r"),
        ("no tabs", "\x1b[3g"),
        ("the title", "\x1b]0;one\x07\x1b]2;zwei ü\x1b\\"),
        ("an empty title", "\x1b]2;\x07"),
        ("palette", "\x1b]4;1;rgb:ff/00/80;200;#123456\x07\x1b]10;#abc;rgb:1/2/3;#000000\x07"),
        ("palette, taken back", "\x1b]4;1;#ffffff\x07\x1b]11;#fff\x07\x1b]104\x07\x1b]111\x07"),
    ];
    for (name, output) in examples {
        assert_restored(name, &screen(20, 4, output.as_bytes()));
    }
}

#[test]
fn the_scrollback_is_bounded_and_restored_whole() {
    let output: String = (0..5000).map(|line| format!("line {line}\r\n")).collect();
    let screen = screen(20, 4, output.as_bytes());
    let primary = &screen.terminal.primary;
    assert_eq!(primary.lines.len(), SCROLLBACK_LINES + 4);
    assert_eq!(primary.lines[0].get(5).glyph.text(), Text::Char('3'));
    assert_restored("scrollback", &screen);
}

#[test]
fn a_copy_is_wrapped_anew_as_the_screen_is() {
    for (cols, rows) in [(7, 4), (40, 4), (20, 2), (20, 9), (3, 3), (33, 7)] {
        let mut screen = screen(
            20,
            4,
            "日本語 abcdefghijklmnopqrstuvwxyz한국어\r\nx\r\n\r\nwide 日本語日本語日本\r\n$ ".as_bytes(),
        );
        let mut copy = copy(&screen);
        let size = Size { cols, rows };
        screen.resize(size);
        copy.resize(size);
        assert_eq!(super::difference(&super::state(&screen), &super::state(&copy)), None, "{cols}x{rows}");
        assert_restored("resized", &screen);
    }
}

#[test]
fn leaving_the_alternate_screen_of_a_copy_shows_the_primary_one() {
    let screen = screen(20, 4, b"prompt $ vim\x1b[?1049h\x1b[2J\x1b[H~\r\n~");
    let mut copy = copy(&screen);
    copy.feed(b"\x1b[?1049l");
    let row = &copy.terminal.primary.lines[0];
    assert_eq!((copy.terminal.primary.x, row.text_end()), (12, 12));
}

#[test]
fn nothing_in_a_drawing_is_answered_or_heard() {
    let everything =
        "\x07\x1b[c\x1b[6n\x1b[?6n\x1b[>c\x1bP$qm\x1b\\\x1b]4;1;?\x07\x1b]10;?\x07\x1b[?1$p\x1b[18t\x05";
    let screen = screen(20, 4, everything.as_bytes());
    assert_eq!(screen.draw(), super::screen(20, 4, b"").draw());
}

#[test]
fn an_underline_that_is_there_by_half_is_drawn_once() {
    for output in ["\x1b[4;7m\x1b#8", "\x1b[4;7m\x1b7\x1b[m\x1b8", "\x1b[4:3m\x1b7\x1b[m\x1b8x\x1b[58;5;3my"]
    {
        let screen = screen(20, 4, output.as_bytes());
        assert_eq!(screen.draw(), copy(&screen).draw(), "{}", output.escape_debug());
    }
}

#[test]
fn a_mark_that_comes_after_a_resize_leaves_the_rest_where_it_is() {
    // Alone, with the width of what is no longer there, and where another character came before the cursor.
    let examples = [("|\t\t!", 2, "\u{303}"), ("글a", 2, "\u{308}"), ("a글b\x1b[1;3H글", 4, "\u{308}")];
    for (before, cols, mark) in examples {
        let mut screen = screen(20, 4, before.as_bytes());
        screen.resize(Size { cols, rows: 4 });
        screen.feed(mark.as_bytes());
        screen.feed(mark.as_bytes());
        screen.feed(b"\x1b[1;2H");
        let copy = copy(&screen);
        assert_eq!(screen.draw(), copy.draw(), "{before:?}");
        let place = |screen: &super::Screen| (screen.terminal.primary.x, screen.terminal.primary.y);
        assert_eq!(place(&screen), place(&copy), "{before:?}");
    }
}
