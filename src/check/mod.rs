//! What can be said of a rule set that can be read: warnings and notes, one file for each.
//!
//! Errors come from reading; nothing here is one. A rule's own `allow` silences a finding on it.

mod all;
mod all_narrows;
mod all_without_route;
mod allow;
mod any_server;
mod bracket_in_glob;
mod causes;
mod deactivated_user;
mod duplicate_pattern;
mod duplicate_state;
mod exclude_of_exclude;
mod excluding_group;
mod foreign_sender;
mod glob_text;
mod hidden_character;
mod interest_without_route;
mod ipv6_as_glob;
mod known;
mod lists;
mod lookalike_server;
mod matches_nobody;
mod needless_glob;
mod needless_regex;
mod needs_known_users;
mod offline_not_routed;
mod other_notation;
mod pattern_text;
mod proofs;
mod redundant_anchor;
mod regex_text;
mod remote;
mod remote_interest;
mod remote_recipient;
mod route_without_interest;
mod server_name_form;
mod sets;
mod sound;
mod subdomains_only;
mod subsumed_pattern;
mod template_without_localpart;
mod unescaped_dot;
mod unintended;
mod unknown_state;
mod unknown_user;
mod unused_group;
mod uppercase_localpart;
mod words;

use std::cell::RefCell;

use crate::automata::Budget;
use crate::finding::{Code, Finding};
use crate::known_users::KnownUsers;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, RuleFile, RuleSet};
use crate::source::Sources;

use known::Known;
use proofs::Proven;
use sets::Sets;
use unintended::Unintended;

pub use proofs::Open;

/// What checks look at.
struct Context<'a> {
    rule_set: &'a RuleSet,
    groups: &'a Groups<'a>,
    sets: Sets<'a>,
    known_users: Option<&'a KnownUsers>,
    /// The same, to look patterns and IDs up, if all of them could be read.
    known: Option<RefCell<Known<'a>>>,
    /// The homeserver that the rules run on, where somebody says so.
    server_name: Option<&'a str>,
    unintended: Unintended,
}

impl<'a> Context<'a> {
    fn new(
        rule_set: &'a RuleSet,
        groups: &'a Groups<'a>,
        known_users: Option<&'a KnownUsers>,
        unintended: Unintended,
    ) -> Self {
        let server_name = rule_set.server_name.as_deref();
        // Of those who could not be read, or whom a file names that could not be read, nobody can say that they are not
        // there.
        let is_broken = rule_set.files.iter().any(|rules| rules.is_broken);
        let whole = known_users.filter(|known| known.is_whole() && !is_broken);
        Self {
            rule_set,
            groups,
            sets: Sets::new(rule_set, groups, server_name),
            known_users,
            known: whole.map(|known| {
                let known = Known::new(known.iter().collect());
                RefCell::new(known.beside(servers_named(rule_set)))
            }),
            server_name,
            unintended,
        }
    }

    /// Whether some known user is one whom a pattern matches; without known users, nobody is.
    fn knows(&self, pattern: &Pattern) -> bool {
        let server = pattern.server_name();
        (self.known.as_ref())
            .is_some_and(|known| known.borrow_mut().is_matched(pattern, server.as_deref()))
    }
}

/// The servers that a rule set names, each as often as it does.
fn servers_named(rule_set: &RuleSet) -> Vec<Box<str>> {
    let mut named: Vec<_> = rule_set
        .server_name
        .iter()
        .map(|own| (**own).into())
        .collect();
    for users in rule_set.files.iter().flat_map(RuleFile::sets) {
        users.items(&mut |item| match item {
            Item::Pattern(pattern) => named.extend(pattern.server_name()),
            Item::Template(template) => {
                let server = template
                    .as_str()
                    .split_once(':')
                    .map(|(_, server)| server.into());
                named.extend(server);
            }
            _ => {}
        });
    }
    named
}

/// What checking came to.
#[derive(Debug, Default)]
pub struct Checked {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be decided by proof.
    pub open: Vec<Open>,
}

/// Every finding on the rules as written that takes no proof. `known_users` holds the known users, if there will be any.
pub fn check(rule_set: &RuleSet, known_users: Option<&KnownUsers>) -> Vec<Finding> {
    run(rule_set, known_users, None).findings
}

/// What is proven.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    /// How much work each question may take.
    pub budget: Budget,
    /// The codes that are looked for beside those that always are: see [`Code::is_on_request`].
    pub requested: Vec<Code>,
}

/// Every finding on the rules as written, with those that are proven for all user IDs there could be.
pub fn check_and_prove(
    rule_set: &RuleSet,
    sources: &Sources,
    known_users: Option<&KnownUsers>,
    proofs: &Proofs,
) -> Checked {
    run(rule_set, known_users, Some((sources, proofs)))
}

fn run(
    rule_set: &RuleSet,
    known_users: Option<&KnownUsers>,
    proofs: Option<(&Sources, &Proofs)>,
) -> Checked {
    let groups = Groups::new(rule_set);
    let unintended = || Unintended::new(proofs.map(|(_, proofs)| proofs.budget.clone()));
    let cx = Context::new(rule_set, &groups, known_users, unintended());
    let mut checked = Checked::default();
    for check in CHECKS {
        check(&cx, &mut checked.findings);
    }
    let are_proven = proofs.is_some();
    let mut proven = Proven::default();
    if let Some((sources, proofs)) = proofs {
        proven = if rule_set.is_faulty {
            let part = sound::part(rule_set);
            let groups = Groups::new(&part);
            let cx = Context::new(&part, &groups, known_users, unintended());
            proofs::prove(&cx, Some(rule_set), sources, proofs, &mut checked.findings)
        } else {
            proofs::prove(&cx, None, sources, proofs, &mut checked.findings)
        };
    }
    checked.open = proven.open;
    causes::only(&mut checked.findings, &proven.dead);
    allow::apply(
        rule_set,
        &mut checked.findings,
        are_proven && checked.open.is_empty(),
    );
    checked
}

/// All checks. Their order does not matter: findings are sorted by their place.
const CHECKS: &[fn(&Context<'_>, &mut Vec<Finding>)] = &[
    all_narrows::check,
    all_without_route::check,
    any_server::check,
    bracket_in_glob::check,
    deactivated_user::check,
    matches_nobody::check,
    duplicate_pattern::check,
    duplicate_state::check,
    exclude_of_exclude::check,
    excluding_group::check,
    foreign_sender::check,
    hidden_character::check,
    interest_without_route::check,
    ipv6_as_glob::check,
    lookalike_server::check,
    needless_glob::check,
    needless_regex::check,
    needs_known_users::check,
    offline_not_routed::check,
    other_notation::check,
    redundant_anchor::check,
    remote_interest::check,
    remote_recipient::check,
    route_without_interest::check,
    server_name_form::check,
    subdomains_only::check,
    subsumed_pattern::check,
    template_without_localpart::check,
    unescaped_dot::check,
    unknown_state::check,
    unknown_user::check,
    unused_group::check,
    uppercase_localpart::check,
];
