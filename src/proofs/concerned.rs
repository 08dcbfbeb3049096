//! The part of a rule set that is about some users: a router of it answers what the router of all of it does, and is
//! made in no time.
//!
//! What is left out is judged by the regex engine and not by what proofs are made with: a router that is asked to confirm
//! a proof must not depend on it.

use std::collections::BTreeSet;

use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{About, Block, Interest, Route, RuleFile, RuleSet};
use crate::sets::{Part, Reader, Sides};
use crate::source::FileId;
use crate::user_id::UserId;

/// The rules that may concern one of these recipients (or users who ask).
pub(crate) fn concerned(rule_set: &RuleSet, recipients: &BTreeSet<&str>) -> RuleSet {
    let groups = Groups::new(rule_set);
    let mut reader = Reader::new(rule_set, &groups);
    let sides = reader.rules(rule_set);
    // Where somebody is excluded, this says that it may be there all the same.
    let may_hold = reader.fold(|part, may_hold: &[bool]| match part {
        Part::Pattern(pattern) => recipients.iter().any(|user| matches(pattern, user)),
        Part::Template(_) => true,
        Part::Listed(list) => recipients.iter().any(|user| list.has(user)),
        Part::Node(node) => (node.taken_in().iter()).any(|set| may_hold[set.0 as usize]),
    });
    let concerned = |sides: &[Sides]| {
        let sides = sides.iter().map(|sides| may_hold[sides.seer.0 as usize]);
        sides.collect::<Vec<_>>().into_iter()
    };
    part(
        rule_set,
        concerned(&sides.routes),
        concerned(&sides.interests),
        concerned(&sides.blocks),
    )
}

/// Some of the routes, with all groups and blocks.
pub(crate) fn only(rule_set: &RuleSet, routes: impl Fn(FileId, &Route) -> bool) -> RuleSet {
    let of_file = |file: &RuleFile| -> Vec<_> {
        let chosen = file.routes.iter().map(|route| routes(file.file, route));
        chosen.collect()
    };
    let routes = rule_set.files.iter().flat_map(of_file);
    part(
        rule_set,
        routes,
        std::iter::repeat(false),
        std::iter::repeat(true),
    )
}

/// The rules for which these say so, in their order; each keeps its place. What rules say of themselves is left behind.
fn part(
    rule_set: &RuleSet,
    mut routes: impl Iterator<Item = bool>,
    mut interests: impl Iterator<Item = bool>,
    mut blocks: impl Iterator<Item = bool>,
) -> RuleSet {
    let files = rule_set.files.iter().map(|file| RuleFile {
        file: file.file,
        is_broken: file.is_broken,
        server_name: file.server_name.clone(),
        server_name_at: file.server_name_at,
        known_users: None,
        groups: file.groups.clone(),
        routes: chosen(&file.routes, &mut routes, |route| Route {
            about: about(&route.about),
            senders: route.senders.clone(),
            recipients: route.recipients.clone(),
            when: route.when.clone(),
        }),
        interests: chosen(&file.interests, &mut interests, |interest| Interest {
            about: about(&interest.about),
            users: interest.users.clone(),
            sees: interest.sees.clone(),
        }),
        blocks: chosen(&file.blocks, &mut blocks, |block| Block {
            about: about(&block.about),
            senders: block.senders.clone(),
            recipients: block.recipients.clone(),
        }),
        derive_interests: file.derive_interests,
    });
    RuleSet {
        files: files.collect(),
        server_name: rule_set.server_name.clone(),
        is_faulty: rule_set.is_faulty,
        faults: Vec::new(),
    }
}

fn chosen<R>(
    rules: &[R],
    are_chosen: &mut impl Iterator<Item = bool>,
    copy: impl Fn(&R) -> R,
) -> Vec<R> {
    let rules = rules.iter().zip(are_chosen);
    let rules = rules.filter(|(_, is_chosen)| *is_chosen);
    rules.map(|(rule, _)| copy(rule)).collect()
}

fn about(about: &About) -> About {
    About {
        index: about.index,
        ..About::default()
    }
}

fn matches(pattern: &Pattern, user: &str) -> bool {
    match pattern {
        Pattern::Everyone => true,
        Pattern::User(known) => **known == *user,
        Pattern::Server(name) => {
            UserId::parse(user).is_ok_and(|user| user.server_name() == &**name)
        }
        Pattern::Glob(_) | Pattern::ServerGlob(_) | Pattern::Regex(_) => {
            user.ends_with(&*pattern.literal_suffix())
                && user.starts_with(&*pattern.literal_prefix())
                && pattern.confirms(user)
        }
    }
}
