//! A [`Screen`] on standard input and output, so that tests in other languages can hold it to real terminals.
//!
//! Each line is a command: `new COLS ROWS`, `feed HEX`, `resize COLS ROWS`, or `draw`, which is answered by a
//! line of hexadecimal digits.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, Write};

use envsocket::core::resume::Size;
use envsocket_server::screen::Screen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut screen = Screen::new(Size { cols: 80, rows: 24 });
    let mut answers = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["new", cols, rows] => screen = Screen::new(size(cols, rows)?),
            ["resize", cols, rows] => screen.resize(size(cols, rows)?),
            ["feed", hex] => screen.feed(&bytes(hex)?),
            ["draw"] => {
                let mut hex = String::new();
                for byte in screen.draw() {
                    write!(hex, "{byte:02x}")?;
                }
                writeln!(answers, "{hex}")?;
                answers.flush()?;
            }
            _ => return Err(format!("unknown command: {line}").into()),
        }
    }
    Ok(())
}

fn size(cols: &str, rows: &str) -> Result<Size, std::num::ParseIntError> {
    Ok(Size { cols: cols.parse()?, rows: rows.parse()? })
}

fn bytes(hex: &str) -> Result<Vec<u8>, std::num::ParseIntError> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16)).collect()
}
