//! `any-server`: a pattern for some users of every server there could be, where a stranger may pick such a name.

use std::collections::HashSet;

use super::Context;
use super::pattern_text::written;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, shortened};
use crate::rules::{Item, UserSet};
use crate::source::FileId;

/// A server that nobody names. Who has users there has users everywhere.
const STRANGE: &str = "evil.example";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut open = Open {
        cx,
        entered: HashSet::new(),
        findings,
    };
    for rules in &cx.rule_set.files {
        for route in &rules.routes {
            open.add(Role::Sender, rules.file, &route.senders, 0);
            open.add(Role::Recipient, rules.file, &route.recipients, 0);
        }
        for interest in &rules.interests {
            open.add(Role::Sender, rules.file, &interest.sees, 0);
        }
    }
}

/// What a user of a pattern is to a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Sender,
    Recipient,
}

struct Open<'c, 'a, 'f> {
    cx: &'c Context<'a>,
    /// The groups that were entered, in which role, and whether in an `exclude`.
    entered: HashSet<(usize, Role, bool)>,
    findings: &'f mut Vec<Finding>,
}

impl Open<'_, '_, '_> {
    /// Looks at whom a set lets in. Whom an `exclude` keeps out is another matter: the more, the less is shown.
    fn add(&mut self, role: Role, file: FileId, users: &UserSet, excludes: usize) {
        users.walk(&mut |placed| {
            let excludes = excludes + placed.excludes;
            match placed.item {
                Item::Pattern(pattern) if excludes.is_multiple_of(2) => {
                    let place = Location::part(file, placed.at.whole);
                    self.judge(role, place, placed.item, pattern);
                }
                Item::Group(name) => {
                    let groups = self.cx.groups;
                    if let Some(index) = groups.index_of(name)
                        && self.entered.insert((index, role, excludes % 2 == 1))
                    {
                        let group = &groups.all[index];
                        self.add(role, group.file, group.users, excludes);
                    }
                }
                _ => {}
            }
        });
    }

    fn judge(&mut self, role: Role, place: Location, item: &Item, pattern: &Pattern) {
        let (Pattern::Glob(text) | Pattern::Regex(text)) = pattern else {
            return;
        };
        if pattern.server_name().is_some() {
            return;
        }
        let Some(stranger) = self.cx.unintended.stranger(pattern, STRANGE) else {
            return;
        };
        let (written, stranger) = (written(item), shortened(&stranger));
        let message = match role {
            Role::Sender => format!(
                "{written} takes users of every server, and anybody may choose such a name, as in `{stranger}`"
            ),
            Role::Recipient => format!(
                "{written} reaches users of every server, and anybody may choose such a name, as in `{stranger}`, who \
                 gets this as soon as a list of known users has it"
            ),
        };
        // One place may be a sender here and a recipient there; to say it once is enough.
        let is_new =
            |finding: &Finding| finding.location != place || finding.code != Code::AnyServer;
        if self.findings.iter().rev().take(4).all(is_new) {
            self.findings
                .push(Finding::new(Code::AnyServer, place, message).help(self.help(pattern, text)));
        }
    }

    fn help(&self, pattern: &Pattern, text: &str) -> String {
        let server = self.cx.server_name.unwrap_or("example.org");
        match (pattern, text.split_once(':')) {
            (Pattern::Glob(_), None | Some((_, "*"))) => {
                let localpart = text
                    .split_once(':')
                    .map_or(text, |(localpart, _)| localpart);
                format!(
                    "name the server, as in `\"{}:{server}\"`",
                    shortened(localpart)
                )
            }
            _ => format!("name the server, as in `{{server: {server}}}`"),
        }
    }
}
