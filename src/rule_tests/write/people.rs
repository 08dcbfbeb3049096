//! The users whom cases are about.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::samples::samples;
use crate::known_users::KnownUsers;
use crate::pattern::{Pattern, Template};
use crate::router::{Router, Scratch};
use crate::rule_tests::points::{PointId, Points, Say};
use crate::rules::{Item, RuleFile, RuleSet};
use crate::sets::{Asked, Held, SetId, SiteId};
use crate::user_id::UserId;

/// So many known users are taken for each pattern, and so many are looked at.
const MOST_KNOWN: usize = 3;
const MOST_LOOKED_AT: usize = 20_000;

/// So many users are taken from each list.
const MOST_LISTED: usize = 3;

/// So many users are made up by joining the localpart of one sample to the server of another.
const MOST_JOINED: usize = 2_000;

/// From so many users, templates make others.
const MOST_MAKERS: usize = 100;

/// Users to choose from, the most likely first: the known ones, then those made from patterns.
pub(super) struct People {
    pub all: IndexSet<String>,
    held: HashMap<String, Held>,
    /// For a user whom a template makes: those whom it makes it from.
    made_from: IndexMap<String, Vec<String>>,
    /// The sides of rules that were asked for.
    sides: RefCell<HashMap<Option<SiteId>, Rc<OnOneSide>>>,
}

/// Who is on a side of a rule, by the place of each user.
#[derive(Default)]
struct OnOneSide {
    holders: Vec<usize>,
    /// For whom the item at a point has a say, whether the side holds them or not.
    sayers: HashMap<PointId, Vec<usize>>,
}

impl People {
    pub fn new(rule_set: &RuleSet, router: &Router, known_users: Option<&KnownUsers>) -> Self {
        let mut people = Self {
            all: IndexSet::new(),
            held: HashMap::new(),
            made_from: IndexMap::new(),
            sides: RefCell::default(),
        };
        let (patterns, templates, listed) = items(rule_set);
        let mut scratch = Scratch::default();
        let mut matching = |user: &str| {
            let user = UserId::parse(user).expect("checked where it comes from");
            router.observe(user, &mut scratch).held
        };
        let mut taken: HashMap<SetId, usize> = HashMap::new();
        let known = known_users.into_iter().flat_map(KnownUsers::iter);
        for user in known.take(MOST_LOOKED_AT) {
            let held = matching(user);
            // The first sets are those of the patterns.
            let matched = || (held.sets()).take_while(|set| (set.0 as usize) < patterns.len());
            let is_new = |set| taken.get(&set).is_none_or(|count| *count < MOST_KNOWN);
            if matched().any(is_new) {
                for set in matched() {
                    *taken.entry(set).or_default() += 1;
                }
                people.add(user.to_owned(), held);
            }
        }
        let made = patterns.into_iter().flat_map(samples);
        let made: Vec<_> = made.chain(listed).collect();
        for user in &made {
            people.add(user.clone(), matching(user));
        }
        let ids = || made.iter().filter_map(|user| UserId::parse(user).ok());
        let localparts: IndexSet<_> = ids().map(UserId::localpart).collect();
        let servers: IndexSet<_> = ids()
            .map(UserId::server_name)
            .chain(["elsewhere.example"])
            .collect();
        let joined = (localparts.iter())
            .flat_map(|localpart| servers.iter().map(move |server| (localpart, server)))
            .take(MOST_JOINED);
        for (localpart, server) in joined {
            let user = format!("@{localpart}:{server}");
            if UserId::parse(&user).is_ok() {
                let held = matching(&user);
                people.add(user, held);
            }
        }
        let makers: Vec<_> = people.all.iter().take(MOST_MAKERS).cloned().collect();
        for template in templates {
            for maker in &makers {
                let id = UserId::parse(maker).expect("checked where it comes from");
                if let Some(made) = template.make(id) {
                    let held = matching(&made);
                    let makers = people.made_from.entry(made.clone()).or_default();
                    makers.push(maker.clone());
                    people.add(made, held);
                }
            }
        }
        people
    }

    fn add(&mut self, user: String, held: Held) {
        if self.all.insert(user.clone()) {
            self.held.insert(user, held);
        }
    }

    /// What the items of a set say about one of these users.
    fn ask(
        &self,
        points: &Points<'_>,
        set: Option<SiteId>,
        user: &str,
        other: Option<&String>,
    ) -> Say {
        let id = |user| UserId::parse(user).expect("checked where it comes from");
        let asked = Asked {
            user: id(user),
            held: &self.held[user],
            other: other.map(|other| id(other)),
        };
        points.ask(set, asked)
    }

    /// The users who are on one side of a rule, those first for whom the item at this point has a say. Without a set,
    /// everyone is.
    pub fn who(
        &self,
        points: &Points<'_>,
        set: Option<SiteId>,
        point: PointId,
    ) -> impl Iterator<Item = String> {
        let side = self.side(points, set);
        let first = side.sayers.get(&point).cloned().unwrap_or_default();
        let others: Vec<_> = (side.holders.iter().copied())
            .filter(|user| first.binary_search(user).is_err())
            .collect();
        let users = first.into_iter().chain(others);
        users.map(|user| self.all[user].clone())
    }

