//! From the rules as written to a [`Router`].

use std::sync::Arc;

use crate::known_users::KnownUsers;
use crate::matcher::MatcherBuilder;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::servers::Servers;
use crate::rules::{self, Item, RuleFile, RuleSet, UserSet};
use crate::source::Sources;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::blocks::{Block, BlockSide, Blocks};
use super::grow::Known;
use super::lower::{Lowering, Users};
use super::names::Names;
use super::sets::Table;
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

/// The rules, whose lists are still to be made.
#[derive(Default)]
struct Rules {
    routes: Vec<Route>,
    interests: Vec<Interest>,
    blocks: Vec<Block>,
    uses: Vec<(u32, Use)>,
    made: Vec<RouteId>,
    unroutable: Vec<RouteId>,
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
        let mut lowering = Lowering::new(&patterns, &groups);
        let has_known_users = known_users.is_some();
        let rules = Rules::new(rule_set, &mut lowering, has_known_users);
        let Lowering { sets, wanted, .. } = lowering;

        let (users, exact) = collect_users(&patterns).ok_or(CompileError::TooLarge)?;
        let matcher = patterns.build();
        let (sets, lists) = wanted.enumerate(sets, &matcher, &users, &exact)?;
        let (route_names, interest_names) = names(rule_set, sources);
        let mut router = Self {
            matcher,
            sets,
            uses: Table::new(rules.uses),
            known: has_known_users.then(|| Known::new(users.len())),
            users,
            lists,
            routes: rules.routes,
            interests: rules.interests,
            blocks: Blocks {
                blocks: rules.blocks,
            },
            route_names,
            interest_names,
            made: rules.made,
            unroutable: rules.unroutable,
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

impl Rules {
    fn new(rule_set: &RuleSet, lowering: &mut Lowering<'_>, has_known_users: bool) -> Self {
        let files = &rule_set.files;
        let mut rules = Self {
            routes: Vec::with_capacity(files.iter().map(|file| file.routes.len()).sum()),
            interests: Vec::with_capacity(files.iter().map(|file| file.interests.len()).sum()),
            blocks: Vec::with_capacity(files.iter().map(|file| file.blocks.len()).sum()),
            ..Self::default()
        };
        let mut servers = Servers::new(lowering.groups);
        for file in files {
            for route in &file.routes {
                let derives = file.derive_interests;
                rules.add_route(route, derives, lowering, &mut servers, has_known_users);
            }
            for interest in &file.interests {
                let id = InterestId(rules.interests.len() as u32);
                let users = lowering.static_set(&interest.users);
                rules.uses.push((users.set.0, Use::Users(id)));
                let sees = lowering.lower(&interest.sees);
                let sees = if sees.everyone {
                    Seen::Everyone { listed: None }
                } else if sees.needs_known_users && !has_known_users {
                    Seen::Unknown
                } else {
                    match sees.set {
                        Users::Static(set) => Seen::Listed(lowering.wanted.listing(set)),
                        Users::Dynamic(tree) => Seen::Made(Box::new(lowering.dynamic(tree))),
                    }
                };
                rules.interests.push(Interest { sees });
            }
            for block in &file.blocks {
                let id = BlockId(rules.blocks.len() as u32);
                let mut side = |users: &Option<UserSet>, decides| {
                    let users = users.as_ref().map(|users| lowering.static_set(users));
                    let users = users.unwrap_or_else(|| lowering.everyone());
                    rules.uses.push((users.set.0, decides));
                    if users.everyone {
                        BlockSide::Everyone
                    } else {
                        BlockSide::Users {
                            set: users.set,
                            held: lowering.wanted.held(users.set),
                        }
                    }
                };
                rules.blocks.push(Block {
                    senders: side(&block.senders, Use::BlockSenders(id)),
                    recipients: side(&block.recipients, Use::BlockRecipients(id)),
                });
            }
        }
        rules
    }

    fn add_route<'a>(
        &mut self,
        route: &rules::Route,
        derives_interest: bool,
        lowering: &mut Lowering<'a>,
        servers: &mut Servers<'a>,
        has_known_users: bool,
    ) {
        let id = RouteId(self.routes.len() as u32);
        let senders = lowering.static_set(&route.senders);
        self.uses.push((senders.set.0, Use::Senders(id)));
        let recipients = lowering.lower(&route.recipients);
        if recipients.needs_known_users && !has_known_users {
            self.unroutable.push(id);
        }
        let recipients = match recipients.set {
            Users::Static(set) => {
                self.uses.push((set.0, Use::Recipients(id)));
                Recipients::Listed(lowering.wanted.listing(set))
            }
            Users::Dynamic(tree) => {
                self.made.push(id);
                Recipients::Made(Box::new(Made {
                    recipients: lowering.dynamic(tree),
                    senders_server: servers.of(&route.senders),
                }))
            }
        };
        let derived = derives_interest.then(|| {
            if senders.everyone {
                // Where a template leaves somebody out, everyone is not everyone any more.
                let listed = has_known_users && matches!(recipients, Recipients::Made(_));
                Seen::Everyone {
                    listed: listed.then(|| lowering.wanted.listing(senders.set)),
                }
            } else if senders.needs_known_users && !has_known_users {
                Seen::Unknown
            } else {
                Seen::Listed(lowering.wanted.listing(senders.set))
            }
        });
        let before = self.routes.last().map(|route| &route.when);
        let when = before.filter(|when| ***when == route.when).cloned();
        self.routes.push(Route {
            when: when.unwrap_or_else(|| Arc::new(route.when.clone())),
            recipients,
            senders: senders.set,
            derived,
        });
    }
}
