//! OSC: title, colours, hyperlinks.

use std::collections::BTreeMap;

use super::tables::Link;
use super::terminal::Terminal;

/// Colours that the program put in place of the theme's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Colors {
    pub(super) palette: BTreeMap<u8, Rgb>,
    /// Foreground, background, cursor: OSC 10 to 12.
    pub(super) special: [Option<Rgb>; 3],
    /// Whether a program ever set or took back any: a viewer may still have what it has not any more.
    pub(super) touched: bool,
}

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

impl Terminal {
    pub(super) fn run_osc(&mut self, payload: &[u8]) {
        let Ok(payload) = str::from_utf8(payload) else { return };
        let (number, data) = payload.split_once(';').unwrap_or((payload, ""));
        match number.trim_start_matches('0') {
            "" if !number.is_empty() => self.title = Some(data.to_owned()),
            "2" => self.title = Some(data.to_owned()),
            "4" => self.set_palette(data),
            "8" => self.set_link(data),
            "10" => self.set_special(data, 0),
            "11" => self.set_special(data, 1),
            "12" => self.set_special(data, 2),
            "104" => self.reset_palette(data),
            "110" => self.reset_special(0),
            "111" => self.reset_special(1),
            "112" => self.reset_special(2),
            _ => {}
        }
    }

    fn set_palette(&mut self, data: &str) {
        let mut fields = data.split(';');
        while let (Some(number), Some(spec)) = (fields.next(), fields.next()) {
            if let (Some(number), Some(color)) = (color_number(number), color(spec)) {
                self.colors.palette.insert(number, color);
                self.colors.touched = true;
            }
        }
    }

    fn reset_special(&mut self, slot: usize) {
        self.colors.touched = true;
        self.colors.special[slot] = None;
    }

    fn reset_palette(&mut self, data: &str) {
        self.colors.touched = true;
        if data.is_empty() {
            self.colors.palette.clear();
        }
        for number in data.split(';').filter_map(color_number) {
            self.colors.palette.remove(&number);
        }
    }

    fn set_special(&mut self, data: &str, first: usize) {
        for (slot, spec) in self.colors.special[first..].iter_mut().zip(data.split(';')) {
            if let Some(color) = color(spec) {
                *slot = Some(color);
                self.colors.touched = true;
            }
        }
    }

    /// `params;uri`; an empty address ends the link.
    fn set_link(&mut self, data: &str) {
        let Some((params, uri)) = data.split_once(';') else { return };
        if uri.is_empty() && !params.trim().is_empty() {
            return;
        }
        let id = params.trim().split(':').find_map(|param| param.strip_prefix("id=")).unwrap_or("");
        self.extra.link = if uri.is_empty() { None } else { Link::new(id, uri) };
        self.update_extra();
    }
}

fn color_number(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.trim_start_matches('0'))
        .and_then(|text| if text.is_empty() { Some(0) } else { text.parse().ok() })
}

/// `rgb:r/g/b` with one to four hexadecimal digits each, or `#` and three equal parts of one to four.
fn color(spec: &str) -> Option<Rgb> {
    let spec = spec.to_ascii_lowercase();
    if let Some(parts) = spec.strip_prefix("rgb:") {
        let mut parts = parts.split('/');
        let rgb = [parts.next()?, parts.next()?, parts.next()?];
        let digits = rgb[0].len();
        let even = rgb.iter().all(|part| part.len() == digits) && parts.next().is_none();
        let scale = |part: &str| {
            let most = (1_u32 << (4 * digits)) - 1;
            Some(((hex(part)? * 255 + most / 2) / most) as u8)
        };
        if !even || !(1..=4).contains(&digits) {
            return None;
        }
        return Some([scale(rgb[0])?, scale(rgb[1])?, scale(rgb[2])?]);
    }
    let digits = spec.strip_prefix('#')?;
    if !digits.is_ascii() || !matches!(digits.len(), 3 | 6 | 9 | 12) {
        return None;
    }
    let size = digits.len() / 3;
    let part = |at: usize| {
        let value = hex(&digits[at * size..(at + 1) * size])?;
        Some(if size == 1 { value << 4 } else { value >> (4 * (size - 2)) } as u8)
    };
    Some([part(0)?, part(1)?, part(2)?])
}

fn hex(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
