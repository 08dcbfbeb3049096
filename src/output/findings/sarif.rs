//! Findings as SARIF 2.1.0, the OASIS standard for what checkers find: code hosts and editors show it in place.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Component, Path};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Located, Report, Span};
use crate::code_pages::{self, CodePage};
use crate::finding::{Code, Severity};

/// Writes one SARIF log with one run, on one line. Columns count characters (code points), not UTF-16 units.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn sarif(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }}),
            column_kind: "unicodeCodePoints",
            results: (report.findings.iter())
                .map(|located| result(report, located))
                .collect(),
        }],
    };
    crate::output::json::write(&log, out)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    column_kind: &'static str,
    results: Vec<Value>,
}

/// A kind of finding, with what a person may want to read of it beside the code.
fn rule(code: Code) -> Value {
    let page = CodePage::of(code);
    json!({
        "id": code.name(),
        "shortDescription": {"text": page.summary},
        "help": {"text": page.text},
        "helpUri": code_pages::url(code),
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn result(report: &Report<'_>, located: &Located<'_>) -> Value {
    let finding = located.finding;
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        let _ = write!(text, "\n{help}");
    }
    let mut result = json!({
        "ruleId": finding.code.name(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": place(report, &located.span)}],
    });
    if !located.labels.is_empty() {
        let related = (located.labels.iter().enumerate()).map(|(id, (label, span))| {
            json!({
                "id": id,
                "message": {"text": label.message},
                "physicalLocation": place(report, span),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(fix) = &located.fix {
        // A remedy changes one file.
        let file = fix.edits.first().map(|(span, _)| span.file);
        let replacements = fix.edits.iter().map(|(span, text)| {
            json!({"deletedRegion": region(span), "insertedContent": {"text": text}})
        });
        if let Some(file) = file.filter(|file| fix.edits.iter().all(|(span, _)| span.file == *file))
        {
            result["fixes"] = json!([{
                "description": {"text": finding.help.as_deref().unwrap_or("write this")},
                "artifactChanges": [{
                    "artifactLocation": {"uri": uri(report.name(file))},
                    "replacements": replacements.collect::<Vec<_>>(),
                }],
            }]);
        }
    }
    result
}

fn region(span: &Span) -> Value {
    let bytes = span.bytes();
    json!({
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
        "byteOffset": bytes.start,
        "byteLength": bytes.len(),
    })
}

fn place(report: &Report<'_>, span: &Span) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(report.name(span.file))}});
    if !span.is_file {
        place["region"] = region(span);
    }
    place
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path without the `./` before it, as programs name files of a repository.
pub(super) fn relative(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// A path as a URI: relative if the path is, and then to wherever the reader's files are.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::new();
    for component in Path::new(path).components() {
        match component {
            Component::RootDir => uri.push_str("file://"),
            Component::CurDir => continue,
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {}
        }
        if component == Component::RootDir {
            continue;
        }
        if !uri.is_empty() {
            uri.push('/');
        }
        for &byte in component.as_os_str().to_string_lossy().as_bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                    uri.push(char::from(byte));
                }
                _ => {
                    let _ = write!(uri, "%{byte:02X}");
                }
            }
        }
    }
    uri
}
