//! Regular expressions in the syntax of the regex crate.

use regex_automata::nfa::thompson;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::{Fault, MAX_AUTOMATON_BYTES};
use crate::finding::Code;

/// An expression up to this length, without counted repetitions, cannot reach [`MAX_AUTOMATON_BYTES`] by much, and
/// need not be compiled to be judged.
const SHORT: usize = 64;

pub(super) fn validate(text: &str) -> Result<(), Fault> {
    let language = regex_syntax::parse(text).map_err(|error| fault(text, &error))?;
    if text.len() <= SHORT && !text.contains('{') {
        return Ok(());
    }
    let limit = thompson::Config::new().nfa_size_limit(Some(MAX_AUTOMATON_BYTES));
    match thompson::Compiler::new()
        .configure(limit)
        .build_from_hir(&language)
    {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault::new(
            Code::PatternTooLarge,
            format!(
                "this pattern compiles to more than {} KiB",
                MAX_AUTOMATON_BYTES / 1024
            ),
            0..text.len(),
        )
        .help("repeat less, or smaller classes: `[a-z0-9]` is far smaller than `\\w`")),
    }
}

/// What a valid expression matches.
pub(super) fn language(text: &str) -> Hir {
    regex_syntax::parse(text).expect("regular expressions are validated when they are read")
}

/// What every text ends in that matches as a whole.
pub(super) fn literal_suffix(language: &Hir) -> String {
    let parts = match language.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(language),
    };
    // The expression is anchored anyhow: a `$` at its end says nothing new.
    let last = (parts.iter().rev()).find(|part| !matches!(part.kind(), HirKind::Look(Look::End)));
    match last.map(Hir::kind) {
        Some(HirKind::Literal(literal)) => String::from_utf8_lossy(&literal.0).into_owned(),
        _ => String::new(),
    }
}

/// What every text starts with that matches as a whole.
pub(super) fn literal_prefix(language: &Hir) -> String {
    let parts = match language.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(language),
    };
    let first = (parts.iter()).find(|part| !matches!(part.kind(), HirKind::Look(Look::Start)));
    match first.map(Hir::kind) {
        Some(HirKind::Literal(literal)) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.to_owned(),
            Err(_) => String::new(),
        },
        _ => String::new(),
    }
}

fn fault(text: &str, error: &regex_syntax::Error) -> Fault {
    let (message, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span()),
        other => {
            return Fault::new(
                Code::InvalidRegex,
                one_line(&other.to_string()),
                0..text.len(),
            );
        }
    };
    let (start, end) = (span.start.offset, span.end.offset);
    // Where nothing more follows, the fault is the end itself: point at the last character.
    let range = if start >= text.len() {
        text.floor_char_boundary(text.len().saturating_sub(1))..text.len()
    } else {
        start..end
    };
    Fault::new(Code::InvalidRegex, one_line(&message), range)
}

/// The regex crate explains some of its errors over several lines.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
