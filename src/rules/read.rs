//! One rule file: from YAML to the rules as written.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess};

use super::keys::Keys;
use super::model::{RuleFile, UserSet};
use super::rule::{BlockShape, InterestShape, RouteShape};
use super::shapes::{Flag, KnownUsers, List, ServerName, Version};
use super::syntax;
use super::user_set::Users;
use super::yaml::{Context, Seed, Shape};
use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::shortened;
use crate::source::{FileId, Source};

/// Reads one rule file, and adds what is wrong with it to `findings`, in no particular order.
pub fn read_file(file: FileId, source: &Source, findings: &mut Vec<Finding>) -> RuleFile {
    let (read, is_broken) = read_yaml(file, source, File, findings);
    let mut rules = read.unwrap_or_else(|| RuleFile::new(file));
    rules.is_broken = is_broken;
    rules
}

/// Reads a file of some shape, and says whether it is broken: no YAML, so that nothing is known of what it says.
pub(crate) fn read_yaml<'de, S: Shape<'de>>(
    file: FileId,
    source: &'de Source,
    shape: S,
    findings: &mut Vec<Finding>,
) -> (Option<S::Value>, bool) {
    let mut read = None;
    let broken = syntax::before_reading(file, source).or_else(|| {
        let mut cx = Context {
            file,
            path: KeyPath::default(),
            findings,
        };
        let seed = Seed { cx: &mut cx, shape };
        match seed.deserialize(serde_yaml::Deserializer::from_str(source.text())) {
            Ok(value) => {
                read = value;
                None
            }
            Err(error) => Some(syntax::finding(file, source, &error)),
        }
    });
    let is_broken = broken.is_some();
    if is_broken {
        // The rule at which reading broke off may have the keys that it lacks.
        let last = findings.last().map(|finding| finding.location.clone());
        findings.retain(|finding| {
            finding.code != Code::MissingKey || Some(&finding.location) != last.as_ref()
        });
    }
    findings.extend(broken);
    (read, is_broken)
}

struct File;

impl<'de> Shape<'de> for File {
    type Value = RuleFile;
    const EXPECTED: &'static str = "a mapping with keys such as `routes`";

    fn nothing(self, cx: &mut Context<'_>) -> Option<RuleFile> {
        Some(RuleFile::new(cx.file))
    }

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<RuleFile>, A::Error> {
        let mut keys = Keys::new(
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
        while let Some(key) = keys.next(cx, &mut mapping)? {
            match key {
                "version" => {
                    cx.value(&mut mapping, key, Version)?;
                }
                "server_name" => {
                    rules.server_name = cx.value(&mut mapping, key, ServerName)?;
                }
                "known_users" => {
                    rules.known_users = cx.value(&mut mapping, key, KnownUsers)?;
                }
                "groups" => rules.groups = cx.value(&mut mapping, key, Groups)?.unwrap_or_default(),
                "routes" => rules.routes = rules_of(cx, &mut mapping, key, RouteShape)?,
                "interests" => rules.interests = rules_of(cx, &mut mapping, key, InterestShape)?,
                "blocks" => rules.blocks = rules_of(cx, &mut mapping, key, BlockShape)?,
                _ => rules.derive_interests = cx.value(&mut mapping, key, Flag)?.unwrap_or(true),
            }
        }
        Ok(Some(rules))
    }
}

impl RuleFile {
    fn new(file: FileId) -> Self {
        Self {
            file,
            is_broken: false,
            server_name: None,
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
fn rules_of<'de, A: MapAccess<'de>, S: Shape<'de> + Copy>(
    cx: &mut Context<'_>,
    mapping: &mut A,
    key: &'static str,
    shape: S,
) -> Result<Vec<S::Value>, A::Error> {
    let rules = cx.value(mapping, key, List { of: shape })?;
    Ok(rules.unwrap_or_default().into_iter().flatten().collect())
}

struct Groups;

impl<'de> Shape<'de> for Groups {
    type Value = IndexMap<Box<str>, UserSet>;
    const EXPECTED: &'static str = "a mapping from group names to users";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Self::Value>, A::Error> {
        // A group whose users have a fault is defined all the same, so that no `unknown-group` follows from it.
        let mut groups: IndexMap<Box<str>, (u32, Option<UserSet>)> = IndexMap::new();
        while let Some(name) = cx.key(&mut mapping, "the groups")? {
            if name.trim().is_empty() {
                let location = Location::key(cx.file, cx.path.clone().key(name.clone()));
                cx.report(Finding::new(
                    Code::EmptyName,
                    location,
                    "this group has no name",
                ));
            }
            match groups.entry(name.as_str().into()) {
                Entry::Vacant(entry) => {
                    entry.insert((1, cx.value(&mut mapping, name, Users::without_templates())?));
                }
                Entry::Occupied(mut entry) => {
                    let message = format!("the group `{}` is defined twice", shortened(&name));
                    cx.repeated(Code::DuplicateGroup, name.into(), entry.get().0, message);
                    entry.get_mut().0 += 1;
                    mapping.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Some(
            (groups.into_iter())
                .map(|(name, (_, users))| (name, users.unwrap_or_else(UserSet::unreadable)))
                .collect(),
        ))
    }
}
