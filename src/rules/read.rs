//! One rule file: from YAML to the rules as written.

use indexmap::IndexMap;

use super::keys::{Keys, Names};
use super::model::{Group, RuleFile};
use super::reader::{Context, Shape};
use super::rule::{BlockShape, InterestShape, RouteShape};
use super::set::UserSet;
use super::shapes::{Flag, KnownUsers, List, ServerName, Version};
use super::syntax;
use super::user_set::Users;
use crate::finding::{Code, Finding, Location};
use crate::source::{FileId, Source, Span};
use crate::yaml::{NodeId, Tree, Value};

/// Reads one rule file, and adds what is wrong with it to `findings`, in no particular order.
pub(crate) fn read_file(file: FileId, source: &Source, findings: &mut Vec<Finding>) -> RuleFile {
    let nothing = RuleFile::new(file);
    let (mut rules, is_broken) = read_yaml(file, source, File, nothing, findings);
    rules.is_broken = is_broken;
    rules
}

/// Reads a file of some shape, and says whether it is broken: no YAML, so that nothing is known of what it says.
pub(crate) fn read_yaml<S: Shape>(
    file: FileId,
    source: &Source,
    shape: S,
    nothing: S::Value,
    findings: &mut Vec<Finding>,
) -> (S::Value, bool) {
    if let Some(finding) = syntax::before_reading(file, source) {
        findings.push(finding);
        return (nothing, true);
    }
    let tree = Tree::read(source.text());
    let Some(root) = tree.root() else {
        findings.extend(
            tree.fault()
                .map(|fault| syntax::finding(file, source, &tree, fault)),
        );
        return (nothing, tree.fault().is_some());
    };
    let mut cx = Context {
        file,
        tree: &tree,
        node: root,
        index: 0,
        findings,
    };
    let before = cx.findings.len();
    let read = match tree.value(root) {
        Value::Nothing => None,
        _ => cx.read(root, shape),
    };
    syntax::unquoted(file, &tree, before, cx.findings);
    let Some(fault) = tree.fault() else {
        return (read.unwrap_or(nothing), false);
    };
    let told = syntax::finding(file, source, &tree, fault);
    let open: Vec<_> = tree.open().map(|node| cx.at(node)).collect();
    let follows = Follows {
        text: source.text(),
        fault: fault.at,
        told: told.location,
        open: &open,
    };
    let mut at = 0;
    findings.retain(|finding| {
        at += 1;
        at <= before || !follows.is_due_to_fault(finding)
    });
    findings.push(told);
    (nothing, true)
}

/// Where a text breaks off, to tell what is only wrong because of that.
struct Follows<'a> {
    text: &'a str,
    fault: usize,
    /// What is said of the fault.
    told: Location,
    /// The lists and mappings in which the text breaks off.
    open: &'a [Location],
}

impl Follows<'_> {
    fn is_due_to_fault(&self, finding: &Finding) -> bool {
        let span = finding.location.span();
        let (start, end) = (span.range().start, span.range().end);
        // What breaks off may have had all that it lacks, and its last word may have been a longer one.
        let whole = self.text.trim_end().len();
        let is_cut = self.fault >= whole && end >= whole;
        let is_open = self.open.contains(&finding.location) && finding.code != Code::WrongType;
        // What ended just before may have been meant to go on.
        let before = self.text[..self.text.floor_char_boundary(self.fault)]
            .trim_end()
            .len();
        let is_last = finding.code == Code::MissingKey && end >= before;
        // A quote or a bracket that is not closed takes in what follows on the next line.
        let is_same = start == self.told.span().range().start;
        let takes_in = end > start
            && self
                .text
                .get(start..end)
                .is_some_and(|text| text.contains('\n'))
            && self
                .open
                .iter()
                .any(|open| open.span().contains(span) && open.span() != span)
            && matches!(
                finding.code,
                Code::InvalidUserId | Code::InvalidServerName | Code::UnknownGroup
            );
        is_cut || is_open || is_last || is_same || takes_in
    }
}

#[derive(Clone, Copy)]
struct File;

