//! The lists of user sets. A list in a list is one list with it; what stands under `include` is another.

use super::Context;
use crate::finding::Location;
use crate::key_path::{KeyPath, Step};
use crate::rules::{Item, UserSet};
use crate::source::FileId;

/// Items whose union is taken.
pub(super) struct List<'a> {
    pub members: Vec<Member<'a>>,
    pub usage: Usage,
    file: FileId,
}

/// An item of a list, and where it stands.
pub(super) struct Member<'a> {
    pub item: &'a Item,
    path: KeyPath,
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
        Location::value(self.file, member.path.clone())
    }
}

/// Visits every list of more than one item.
pub(super) fn for_each<'a>(cx: &Context<'a>, mut visit: impl FnMut(&List<'a>)) {
    for rules in &cx.rule_set.files {
        for (mut path, users) in rules.user_sets() {
            let usage = usage(path.steps(), rules.derive_interests);
            let mut walk = Walk {
                file: rules.file,
                path: &mut path,
                visit: &mut visit,
            };
            walk.set(users, usage);
        }
    }
}

fn usage(steps: &[Step], derive_interests: bool) -> Usage {
    let key = |index| match steps.get(index) {
        Some(Step::Key { name, .. }) => &**name,
        _ => "",
    };
    match (key(0), key(2)) {
        ("blocks", _) | ("interests", "users") => Usage::Matched,
        ("routes", "senders") if !derive_interests => Usage::Matched,
        ("routes", "senders") | ("interests", _) => Usage::Seen,
        // A group may be used for anything.
        _ => Usage::Listed,
    }
}

struct Walk<'w, 'a> {
    file: FileId,
    path: &'w mut KeyPath,
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
            UserSet::Item(item) => {
                let path = self.path.clone();
                members.push(Member { item, path });
            }
            UserSet::Union(inner) => {
                for (index, users) in inner.iter().enumerate() {
                    self.path.push_item(index);
                    self.members(users, usage, members);
                    self.path.pop();
                }
            }
            UserSet::Difference { include, exclude } => {
                let included = match usage {
                    Usage::Matched => Usage::Matched,
                    _ => Usage::Listed,
                };
                let parts = [
                    ("include", include, included),
                    ("exclude", exclude, Usage::Matched),
                ];
                for (key, part, usage) in parts {
                    if let Some(users) = part {
                        self.path.push_key(key.into(), 0);
                        self.set(users, usage);
                        self.path.pop();
                    }
                }
            }
        }
    }
}
