//! Regular expressions in the syntax of the regex crate.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::translate::Translator;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::Fault;
use super::size::too_large;
use crate::finding::Code;

/// How many classes an expression may have that stand for letters of all scripts. Each is written out, in some thousand
/// bytes, before anything can be told of the automaton.
const MAX_WIDE_CLASSES: usize = 100;

/// What an expression matches, if it is valid; how long it may be is for others to judge.
pub(super) fn read(text: &str) -> Result<Hir, Fault> {
    let tree =
        (ast::parse::Parser::new().parse(text)).map_err(|error| fault(text, &error.into()))?;
    // A class takes two bytes, so no short text has many.
    if text.len() > 2 * MAX_WIDE_CLASSES {
        let Ok(()) = ast::visit(&tree, WideClasses(0)) else {
            let message =
                format!("this pattern has more than {MAX_WIDE_CLASSES} classes like `\\w`");
            return Err(too_large(text, message));
        };
    }
    (Translator::new().translate(text, &tree)).map_err(|error| fault(text, &error.into()))
}

/// Counts classes, up to one too many.
struct WideClasses(usize);

impl WideClasses {
    fn add(&mut self, is_wide: bool) -> Result<(), ()> {
        self.0 += usize::from(is_wide);
        if self.0 > MAX_WIDE_CLASSES {
            Err(())
        } else {
            Ok(())
        }
    }
}

impl ast::Visitor for WideClasses {
    type Output = ();
    type Err = ();

    fn finish(self) -> Result<(), ()> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        self.add(matches!(ast, Ast::ClassPerl(_) | Ast::ClassUnicode(_)))
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), ()> {
        use ast::ClassSetItem::{Perl, Range, Unicode};
        let is_wide = match item {
            Perl(_) | Unicode(_) => true,
            Range(range) => u32::from(range.end.c) - u32::from(range.start.c) > WIDE,
            _ => false,
        };
        self.add(is_wide)
    }
}

/// The expression with the word boundaries of ASCII in place of its own, and without any. `None` if it has none.
pub(super) fn of_ascii_boundaries(text: &str) -> Option<[String; 2]> {
    let tree = ast::parse::Parser::new().parse(text).ok()?;
    let spans = ast::visit(&tree, Boundaries(Vec::new())).ok()?;
    let (mut of_ascii, mut without, mut at) = (String::new(), String::new(), 0);
    for span in &spans {
        let (start, end) = (span.start.offset, span.end.offset);
        for out in [&mut of_ascii, &mut without] {
            out.push_str(&text[at..start]);
        }
        of_ascii.push_str("(?-u:");
        of_ascii.push_str(&text[start..end]);
        of_ascii.push(')');
        without.push_str("(?:)");
        at = end;
    }
    for out in [&mut of_ascii, &mut without] {
        out.push_str(&text[at..]);
    }
    (!spans.is_empty()).then_some([of_ascii, without])
}

/// Where the word boundaries of an expression stand.
struct Boundaries(Vec<ast::Span>);

impl ast::Visitor for Boundaries {
    type Output = Vec<ast::Span>;
    type Err = ();

    fn finish(self) -> Result<Vec<ast::Span>, ()> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        use ast::AssertionKind::{EndLine, EndText, StartLine, StartText};
        if let Ast::Assertion(assertion) = ast
            && !matches!(assertion.kind, EndLine | EndText | StartLine | StartText)
        {
            self.0.push(assertion.span);
        }
        Ok(())
    }
}

/// A range of more characters than this is wide.
const WIDE: u32 = 1000;

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
        // Alternatives may share half of a character.
        Some(HirKind::Literal(literal)) => {
            String::from_utf8(literal.0.to_vec()).unwrap_or_default()
        }
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
    let is_look_around = matches!(
        error,
        regex_syntax::Error::Parse(error) if matches!(error.kind(), ast::ErrorKind::UnsupportedLookAround)
    );
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
    let is_of = |kind: &ast::ErrorKind| matches!(error, regex_syntax::Error::Parse(error) if error.kind() == kind);
    let fault = Fault::new(Code::InvalidRegex, one_line(&message), range);
    if is_of(&ast::ErrorKind::RepetitionMissing) {
        let at = start.min(text.len());
        let meant = match text[at..].chars().next() {
            Some('*') => Some(format!("{}.*{}", &text[..at], &text[at + 1..])),
            Some('?') => Some(format!("{}.{}", &text[..at], &text[at + 1..])),
            _ => None,
        };
        let meant = meant.filter(|meant| ast::parse::Parser::new().parse(meant).is_ok());
        return fault.help(match meant {
            Some(meant) => format!(
                "what is repeated stands before it, and any character is `.`: write `{}`, or write a glob",
                super::proposed(&meant)
            ),
            None => "what is repeated stands before it, and any character is `.`".to_owned(),
        });
    }
    if is_look_around {
        return fault.help(
            "leave such users out with `exclude`: `{include: {regex: '…'}, exclude: {regex: '…'}}`",
        );
    }
    fault
}

/// The regex crate explains some of its errors over several lines.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
