//! Questions about the user sets of the rules: who is in them, as far as that can be told.
//!
//! They do not go to the router: checking comes before compiling, and a finding needs the rule as written. A user is
//! looked up once, from the patterns that match it up to the sides of rules that hold it, so that the cost does not grow
//! with what a set lists.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::remote::remote_server;
use crate::known_users::KnownUsers;
use crate::matcher::{Matcher, PatternId, Strategy};
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Block, Interest, Route, RuleFile, RuleSet};
use crate::sets::{Facts, Held, Holds, Membership, Node, Part, Reader, SetId, Sides, Sites, Table};
use crate::user_id::UserId;

/// Steps of all look-ups together; what is not decided by then brings no finding.
const BUDGET: usize = 20_000_000;

/// How many patterns become automata at most: each takes as long as reading a page of rules.
const MOST_AUTOMATA: usize = 256;

/// Of the known users, no more than these are looked up for one rule.
const MOST_KNOWN: usize = 4096;

/// More users than this are not asked for: whoever mends the first sees the others then.
const MOST_NAMED: usize = 32;

/// All user sets of a rule set.
pub(super) struct Sets<'a> {
    pub reader: Reader<'a, 'a>,
    pub sites: Sites<'a>,
    matcher: Matcher,
    /// The patterns too many, which are not looked into.
    others: Vec<Other>,
    facts: Vec<Facts>,
    places: Vec<Places>,
    pub routes: Sided<'a, Route>,
    pub(crate) interests: Sided<'a, Interest>,
    pub blocks: Sided<'a, Block>,
    /// Blocks that keep everyone's updates from their recipients.
    pub silencers: Vec<usize>,
    /// Users who were looked up.
    known: RefCell<HashMap<Box<str>, Rc<Held>>>,
    /// How many steps may still be taken.
    budget: Cell<usize>,
}

/// A rule, the file it stands in, and the sets of its two sides.
pub(super) struct Connection<'a, R> {
    pub file: &'a RuleFile,
    pub rule: &'a R,
    pub seen: SetId,
    pub seer: SetId,
}

/// The rules of one kind, by their sets.
pub(super) struct Sided<'a, R> {
    pub all: Vec<Connection<'a, R>>,
    by_seen: BySet,
    by_seer: BySet,
}

/// Rules by the set of one side.
struct BySet {
    rules: Table<usize>,
    /// Those of which it depends on the other side who is in this one.
    made: Vec<usize>,
}

/// Users whom a set names.
pub(super) struct Exact<'s> {
    /// The first of them, each once, without those who are excluded.
    pub users: Vec<&'s str>,
    /// Whether these are all whom the set names.
    pub is_all: bool,
}

/// Of which servers the users are whom a set takes in.
#[derive(Clone, Copy, Default)]
struct Places {
    /// Some item may name a user of the homeserver that the rules run on.
    may_be_local: bool,
    /// Some item surely names users of another server.
    has_remote: bool,
}

/// A pattern that is not looked into.
struct Other {
    id: PatternId,
    /// What all users start with whom it matches,
    prefix: Box<str>,
    /// and the server name that they all have, if it is known.
    server: Option<Box<str>>,
}

impl<'a> Sets<'a> {
    pub fn new(rule_set: &'a RuleSet, groups: &'a Groups<'a>, own_server: Option<&str>) -> Self {
        let mut reader = Reader::with_sites(rule_set, groups);
        let sides = reader.rules(rule_set);
        let sites = reader.sites(sides);
        let sides = &sites.rules;
        let files = &rule_set.files;
        let routes = (files.iter()).flat_map(|file| file.routes.iter().map(move |it| (file, it)));
        let routes = Sided::new(routes, &sides.routes, &reader);
        let interests =
            (files.iter()).flat_map(|file| file.interests.iter().map(move |it| (file, it)));
        let interests = Sided::new(interests, &sides.interests, &reader);
        let blocks = (files.iter()).flat_map(|file| file.blocks.iter().map(move |it| (file, it)));
        let blocks = Sided::new(blocks, &sides.blocks, &reader);
        let facts = reader.facts();
        let is_silencer = |block: &usize| facts[blocks.all[*block].seen.0 as usize].everyone;
        let silencers = (0..blocks.all.len()).filter(is_silencer).collect();
        let (matcher, others) = index(&reader);
        Self {
            matcher,
            others,
            places: places(&reader, own_server),
            facts,
            routes,
            interests,
            blocks,
            silencers,
            known: RefCell::new(HashMap::new()),
            budget: Cell::new(BUDGET),
            sites,
            reader,
        }
    }

    /// What it takes to say who is in a set.
    pub fn facts(&self, set: SetId) -> Facts {
        self.facts[set.0 as usize]
    }

