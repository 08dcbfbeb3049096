//! The figures, as tables and as data.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use serde_json::{Value, json};

use crate::engines::{Entry, Program};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/figures.json");

/// All figures.
pub struct Report {
    sizes: Vec<usize>,
    pub rows: Vec<Row>,
}

/// The figures of an engine, one for each size.
pub struct Row {
    name: &'static str,
    version: String,
    remembers: bool,
    pub cells: Vec<Cell>,
}

/// What an engine did with the rules of one size.
#[derive(Clone, Default)]
pub struct Cell {
    /// How long the rules took to be read and compiled.
    pub build_seconds: f64,
    /// For one evaluation.
    pub nanoseconds: Option<f64>,
    /// Why there is no such figure.
    pub missing: Option<String>,
}

impl Row {
    pub fn of(entry: &Entry) -> Self {
        Self {
            name: entry.name,
            version: match entry.program {
                Program::Package(name) => locked(name),
                Program::Python => python(),
            },
            remembers: entry.remembers,
            cells: Vec::new(),
        }
    }
}

/// The version of a package in the lock file.
fn locked(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let package = lock.split_once(&format!("name = \"{name}\"\nversion = \""));
    let (_, version) = package.expect("a dependency");
    version.split('"').next().expect("a version").to_owned()
}

fn python() -> String {
    let output = Command::new("python3").arg("--version").output();
    let output = String::from_utf8(output.expect("python3 runs").stdout).expect("text");
    output.trim().trim_start_matches("Python ").to_owned()
}

impl Report {
    pub fn new(sizes: &[usize], mut rows: Vec<Row>) -> Self {
        for row in &mut rows {
            row.cells = vec![Cell::default(); sizes.len()];
        }
        Self {
            sizes: sizes.to_vec(),
            rows,
        }
    }

    /// Two tables in Markdown: of those that remember nothing, and of those that do. Each is compared with its first
    /// row.
    pub fn tables(&self) -> String {
        [false, true]
            .map(|remembers| self.table(remembers))
            .join("\n")
    }

    fn table(&self, remembers: bool) -> String {
        let mut table = String::from("| engine |");
        for size in &self.sizes {
            write!(table, " {} rules | |", grouped(*size)).expect("memory");
        }
        table.push_str("\n|---|");
        table.push_str(&"---:|---:|".repeat(self.sizes.len()));
        let mut rows = self.rows.iter().filter(|row| row.remembers == remembers);
        let first = rows.clone().next().expect("a row");
        for row in &mut rows {
            write!(table, "\n| {} |", row.name).expect("memory");
            for (cell, first) in row.cells.iter().zip(&first.cells) {
                match (cell.nanoseconds, first.nanoseconds) {
                    (Some(time), Some(first)) => {
                        write!(table, " {} | ×{} |", unit(time), three_digits(time / first))
                    }
                    _ => write!(table, " – | |"),
                }
                .expect("memory");
            }
        }
        table.push('\n');
        table
    }

    /// Writes all figures beside the manifest.
    pub fn write(&self) {
        let rows = self.rows.iter().map(|row| {
            json!({
                "name": row.name,
                "version": row.version,
                "remembers": row.remembers,
                "nanoseconds": row.cells.iter().map(|cell| cell.nanoseconds.map(rounded)).collect::<Vec<_>>(),
                "build_seconds": row.cells.iter().map(|cell| rounded(cell.build_seconds)).collect::<Vec<_>>(),
                "missing": row.cells.iter().map(|cell| cell.missing.as_deref()).collect::<Vec<_>>(),
            })
        });
        let figures = json!({
            "cores": available_parallelism().map_or(1, usize::from),
            "rules": self.sizes,
            "engines": rows.collect::<Value>(),
        });
        let text = serde_json::to_string_pretty(&figures).expect("JSON");
        fs::write(FILE, text + "\n").expect("room for the figures");
    }
}

fn unit(nanoseconds: f64) -> String {
    let (number, unit) = match nanoseconds {
        1e6.. => (nanoseconds / 1e6, "ms"),
        1e3.. => (nanoseconds / 1e3, "µs"),
        _ => (nanoseconds, "ns"),
    };
    format!("{} {unit}", three_digits(number))
}

/// A number with three digits that mean something.
fn three_digits(number: f64) -> String {
    match number {
        100.0.. => grouped(rounded(number) as usize),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Three digits mean something.
fn rounded(number: f64) -> f64 {
    format!("{number:.2e}").parse().expect("a number")
}

/// With a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups = groups.map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}
