//! One cell of a screen, and the pen it was written with.

/// A colour as a program names it. The first sixteen keep their own form: terminals brighten them for bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Color {
    #[default]
    Default,
    Ansi(u8),
    Palette(u8),
    Rgb(u8, u8, u8),
}

/// What SGR and DECSCA switch on and off, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Flags(u16);

impl Flags {
    pub(super) const BOLD: Self = Self(1);
    pub(super) const DIM: Self = Self(1 << 1);
    pub(super) const ITALIC: Self = Self(1 << 2);
    pub(super) const UNDERLINE: Self = Self(1 << 3);
    pub(super) const BLINK: Self = Self(1 << 4);
    pub(super) const INVERSE: Self = Self(1 << 5);
    pub(super) const HIDDEN: Self = Self(1 << 6);
    pub(super) const STRIKEOUT: Self = Self(1 << 7);
    pub(super) const OVERLINE: Self = Self(1 << 8);
    pub(super) const PROTECTED: Self = Self(1 << 9);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn set(&mut self, other: Self, on: bool) {
        if on {
            self.0 |= other.0;
        } else {
            self.0 &= !other.0;
        }
    }
}

/// How a cell looks. `extra` is the number of an `Extra` in the screen's tables, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Pen {
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) flags: Flags,
    pub(super) extra: u16,
}

impl Pen {
    /// What erasing leaves: the background and nothing else.
    pub(super) fn erasing(self) -> Self {
        Self { bg: self.bg, ..Self::default() }
    }

    /// Whether erasing alone can leave it.
    pub(super) fn is_erased(self) -> bool {
        self == self.erasing()
    }
}

/// What stands in a cell: nothing, a character, or the number of a cluster (a character with combining
/// marks), and how many columns it takes. The second half of a wide character holds nothing and takes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph(u32);

const WIDTH_SHIFT: u32 = 24;
const TEXT: u32 = (1 << WIDTH_SHIFT) - 1;
/// Above all characters: from here on the text is a cluster's number.
const CLUSTERS: u32 = 1 << 22;

/// The text of a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Nothing,
    Char(char),
    Cluster(u32),
}

impl Glyph {
    pub(super) const BLANK: Self = Self(1 << WIDTH_SHIFT);
    pub(super) const SECOND_HALF: Self = Self(0);

    pub(super) fn char(c: char, width: usize) -> Self {
        Self(u32::from(c) | (width as u32) << WIDTH_SHIFT)
    }

    pub(super) fn cluster(id: u32, width: usize) -> Self {
        Self((CLUSTERS + id) & TEXT | (width as u32) << WIDTH_SHIFT)
    }

    pub(super) fn width(self) -> usize {
        (self.0 >> WIDTH_SHIFT) as usize
    }

    pub(super) fn has_text(self) -> bool {
        self.0 & TEXT != 0
    }

    pub(super) fn text(self) -> Text {
        match self.0 & TEXT {
            0 => Text::Nothing,
            code if code >= CLUSTERS => Text::Cluster(code - CLUSTERS),
            code => char::from_u32(code).map_or(Text::Nothing, Text::Char),
        }
    }
}

/// A cell: sixteen bytes, because a screen with its scrollback has up to two million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) glyph: Glyph,
    pub(super) pen: Pen,
}

impl Cell {
    pub(super) const BLANK: Self = Self {
        glyph: Glyph::BLANK,
        pen: Pen { fg: Color::Default, bg: Color::Default, flags: Flags(0), extra: 0 },
    };

    /// Nothing, in the colours of a pen.
    pub(super) fn blank(pen: Pen) -> Self {
        Self { glyph: Glyph::BLANK, pen }
    }
}
