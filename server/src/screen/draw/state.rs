//! What a terminal has beside its rows: title, colours, modes, margins, tabs, the cursor and what DECSC
//! saved.

use super::paint::Paint;
use crate::screen::buffer::{Buffer, TAB};
use crate::screen::cell::{Color, Glyph, Pen, Text};
use crate::screen::charset::Charset;
use crate::screen::modes::{Keypad, Modes, OTHERS};
use crate::screen::osc::Colors;
use crate::screen::terminal::{Last, Terminal};

pub(super) fn title(paint: &mut Paint<'_>, title: Option<&str>) {
    if let Some(title) = title {
        paint.osc(format_args!("2;{title}"));
    }
}

/// A reset leaves colours as they are, so those of before are taken back first.
pub(super) fn colors(paint: &mut Paint<'_>, colors: &Colors) {
    if !colors.touched {
        return;
    }
    for number in [104, 110, 111, 112] {
        paint.osc(format_args!("{number}"));
    }
    for (number, [r, g, b]) in &colors.palette {
        paint.osc(format_args!("4;{number};rgb:{r:02x}/{g:02x}/{b:02x}"));
    }
    for (number, color) in (10..).zip(colors.special) {
        if let Some([r, g, b]) = color {
            paint.osc(format_args!("{number};rgb:{r:02x}/{g:02x}/{b:02x}"));
        }
    }
}

/// Saves the cursor of a buffer that is empty now.
pub(super) fn saved(paint: &mut Paint<'_>, buffer: &Buffer) {
    paint.go_to(0, buffer.saved.line.min(buffer.rows - 1));
    save_here(paint, buffer);
}

/// Saves what the buffer has saved, in the row under the cursor, and goes to that row's beginning.
pub(super) fn save_here(paint: &mut Paint<'_>, buffer: &Buffer) {
    let (saved, last) = (buffer.saved, buffer.cols - 1);
    paint.go_to_column(saved.x.min(last));
    if saved.x > last {
        paint.bytes(b" ");
        paint.x = buffer.cols;
    }
    paint.pen(saved.pen);
    designate(paint, 0, saved.charset);
    paint.bytes(b"\x1b7");
    if saved.charset != Charset::ASCII {
        paint.bytes(b"\x1b(B");
    }
    paint.reset_background();
    if saved.x > last {
        paint.go_to_column(last);
        paint.bytes(b"\x1b[X");
    }
    paint.go_to_column(0);
}

fn designate(paint: &mut Paint<'_>, level: usize, charset: Charset) {
    if charset != Charset::ASCII {
        paint.bytes(&[b'\x1b', b"()*+"[level], charset.letter()]);
    }
}

/// Tab stops and margins; the cursor may be anywhere afterwards.
pub(super) fn layout(paint: &mut Paint<'_>, buffer: &Buffer) {
    if (0..buffer.cols).any(|col| buffer.has_tab(col) != (col % TAB == 0)) {
        paint.csi("3g");
        for col in (0..buffer.cols).filter(|&col| buffer.has_tab(col)) {
            paint.csi_with(format_args!("{}G\x1bH", col + 1));
        }
    }
    if (buffer.top, buffer.bottom) != (0, buffer.rows - 1) {
        paint.csi_with(format_args!("{};{}r", buffer.top + 1, buffer.bottom + 1));
    }
}

/// Puts the cursor where it is. Before it wraps, the last cell is printed anew: there is no other way there.
pub(super) fn cursor(paint: &mut Paint<'_>, buffer: &Buffer, origin: bool) {
    let y = if origin { buffer.y.saturating_sub(buffer.top) } else { buffer.y };
    let last = buffer.cols - 1;
    if buffer.x <= last {
        paint.go_to(buffer.x, y);
        return;
    }
    let row = &buffer.lines[buffer.base + buffer.y];
    let col =
        if row.get(last).glyph == Glyph::SECOND_HALF && row.width(last - 1) == 2 { last - 1 } else { last };
    paint.go_to(col, y);
    paint.print(row.get(col));
}

