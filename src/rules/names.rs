//! Names across a rule set: groups that are used and defined, names of rules, the homeserver's name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::at::At;
use super::groups::{Groups, MAX_DEPTH};
use super::item::{with_word, word};
use super::keys::did_you_mean;
use super::model::{About, RuleFile, RuleSet};
use super::set::Item;
use crate::finding::{Code, Finding, Location, Severity};
use crate::pattern::shortened;
use crate::source::{FileId, Sources, Span};

/// Beyond so many unknown groups, the nearest name is not looked for any more: it costs a look at every group.
const MOST_SUGGESTIONS: usize = 50;

/// A cycle of more groups than this is not drawn whole.
const MOST_DRAWN: usize = 12;

/// Adds the findings that only all files together show, and settles on which homeserver the rules run.
pub(crate) fn check_names(rule_set: &mut RuleSet, sources: &Sources, findings: &mut Vec<Finding>) {
    rule_set.server_name = server_name(rule_set, findings);
    settle_local(rule_set, findings);
    let groups = Groups::new(rule_set);
    duplicate_groups(&groups, findings);
    unknown_groups(rule_set, sources, &groups, findings);
    cycles(&groups, findings);
    duplicate_rule_names(rule_set, findings);
    no_rules(rule_set, findings);
}

fn duplicate_groups(groups: &Groups<'_>, findings: &mut Vec<Finding>) {
    for (index, group) in groups.all.iter().enumerate() {
        let first = groups.index_of(group.name).unwrap_or(index);
        if first != index {
            let message = format!("the group `{}` is defined twice", shortened(group.name));
            findings.push(
                Finding::new(Code::DuplicateGroup, groups.all[index].location(), message)
                    .label(groups.all[first].location(), "first defined here")
                    .help("rename one of the two, or merge them"),
            );
        }
    }
}

fn unknown_groups(
    rule_set: &RuleSet,
    sources: &Sources,
    groups: &Groups<'_>,
    findings: &mut Vec<Finding>,
) {
    let remedy = "define it under `groups:`, in any file of the rule set";
    // A file that is no YAML may define the group, if it has its name; of what was cut off, nothing is known.
    let broken = rule_set.files.iter().filter(|rules| rules.is_broken);
    let broken: Vec<_> = broken.map(|rules| sources.get(rules.file)).collect();
    let may_define = |name: &str| {
        let mut broken = broken.iter();
        broken.any(|source| {
            let is_cut = source.end().is_some() || !source.text().ends_with('\n');
            is_cut || has_word(source.text(), name)
        })
    };
    let mut suggestions = 0;
    for rules in &rule_set.files {
        for (_, users) in rules.user_sets() {
            users.walk(&mut |placed| {
                let Item::Group(name) = placed.item else {
                    return;
                };
                if groups.index_of(name).is_some() || may_define(name) {
                    return;
                }
                suggestions += 1;
                let known = (suggestions <= MOST_SUGGESTIONS).then_some(groups);
                findings.push(unknown_group(rules.file, placed.at, name, known, remedy));
            });
        }
    }
}

/// What is said of a group that nobody defines. The nearest name is looked for among groups that are given.
pub(super) fn unknown_group(
    file: FileId,
    at: At,
    name: &str,
    groups: Option<&Groups<'_>>,
    remedy: &str,
) -> Finding {
    let location = Location::part(file, at.text);
    let message = format!("no group is called `{}`", shortened(name));
    let finding = Finding::new(Code::UnknownGroup, location, message);
    if let Some(word) = word(name) {
        return with_word(finding, word, file, at);
    }
    let known = (groups.iter()).flat_map(|groups| groups.all.iter().map(|group| group.name));
    finding.help(did_you_mean(name, known).unwrap_or_else(|| remedy.to_owned()))
}

/// Whether a name stands in a text, and is no part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    let is_of_word = |character: char| character.is_alphanumeric() || "-_".contains(character);
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.into_iter().chain(after).any(is_of_word)
    })
}

fn cycles(groups: &Groups<'_>, findings: &mut Vec<Finding>) {
    let (order, cycles) = groups.order();
    for cycle in cycles {
        let name = |index: &usize| format!("`{}`", shortened(groups.all[*index].name));
        let mut drawn: Vec<_> = cycle.iter().take(MOST_DRAWN).map(name).collect();
        if cycle.len() > MOST_DRAWN {
            drawn.push("…".into());
        }
        drawn.extend(cycle.first().map(name));
        let message = format!("groups contain each other: {}", drawn.join(" → "));
        let mut finding = Finding::new(Code::GroupCycle, groups.all[cycle[0]].location(), message)
            .help("remove one of these groups from the one before it");
        for &other in cycle.iter().skip(1).take(MOST_DRAWN) {
            finding = finding.label(groups.all[other].location(), "part of the cycle");
        }
        findings.push(finding);
    }
    if let Some(group) = groups.too_deep(&order) {
        let message = format!(
            "the group `{}` holds groups within groups, more than {MAX_DEPTH} levels deep",
            shortened(groups.all[group].name)
        );
        findings.push(Finding::new(
            Code::TooDeep,
            groups.all[group].location(),
            message,
        ));
    }
}

