//! Findings as Python sees them, and what keeps rules from being used.

use presence_router::finding;
use presence_router::output::harmless::visible;
use presence_router::router::NeedsKnownUsers;
use presence_router::source::Sources;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// Something that is wrong, or may be, in a rule file.
#[pyclass(frozen, get_all, module = "presence_router")]
#[derive(Clone, Debug)]
pub struct Finding {
    /// The stable name of its kind, such as `unknown-group`.
    code: String,
    /// `error`, `warning` or `note`.
    severity: String,
    /// The file, as it was named.
    file: String,
    /// The line, from 1.
    line: usize,
    /// The column, from 1, in characters.
    column: usize,
    /// What is wrong.
    message: String,
    /// What to do, if that is known.
    help: Option<String>,
}

#[pymethods]
impl Finding {
    fn __str__(&self) -> String {
        let mut text = format!(
            "{}:{}:{}: {}[{}]: {}",
            visible(&self.file),
            self.line,
            self.column,
            self.severity,
            self.code,
            visible(&self.message)
        );
        if let Some(help) = &self.help {
            text.push_str("; ");
            text.push_str(&visible(help));
        }
        text
    }

    fn __repr__(&self) -> String {
        format!("<Finding {}>", self.__str__())
    }
}

impl Finding {
    /// Findings with their places, in the order of the files.
    pub fn all(findings: &[finding::Finding], sources: &Sources) -> Vec<Self> {
        let place = |finding: &finding::Finding| finding.location.place(sources);
        let mut placed: Vec<_> = (findings.iter())
            .map(|finding| (finding, place(finding)))
            .collect();
        placed.sort_by_key(|(finding, place)| (finding.location.file, place.range.start));
        let seen = placed.into_iter().map(|(finding, place)| Self {
            code: finding.code.name().to_owned(),
            severity: finding.severity.to_string(),
            file: sources.get(finding.location.file).name().to_owned(),
            line: place.line,
            column: place.column,
            message: finding.message.clone(),
            help: finding.help.clone(),
        });
        seen.collect()
    }
}

/// Why rules cannot be used, as Python's exception of this name says it.
#[derive(Debug)]
pub struct RulesError {
    /// What is wrong, as text.
    message: String,
    /// The findings, if it is the rules.
    findings: Vec<Finding>,
}

impl RulesError {
    /// Something cannot be read, or is too large.
    pub fn new(error: &dyn std::error::Error) -> Self {
        Self {
            message: visible(&error.to_string()).into_owned(),
            findings: Vec::new(),
        }
    }

    /// The rules have these errors.
    pub fn rules(findings: Vec<Finding>) -> Self {
        let lines: Vec<_> = findings.iter().map(Finding::__str__).collect();
        Self {
            message: lines.join("\n"),
            findings,
        }
    }
}

impl From<NeedsKnownUsers> for RulesError {
    fn from(error: NeedsKnownUsers) -> Self {
        Self {
            message: format!(
                "{error}; name files of known users with `known_users`, in a rule file or for `RuleSet.load`, or give it \
                 a `homeserver`"
            ),
            findings: Vec::new(),
        }
    }
}

/// Runs Python's code, so no lock may be held.
impl From<RulesError> for PyErr {
    fn from(error: RulesError) -> Self {
        Python::attach(|py| {
            let made = || -> PyResult<PyErr> {
                let errors = py.import("presence_router.errors")?;
                let class = errors.getattr("RulesError")?.cast_into::<PyType>()?;
                let error = class.call1((error.message, error.findings))?;
                Ok(PyErr::from_value(error))
            };
            made().unwrap_or_else(|error| error)
        })
    }
}
