//! From the rules as written to the graph of their sets.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::super::remote::{pattern_is_remote, template_is_remote};
use super::patterns::PatternsBuilder;
use super::{Enumeration, Holds, Kind, Node, NodeData, Sets, Side, Sided};
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, RuleSet, UserSet};

/// Steps of all look-ups together; what is not decided by then brings no finding.
const BUDGET: usize = 20_000_000;

struct Builder<'a> {
    groups: &'a Groups<'a>,
    own_server: Option<&'a str>,
    nodes: Vec<NodeData>,
    group_nodes: Vec<Option<Node>>,
    patterns: PatternsBuilder<'a>,
}

/// A union under construction.
struct Union<'a> {
    direct: Holds,
    enumeration: Enumeration,
    parts: Vec<Node>,
    patterns: Vec<&'a Pattern>,
}

const EVERYONE: Enumeration = Enumeration {
    needs_known_users: true,
    everyone: true,
    has_template: false,
    may_be_local: true,
    has_remote: false,
};

pub(super) fn build<'a>(
    rule_set: &'a RuleSet,
    groups: &'a Groups<'a>,
    order: &[usize],
    own_server: Option<&'a str>,
) -> Sets<'a> {
    let mut builder = Builder {
        groups,
        own_server,
        nodes: Vec::new(),
        group_nodes: vec![None; groups.all.len()],
        patterns: PatternsBuilder::default(),
    };
    for &group in order {
        let node = builder.node(Some(groups.all[group].users), None);
        builder.group_nodes[group] = Some(node);
    }
    let (mut routes, mut interests, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for file in &rule_set.files {
        for rule in &file.routes {
            let side = Some(Side::Route(routes.len()));
            routes.push(Sided {
                file,
                rule,
                seen: builder.node(Some(&rule.senders), side),
                seer: builder.node(Some(&rule.recipients), side),
            });
        }
        for rule in &file.interests {
            let side = Some(Side::Interest(interests.len()));
            interests.push(Sided {
                file,
                rule,
                seen: builder.node(Some(&rule.sees), side),
                seer: builder.node(Some(&rule.users), side),
            });
        }
        for rule in &file.blocks {
            let side = Some(Side::Block(blocks.len()));
            blocks.push(Sided {
                file,
                rule,
                seen: builder.node(rule.senders.as_ref(), side),
                seer: builder.node(rule.recipients.as_ref(), side),
            });
        }
    }
    let nodes = builder.nodes;
    Sets {
        open_routes: open(&routes, &nodes),
        open_seers: (0..routes.len())
            .filter(|route| nodes[routes[*route].seer as usize].default > Holds::No)
            .collect(),
        open_interests: open(&interests, &nodes),
        open_blocks: open(&blocks, &nodes),
        silencers: (0..blocks.len())
            .filter(|block| nodes[blocks[*block].seen as usize].enumeration.everyone)
            .collect(),
        groups,
        nodes,
        patterns: builder.patterns.build(),
        routes,
        interests,
        blocks,
        known: RefCell::new(HashMap::new()),
        budget: Cell::new(BUDGET),
    }
}

