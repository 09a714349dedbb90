//! What was measured, row by row, and the tables that it becomes. Must not judge.

use serde_json::{Value, json};

use crate::statistics::{median, quantile, ratios};

/// Rows of figures: one list of rounds for each server that is compared.
#[derive(Debug)]
pub(crate) struct Figures {
    servers: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    title: &'static str,
    /// By server, in order; empty for one that cannot do it.
    rounds: Vec<Vec<f64>>,
}

impl Figures {
    /// For these servers; the first is what the others are compared with.
    pub(crate) fn of(servers: Vec<&'static str>) -> Self {
        Self { servers, rows: Vec::new() }
    }

    /// Adds a round's figure to its row, which is made when it is new.
    pub(crate) fn add(&mut self, title: &'static str, server: usize, figure: f64) {
        let at = self.rows.iter().position(|row| row.title == title).unwrap_or_else(|| {
            self.rows.push(Row { title, rounds: vec![Vec::new(); self.servers.len()] });
            self.rows.len() - 1
        });
        self.rows[at].rounds[server].push(figure);
    }

    /// All of it.
    pub(crate) fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let rounds = self.servers.iter().zip(&row.rounds).map(|(name, rounds)| (*name, json!(rounds)));
            (row.title, rounds.collect::<Value>())
        });
        rows.collect()
    }

    /// A table in Markdown: the median of the rounds and, for all but the first server, the median of what each
    /// round's figure was as a share of the first's, and the range from the 10th to the 90th percentile.
    pub(crate) fn table(&self) -> String {
        let head = std::iter::once(String::new()).chain(self.servers.iter().map(|name| (*name).to_owned()));
        let rows = self.rows.iter().map(|row| {
            let cells =
                row.rounds.iter().enumerate().map(|(server, rounds)| match (server, rounds.is_empty()) {
                    (_, true) => String::new(),
                    (0, false) => shown(median(rounds)),
                    _ if row.rounds[0].is_empty() => shown(median(rounds)),
                    _ => beside(rounds, &row.rounds[0]),
                });
            std::iter::once(row.title.to_owned()).chain(cells).collect()
        });
        table(head.collect(), rows.collect())
    }
}

fn beside(rounds: &[f64], first: &[f64]) -> String {
    let ratios = ratios(rounds, first);
    let (low, high) = (quantile(&ratios, 0.1), quantile(&ratios, 0.9));
    format!("{} · {:.2} ({low:.2}–{high:.2})", shown(median(rounds)), median(&ratios))
}

fn shown(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

fn table(head: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let width = |column: usize| {
        std::iter::once(&head).chain(&rows).map(|row| row[column].chars().count()).max().unwrap_or(0).max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &[String]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let dashes: Vec<String> = widths
        .iter()
        .enumerate()
        .map(
            |(column, width)| {
                if column == 0 { "-".repeat(*width) } else { format!("{}:", "-".repeat(width - 1)) }
            },
        )
        .collect();
    let all = [head.clone(), dashes].into_iter().chain(rows.iter().cloned());
    all.map(|row| line(&row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_what_the_others_are_compared_with() {
        let mut figures = Figures::of(vec!["one", "other"]);
        for round in [100.0, 200.0, 300.0] {
            figures.add("rate", 0, round);
            figures.add("rate", 1, round * 2.0);
        }
        figures.add("only here", 1, 1.5);
        let expected = "\
|           | one |                  other |
| --------- | --: | ---------------------: |
| rate      | 200 | 400 · 2.00 (2.00–2.00) |
| only here |     |                    1.5 |
";
        assert_eq!(figures.table(), expected);
    }

    #[test]
    fn every_round_is_kept() {
        let mut figures = Figures::of(vec!["one"]);
        figures.add("rate", 0, 1.0);
        figures.add("rate", 0, 2.0);
        assert_eq!(figures.json(), json!({ "rate": { "one": [1.0, 2.0] } }));
    }
}
