//! Character sets that a program can put in place of ASCII: lines and corners, and the national sets of old.

/// One set: the letter that designates it, what it replaces, and with what.
struct Set(u8, &'static str, &'static str);

/// As xterm.js has them, which are those of the VT220. Where two letters name one set, the first stands here.
const SETS: [Set; 13] = [
    Set(b'B', "", ""),
    Set(b'0', "`abcdefghijklmnopqrstuvwxyz{|}~", "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"),
    Set(b'A', "#", "£"),
    Set(b'4', "#@[\\]{|}~", "£¾i½|¨f¼´"),
    Set(b'C', "[\\]^`{|}~", "ÄÖÅÜéäöåü"),
    Set(b'R', "#@[\\]{|}~", "£à°ç§éùè¨"),
    Set(b'Q', "@[\\]^`{|}~", "àâçêîôéùèû"),
    Set(b'K', "@[\\]{|}~", "§ÄÖÜäöüß"),
    Set(b'Y', "#@[\\]`{|}~", "£§°çéùàòèì"),
    Set(b'E', "@[\\]^`{|}~", "ÄÆØÅÜäæøåü"),
    Set(b'Z', "#@[\\]{|}", "£§¡Ñ¿°ñç"),
    Set(b'H', "@[\\]^`{|}~", "ÉÄÖÅÜéäöåü"),
    Set(b'=', "#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),
];

/// A character set, by its place in the list above; ASCII is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Charset(u8);

impl Charset {
    pub(super) const ASCII: Self = Self(0);

    /// The set that this final byte of a designation names.
    pub(super) fn named(letter: u8) -> Option<Self> {
        let letter = match letter {
            b'5' => b'C',
            b'6' => b'E',
            b'7' => b'H',
            letter => letter,
        };
        SETS.iter().position(|set| set.0 == letter).map(|place| Self(place as u8))
    }

    /// The letter that designates it.
    pub(super) fn letter(self) -> u8 {
        SETS[usize::from(self.0)].0
    }

    /// The character that shows when a program prints this one.
    pub(super) fn show(self, c: char) -> char {
        if self == Self::ASCII || c >= '\x7f' {
            return c;
        }
        let Set(_, from, to) = SETS[usize::from(self.0)];
        from.find(c).and_then(|place| to.chars().nth(place)).unwrap_or(c)
    }
}
