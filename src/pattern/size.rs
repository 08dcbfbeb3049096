//! How large a pattern may be. It is judged when the pattern is read, so that whoever uses one need not.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

use super::Fault;
use super::program::{anchored, compiler};
use crate::finding::Code;

/// The greatest size in bytes of the automaton that one pattern is compiled to.
pub const MAX_AUTOMATON_BYTES: usize = 1024 * 1024;

/// The longest text of a glob or regular expression, in bytes. Reading longer ones may take long before they turn out to
/// be too large, and no rule needs them.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// So many alternatives in one pattern are a list.
const A_LIST: usize = 100;

/// Whether a text may be a glob or regular expression, before it is read.
pub(super) fn judge_length(text: &str) -> Result<(), Fault> {
    if text.len() <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let most = MAX_TEXT_BYTES / 1024;
    Err(too_large(
        text,
        format!("this pattern is longer than {most} KiB"),
    ))
}

/// Whether what a text means is small enough for a pattern.
pub(super) fn judge(text: &str, language: Hir) -> Result<(), Fault> {
    let language = anchored(language);
    if most_bytes(&language) <= MAX_AUTOMATON_BYTES
        || (compiler(Some(MAX_AUTOMATON_BYTES)).build_from_hir(&language)).is_ok()
    {
        return Ok(());
    }
    let most = MAX_AUTOMATON_BYTES / 1024;
    Err(too_large(
        text,
        format!("this pattern compiles to more than {most} KiB"),
    ))
}

pub(super) fn too_large(text: &str, message: String) -> Fault {
    let help = if text.matches(['|', ',']).count() >= A_LIST {
        "list the users one by one, each as an item of its own: such a list may be of any length"
    } else {
        "repeat less, or smaller classes: `[a-z0-9]` is far smaller than `\\w`"
    };
    Fault::new(Code::PatternTooLarge, message, 0..text.len()).help(help)
}

/// What a state takes while an automaton is made, and what each of its transitions does.
const STATE: usize = 32;
const TRANSITION: usize = 8;

/// At least what the automaton of a language takes while it is made. Most patterns are far from being too large, and
/// this tells so without making it.
fn most_bytes(language: &Hir) -> usize {
    // The states that join the parts.
    let joints = 4 * (STATE + TRANSITION);
    let parts = match language.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        // Among alternatives, texts become a tree, of at most two states and three transitions for a byte.
        HirKind::Literal(literal) => literal.0.len() * (2 * STATE + 3 * TRANSITION),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() * TRANSITION,
        HirKind::Class(Class::Unicode(class)) => class_bytes(class),
        HirKind::Capture(capture) => most_bytes(&capture.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            most_bytes(&repetition.sub)
                .saturating_add(joints)
                .saturating_mul(times)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(most_bytes).fold(0, usize::saturating_add)
        }
    };
    parts.saturating_add(joints)
}

/// A state and a transition for each byte of the sequences of UTF-8 that the class stands for.
fn class_bytes(class: &ClassUnicode) -> usize {
    let ranges = class.ranges().iter();
    let sequences = ranges.flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
    sequences
        .map(|bytes| bytes.len() * (STATE + TRANSITION))
        .sum()
}
