//! The users that a test file expects, found by a router of their own: each set is the recipients of one route and the
//! senders of another, so that sets mean here exactly what they mean in rules.

use std::collections::HashSet;

use super::model::{Case, Exactly, Subject, TestFile};
use crate::finding::{Code, Finding, Location, Severity};
use crate::known_users::KnownUsers;
use crate::pattern::{Pattern, shortened};
use crate::router::{CompileError, NeedsKnownUsers, Router, Scratch};
use crate::rules::groups::Groups;
use crate::rules::when::{States, When};
use crate::rules::{About, At, Item, Route, RuleFile, RuleSet, UserSet, did_you_mean};
use crate::source::{FileId, Sources, Span};
use crate::user_id::UserId;

/// A key of a case that holds a user set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Exactly,
    Includes,
    Excludes,
}

/// The sets of a test file.
#[derive(Debug)]
pub(super) struct Sets {
    router: Router,
    scratch: Scratch,
    /// Which sets cannot be enumerated, because there are no known users.
    unknown: Vec<usize>,
}

/// The set of a part of a case, by its number: three for each case.
fn number(case: usize, part: Part) -> usize {
    3 * case + part as usize
}

/// A user who stands for a set. No homeserver has this name.
fn probe(number: usize) -> String {
    format!("@{number}:set.invalid")
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
    /// If the sets are larger than a router can be.
    pub fn new(
        test: &TestFile,
        rule_set: &RuleSet,
        sources: &Sources,
        known: Option<&KnownUsers>,
    ) -> Result<Self, CompileError> {
        let mut unknown = Vec::new();
        let mut router = Router::new(&probes(test, rule_set, &unknown), sources, known)?;
        if let Err(NeedsKnownUsers::Recipients(names)) = router.routing() {
            unknown = (names.iter())
                .map(|name| name.parse().expect("the name of a probe"))
                .collect();
            router = Router::new(&probes(test, rule_set, &unknown), sources, known)?;
        }
        Ok(Self {
            router,
            scratch: Scratch::default(),
            unknown,
        })
    }

    /// The users of a set: those that it names, and those whom its patterns match among the known users.
    pub fn enumerate(&mut self, case: usize, part: Part) -> Vec<String> {
        let probe = probe(number(case, part));
        let probe = UserId::parse(&probe).expect("probes are users");
        let routing = self.router.routing().expect("unknown sets have no route");
        let scratch = &mut self.scratch;
        let users = routing.route(probe, "", None, scratch, &mut ()).to_vec();
        (users.into_iter())
            .map(|user| self.router.user(user, &self.scratch).to_owned())
            .collect()
    }

    /// Whether a set of the case holds a user, known or not.
    pub fn holds(&mut self, case: usize, part: Part, user: UserId<'_>) -> bool {
        let probe = probe(number(case, part));
        let routing = self.router.routing().expect("unknown sets have no route");
        // Not the state that enumerates.
        let reached = routing.route(user, "holds", None, &mut self.scratch, &mut ());
        let reached = reached.to_vec();
        (reached.into_iter()).any(|user| self.router.user(user, &self.scratch) == probe)
    }

    /// Adds what is wrong with the names and sets of a test file, given the rules that it is about.
    pub fn check(
        test: &TestFile,
        rule_set: &RuleSet,
        sources: &Sources,
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
        let Ok(mut sets) = Self::new(test, rule_set, sources, known) else {
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
                if sets.unknown.contains(&number(index, part)) {
                    let message = "this is a pattern, and nobody is known whom it could match";
                    let mut finding = Finding::new(Code::NeedsKnownUsers, location, message);
                    finding.severity = Severity::Error;
                    findings.push(finding.help("name users, or files of them, with `known_users`"));
                } else if sets.enumerate(index, part).is_empty() {
                    let message = "no known user is expected by this";
                    let finding = Finding::new(Code::NobodyExpected, location, message);
                    findings.push(finding.help(
                        "add such a user to `known_users`; if nobody is expected, write `[]`",
                    ));
                }
            }
        }
    }
}

/// The rules whose answers are the sets.
fn probes(test: &TestFile, rule_set: &RuleSet, unknown: &[usize]) -> RuleSet {
    let file = rule_set.files.first().map_or(test.file, |rules| rules.file);
    let groups = (rule_set.files.iter())
        .flat_map(|rules| &rules.groups)
        .map(|(name, group)| (name.clone(), group.clone()))
        .collect();
    let mut routes = Vec::new();
    let mut add = |name: Option<String>, senders: &UserSet, recipients: &UserSet, state: &str| {
        routes.push(Route {
            about: About {
                index: routes.len(),
                name,
                ..About::default()
            },
            senders: senders.clone(),
            recipients: recipients.clone(),
            when: When {
                states: Some(States::one(state.to_owned())),
                ..When::default()
            },
        });
    };
    for (index, case) in test.cases.iter().enumerate() {
        for part in PARTS {
            let number = number(index, part);
            if let Some(users) = users(case, part) {
                let probe = Pattern::user(&probe(number)).expect("probes are users");
                let probe = UserSet::Item(Item::Pattern(probe), At::default());
                if !unknown.contains(&number) {
                    add(Some(number.to_string()), &probe, users, "");
                }
                if part == Part::Excludes {
                    add(None, users, &probe, "holds");
                }
            }
        }
    }
    RuleSet {
        files: vec![RuleFile {
            file,
            is_broken: false,
            server_name: None,
            server_name_at: Span::default(),
            known_users: None,
            groups,
            routes,
            interests: Vec::new(),
            blocks: Vec::new(),
            derive_interests: false,
        }],
        server_name: rule_set.server_name.clone(),
        is_faulty: false,
    }
}

/// The names of all rules.
fn rule_names(rule_set: &RuleSet) -> HashSet<&str> {
    (rule_set.files.iter())
        .flat_map(RuleFile::abouts)
        .filter_map(|about| about.name.as_deref())
        .collect()
}

fn unknown_groups(file: FileId, users: &UserSet, groups: &Groups<'_>, findings: &mut Vec<Finding>) {
    users.walk(&mut |placed| {
        let Item::Group(name) = placed.item else {
            return;
        };
        if groups.index_of(name).is_some() {
            return;
        }
        let location = Location::part(file, placed.at.text);
        let message = format!("no group is called `{}`", shortened(name));
        let known = groups.all.iter().map(|group| group.name);
        let help = did_you_mean(name, known)
            .unwrap_or_else(|| "write the name of a group of the rules under test".to_owned());
        findings.push(Finding::new(Code::UnknownGroup, location, message).help(help));
    });
}
