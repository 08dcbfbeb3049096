//! User sets that a question names beside the rules.

use super::at::At;
use super::groups::Groups;
use super::model::RuleSet;
use super::names::{missing_server_name, unknown_group};
use super::read::read_yaml;
use super::set::{Item, UserSet};
use super::user_set::Users;
use crate::finding::{Code, Finding, Location};
use crate::pattern::Pattern;
use crate::source::{FileId, Sources, Span};

/// Reads a user set as in a rule file, such as `{group: staff}`, with the groups of a rule set. A text that begins with `@`
/// is one item, which YAML would want in quotes. `name` is what findings call the text.
///
/// ```
/// use presence_router::rules;
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// let (rule_set, _) = rules::read(&sources);
/// assert!(rules::read_users("--sender", "{server: '*.example'}", &rule_set, &mut sources).is_ok());
/// let findings = rules::read_users("--sender", "{group: staff}", &rule_set, &mut sources).unwrap_err();
/// assert_eq!(findings[0].message, "no group is called `staff`");
/// ```
///
/// # Errors
///
/// What is wrong with it.
pub fn read_users(
    name: &str,
    text: &str,
    rule_set: &RuleSet,
    sources: &mut Sources,
) -> Result<UserSet, Vec<Finding>> {
    let file = sources.add(name, text);
    let here = Span::new(0, text.len());
    if text.starts_with('@') {
        return match Pattern::text(text) {
            Ok(pattern) => Ok(UserSet::Item(Item::Pattern(pattern), At::whole(here))),
            Err(fault) => {
                let location = Location::bytes(file, fault.range);
                let mut finding = Finding::new(fault.code, location, fault.message);
                finding.help = fault.help;
                Err(vec![finding])
            }
        };
    }
    let mut findings = Vec::new();
    let source = sources.get(file);
    let nothing = UserSet::unreadable();
    let shape = Users::without_templates();
    let (mut users, _) = read_yaml(file, source, shape, nothing, &mut findings);
    if findings.is_empty() && source.text().trim().is_empty() {
        let message = "this names no users";
        let finding = Finding::new(Code::EmptySet, Location::part(file, here), message);
        findings.push(finding.help("write, say, `{server: example.org}`, or `all`"));
    }
    let server_name = rule_set.server_name.as_deref();
    if let (Some(at), None) = (users.settle_local(server_name), server_name) {
        findings.push(missing_server_name(Location::part(file, at.whole)));
    }
    unknown_groups(file, &users, &Groups::new(rule_set), &mut findings);
    if findings.is_empty() {
        Ok(users)
    } else {
        Err(findings)
    }
}

/// Reports groups that a set beside the rules names, and that are not among theirs.
pub(crate) fn unknown_groups(
    file: FileId,
    users: &UserSet,
    groups: &Groups<'_>,
    findings: &mut Vec<Finding>,
) {
    users.walk(&mut |placed| {
        let Item::Group(name) = placed.item else {
            return;
        };
        if groups.index_of(name).is_some() {
            return;
        }
        let remedy = "write the name of a group of these rules";
        findings.push(unknown_group(file, placed.at, name, Some(groups), remedy));
    });
}
