//! The part of a rule set that is about some users: a router of it answers what the router of all of it does, and is
//! made in no time.
//!
//! What is left out is judged by the regex engine and not by what proofs are made with: a router that is asked to confirm
//! a proof must not depend on it.

use std::collections::{BTreeSet, HashSet};

use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{About, Block, Interest, Item, Route, RuleFile, RuleSet, UserSet};
use crate::source::FileId;
use crate::user_id::UserId;

/// The rules that may concern one of these recipients (or users who ask).
pub(crate) fn concerned(rule_set: &RuleSet, recipients: &BTreeSet<&str>) -> RuleSet {
    let groups = Groups::new(rule_set);
    let may_hold = |users: &UserSet| {
        (recipients.iter()).any(|user| may_hold(users, &groups, user, &mut HashSet::new()))
    };
    part(
        rule_set,
        |_, route| may_hold(&route.recipients),
        |interest| may_hold(&interest.users),
        |block| block.recipients.as_ref().is_none_or(may_hold),
    )
}

/// Some of the routes, with all groups and blocks.
pub(crate) fn only(rule_set: &RuleSet, routes: impl Fn(FileId, &Route) -> bool) -> RuleSet {
    part(
        rule_set,
        |file, route| routes(file.file, route),
        |_| false,
        |_| true,
    )
}

/// Some of the rules; each keeps its place. What rules say of themselves is left behind.
fn part(
    rule_set: &RuleSet,
    routes: impl Fn(&RuleFile, &Route) -> bool,
    interests: impl Fn(&Interest) -> bool,
    blocks: impl Fn(&Block) -> bool,
) -> RuleSet {
    let files = rule_set.files.iter().map(|file| RuleFile {
        file: file.file,
        is_broken: file.is_broken,
        server_name: file.server_name.clone(),
        server_name_at: file.server_name_at,
        known_users: None,
        groups: file.groups.clone(),
        routes: (file.routes.iter())
            .filter(|route| routes(file, route))
            .map(|route| Route {
                about: about(&route.about),
                senders: route.senders.clone(),
                recipients: route.recipients.clone(),
                when: route.when.clone(),
            })
            .collect(),
        interests: (file.interests.iter())
            .filter(|interest| interests(interest))
            .map(|interest| Interest {
                about: about(&interest.about),
                users: interest.users.clone(),
                sees: interest.sees.clone(),
            })
            .collect(),
        blocks: (file.blocks.iter())
            .filter(|block| blocks(block))
            .map(|block| Block {
                about: about(&block.about),
                senders: block.senders.clone(),
                recipients: block.recipients.clone(),
            })
            .collect(),
        derive_interests: file.derive_interests,
    });
    RuleSet {
        files: files.collect(),
        server_name: rule_set.server_name.clone(),
        is_faulty: rule_set.is_faulty,
    }
}

fn about(about: &About) -> About {
    About {
        index: about.index,
        ..About::default()
    }
}

/// Whether a user may be in a set; where it is excluded, this says so all the same.
fn may_hold(
    users: &UserSet,
    groups: &Groups<'_>,
    user: &str,
    entered: &mut HashSet<usize>,
) -> bool {
    match users {
        UserSet::Item(Item::Pattern(pattern), _) => matches(pattern, user),
        UserSet::Item(Item::Group(name), _) => groups.index_of(name).is_some_and(|group| {
            // A group that was looked at before, and did not end the search, does not hold the user.
            entered.insert(group) && may_hold(groups.all[group].users, groups, user, entered)
        }),
        UserSet::Item(Item::Template(_), _) => true,
        UserSet::Union(members, _) => {
            (members.iter()).any(|member| may_hold(member, groups, user, entered))
        }
        UserSet::Difference { include, .. } => {
            (include.as_deref()).is_none_or(|include| may_hold(include, groups, user, entered))
        }
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