fn duplicate_rule_names(rule_set: &RuleSet, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    let mut check = |list: &'static str, file: FileId, about: &About| {
        let Some(name) = &about.name else { return };
        let location = Location::part(file, about.name_at);
        match first.entry((list, name.clone())) {
            Entry::Vacant(entry) => {
                entry.insert(location);
            }
            Entry::Occupied(entry) => {
                let message = format!("two {list} are called `{}`", shortened(name));
                findings.push(
                    Finding::new(Code::DuplicateName, location, message)
                        .label(*entry.get(), "first used here")
                        .help("rename one of the two"),
                );
            }
        }
    };
    for rules in &rule_set.files {
        for route in &rules.routes {
            check("routes", rules.file, &route.about);
        }
        for interest in &rules.interests {
            check("interests", rules.file, &interest.about);
        }
        for block in &rules.blocks {
            check("blocks", rules.file, &block.about);
        }
    }
}

/// The one homeserver that the rules run on, whoever names it: whoever has the files read, or the first file that does.
fn server_name(rule_set: &RuleSet, findings: &mut Vec<Finding>) -> Option<String> {
    let named =
        (rule_set.files.iter()).filter_map(|rules| Some((rules, rules.server_name.as_deref()?)));
    let given = rule_set.server_name.as_deref().map(|name| (None, name));
    let mut named = (given.into_iter()).chain(named.map(|(rules, name)| (Some(rules), name)));
    let (said_by, settled) = named.next()?;
    let location = |rules: &RuleFile| Location::part(rules.file, rules.server_name_at);
    for (rules, name) in named {
        let Some(rules) = rules.filter(|_| name != settled) else {
            continue;
        };
        let finding = |message| Finding::new(Code::ConflictingServerName, location(rules), message);
        findings.push(match said_by {
            Some(first) => finding(format!(
                "these rules are for the homeserver `{name}`, others of the rule set for `{settled}`"
            ))
            .label(location(first), "the other homeserver")
            .help("load the rules of one homeserver at a time"),
            None => finding(format!(
                "these rules are for the homeserver `{name}`, and are to run on `{settled}`"
            ))
            .help("load the rules of that homeserver, or leave out `--server-name`"),
        });
    }
    Some(settled.to_owned())
}

/// Tells each `local` which server it means. If nobody says, the first is a finding.
fn settle_local(rule_set: &mut RuleSet, findings: &mut Vec<Finding>) {
    let server_name = rule_set.server_name.as_deref();
    // What could not be read may say it.
    let may_say = (rule_set.files.iter()).any(|rules| {
        rules.is_broken || rules.server_name.is_none() && rules.server_name_at != Span::default()
    });
    let mut first = None;
    for rules in &mut rule_set.files {
        let file = rules.file;
        for users in rules.sets_mut() {
            let found = users.settle_local(server_name);
            first = first.or(found.map(|at| Location::part(file, at.whole)));
        }
    }
    if server_name.is_none() && !may_say {
        findings.extend(first.map(missing_server_name));
    }
}

/// What is said of the first `local`, where nobody says which server it means.
pub(crate) fn missing_server_name(location: Location) -> Finding {
    Finding::new(
        Code::MissingServerName,
        location,
        "`local` is every user of the homeserver that the rules run on, and nothing says which that is",
    )
    .help("write `server_name: example.org` at the top of a rule file, or name it with `--server-name`")
}

fn no_rules(rule_set: &RuleSet, findings: &mut Vec<Finding>) {
    let empty =
        (rule_set.files.iter()).all(|rules| rules.routes.is_empty() && rules.interests.is_empty());
    // Where something could not be read, the rules may be there.
    let faulty = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if let (true, false, Some(rules)) = (empty, faulty, rule_set.files.first()) {
        findings.push(
            Finding::new(
                Code::NoRules,
                Location::file(rules.file),
                "there is neither a route nor an interest, so nobody would get anything",
            )
            .help("add a rule under `routes:` or `interests:`"),
        );
    }
}
