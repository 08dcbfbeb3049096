//! `needless-regex`: a regular expression that says no more than a user ID, a server or a glob would.

use regex_syntax::hir::{Class, Dot, Hir, HirKind, Look};

use super::pattern_text::{for_each, server_item, user_item};
use super::{Context, server_name_form};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{GLOB_CHARACTERS, Pattern};
use crate::user_id::{UserId, is_port, validate_server_name};
use crate::yaml::quoted_as;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let Pattern::Regex(text) = placed.pattern else {
            return;
        };
        let Some(simpler) = meaning(text) else { return };
        let location = placed.inside(0..text.len());
        let (effect, more) = if simpler.is_user {
            placed.exact_instead()
        } else if simpler.leaves_out_line_breaks {
            (
                Effect::More,
                ", which takes names with a line break as well: no account of today has one",
            )
        } else {
            (Effect::Same, "")
        };
        let finding = Finding::new(Code::NeedlessRegex, location, simpler.reason);
        findings.push(placed.with_item(finding, &simpler.item, effect).and(more));
    });
}

/// The simpler item for an expression that needs to be none.
pub(super) fn simpler(text: &str) -> Option<String> {
    meaning(text).map(|simpler| simpler.item)
}

struct Simpler {
    reason: &'static str,
    item: String,
    /// Whether the item is one user ID.
    is_user: bool,
    /// Whether the item also takes names with a line break, which `.` does not match.
    leaves_out_line_breaks: bool,
}

/// What an expression is made of.
#[derive(PartialEq)]
enum Piece {
    Text(String),
    /// `.*` or `[^:]*`, also in parentheses.
    Anything {
        /// Whether it matches all but a line break.
        but_line_breaks: bool,
    },
    /// `$`
    End,
}

fn meaning(text: &str) -> Option<Simpler> {
    let mut pieces = Vec::new();
    let language = Pattern::regex(text).ok()?.language();
    collect(&language, &mut pieces)?;
    if pieces.last() == Some(&Piece::End) {
        pieces.pop();
    }
    let leaves_out_line_breaks = pieces.contains(&Piece::Anything {
        but_line_breaks: true,
    });
    match pieces.as_slice() {
        [Piece::Text(id)] => is_plain_user(id).then(|| Simpler {
            reason: "this regular expression matches one user ID only",
            item: user_item(id),
            is_user: true,
            leaves_out_line_breaks: false,
        }),
        [Piece::Text(sigil), Piece::Anything { .. }, Piece::Text(end)]
            if sigil == "@" && server_after_colon(end).is_some() =>
        {
            let server = server_after_colon(end)?;
            Some(Simpler {
                reason: "this regular expression is for all users of a server",
                item: server_item(server),
                is_user: false,
                leaves_out_line_breaks,
            })
        }
        [Piece::Text(first), between @ .., Piece::Text(last)] if first.starts_with('@') => {
            let has_colon =
                |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(':'));
            let is_early = has_colon(&pieces[0]) || between.iter().any(has_colon);
            if is_early {
                None
            } else {
                glob(&pieces, last).map(|item| Simpler {
                    reason: "a glob says the same as this regular expression, and is easier to get right",
                    item,
                    is_user: false,
                    leaves_out_line_breaks,
                })
            }
        }
        _ => None,
    }
}

fn is_plain_user(id: &str) -> bool {
    UserId::parse(id).is_ok_and(|id| server_name_form::fault(id.server_name()).is_none())
}

/// The glob for texts with anything between them, at one server.
fn glob(pieces: &[Piece], last: &str) -> Option<String> {
    let colon = last.find(':')?;
    server_after_colon(&last[colon..])?;
    let mut item = String::new();
    for piece in pieces {
        match piece {
            Piece::Anything { .. } => item.push('*'),
            Piece::End => return None,
            // What a glob has to escape, and the brackets of an IPv6 address, are no easier to read there.
            Piece::Text(text) if text.contains(GLOB_CHARACTERS) || text.contains('\\') => {
                return None;
            }
            Piece::Text(text) => item.push_str(text),
        }
    }
    Some(quoted_as("\"", &item))
}

/// The server name of `:example.org`. A port alone is none: `:8448` may follow any server.
fn server_after_colon(end: &str) -> Option<&str> {
    let server = end.strip_prefix(':')?;
    // One that no server has is for `server-name-form` to judge.
    let is_one = validate_server_name(server).is_ok() && !is_port(server);
    (is_one && server_name_form::fault(server).is_none()).then_some(server)
}

fn collect(language: &Hir, pieces: &mut Vec<Piece>) -> Option<()> {
    match language.kind() {
        HirKind::Empty => {}
        // Anchors at the edges say nothing; elsewhere they cannot be met.
        HirKind::Look(Look::Start) if pieces.is_empty() => {}
        HirKind::Look(Look::End) => pieces.push(Piece::End),
        HirKind::Literal(literal) => {
            let text = String::from_utf8(literal.0.to_vec()).ok()?;
            match pieces.last_mut() {
                Some(Piece::Text(before)) => before.push_str(&text),
                _ => pieces.push(Piece::Text(text)),
            }
        }
        HirKind::Repetition(repetition) => {
            let is_unbounded = repetition.min == 0 && repetition.max.is_none();
            let anything = anything(&repetition.sub).filter(|_| is_unbounded)?;
            match (pieces.last_mut(), &anything) {
                // Side by side they are one, which matches a line break if either of them does.
                (
                    Some(Piece::Anything { but_line_breaks }),
                    Piece::Anything {
                        but_line_breaks: other,
                    },
                ) => *but_line_breaks &= other,
                _ => pieces.push(anything),
            }
        }
        HirKind::Capture(capture) => collect(&capture.sub, pieces)?,
        HirKind::Concat(parts) => {
            for part in parts {
                collect(part, pieces)?;
            }
        }
        _ => return None,
    }
    Some(())
}

/// `.` and `[^:]` are the same in a localpart, but for line breaks.
fn anything(language: &Hir) -> Option<Piece> {
    let HirKind::Class(Class::Unicode(class)) = language.kind() else {
        return None;
    };
    let mut taken = class.clone();
    taken.negate();
    let left_out: Vec<_> = (taken.ranges().iter())
        .map(|range| (range.start(), range.end()))
        .collect();
    let is_anything = *language == Hir::dot(Dot::AnyChar)
        || (left_out.iter()).all(|range| matches!(range, (':', ':') | ('\n', '\n')));
    is_anything.then(|| Piece::Anything {
        but_line_breaks: left_out.contains(&('\n', '\n')),
    })
}
