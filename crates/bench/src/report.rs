//! One row a figure: its value, the direct limit of the same run, and how far it is from the target.

use anyhow::Result;
use serde::Serialize;

use crate::machine::Flush;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "bound")]
pub(crate) enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Shown only.
    None,
}

/// One measured figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// The part of the measures, as `bench run --only` names them.
    pub(crate) part: char,
    /// What was measured.
    pub(crate) measure: String,
    /// The figure.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// The same generator straight into the same receiver, where that is the measure's limit.
    pub(crate) direct: Option<f64>,
    /// What the target speaks of: the share of the direct limit where `on_share`, else the value.
    pub(crate) target: Target,
    /// The target speaks of the share.
    pub(crate) on_share: bool,
    /// What else the reader must know.
    pub(crate) note: String,
}

/// How a figure stands to its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    /// Met, or better.
    Met,
    /// Missed by this factor.
    Missed(f64),
    /// There is none.
    Shown,
}

impl Row {
    /// A figure to show.
    pub(crate) fn new(part: char, measure: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            part,
            measure: measure.into(),
            value,
            unit,
            direct: None,
            target: Target::None,
            on_share: false,
            note: String::new(),
        }
    }

    /// Must be at most `bound`.
    pub(crate) fn at_most(mut self, bound: f64) -> Self {
        self.target = Target::AtMost(bound);
        self
    }

    /// Must be at least `bound`.
    pub(crate) fn at_least(mut self, bound: f64) -> Self {
        self.target = Target::AtLeast(bound);
        self
    }

    /// The share of `direct` must be at least `bound`.
    pub(crate) fn share_at_least(mut self, direct: f64, bound: f64) -> Self {
        self.direct = Some(direct);
        self.on_share = true;
        self.at_least(bound)
    }

    /// Adds a remark.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Value over direct limit.
    pub(crate) fn share(&self) -> Option<f64> {
        self.direct.map(|direct| self.value / direct)
    }

    /// How it stands to its target.
    pub(crate) fn verdict(&self) -> Verdict {
        let judged = if self.on_share {
            self.share().unwrap_or(0.0)
        } else {
            self.value
        };
        let factor = match self.target {
            Target::None => return Verdict::Shown,
            Target::AtLeast(bound) => bound / judged,
            Target::AtMost(bound) => judged / bound,
        };
        if factor <= 1.0 {
            Verdict::Met
        } else {
            Verdict::Missed(factor)
        }
    }
}

/// All figures of one run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The flush rate of the file system that held the data.
    pub(crate) flush: Flush,
    /// Cores of the machine.
    pub(crate) cores: usize,
    /// The server's own words on its version.
    pub(crate) version: String,
    /// Measures that could not be taken, and why.
    pub(crate) failed: Vec<String>,
    /// The figures, in the order they were taken.
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// The table for people.
    pub(crate) fn table(&self) -> String {
        let mut text = self.heading();
        let mut lines =
            vec![["", "measure", "value", "direct limit", "share", "target", "met?"].map(String::from)];
        lines.extend(self.rows.iter().map(cells));
        let width = |column: usize| {
            lines
                .iter()
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..7).map(width).collect();
        for line in &lines {
            let cells: Vec<String> = line
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            text.push_str(cells.join(" | ").trim_end());
            text.push('\n');
        }
        for row in self.rows.iter().filter(|row| !row.note.is_empty()) {
            text.extend([
                "  ",
                &row.part.to_string(),
                " ",
                &row.measure,
                ": ",
                &row.note,
                "\n",
            ]);
        }
        for failure in &self.failed {
            text.extend(["  NOT MEASURED ", failure, "\n"]);
        }
        text
    }

    fn heading(&self) -> String {
        let Flush {
            per_second,
            p50_ms,
            p99_ms,
            in_memory,
        } = &self.flush;
        let warning = if *in_memory {
            "  The data lies in memory: figures about durability mean nothing. Use --dir.\n"
        } else if *p50_ms > 0.3 {
            "  A flush takes more than 0.3 ms here: the targets of docs/figures.md do not hold on this machine.\n"
        } else {
            ""
        };
        format!(
            "{} · {} cores · {per_second:.0} flushes/s (p50 {p50_ms:.3} ms, p99 {p99_ms:.3} ms)\n{warning}\n",
            self.version, self.cores
        )
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Result<String> {
        let mut json = serde_json::to_value(self)?;
        for (row, out) in self
            .rows
            .iter()
            .zip(json["rows"].as_array_mut().into_iter().flatten())
        {
            out["share"] = serde_json::json!(row.share());
            out["met"] = match row.verdict() {
                Verdict::Met => true.into(),
                Verdict::Missed(_) => false.into(),
                Verdict::Shown => serde_json::Value::Null,
            };
            if let Verdict::Missed(factor) = row.verdict() {
                out["missed_by"] = factor.into();
            }
        }
        Ok(serde_json::to_string_pretty(&json)?)
    }
}

fn cells(row: &Row) -> [String; 7] {
    let share = |value: f64| format!("{:.1} %", value * 100.0);
    let bound = |value: f64| if row.on_share { share(value) } else { figure(value) };
    [
        row.part.to_string(),
        row.measure.clone(),
        format!("{} {}", figure(row.value), row.unit),
        row.direct
            .map(|direct| format!("{} {}", figure(direct), row.unit))
            .unwrap_or_default(),
        row.share().map(share).unwrap_or_default(),
        match row.target {
            Target::None => String::new(),
            Target::AtLeast(value) => format!("≥ {}", bound(value)),
            Target::AtMost(value) => format!("≤ {}", bound(value)),
        },
        match row.verdict() {
            Verdict::Met => "yes".into(),
            Verdict::Missed(factor) => format!("no, by ×{factor:.2}"),
            Verdict::Shown => String::new(),
        },
    ]
}

/// Three digits that matter.
fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The middle value; the mean of the two middle ones where they are even in number.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
        odd => sorted[odd / 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_by_how_much() {
        assert_eq!(
            Row::new('b', "x", 9.0, "ms").at_most(10.0).verdict(),
            Verdict::Met
        );
        assert_eq!(
            Row::new('b', "x", 15.0, "ms").at_most(10.0).verdict(),
            Verdict::Missed(1.5)
        );
        let share = Row::new('b', "x", 5_000.0, "/s").share_at_least(100_000.0, 0.1);
        assert_eq!(share.verdict(), Verdict::Missed(2.0));
        assert_eq!(Row::new('a', "x", 1.0, "/s").verdict(), Verdict::Shown);
        // A figure that could not be computed is never "met".
        assert!(matches!(
            Row::new('b', "x", f64::NAN, "ms").at_most(1.0).verdict(),
            Verdict::Missed(_)
        ));
    }

    #[test]
    fn medians() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn table_and_json_carry_every_row() {
        let flush = Flush {
            per_second: 5_000.0,
            p50_ms: 0.2,
            p99_ms: 0.4,
            in_memory: false,
        };
        let rows = vec![Row::new('e', "binary", 50.0, "MB").at_most(40.0).note("stripped")];
        let report = Report {
            flush,
            cores: 2,
            version: "campanile 0.1.0".into(),
            failed: vec!["c: no".into()],
            rows,
        };
        let table = report.table();
        assert!(
            table.contains("binary")
                && table.contains("no, by ×1.25")
                && table.contains("NOT MEASURED c: no")
        );
        let json: serde_json::Value = serde_json::from_str(&report.json().expect("json")).expect("json");
        assert_eq!(json["rows"][0]["met"], false);
        assert_eq!(json["rows"][0]["missed_by"], 1.25);
    }
}
