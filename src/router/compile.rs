//! From the rules as written to a [`Router`].

use std::sync::Arc;

use crate::known_users::KnownUsers;
use crate::rules::groups::Groups;
use crate::rules::{self, Item, RuleFile, RuleSet, UserSet};
use crate::sets::{Facts, Made, Purpose, Reader, SetId, Sets, Sides, Table, TooLarge, Wanted};
use crate::source::Sources;

use super::blocks::{Block, BlockSide, Blocks};
use super::names::Names;
use super::{
    BlockId, Interest, InterestId, MadeRecipients, Recipients, Route, RouteId, Router, Rule, Seen,
    Use,
};

/// Why a rule set cannot be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// Reading the rules found errors.
    #[error("the rules have errors")]
    Faulty,
    /// They name files of users that nobody has [read](crate::Rules).
    #[error("the rules name files of users that were not read")]
    Unread,
    /// More patterns, sets or users than 32 bits can number.
    #[error("the rule set is too large")]
    TooLarge,
}

impl From<TooLarge> for CompileError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// The rules, whose lists are still to be made.
struct Rules<'a> {
    reader: Reader<'a, 'a>,
    facts: Vec<Facts>,
    wanted: Wanted,
    has_known_users: bool,
    routes: Vec<Route>,
    interests: Vec<Interest>,
    blocks: Vec<Block>,
    uses: Vec<(u32, Use)>,
    made: Vec<RouteId>,
    unroutable: Vec<RouteId>,
    unanswerable: Vec<Rule>,
}

impl Router {
    /// Compiles a rule set that reading found no error in. `sources` is what it was read from; `known_users` the known
    /// users, or `None` if there are no known users. [`Router::add_known`] adds more of them.
    ///
    /// # Errors
    ///
    /// If the rule set has errors, or is larger than 32 bits can number.
    pub fn new(
        rule_set: &RuleSet,
        sources: &Sources,
        known_users: Option<&KnownUsers>,
    ) -> Result<Self, CompileError> {
        if rule_set.is_faulty {
            return Err(CompileError::Faulty);
        }
        if rule_set
            .files
            .iter()
            .flat_map(RuleFile::sets)
            .any(has_unread_file)
        {
            return Err(CompileError::Unread);
        }
        let groups = Groups::new(rule_set);
        let rules = Rules::new(rule_set, &groups, known_users.is_some());
        let Reader {
            patterns, nodes, ..
        } = rules.reader;
        let (route_names, interest_names) = names(rule_set, sources);
        Ok(Self {
            sets: Sets::new(patterns, nodes, rules.wanted, known_users)?,
            uses: Table::new(&rules.uses),
            routes: rules.routes,
            interests: rules.interests,
            blocks: Blocks {
                blocks: rules.blocks,
            },
            route_names,
            interest_names,
            made: rules.made,
            unroutable: rules.unroutable,
            unanswerable: rules.unanswerable,
        })
    }
}

/// Whether a set has a file that was not read. Who is in it is unknown, and under `exclude` nobody would be left out.
fn has_unread_file(users: &UserSet) -> bool {
    let mut found = false;
    users.items(&mut |item| found |= matches!(item, Item::File(file) if file.users.is_none()));
    found
}

fn names(rule_set: &RuleSet, sources: &Sources) -> (Names, Names) {
    let (mut routes, mut interests) = (Names::new("routes"), Names::new("interests"));
    for rules in &rule_set.files {
        let file = sources.get(rules.file).name();
        routes.add_file(file, rules.routes.iter().map(|route| &route.about));
        let abouts = rules.interests.iter().map(|interest| &interest.about);
        interests.add_file(file, abouts);
    }
    (routes, interests)
}

