//! SGR: colours and attributes.

use super::cell::{Color, Flags, Pen};
use super::params::Params;
use super::tables::Extra;
use super::terminal::Terminal;

impl Terminal {
    pub(super) fn set_attributes(&mut self, params: &Params) {
        let mut at = 0;
        while at < params.len() {
            let flags = &mut self.pen.flags;
            match params.get(at) {
                0 => {
                    self.pen = Pen::default();
                    self.extra = Extra { link: self.extra.link.take(), ..Extra::default() };
                    self.update_extra();
                }
                1 => flags.set(Flags::BOLD, true),
                2 => flags.set(Flags::DIM, true),
                3 => flags.set(Flags::ITALIC, true),
                4 => {
                    let style = params.subs(at).first().map_or(1, |style| style.unwrap_or(1));
                    self.underline(if style > 5 { 1 } else { style as u8 });
                }
                5 => flags.set(Flags::BLINK, true),
                7 => flags.set(Flags::INVERSE, true),
                8 => flags.set(Flags::HIDDEN, true),
                9 => flags.set(Flags::STRIKEOUT, true),
                21 => self.underline(2),
                22 => {
                    flags.set(Flags::BOLD, false);
                    flags.set(Flags::DIM, false);
                }
                23 => flags.set(Flags::ITALIC, false),
                24 => self.underline(0),
                25 => flags.set(Flags::BLINK, false),
                27 => flags.set(Flags::INVERSE, false),
                28 => flags.set(Flags::HIDDEN, false),
                29 => flags.set(Flags::STRIKEOUT, false),
                color @ 30..=37 => self.pen.fg = Color::Ansi((color - 30) as u8),
                39 => self.pen.fg = Color::Default,
                color @ 40..=47 => self.pen.bg = Color::Ansi((color - 40) as u8),
                49 => self.pen.bg = Color::Default,
                38 | 48 | 58 => at += self.set_color(params, at),
                53 => flags.set(Flags::OVERLINE, true),
                55 => flags.set(Flags::OVERLINE, false),
                59 => {
                    // xterm.js means the default and stores white.
                    self.extra.color = Color::Rgb(255, 255, 255);
                    self.update_extra();
                }
                color @ 90..=97 => self.pen.fg = Color::Ansi((color - 90 + 8) as u8),
                color @ 100..=107 => self.pen.bg = Color::Ansi((color - 100 + 8) as u8),
                _ => {}
            }
            at += 1;
        }
    }

    fn underline(&mut self, style: u8) {
        self.pen.flags.set(Flags::UNDERLINE, style > 0);
        self.extra.style = style;
        self.update_extra();
    }

    /// 38, 48 and 58, in all the forms that are about: `38;5;n`, `38:5:n`, `38;2;r;g;b`, `38:2:space:r:g:b`
    /// and mixtures. Returns how many parameters it took beside its own.
    fn set_color(&mut self, params: &Params, at: usize) -> usize {
        // What kind, how, the colour space, and up to three numbers.
        let mut parts = [0; 6];
        let mut space = 0;
        let mut taken = 0;
        loop {
            parts[taken + space] = params.get(at + taken);
            let subs = params.subs(at + taken);
            if !subs.is_empty() {
                for (offset, sub) in subs.iter().enumerate() {
                    if parts[1] == 5 {
                        space = 1;
                    }
                    let Some(part) = parts.get_mut(taken + offset + 1 + space) else { break };
                    *part = sub.unwrap_or(0);
                }
                break;
            }
            if parts[1] == 5 && taken + space >= 2 || parts[1] == 2 && taken + space >= 5 {
                break;
            }
            if parts[1] > 0 {
                space = 1;
            }
            taken += 1;
            if at + taken >= params.len() || taken + space >= parts.len() {
                break;
            }
        }
        let color = match parts[1] {
            2 => Color::Rgb(parts[3] as u8, parts[4] as u8, parts[5] as u8),
            5 => Color::Palette(parts[3] as u8),
            _ => return taken,
        };
        match parts[0] {
            38 => self.pen.fg = color,
            48 => self.pen.bg = color,
            _ => {
                self.extra.color = color;
                if self.pen.extra > 0 {
                    self.pen.extra = self.extra_number();
                }
            }
        }
        taken
    }
}