/// Modes, character sets, cursor, pen. Any control sequence after a character keeps a mark that comes next
/// from joining it; so if a character was last, it is printed last.
pub(super) fn finish(paint: &mut Paint<'_>, terminal: &Terminal) {
    let buffer = if terminal.on_alternate { &terminal.alternate } else { &terminal.primary };
    let origin = terminal.modes.origin;
    modes(paint, &terminal.modes);
    if let Some(text) = terminal.last.and_then(|last| printed_last(terminal, buffer, last)) {
        charsets(paint, terminal, buffer);
        final_pen(paint, terminal);
        let y = if origin { buffer.y.saturating_sub(buffer.top) } else { buffer.y };
        let width = terminal.last.map_or(0, |last| last.width);
        visibility(paint, &terminal.modes);
        if terminal.modes.insert {
            paint.csi("4h");
        }
        paint.go_to(buffer.x - width, y);
        if terminal.modes.insert {
            paint.csi_with(format_args!("{width}P"));
        }
        paint.bytes(text.as_bytes());
        return;
    }
    if terminal.charset == terminal.charsets[terminal.level] {
        cursor(paint, buffer, origin);
        charsets(paint, terminal, buffer);
    } else {
        charsets(paint, terminal, buffer);
        cursor(paint, buffer, origin);
    }
    if terminal.modes.insert {
        paint.csi("4h");
    }
    // This also keeps a mark that comes next from joining what was printed to get there.
    visibility(paint, &terminal.modes);
    final_pen(paint, terminal);
}

/// A reset leaves it as it was, so it is said in any case.
fn visibility(paint: &mut Paint<'_>, modes: &Modes) {
    paint.csi(if modes.hidden { "?25l" } else { "?25h" });
}

/// What to print so that the cell before the cursor stays as it is; nothing where that is not possible.
fn printed_last(terminal: &Terminal, buffer: &Buffer, last: Last) -> Option<String> {
    let cell = buffer.lines[buffer.base + buffer.y].get(buffer.x.checked_sub(last.width)?);
    let mut text = String::from(last.raw);
    let base = match cell.glyph.text() {
        Text::Nothing => return None,
        Text::Char(c) => c,
        Text::Cluster(number) => {
            let mut chars = terminal.tables.cluster(number).chars();
            let base = chars.next()?;
            text.extend(chars);
            base
        }
    };
    let same = cell.pen == terminal.pen
        && cell.glyph.width() == last.width
        && terminal.charset.show(last.raw) == base;
    same.then_some(text)
}

/// The sets, and which is in force. DECRC can put another one in force, without a level: only DECRC can
/// again.
fn charsets(paint: &mut Paint<'_>, terminal: &Terminal, buffer: &Buffer) {
    for (level, &charset) in terminal.charsets.iter().enumerate() {
        designate(paint, level, charset);
    }
    match terminal.level {
        0 => {}
        1 => paint.bytes(b"\x0e"),
        2 => paint.bytes(b"\x1bn"),
        _ => paint.bytes(b"\x1bo"),
    }
    if terminal.charset != terminal.charsets[terminal.level] && buffer.saved.charset == terminal.charset {
        paint.restore_saved();
    }
}

fn final_pen(paint: &mut Paint<'_>, terminal: &Terminal) {
    paint.pen(terminal.pen);
    if paint.line(terminal.pen).is_none() && terminal.extra.color != Color::Default {
        paint.line_color(terminal.extra.color);
    }
}

fn modes(paint: &mut Paint<'_>, modes: &Modes) {
    let default = Modes::default();
    let onoff = |on: bool| if on { 'h' } else { 'l' };
    if let Some(on) = modes.newline {
        paint.csi_with(format_args!("20{}", onoff(on)));
    }
    let states = [
        (1, modes.cursor_keys, default.cursor_keys),
        (6, modes.origin, default.origin),
        (7, modes.wrap, default.wrap),
        (45, modes.reverse_wrap, default.reverse_wrap),
        (1004, modes.focus, default.focus),
        (2004, modes.bracketed_paste, default.bracketed_paste),
        (2026, modes.synchronized, default.synchronized),
    ];
    let others = OTHERS.into_iter().zip(modes.others).map(|(mode, on)| (mode, on, false));
    for (mode, on, default) in states.into_iter().chain(others) {
        if on != default {
            paint.csi_with(format_args!("?{mode}{}", onoff(on)));
        }
    }
    for mode in [modes.mouse, modes.mouse_encoding] {
        if mode > 0 {
            paint.csi_with(format_args!("?{mode}h"));
        }
    }
    if modes.keypad == Keypad::Application {
        paint.bytes(b"\x1b=");
    }
    if modes.cursor_style > 0 {
        paint.csi_with(format_args!("{} q", modes.cursor_style));
    }
    if let Some(on) = modes.blink {
        paint.csi_with(format_args!("?12{}", onoff(on)));
    }
}

impl Paint<'_> {
    /// DECRC, and a pen that is known again.
    fn restore_saved(&mut self) {
        self.pen(Pen::default());
        self.bytes(b"\x1b8");
        self.csi("m");
    }
}