    /// The same for each set.
    pub fn all_facts(&self) -> &[Facts] {
        &self.facts
    }

    /// Whether some item of a set surely names users of another server.
    pub fn has_remote(&self, set: SetId) -> bool {
        self.places[set.0 as usize].has_remote
    }

    /// Whether all users of a set are of other servers.
    pub fn is_remote(&self, set: SetId) -> bool {
        self.has_remote(set) && !self.places[set.0 as usize].may_be_local
    }

    /// The first users whom a set names by their exact IDs, and surely holds.
    pub fn exact(&self, set: SetId) -> Exact<'_> {
        let (mut seen, mut is_all) = (0, true);
        let mut users = Vec::new();
        self.reader.items(set, &mut |part| {
            let (one, list) = match part {
                Part::Pattern(Pattern::User(id)) => (Some(&**id), None),
                Part::Listed(list) => (None, Some(list.iter())),
                _ => (None, None),
            };
            for id in one.into_iter().chain(list.into_iter().flatten()) {
                is_all = seen < MOST_NAMED;
                seen += 1;
                if !is_all {
                    break;
                }
                if self.holds(set, id) == Holds::Yes {
                    users.push(id);
                }
            }
            is_all
        });
        Exact { users, is_all }
    }

    /// The known users whom a set holds, and whether these are all: many are not looked up one by one.
    pub fn known<'k>(&self, set: SetId, known_users: &'k KnownUsers) -> (Vec<&'k str>, bool) {
        let mut users = known_users.iter().take(MOST_KNOWN);
        let held = (users.by_ref()).filter(|user| {
            self.take(1);
            !self.is_exhausted() && self.holds(set, user) == Holds::Yes
        });
        let held = held.collect();
        (
            held,
            known_users.len() <= MOST_KNOWN && !self.is_exhausted(),
        )
    }

    /// Whether a set holds a user.
    pub fn holds(&self, set: SetId, user: &str) -> Holds {
        let held = self.look_up(user);
        UserId::parse(user).map_or(Holds::No, |user| {
            self.sites.graph.holds(set, (user, &*held), None)
        })
    }

    /// Whether there were so many questions that the rest should not be asked.
    pub fn is_exhausted(&self) -> bool {
        self.budget.get() == 0
    }

    fn take(&self, steps: usize) {
        self.budget.set(self.budget.get().saturating_sub(steps));
    }

    fn look_up(&self, user: &str) -> Rc<Held> {
        if let Some(known) = self.known.borrow().get(user) {
            return Rc::clone(known);
        }
        let held = UserId::parse(user).map_or_else(|_| Held::default(), |id| self.find(id));
        self.take(1 + self.others.len() + held.sets().count());
        let held = Rc::new(held);
        let mut known = self.known.borrow_mut();
        known.insert(user.into(), Rc::clone(&held));
        held
    }

    fn find(&self, user: UserId<'_>) -> Held {
        let mut membership = Membership::default();
        membership.look_up(&self.matcher, user);
        let lists = self.reader.nodes.lists();
        let lists = lists.filter(|(_, list)| list.has(user.as_str()));
        membership.listed.extend(lists.map(|(list, _)| list));
        let may_match = |other: &&Other| {
            let server = other.server.as_deref();
            user.as_str().starts_with(&*other.prefix)
                && server.is_none_or(|server| server == user.server_name())
        };
        let unsure = self.others.iter().filter(may_match).map(|other| other.id);
        membership.unsure.extend(unsure);
        self.sites.graph.held(&mut membership)
    }

    /// A route that sends a user's updates to another, or may.
    pub fn route(&self, seen: &str, seer: &str) -> Option<usize> {
        self.connects(&self.routes, (seen, seer), |_, _| true)
    }

    /// Whether some route lets a user see another by the interest that derives from it, or may.
    pub fn derived(&self, seen: &str, seer: &str) -> bool {
        let derives = |route: &Connection<'_, Route>, _| route.file.derive_interests;
        self.connects(&self.routes, (seen, seer), derives).is_some()
    }

    /// An interest that lets a user see another, or may.
    pub fn interest(&self, seen: &str, seer: &str) -> Option<usize> {
        self.connects(&self.interests, (seen, seer), |_, _| true)
    }

    /// A block that surely keeps a user's updates from another.
    pub fn block(&self, seen: &str, seer: &str) -> Option<usize> {
        self.connects(&self.blocks, (seen, seer), |_, holds| holds == Holds::Yes)
    }

    /// The routes that send to a user, or may.
    pub fn routes_to(&self, user: &str) -> Vec<usize> {
        let held = self.look_up(user);
        let mut routes: Vec<_> = self.routes.by_seer.of(&held).collect();
        self.take(routes.len());
        routes.retain(|route| self.holds(self.routes.all[*route].seer, user) > Holds::No);
        routes
    }

    /// The first of some rules that connects a pair.
    fn connects<R>(
        &self,
        rules: &Sided<'_, R>,
        (seen, seer): (&str, &str),
        fits: impl Fn(&Connection<'_, R>, Holds) -> bool,
    ) -> Option<usize> {
        let sides = [
            (&rules.by_seen, self.look_up(seen)),
            (&rules.by_seer, self.look_up(seer)),
        ];
        let mut steps: usize = (sides.iter())
            .map(|(_, held)| 1 + held.sets().count())
            .sum();
        // Those about the one or those about the other, whichever are fewer.
        let few = (sides.iter()).min_by_key(|(by_set, held)| by_set.count(held));
        let found = few.and_then(|(by_set, held)| {
            by_set.of(held).find(|&index| {
                steps += 1;
                let rule = &rules.all[index];
                let holds = self.holds(rule.seen, seen).min(self.holds(rule.seer, seer));
                holds > Holds::No && fits(rule, holds)
            })
        });
        self.take(steps);
        found
    }
}

