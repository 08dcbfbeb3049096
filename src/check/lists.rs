//! The lists of user sets. A list in a list is one list with it; what stands under `include` is another.

use super::Context;
use crate::finding::Location;
use crate::rules::{Item, SetOf, Side, UserSet};
use crate::source::{FileId, Span};

/// Items whose union is taken.
pub(super) struct List<'a> {
    pub members: Vec<Member<'a>>,
    pub usage: Usage,
    file: FileId,
}

/// An item of a list, and where it stands.
pub(super) struct Member<'a> {
    pub item: &'a Item,
    at: Span,
}

/// What becomes of a list.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Usage {
    /// Users are compared with it.
    Matched,
    /// Its users are listed: those named by their ID, known or not, and the known ones that patterns match.
    Listed,
    /// The same, but `all` in it says everything.
    Seen,
}

impl List<'_> {
    /// The place of a member.
    pub fn location(&self, member: &Member<'_>) -> Location {
        Location::part(self.file, member.at)
    }
}

/// Visits every list of more than one item.
pub(super) fn for_each<'a>(cx: &Context<'a>, mut visit: impl FnMut(&List<'a>)) {
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            let mut walk = Walk {
                file: rules.file,
                visit: &mut visit,
            };
            walk.set(users, usage(of, rules.derive_interests));
        }
    }
}

fn usage(of: SetOf<'_>, derive_interests: bool) -> Usage {
    match of {
        SetOf::Block(..) | SetOf::Interest(_, Side::Users) => Usage::Matched,
        SetOf::Route(_, Side::Senders) if !derive_interests => Usage::Matched,
        SetOf::Route(_, Side::Senders) | SetOf::Interest(..) => Usage::Seen,
        // A group may be used for anything.
        SetOf::Route(..) | SetOf::Group(_) => Usage::Listed,
    }
}

struct Walk<'w, 'a> {
    file: FileId,
    visit: &'w mut dyn FnMut(&List<'a>),
}

impl<'a> Walk<'_, 'a> {
    fn set(&mut self, users: &'a UserSet, usage: Usage) {
        let mut members = Vec::new();
        self.members(users, usage, &mut members);
        if members.len() > 1 {
            let file = self.file;
            (self.visit)(&List {
                members,
                usage,
                file,
            });
        }
    }

    fn members(&mut self, users: &'a UserSet, usage: Usage, members: &mut Vec<Member<'a>>) {
        match users {
            UserSet::Item(item, at) => {
                let at = at.whole;
                members.push(Member { item, at });
            }
            UserSet::Union(inner, _) => {
                for users in inner {
                    self.members(users, usage, members);
                }
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let included = match usage {
                    Usage::Matched => Usage::Matched,
                    _ => Usage::Listed,
                };
                for (part, usage) in [(include, included), (exclude, Usage::Matched)] {
                    if let Some(users) = part {
                        self.set(users, usage);
                    }
                }
            }
        }
    }
}
