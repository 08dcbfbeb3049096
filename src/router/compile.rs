//! From the rules as written to a [`Router`].

use std::sync::Arc;

use crate::known_users::KnownUsers;
use crate::matcher::MatcherBuilder;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::servers::Servers;
use crate::rules::{Item, RuleFile, RuleSet, UserSet, When};
use crate::source::Sources;
use crate::user_id::UserId;
use crate::user_ids::{MAX_USERS, UserIds};

use super::blocks::{Block, BlockSide, Blocks};
use super::dynamic::Dynamic;
use super::enumerate::{Asked, Enumeration};
use super::grow::Known;
use super::lower::{Lowered, Lowering, StaticSet};
use super::names::Names;
use super::sets::{SetsBuilder, Table};
use super::{
    BlockId, Interest, InterestId, Made, Recipients, Route, RouteId, Router, Scratch, Seen, Use,
    UserIndex,
};

/// Why a rule set cannot be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Reading the rules found errors.
    #[error("the rules have errors")]
    Faulty,
    /// More patterns, sets or users than 32 bits can number.
    #[error("the rule set is too large")]
    TooLarge,
}

/// A rule set whose sets are lowered, before anybody is enumerated.
struct LoweredRules<'a> {
    routes: Vec<LoweredRoute<'a>>,
    interests: Vec<LoweredInterest>,
    blocks: Vec<LoweredBlock>,
}

struct LoweredRoute<'a> {
    senders: StaticSet,
    /// The server name that all senders have, if it matters.
    senders_server: Option<Box<str>>,
    recipients: Lowered,
    when: &'a When,
    derives_interest: bool,
}

struct LoweredInterest {
    users: StaticSet,
    sees: Lowered,
}

struct LoweredBlock {
    senders: StaticSet,
    recipients: StaticSet,
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
        let groups = Groups::new(rule_set);
        let patterns = collect_patterns(rule_set);
        let mut lowering = Lowering {
            patterns: &patterns,
            groups: &groups,
            sets: SetsBuilder::new(patterns.len()),
            lowered_groups: vec![None; groups.all.len()],
        };
        for group in groups.order().0 {
            let lowered = lowering.static_set(groups.all[group].users);
            lowering.lowered_groups[group] = Some(lowered);
        }
        let rules = lower_rules(rule_set, &mut lowering);
        let Lowering {
            sets,
            lowered_groups,
            ..
        } = lowering;

        let (users, exact) = collect_users(&patterns).ok_or(CompileError::TooLarge)?;
        let sets = sets.build();
        let matcher = patterns.build();
        if sets.count() >= MAX_USERS {
            return Err(CompileError::TooLarge);
        }
        let asked = rules.asked(&lowered_groups);
        let graph = (&matcher, &sets);
        let mut lists = Enumeration::new(&asked, &users, graph, &lowered_groups, &exact);

        let uses = Table::new(rules.uses());
        let has_known_users = known_users.is_some();
        let unroutable =
            rules.routes_whose_recipients(|set| !has_known_users && set.needs_known_users());
        let made = rules.routes_whose_recipients(|set| matches!(set, Lowered::Dynamic(_)));
        let (routes, interests, blocks) = rules.finish(&mut lists, has_known_users);
        let lists = lists.finish()?;
        let (route_names, interest_names) = names(rule_set, sources);
        let mut router = Self {
            matcher,
            sets,
            uses,
            known: has_known_users.then(|| Known::new(users.len())),
            users,
            lists,
            routes,
            interests,
            blocks,
            route_names,
            interest_names,
            made,
            unroutable,
        };
        let mut scratch = Scratch::default();
        for user in known_users.into_iter().flat_map(KnownUsers::iter) {
            let user = UserId::parse(user).expect("known users are valid user IDs");
            (router.add_known(user, &mut scratch)).map_err(|_| CompileError::TooLarge)?;
        }
        Ok(router)
    }
}

pub(super) fn collect_patterns(rule_set: &RuleSet) -> MatcherBuilder {
    let mut patterns = MatcherBuilder::default();
    patterns.add(&Pattern::Everyone);
    for users in rule_set.files.iter().flat_map(RuleFile::sets) {
        users.items(&mut |item| {
            if let Item::Pattern(pattern) = item {
                patterns.add(pattern);
            }
        });
    }
    patterns
}