impl Shape for File {
    type Value = RuleFile;
    const EXPECTED: &'static str = "a mapping with keys such as `routes`";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<RuleFile> {
        if let Some(key) = only_of(
            cx,
            &["cases", "prove"],
            &["groups", "routes", "interests", "blocks"],
        ) {
            let message = "this is a test file, where a rule file is expected";
            let finding = Finding::new(Code::UnknownKey, cx.at(key), message);
            cx.report(finding.help(
                "run it with `presence-router test`; in a folder, a test file is told by its name, as in `rules.test.yaml`",
            ));
            return None;
        }
        let mut keys = Keys::new(
            cx,
            "a rule file",
            &[
                "version",
                "server_name",
                "known_users",
                "groups",
                "routes",
                "interests",
                "blocks",
                "derive_interests",
            ],
        );
        let mut rules = RuleFile::new(cx.file);
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "version" => {
                    cx.read(value, Version);
                }
                "server_name" => {
                    rules.server_name = cx.read(value, ServerName);
                    rules.server_name_at = cx.tree.span(value);
                }
                "known_users" => {
                    rules.known_users = cx.read(value, KnownUsers);
                }
                "groups" => rules.groups = cx.read(value, Groups).unwrap_or_default(),
                "routes" => rules.routes = rules_of(cx, value, RouteShape),
                "interests" => rules.interests = rules_of(cx, value, InterestShape),
                "blocks" => rules.blocks = rules_of(cx, value, BlockShape),
                _ => rules.derive_interests = cx.read(value, Flag).unwrap_or(true),
            }
        }
        Some(rules)
    }
}

/// A key by which the file that is being read is of another kind than those keys would make it.
pub(crate) fn only_of(cx: &Context<'_, '_>, others: &[&str], own: &[&str]) -> Option<NodeId> {
    let mut keys = cx
        .tree
        .entries(cx.node)
        .filter_map(|(key, _)| match cx.tree.value(key) {
            Value::Text(text) => Some((key, text)),
            _ => None,
        });
    let is_own = keys.clone().any(|(_, text)| own.contains(&text));
    let other = keys.find(|(_, text)| others.contains(text))?;
    (!is_own).then_some(other.0)
}

impl RuleFile {
    fn new(file: FileId) -> Self {
        Self {
            file,
            is_broken: false,
            server_name: None,
            server_name_at: Span::default(),
            known_users: None,
            groups: IndexMap::new(),
            routes: Vec::new(),
            interests: Vec::new(),
            blocks: Vec::new(),
            derive_interests: true,
        }
    }
}

/// Reads the list of rules under a key; each rule keeps its place in the list, whatever becomes of the others.
fn rules_of<S: Shape>(cx: &mut Context<'_, '_>, value: NodeId, shape: S) -> Vec<S::Value> {
    let rules = cx.read(value, List { of: shape });
    rules.unwrap_or_default().into_iter().flatten().collect()
}

/// Users, with a description if they are given by `include` and `exclude`.
#[derive(Clone, Copy)]
struct GroupShape;

impl Shape for GroupShape {
    type Value = (Option<String>, UserSet);
    const EXPECTED: &'static str = Users::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Self::Value> {
        let users = Users::without_templates().text(cx, text)?;
        Some((None, users))
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let users = Users::without_templates().list(cx)?;
        Some((None, users))
    }

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let mut description = None;
        let users = Users::without_templates().described(cx, &mut description)?;
        Some((description, users))
    }
}

#[derive(Clone, Copy)]
struct Groups;

impl Shape for Groups {
    type Value = IndexMap<Box<str>, Group>;
    const EXPECTED: &'static str = "a mapping from group names to users";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let twice = (Code::DuplicateGroup, "group", "defined");
        let mut names = Names::new(cx, "the groups", twice);
        let mut groups = IndexMap::new();
        while let Some((name, key, value)) = names.next(cx) {
            if name.trim().is_empty() {
                let message = "this group has no name";
                cx.report(Finding::new(Code::EmptyName, cx.at(key), message));
            }
            // A group whose users have a fault is defined all the same, so that no `unknown-group` follows from it.
            let group = cx.read(value, GroupShape);
            let (description, users) = group.unwrap_or_else(|| (None, UserSet::unreadable()));
            let key = cx.tree.span(key);
            let group = Group {
                key,
                users,
                description,
            };
            groups.insert(name.into(), group);
        }
        Some(groups)
    }
}
