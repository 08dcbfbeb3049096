//! Findings in every format, and what decides which of them count.

mod command;
mod full;
mod hostile;
mod levels;
mod places;
mod programs;
mod sarif;

use std::io::{self, Write};

use presence_router::finding::{Code, Finding, Location};
use presence_router::output::findings::Report;
use presence_router::source::{FileId, Sources};

/// Sources with findings of every kind.
pub struct Found {
    sources: Sources,
    files: Vec<FileId>,
    findings: Vec<Finding>,
}

type Format = fn(&Report<'_>, &mut dyn Write) -> io::Result<()>;

impl Found {
    pub fn new() -> Self {
        let users: Vec<_> = (100..400).map(|n| format!("\"@u{n}:x.example\"")).collect();
        let a = "groups:\n  café: [\"@日本*:x.example\", \"@[a:x.example\"]\n  twice: 'x'\n  twice: 'y'\n";
        let b = format!(
            "routes:\n- senders:\t\"bo\u{1b}b\" # <&>\n  recipients: [{}]\n  when:\n    state: onlin\n",
            users.join(", ")
        );
        let mut sources = Sources::default();
        let [a_text, b_text] = [a, b.as_str()];
        let a = sources.add("rules/a b.yaml", a_text);
        let b = sources.add("rules/b.yaml", b_text);
        let good = sources.add("rules/good.yaml", "version: 1\n");
        let at = |file: FileId, text: &str, what: &str| {
            let start = text.find(what).expect("a place");
            Location::bytes(file, start..start + what.len())
        };
        let when = at(b, b_text, "when:\n    state: onlin");
        let findings = vec![
            Finding::new(Code::NoRules, Location::file(a), "there is no rule").help("add one"),
            Finding::new(
                Code::InvalidGlob,
                at(a, a_text, "[a:x.example"),
                "never closed",
            )
            .help("close it with `]`"),
            Finding::new(
                Code::DuplicateGroup,
                at(a, a_text, "twice: 'y'"),
                "`twice` is here twice",
            )
            .label(at(a, a_text, "twice"), "first written here")
            .label(at(b, b_text, "routes"), "something else\nis here")
            .label(Location::file(good), "and in this file"),
            Finding::new(
                Code::InvalidUserId,
                at(b, b_text, "bo\u{1b}b"),
                "`bo\u{1b}b`, \"no\" | <user> 100%",
            ),
            Finding::new(
                Code::SubsumedPattern,
                at(b, b_text, "@u250"),
                "`@u250` is needless",
            )
            .label(at(b, b_text, "@u251"), "because of this")
            .label(at(b, b_text, "@u399:x.example\"]"), "and of this"),
            Finding::new(Code::NeedsKnownUsers, when, "no known users"),
        ];
        let files = vec![a, b, good];
        Self {
            sources,
            files,
            findings,
        }
    }

    pub fn written(&self, format: Format) -> String {
        let mut out = Vec::new();
        let report = Report::new(&self.findings, &self.sources, &self.files);
        format(&report, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }
}