/// The users whom the rules name, and for each pattern the one that it names. `None` if these are too many.
fn collect_users(patterns: &MatcherBuilder) -> Option<(UserIds, Vec<Option<UserIndex>>)> {
    let mut users = UserIds::default();
    let mut exact = vec![None; patterns.len()];
    for ((_, pattern), exact) in patterns.patterns().zip(&mut exact) {
        if let Pattern::User(user) = pattern {
            let user = UserId::parse(user).expect("rules hold valid user IDs");
            let (number, _) = users.insert(user)?;
            *exact = Some(UserIndex(number));
        }
    }
    users.shrink();
    Some((users, exact))
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

fn lower_rules<'a>(rule_set: &'a RuleSet, lowering: &mut Lowering<'_>) -> LoweredRules<'a> {
    let mut lowered = LoweredRules {
        routes: Vec::new(),
        interests: Vec::new(),
        blocks: Vec::new(),
    };
    let mut servers = Servers::new(lowering.groups);
    for rules in &rule_set.files {
        for route in &rules.routes {
            let senders = lowering.static_set(&route.senders);
            let recipients = lowering.lower(&route.recipients);
            // Only where a template makes the recipients, it is asked for.
            let senders_server = match recipients {
                Lowered::Static(_) => None,
                Lowered::Dynamic(_) => servers.of(&route.senders),
            };
            lowered.routes.push(LoweredRoute {
                senders,
                senders_server,
                recipients,
                when: &route.when,
                derives_interest: rules.derive_interests,
            });
        }
        for interest in &rules.interests {
            lowered.interests.push(LoweredInterest {
                users: lowering.static_set(&interest.users),
                sees: lowering.lower(&interest.sees),
            });
        }
        for block in &rules.blocks {
            let mut side = |users: &Option<UserSet>| match users {
                Some(users) => lowering.static_set(users),
                None => lowering.everyone(),
            };
            lowered.blocks.push(LoweredBlock {
                senders: side(&block.senders),
                recipients: side(&block.recipients),
            });
        }
    }
    lowered
}

impl LoweredRules<'_> {
    /// What has to be known of whom.
    fn asked(&self, groups: &[Option<StaticSet>]) -> Asked {
        let mut asked = Asked::default();
        let recipients = self.routes.iter().map(|route| &route.recipients);
        let seen = self.interests.iter().map(|interest| &interest.sees);
        for set in recipients.chain(seen) {
            match set {
                Lowered::Static(set) => asked.enumeration(&set.members, groups),
                Lowered::Dynamic(set) => asked.dynamic(set, groups),
            }
        }
        for route in self.routes.iter().filter(|route| route.derives_interest) {
            asked.enumeration(&route.senders.members, groups);
        }
        for block in &self.blocks {
            asked.set(block.senders.set);
            asked.set(block.recipients.set);
        }
        asked
    }

    fn uses(&self) -> Vec<(u32, Use)> {
        let mut uses = Vec::new();
        for (id, route) in (0..).map(RouteId).zip(&self.routes) {
            uses.push((route.senders.set.0, Use::Senders(id)));
            if let Lowered::Static(recipients) = &route.recipients {
                uses.push((recipients.set.0, Use::Recipients(id)));
            }
        }
        for (id, interest) in (0..).map(InterestId).zip(&self.interests) {
            uses.push((interest.users.set.0, Use::Users(id)));
        }
        for (id, block) in (0..).map(BlockId).zip(&self.blocks) {
            uses.push((block.senders.set.0, Use::BlockSenders(id)));
            uses.push((block.recipients.set.0, Use::BlockRecipients(id)));
        }
        uses
    }

    fn routes_whose_recipients(&self, are: impl Fn(&Lowered) -> bool) -> Vec<RouteId> {
        let routes = (0..).map(RouteId).zip(&self.routes);
        let found = routes.filter(|(_, route)| are(&route.recipients));
        found.map(|(id, _)| id).collect()
    }

    fn finish(
        self,
        lists: &mut Enumeration<'_>,
        has_known_users: bool,
    ) -> (Vec<Route>, Vec<Interest>, Blocks) {
        let mut routes: Vec<Route> = Vec::with_capacity(self.routes.len());
        for route in self.routes {
            let before = routes.last().map(|route| &route.when);
            let when = before.filter(|when| ***when == *route.when).cloned();
            let when = when.unwrap_or_else(|| Arc::new(route.when.clone()));
            routes.push(route.finish(when, lists, has_known_users));
        }
        let interests = self.interests.into_iter();
        let interests = interests
            .map(|interest| interest.finish(lists, has_known_users))
            .collect();
        let mut side = |set: &StaticSet| {
            if set.everyone {
                BlockSide::Everyone
            } else {
                BlockSide::Users {
                    set: set.set,
                    known: lists.users_in(set.set),
                }
            }
        };
        let blocks = self.blocks.iter().map(|block| Block {
            senders: side(&block.senders),
            recipients: side(&block.recipients),
        });
        let blocks = blocks.collect();
        (routes, interests, Blocks { blocks })
    }
}

impl LoweredRoute<'_> {
    fn finish(self, when: Arc<When>, lists: &mut Enumeration<'_>, has_known_users: bool) -> Route {
        let Self { senders, .. } = self;
        let recipients = match self.recipients {
            Lowered::Static(set) => Recipients::Listed(lists.enumerate(&set.members)),
            Lowered::Dynamic(set) => Recipients::Made(Box::new(Made {
                recipients: Dynamic::new(&set, lists),
                senders_server: self.senders_server,
            })),
        };
        let derived = self.derives_interest.then(|| {
            if senders.everyone {
                // Where a template leaves somebody out, everyone is not everyone any more.
                let listed = has_known_users && matches!(recipients, Recipients::Made(_));
                Seen::Everyone {
                    listed: listed.then(|| lists.enumerate(&senders.members)),
                }
            } else if senders.needs_known_users && !has_known_users {
                Seen::Unknown
            } else {
                Seen::Listed(lists.enumerate(&senders.members))
            }
        });
        Route {
            when,
            recipients,
            senders: senders.set,
            derived,
        }
    }
}

impl LoweredInterest {
    fn finish(self, lists: &mut Enumeration<'_>, has_known_users: bool) -> Interest {
        let sees = if self.sees.everyone() {
            Seen::Everyone { listed: None }
        } else if self.sees.needs_known_users() && !has_known_users {
            Seen::Unknown
        } else {
            match &self.sees {
                Lowered::Static(set) => Seen::Listed(lists.enumerate(&set.members)),
                Lowered::Dynamic(set) => Seen::Made(Box::new(Dynamic::new(set, lists))),
            }
        };
        Interest { sees }
    }
}
