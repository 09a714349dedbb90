//! A terminal's state as output: what brings another terminal, just reset, to the same state.

mod lines;
mod paint;
mod state;

use super::terminal::Terminal;
use paint::Paint;

/// Everything but an unfinished sequence. In this order, because each step needs what the next ones change:
/// what is saved of the alternate screen while it is not shown, the primary screen, the alternate one over
/// it, modes, and the cursor with its pen at the very end.
pub(super) fn draw(terminal: &Terminal) -> Vec<u8> {
    let mut paint = Paint::new(&terminal.tables, terminal.primary.cols);
    state::colors(&mut paint, &terminal.colors);
    state::title(&mut paint, terminal.title.as_deref());
    if !terminal.on_alternate && terminal.alternate.saved != Default::default() {
        paint.csi("?47h");
        state::saved(&mut paint, &terminal.alternate);
        paint.csi("?47l");
        paint.csi("H");
    }
    lines::draw(&mut paint, &terminal.primary);
    if terminal.on_alternate {
        state::layout(&mut paint, &terminal.primary);
        state::cursor(&mut paint, &terminal.primary, false);
        paint.reset_pen();
        paint.csi("?47h");
        paint.csi("H");
        lines::draw(&mut paint, &terminal.alternate);
        state::layout(&mut paint, &terminal.alternate);
    } else {
        state::layout(&mut paint, &terminal.primary);
    }
    state::finish(&mut paint, terminal);
    paint.out
}
