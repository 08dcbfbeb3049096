//! The users that a test file expects. Their sets are sets as in rules, beside the groups of the rules under test.

use std::collections::{BTreeMap, HashSet};

use super::model::{Case, Exactly, Subject, TestFile};
use crate::finding::{Code, Finding, Location, Severity};
use crate::known_users::KnownUsers;
use crate::pattern::shortened;
use crate::router::CompileError;
use crate::rules::groups::Groups;
use crate::rules::{RuleFile, RuleSet, UserSet, did_you_mean, unknown_groups};
use crate::sets::{self, Listing, Membership, Purpose, Reader, SetId, Wanted};
use crate::user_id::UserId;

/// A key of a case that holds a user set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Exactly,
    Includes,
    Excludes,
}

/// The sets of a test file.
#[derive(Debug)]
pub(super) struct Sets {
    users: sets::Sets,
    membership: Membership,
    /// The set of each part of a case, and its users; without these where it takes known users to tell, and there are
    /// none.
    parts: BTreeMap<(usize, Part), (SetId, Option<Listing>)>,
}

fn users(case: &Case, part: Part) -> Option<&UserSet> {
    match part {
        Part::Exactly => match &case.exactly.as_ref()?.value {
            Exactly::Users(users) => Some(users),
            Exactly::All | Exactly::Nobody => None,
        },
        Part::Includes => case.includes.as_ref().map(|written| &written.value),
        Part::Excludes => case.excludes.as_ref().map(|written| &written.value),
    }
}

const PARTS: [Part; 3] = [Part::Exactly, Part::Includes, Part::Excludes];

impl Sets {
    /// The sets of a test file in which no finding is an error.
    ///
    /// # Errors
    ///
    /// If there are more sets or users than can be numbered.
    pub fn new(
        test: &TestFile,
        rule_set: &RuleSet,
        known: Option<&KnownUsers>,
    ) -> Result<Self, CompileError> {
        let groups = Groups::new(rule_set);
        let written = || {
            (test.cases.iter().enumerate()).flat_map(|(index, case)| {
                let of = move |part| Some(((index, part), users(case, part)?));
                PARTS.into_iter().filter_map(of)
            })
        };
        let in_groups = groups.all.iter().map(|group| group.users);
        let all = in_groups.chain(written().map(|(_, users)| users));
        let mut reader = Reader::of(all, &groups);
        let sets: Vec<_> = (written())
            .map(|(part, users)| (part, reader.set(users)))
            .collect();
        let facts = reader.facts();
        let mut wanted = Wanted::default();
        let parts = sets.into_iter().map(|(part, set)| {
            let is_unknown = known.is_none() && facts[set.0 as usize].needs_known_users;
            let (case, _) = part;
            let purpose = match test.cases[case].subject {
                Subject::User(_) => Purpose::Seen,
                _ => Purpose::Recipients,
            };
            (
                part,
                (set, (!is_unknown).then(|| wanted.listing(set, purpose))),
            )
        });
        let parts = parts.collect();
        Ok(Self {
            users: sets::Sets::new(reader.patterns, reader.nodes, wanted, known)?,
            membership: Membership::default(),
            parts,
        })
    }

    /// The users of a set, each once: those that it names, and those whom its patterns take in among the known users, as
    /// recipients or as users who are seen, whichever the case is about.
    pub fn enumerate(&self, case: usize, part: Part) -> Vec<String> {
        let (_, listing) = self.parts[&(case, part)];
        let mut met = HashSet::new();
        let users = listing.map(|listing| self.users.lists.users(listing));
        let users = users.into_iter().flatten().filter(|user| met.insert(*user));
        let name = |user: sets::UserIndex| self.users.users().get(user.0);
        users.filter_map(name).map(str::to_owned).collect()
    }

    /// Whether a set of the case holds a user, known or not.
    pub fn holds(&mut self, case: usize, part: Part, user: UserId<'_>) -> bool {
        let (set, _) = self.parts[&(case, part)];
        self.users.holds(set, user, &mut self.membership)
    }

    /// Adds what is wrong with the names and sets of a test file, given the rules that it is about.
    pub fn check(
        test: &TestFile,
        rule_set: &RuleSet,
        known: Option<&KnownUsers>,
        findings: &mut Vec<Finding>,
    ) {
        let before = findings.len();
        let groups = Groups::new(rule_set);
        let names = rule_names(rule_set);
        // What the rows of a table share is looked at once.
        let mut seen = HashSet::new();
        for case in &test.cases {
            if let Subject::Claim(property) = &case.subject {
                for users in [&property.senders, &property.recipients]
                    .into_iter()
                    .flatten()
                {
                    unknown_groups(test.file, users, &groups, findings);
                }
            }
            for users in PARTS.into_iter().filter_map(|part| users(case, part)) {
                if seen.insert(users.at().whole) {
                    unknown_groups(test.file, users, &groups, findings);
                }
            }
            for by in &case.by {
                if seen.insert(by.at) && !names.contains(by.value.as_str()) {
                    let location = Location::part(test.file, by.at);
                    let message = format!("no rule is called `{}`", shortened(&by.value));
                    let finding = Finding::new(Code::UnknownRule, location, message);
                    let known = names.iter().copied();
                    findings.push(finding.help(did_you_mean(&by.value, known).unwrap_or_else(
                        || "write the `name` of a route, an interest or a block".to_owned(),
                    )));
                }
            }
        }
        if findings.len() > before {
            return;
        }
        let Ok(sets) = Self::new(test, rule_set, known) else {
            let message = "the users that this file expects are too many patterns";
            findings.push(Finding::new(
                Code::TooDeep,
                Location::file(test.file),
                message,
            ));
            return;
        };
        let mut seen = HashSet::new();
        for (index, case) in test.cases.iter().enumerate() {
            for part in [Part::Exactly, Part::Includes] {
                let at = users(case, part).map(|users| users.at().whole);
                let Some(at) = at.filter(|at| seen.insert(*at)) else {
                    continue;
                };
                let location = Location::part(test.file, at);
                if sets.parts[&(index, part)].1.is_none() {
                    let message =
                        "this is a pattern, and there are no known users that it could match";
                    let mut finding = Finding::new(Code::NeedsKnownUsers, location, message);
                    finding.severity = Severity::Error;
                    findings.push(finding.help("name users, or files of them, with `known_users`"));
                } else if sets.enumerate(index, part).is_empty() {
                    let message = "this expects no known user";
                    let finding = Finding::new(Code::NobodyExpected, location, message);
                    findings.push(finding.help(
                        "add such a user to `known_users`; if nobody is expected, write `[]`",
                    ));
                }
            }
        }
    }
}

/// The names of all rules.
fn rule_names(rule_set: &RuleSet) -> HashSet<&str> {
    (rule_set.files.iter())
        .flat_map(RuleFile::abouts)
        .filter_map(|about| about.name.as_deref())
        .collect()
}