    /// The users for whom the item at a point has a say on one side of a rule.
    pub fn sayers(&self, points: &Points<'_>, set: SiteId, point: PointId) -> Vec<String> {
        let side = self.side(points, Some(set));
        let sayers = side.sayers.get(&point).into_iter().flatten();
        sayers.map(|user| self.all[*user].clone()).collect()
    }

    /// All that is said of a side of a rule, found out once for all its points.
    fn side(&self, points: &Points<'_>, set: Option<SiteId>) -> Rc<OnOneSide> {
        if let Some(side) = self.sides.borrow().get(&set) {
            return Rc::clone(side);
        }
        let mut side = OnOneSide::default();
        for (index, user) in self.all.iter().enumerate() {
            let say = self.ask(points, set, user, None);
            if say.holds {
                side.holders.push(index);
            }
            let said: BTreeSet<_> = say.held.into_iter().chain(say.kept_out).collect();
            for point in said {
                side.sayers.entry(point).or_default().push(index);
            }
        }
        let side = Rc::new(side);
        self.sides.borrow_mut().insert(set, Rc::clone(&side));
        side
    }

    /// Users who have to be known so that each item of a set whose users are looked up has somebody to match.
    pub fn to_know(&self, points: &Points<'_>, router: &Router) -> Vec<String> {
        // Whom a test file names receives.
        let is_known = |user: &str| {
            let index = router.index_of(user);
            index.is_some_and(|index| router.receives(index))
        };
        let mut satisfied: BTreeSet<PointId> = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        // The first set with a user who is not known, and for whom the item at a point has a say in it.
        let mut unknown: HashMap<PointId, (SiteId, &String)> = HashMap::new();
        let mut met = HashSet::new();
        for set in points.listed().filter(|set| met.insert(*set)) {
            points.items(set, &mut wanted);
            for user in &self.all {
                let said = self.said(points, set, user);
                // Whom an item names is found without known users.
                let is_known = is_known(user);
                if is_known || said.iter().any(|point| points.exact[point.0 as usize]) {
                    satisfied.extend(&said);
                }
                if !is_known {
                    for point in said {
                        unknown.entry(point).or_insert((set, user));
                    }
                }
            }
        }
        let mut to_know = IndexSet::new();
        for point in wanted {
            if !satisfied.contains(&point)
                && let Some((set, user)) = unknown.get(&point)
            {
                satisfied.extend(self.said(points, *set, user));
                to_know.insert((*user).clone());
            }
        }
        to_know.extend(self.kept_from_made(points));
        to_know.retain(|user| !is_known(user));
        to_know.into_iter().collect()
    }

    /// Users whom templates would make from senders who are left out: somebody has to be there who does not get the
    /// update.
    fn kept_from_made(&self, points: &Points<'_>) -> Vec<String> {
        let mut made = Vec::new();
        for route in &points.routes {
            let mut left_out = BTreeSet::new();
            for (user, makers) in &self.made_from {
                for maker in makers {
                    let say = self.ask(points, Some(route.senders), maker, None);
                    let is_new = say.kept_out.iter().any(|point| !left_out.contains(point));
                    if is_new
                        && self
                            .ask(points, Some(route.recipients), user, Some(maker))
                            .holds
                    {
                        left_out.extend(say.kept_out);
                        made.push(user.clone());
                    }
                }
            }
        }
        made
    }

    fn said(&self, points: &Points<'_>, set: SiteId, user: &str) -> Vec<PointId> {
        let makers = self.made_from.get(user).into_iter().flatten().map(Some);
        let mut said = Vec::new();
        for other in makers.chain([None]) {
            let say = self.ask(points, Some(set), user, other);
            said.extend(say.held.into_iter().chain(say.kept_out));
        }
        said
    }
}

/// All patterns, each once, all templates, and the first users of each list.
fn items(rule_set: &RuleSet) -> (IndexSet<&Pattern>, Vec<&Template>, Vec<String>) {
    let mut patterns = IndexSet::from([&Pattern::Everyone]);
    let (mut templates, mut listed) = (Vec::new(), Vec::new());
    for users in rule_set.files.iter().flat_map(RuleFile::sets) {
        users.items(&mut |item| match item {
            Item::Pattern(pattern) | Item::Local(Some(pattern)) => {
                patterns.insert(pattern);
            }
            Item::Template(template) => templates.push(template),
            Item::File(file) => {
                let users = file.users.iter().flat_map(|users| users.iter());
                listed.extend(users.take(MOST_LISTED).map(str::to_owned));
            }
            Item::Group(_) | Item::Local(None) => {}
        });
    }
    (patterns, templates, listed)
}