impl<'a> Rules<'a> {
    fn new(rule_set: &'a RuleSet, groups: &'a Groups<'a>, has_known_users: bool) -> Self {
        let mut reader = Reader::new(rule_set, groups);
        let sides = reader.rules(rule_set);
        let mut rules = Self {
            facts: reader.facts(),
            wanted: Wanted::default(),
            has_known_users,
            routes: Vec::with_capacity(sides.routes.len()),
            interests: Vec::with_capacity(sides.interests.len()),
            blocks: Vec::with_capacity(sides.blocks.len()),
            uses: Vec::new(),
            made: Vec::new(),
            unroutable: Vec::new(),
            unanswerable: Vec::new(),
            reader,
        };
        // Only where recipients are made of senders does the server of these matter.
        let servers = if rules.reader.nodes.any_depends() {
            rules.reader.servers()
        } else {
            Vec::new()
        };
        let files = &rule_set.files;
        let interests = files.iter().flat_map(|file| &file.interests);
        for (_, sides) in interests.zip(&sides.interests) {
            rules.add_interest(*sides);
        }
        let routes = (files.iter())
            .flat_map(|file| (file.routes.iter()).map(|route| (route, file.derive_interests)));
        for ((route, derives), sides) in routes.zip(&sides.routes) {
            let server = servers.get(sides.seen.0 as usize).cloned().flatten();
            rules.add_route(route, derives, *sides, server.as_deref());
        }
        for sides in &sides.blocks {
            let id = BlockId(rules.blocks.len() as u32);
            let block = Block {
                senders: rules.block_side(sides.seen, Use::BlockSenders(id)),
                recipients: rules.block_side(sides.seer, Use::BlockRecipients(id)),
            };
            rules.blocks.push(block);
        }
        rules
    }

    fn facts(&self, set: SetId) -> Facts {
        self.facts[set.0 as usize]
    }

    fn depends(&self, set: SetId) -> bool {
        self.reader.nodes.depends(set)
    }

    fn made(&mut self, set: SetId, purpose: Purpose) -> Made {
        Made::new(set, purpose, &mut self.reader.nodes, &mut self.wanted)
    }

    /// What somebody sees who sees a set.
    fn seen(&mut self, set: SetId) -> Seen {
        let facts = self.facts(set);
        if facts.everyone {
            Seen::Everyone { listed: None }
        } else if facts.needs_known_users && !self.has_known_users {
            Seen::Unknown
        } else if self.depends(set) {
            Seen::Made(self.made(set, Purpose::Seen))
        } else {
            Seen::Listed(self.wanted.listing(set, Purpose::Seen))
        }
    }

    fn add_interest(&mut self, sides: Sides) {
        let id = InterestId(self.interests.len() as u32);
        self.uses.push((sides.seer.0, Use::Users(id)));
        let sees = self.seen(sides.seen);
        if matches!(sees, Seen::Unknown) {
            self.unanswerable.push(Rule::Interest(id));
        }
        self.interests.push(Interest { sees });
    }

    fn add_route(
        &mut self,
        route: &rules::Route,
        derives: bool,
        sides: Sides,
        server: Option<&str>,
    ) {
        let id = RouteId(self.routes.len() as u32);
        let Sides { seen, seer, .. } = sides;
        self.uses.push((seen.0, Use::Senders(id)));
        if self.facts(seer).needs_known_users && !self.has_known_users {
            self.unroutable.push(id);
        }
        let is_made = self.depends(seer);
        let recipients = if is_made {
            self.made.push(id);
            Recipients::Made(Box::new(MadeRecipients {
                recipients: self.made(seer, Purpose::Recipients),
                senders_server: server.map(Box::from),
            }))
        } else {
            self.uses.push((seer.0, Use::Recipients(id)));
            Recipients::Listed(self.wanted.listing(seer, Purpose::Recipients))
        };
        let derived = derives.then(|| {
            let mut senders = self.seen(seen);
            if let Seen::Everyone { listed } = &mut senders
                && self.has_known_users
                && is_made
            {
                // Where a template leaves somebody out, everyone is not everyone any more.
                *listed = Some(self.wanted.listing(seen, Purpose::Seen));
            }
            senders
        });
        let facts = self.facts(seen);
        if derives
            && !self.has_known_users
            && facts.needs_known_users
            && (self.reader).needs_senders(seer, facts.everyone, server.is_some(), &self.facts)
        {
            self.unanswerable.push(Rule::Route(id));
        }
        let before = self.routes.last().map(|route| &route.when);
        let when = before.filter(|when| ***when == route.when).cloned();
        self.routes.push(Route {
            when: when.unwrap_or_else(|| Arc::new(route.when.clone())),
            recipients,
            senders: seen,
            derived,
        });
    }

    fn block_side(&mut self, set: SetId, decides: Use) -> BlockSide {
        self.uses.push((set.0, decides));
        if self.facts(set).everyone {
            BlockSide::Everyone
        } else {
            BlockSide::Users(set, self.wanted.held(set))
        }
    }
}
