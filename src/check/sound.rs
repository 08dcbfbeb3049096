//! The part of a faulty rule set that was read as it is written: what holds of it holds whatever the rest says.

use std::collections::HashSet;

use crate::finding::Location;
use crate::rules::groups::Groups;
use crate::rules::{About, Item, RuleFile, RuleSet, UserSet};
use crate::source::Span;

/// The rules, and the groups, in which there is no fault. A rule that names a group with a fault has one, too; so have all
/// rules of a file with a fault elsewhere, for it may be about all of them.
pub(super) fn part(rule_set: &RuleSet) -> RuleSet {
    let groups = Groups::new(rule_set);
    let named = sound_groups(rule_set, &groups);
    let mut part = rule_set.clone();
    part.is_faulty = false;
    part.faults.clear();
    for (file, rules) in rule_set.files.iter().zip(&mut part.files) {
        let faults = Faults::of(rule_set, file);
        let about_all = faults.are_elsewhere(file);
        let is_sound = |about: &About, sets: [Option<&UserSet>; 2]| {
            !about_all
                && !faults.are_in(about.at)
                && sets
                    .into_iter()
                    .flatten()
                    .all(|users| is_sound(users, &named))
        };
        (rules.groups).retain(|name, _| named.contains(&**name));
        (rules.routes)
            .retain(|rule| is_sound(&rule.about, [Some(&rule.senders), Some(&rule.recipients)]));
        rules
            .interests
            .retain(|rule| is_sound(&rule.about, [Some(&rule.users), Some(&rule.sees)]));
        (rules.blocks).retain(|rule| {
            is_sound(
                &rule.about,
                [rule.senders.as_ref(), rule.recipients.as_ref()],
            )
        });
    }
    part
}

/// The names of the groups that are sound.
fn sound_groups<'a>(rule_set: &RuleSet, groups: &Groups<'a>) -> HashSet<&'a str> {
    let faulty: HashSet<_> = (rule_set.files.iter())
        .flat_map(|file| {
            let faults = Faults::of(rule_set, file);
            let spans = group_spans(file);
            let faulty = spans
                .into_iter()
                .filter(move |(_, span)| faults.are_in(*span));
            faulty.map(|(name, _)| name)
        })
        .collect();
    let (order, cycles) = groups.order();
    let in_cycles: HashSet<_> = cycles.into_iter().flatten().collect();
    let mut sound = HashSet::new();
    for index in order {
        let group = &groups.all[index];
        let is_only = groups.index_of(group.name) == Some(index)
            && (groups.all.iter())
                .filter(|other| other.name == group.name)
                .count()
                == 1;
        if is_only
            && !in_cycles.contains(&index)
            && !faulty.contains(group.name)
            && is_sound(group.users, &sound)
        {
            sound.insert(group.name);
        }
    }
    sound
}

/// Whether all of a set could be read.
fn is_sound(users: &UserSet, groups: &HashSet<&str>) -> bool {
    match users {
        UserSet::Item(Item::Group(name), _) => groups.contains(&**name),
        UserSet::Item(Item::File(file), _) => file.users.is_some(),
        UserSet::Item(Item::Local(server), _) => server.is_some(),
        UserSet::Item(..) => true,
        // What could not be read is an empty list.
        UserSet::Union(members, _) => {
            !members.is_empty() && members.iter().all(|member| is_sound(member, groups))
        }
        UserSet::Intersection(..) | UserSet::Difference { .. } => {
            users.parts().all(|part| is_sound(part, groups))
        }
    }
}

/// Where each group is written, as far as that is known: up to the next one, if nothing else comes in between.
fn group_spans(file: &RuleFile) -> Vec<(&str, Span)> {
    let rules: Vec<_> = file.abouts().map(|about| about.at.start).collect();
    let keys: Vec<_> = file.groups.values().map(|group| group.key.start).collect();
    let next = |start: u32, of: &[u32]| of.iter().copied().filter(|at| *at > start).min();
    let spans = file.groups.iter().map(|(name, group)| {
        let start = group.key.start;
        let written = group.users.at().whole.end.max(group.key.end);
        let end = match (next(start, &keys), next(start, &rules)) {
            (Some(key), rule) if rule.is_none_or(|rule| key < rule) => key,
            _ => written,
        };
        (&**name, Span { start, end })
    });
    spans.collect()
}

/// Where the faults of a file begin.
struct Faults(Vec<u32>);

impl Faults {
    fn of(rule_set: &RuleSet, file: &RuleFile) -> Self {
        let faults = rule_set
            .faults
            .iter()
            .filter(|fault| fault.file == file.file);
        let mut starts: Vec<_> = faults.map(|fault| Location::span(*fault).start).collect();
        starts.sort_unstable();
        Self(starts)
    }

    fn count(&self, span: Span) -> usize {
        let before = |at: u32| self.0.partition_point(|fault| *fault < at);
        before(span.end) - before(span.start)
    }

    fn are_in(&self, span: Span) -> bool {
        self.count(span) > 0
    }

    /// Whether one of them is neither in a rule nor in a group.
    fn are_elsewhere(&self, file: &RuleFile) -> bool {
        let groups = group_spans(file).into_iter().map(|(_, span)| span);
        let inside: usize = (file.abouts().map(|about| about.at))
            .chain(groups)
            .map(|span| self.count(span))
            .sum();
        inside < self.0.len()
    }
}