impl<'a, R> Sided<'a, R> {
    fn new(
        rules: impl Iterator<Item = (&'a RuleFile, &'a R)>,
        sides: &[Sides],
        reader: &Reader<'_, '_>,
    ) -> Self {
        let all = rules.zip(sides).map(|((file, rule), sides)| Connection {
            file,
            rule,
            seen: sides.seen,
            seer: sides.seer,
        });
        Self {
            all: all.collect(),
            by_seen: BySet::new(sides.iter().map(|sides| sides.seen), reader),
            by_seer: BySet::new(sides.iter().map(|sides| sides.seer), reader),
        }
    }
}

impl BySet {
    fn new(sets: impl Iterator<Item = SetId>, reader: &Reader<'_, '_>) -> Self {
        let sets: Vec<_> = sets.map(|set| (set, reader.nodes.depends(set))).collect();
        let of = |depends| {
            let rules = sets.iter().enumerate();
            rules.filter(move |(_, (_, is_made))| *is_made == depends)
        };
        Self {
            rules: Table::of(of(false).map(|(rule, (set, _))| (set.0, rule))),
            made: of(true).map(|(rule, _)| rule).collect(),
        }
    }

    /// The rules that may hold a user.
    fn of<'s>(&'s self, held: &'s Held) -> impl Iterator<Item = usize> + use<'s> {
        let sets = held.sets().flat_map(|set| self.rules.get(set.0));
        sets.chain(&self.made).copied()
    }

    /// How many these are.
    fn count(&self, held: &Held) -> usize {
        let sets = held.sets().map(|set| self.rules.get(set.0).len());
        sets.sum::<usize>() + self.made.len()
    }
}

/// An index of the patterns, and those that are left out of it.
fn index(reader: &Reader<'_, '_>) -> (Matcher, Vec<Other>) {
    let mut others = Vec::new();
    let mut automata = 0;
    let matcher = reader.patterns.build_of(|id, pattern| {
        let is_automaton =
            matches!(Strategy::of(pattern), Strategy::General(_)) && !pattern.is_stars();
        automata += usize::from(is_automaton);
        let is_left_out = is_automaton && automata > MOST_AUTOMATA;
        if is_left_out {
            others.push(Other {
                id,
                prefix: pattern.literal_prefix(),
                server: pattern.server_name(),
            });
        }
        !is_left_out
    });
    (matcher, others)
}

fn places(reader: &Reader<'_, '_>, own_server: Option<&str>) -> Vec<Places> {
    reader.fold(|part, places: &[Places]| {
        if let Part::Listed(list) = part {
            let is_own = |user: UserId<'_>| own_server == Some(user.server_name());
            return Places {
                may_be_local: own_server.is_none() || list.ids().any(is_own),
                has_remote: own_server.is_some() && !list.ids().all(is_own),
            };
        }
        let Part::Node(node) = part else {
            let is_remote = own_server.is_some_and(|own| remote_server(part, own).is_some());
            return Places {
                may_be_local: !is_remote,
                has_remote: is_remote,
            };
        };
        let parts = || node.taken_in().iter().map(|part| places[part.0 as usize]);
        if let Node::Intersection(_) = node {
            return Places {
                may_be_local: parts().all(|part| part.may_be_local),
                has_remote: parts().any(|part| part.has_remote && !part.may_be_local),
            };
        }
        Places {
            may_be_local: parts().any(|part| part.may_be_local),
            has_remote: parts().any(|part| part.has_remote),
        }
    })
}