fn open<R>(rules: &[Sided<'_, R>], nodes: &[NodeData]) -> Vec<usize> {
    let holds = |node: Node| nodes[node as usize].default > Holds::No;
    let is_open = |rule: &Sided<'_, R>| holds(rule.seen) && holds(rule.seer);
    (0..rules.len())
        .filter(|index| is_open(&rules[*index]))
        .collect()
}

impl<'a> Builder<'a> {
    /// A set, or everyone.
    fn node(&mut self, users: Option<&'a UserSet>, side: Option<Side>) -> Node {
        let mut union = Union {
            direct: Holds::No,
            enumeration: Enumeration::default(),
            parts: Vec::new(),
            patterns: Vec::new(),
        };
        match users {
            Some(users) => self.add(users, &mut union),
            None => union.add_everyone(),
        }
        let default = (union.parts.iter()).map(|part| self.nodes[*part as usize].default);
        let default = default.fold(union.direct, Holds::max);
        let kind = Kind::Union {
            direct: union.direct,
            parts: union.parts,
        };
        let node = self.push(kind, default, union.enumeration, side);
        for pattern in union.patterns {
            self.patterns.add(pattern, node);
        }
        node
    }

    fn add(&mut self, users: &'a UserSet, union: &mut Union<'a>) {
        match users {
            UserSet::Item(Item::Pattern(Pattern::Everyone), _) => union.add_everyone(),
            UserSet::Item(Item::Pattern(pattern), _) => {
                union.patterns.push(pattern);
                union.add_place(self.own_server.map(|own| pattern_is_remote(pattern, own)));
                union.enumeration.needs_known_users |= !matches!(pattern, Pattern::User(_));
            }
            UserSet::Item(Item::Template(template), _) => {
                union.direct = union.direct.max(Holds::Maybe);
                union.enumeration.has_template = true;
                union.add_place(self.own_server.map(|own| template_is_remote(template, own)));
            }
            UserSet::Item(Item::Group(name), _) => {
                let group = self.groups.index_of(name);
                if let Some(node) = group.and_then(|group| self.group_nodes[group]) {
                    union.add_part(node, self.nodes[node as usize].enumeration);
                }
            }
            UserSet::Union(members, _) => {
                for member in members {
                    self.add(member, union);
                }
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let include = self.node(include.as_deref(), None);
                let exclude = (exclude.as_deref()).map(|exclude| self.node(Some(exclude), None));
                let NodeData {
                    default,
                    mut enumeration,
                    ..
                } = self.nodes[include as usize];
                let excluded = exclude.map(|exclude| self.nodes[exclude as usize].default);
                enumeration.everyone &= exclude.is_none();
                let kind = Kind::Difference { include, exclude };
                let node = self.push(kind, without(default, excluded), enumeration, None);
                union.add_part(node, enumeration);
            }
        }
    }

    fn push(
        &mut self,
        kind: Kind,
        default: Holds,
        enumeration: Enumeration,
        side: Option<Side>,
    ) -> Node {
        let node = self.nodes.len() as Node;
        let parts = match &kind {
            Kind::Union { parts, .. } => parts.clone(),
            Kind::Difference { include, exclude } => {
                [*include].into_iter().chain(*exclude).collect()
            }
        };
        for part in parts {
            self.nodes[part as usize].parents.push(node);
        }
        self.nodes.push(NodeData {
            parents: Vec::new(),
            kind,
            default,
            enumeration,
            side,
        });
        node
    }
}

impl Union<'_> {
    fn add_everyone(&mut self) {
        self.direct = Holds::Yes;
        self.add_enumeration(EVERYONE);
    }

    fn add_place(&mut self, is_remote: Option<bool>) {
        self.enumeration.may_be_local |= is_remote != Some(true);
        self.enumeration.has_remote |= is_remote == Some(true);
    }

    fn add_part(&mut self, node: Node, enumeration: Enumeration) {
        self.parts.push(node);
        self.add_enumeration(enumeration);
    }

    fn add_enumeration(&mut self, other: Enumeration) {
        self.enumeration.needs_known_users |= other.needs_known_users;
        self.enumeration.everyone |= other.everyone;
        self.enumeration.has_template |= other.has_template;
        self.enumeration.may_be_local |= other.may_be_local;
        self.enumeration.has_remote |= other.has_remote;
    }
}

/// What is in one set and not in the other.
pub(super) fn without(include: Holds, exclude: Option<Holds>) -> Holds {
    match exclude {
        None | Some(Holds::No) => include,
        Some(Holds::Maybe) => include.min(Holds::Maybe),
        Some(Holds::Yes) => Holds::No,
    }
}
