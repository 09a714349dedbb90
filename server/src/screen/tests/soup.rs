//! Output without sense, from dice that fall the same each time.

use envsocket::core::resume::Size;

use super::{copy, difference, screen, state};

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const TEXT: &[&str] = &[
    "x",
    "hello ",
    "abcdefghij",
    "日本語",
    "한",
    "e\u{301}",
    "a\u{302}\u{303}",
    "👩",
    "─",
    "…",
    "~#|",
    "\r\n",
    "\t",
];
const SGR: &[&str] = &["", "1", "3", "7", "31", "42", "97", "38;5;99", "48;2;1;2;3", "22", "39", "49", "53"];
const MODES: &[&str] = &["1", "6", "25", "45", "66", "1000", "1004", "1006", "1049", "2004", "2026"];
const OTHER: &[&str] = &[
    "\x1b7",
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1bH",
    "\x1b[3g",
    "\x1b(0",
    "\x1b(B",
    "\x0e",
    "\x0f",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b]2;t\x07",
];

/// Without what is known to be beyond restoring: see `docs/TERMINALS.md`.
fn sensible(dice: &mut Dice) -> String {
    let number = |dice: &mut Dice| dice.pick(&["", "1", "2", "3", "5", "9", "30"]).to_owned();
    match dice.below(20) {
        0..8 => dice.pick(TEXT).to_owned(),
        8..11 => {
            let last =
                dice.pick(&["A", "B", "C", "D", "G", "J", "K", "L", "M", "P", "S", "T", "X", "@", "d", "b"]);
            let n = if last == "J" { dice.pick(&["", "0", "2"]).to_owned() } else { number(dice) };
            format!("\x1b[{n}{last}")
        }
        11..13 => format!("\x1b[{};{}H", number(dice), number(dice)),
        13..16 => format!("\x1b[{}m", dice.pick(SGR)),
        16 => format!("\x1b[{};{}r", number(dice), number(dice)),
        17..19 => format!("\x1b[?{}{}", dice.pick(MODES), dice.pick(&["h", "l"])),
        _ => dice.pick(OTHER).to_owned(),
    }
}

#[test]
fn a_copy_is_in_the_same_state_and_goes_on_alike() {
    for seed in 1..=1500_u64 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let cols = [3, 5, 10, 20, 40][dice.below(5)];
        let rows = [2, 3, 5, 8][dice.below(4)];
        let count = 5 + dice.below(60);
        let head: String = (0..count).map(|_| sensible(&mut dice)).collect();
        let rest: String = (0..10).map(|_| sensible(&mut dice)).collect();
        let mut screen = screen(cols, rows, head.as_bytes());
        let mut copy = copy(&screen);
        let context = || format!("seed {seed}, {cols}x{rows}: {:?} then {rest:?}", head);
        assert_eq!(difference(&state(&screen), &state(&copy)), None, "{}", context());
        screen.feed(rest.as_bytes());
        copy.feed(rest.as_bytes());
        assert_eq!(difference(&state(&screen), &state(&copy)), None, "afterwards: {}", context());
    }
}

#[test]
fn nothing_panics_and_a_copy_of_a_copy_draws_the_same() {
    const BYTES: &[u8] = b"\x1b\x1b\x1b[[?;:0123456789mHJKrhlABCDPXLMST@bgdufs78c\
        DEM#()*+0B]P_^X\\\x07\x08\t\n\r\x0e\x0f\x18\x9b\x9d\xc2\xe6\x97\xa5\xcc\x81\xf0 x";
    for seed in 1..=400_u64 {
        let mut dice = Dice(0x2545_f491_4f6c_dd1d_u64.wrapping_mul(seed));
        let mut screen = screen(1 + dice.below(12) as u16, 1 + dice.below(6) as u16, b"");
        for _ in 0..3 + dice.below(8) {
            let bytes: Vec<u8> = (0..dice.below(200)).map(|_| BYTES[dice.below(BYTES.len())]).collect();
            screen.feed(&bytes);
            if dice.below(3) == 0 {
                screen.resize(Size { cols: dice.below(14) as u16, rows: dice.below(8) as u16 });
            }
        }
        let once = copy(&screen);
        let twice = copy(&once);
        assert_eq!(once.draw(), twice.draw(), "seed {seed}");
    }
}

#[test]
fn links_from_cell_to_cell_do_not_swell_a_drawing() {
    let mut screen = screen(80, 24, b"");
    for at in 0..20_000 {
        screen.feed(format!("\x1b]8;;http://{}/{}\x07x", at % 2, "a".repeat(2000)).as_bytes());
    }
    let bytes = screen.draw().len();
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

#[test]
fn marks_underlines_and_links_without_end_take_bounded_memory() {
    let mut screen = screen(10, 24, b"");
    for number in 0..80_000_u32 {
        let [_, r, g, b] = number.to_be_bytes();
        let mark = char::from_u32(0x300 + number % 0x70).map(String::from).unwrap_or_default();
        screen.feed(format!("\x1b[4;58;2;{r};{g};{b}m\x1b]8;;http://{number}/\x07x{mark}").as_bytes());
    }
    let [clusters, extras] = screen.terminal.tables.counts();
    assert!(clusters <= 65_536 && extras <= 65_536, "{clusters} clusters, {extras} extras");
    screen.feed(b"\x1b[0;4m\x1b]8;;http://new/\x07new");
    let row = &screen.terminal.primary;
    let cell = row.lines[row.base + row.y].get(row.x - 1);
    let uri = screen.terminal.tables.extra(cell.pen.extra).and_then(|extra| extra.link.as_ref());
    assert_eq!(uri.map(|link| link.uri.as_str()), Some("http://new/"), "what is forgotten makes room");
}
