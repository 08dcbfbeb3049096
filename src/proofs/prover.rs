//! Is a set empty? All questions about sets of user IDs come down to this one.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::automata::{Budget, Op, Undecided, Universe};
use crate::pattern::Pattern;

use super::bounds::can_end_in;
use super::sets::{Set, SetId, Sets};

/// A server for witnesses where any will do (RFC 2606).
const EXAMPLE: &str = "example.org";

/// A user, if there is one and it is decided.
pub(super) type Found = Result<Option<Rc<str>>, Undecided>;

/// Answers questions about sets of user IDs, each once.
///
/// ```
/// use presence_router::pattern::Pattern;
/// use presence_router::proofs::Prover;
///
/// let mut prover = Prover::default();
/// let staff = prover.sets.pattern(&Pattern::server("*.corp.example").unwrap());
/// let bots = prover.sets.pattern(&Pattern::glob("@bot-*:*").unwrap());
/// let both = prover.sets.intersection(staff, bots);
///
/// assert_eq!(prover.find(both)?.as_deref(), Some("@bot-:a.corp.example"));
/// assert_eq!(prover.is_within(both, staff)?, None, "so it is");
/// # Ok::<(), presence_router::automata::Undecided>(())
/// ```
#[derive(Default)]
pub struct Prover {
    /// The sets to ask about.
    pub sets: Sets,
    budget: Budget,
    pub(super) known: HashMap<SetId, Found, RandomState>,
    of_server: HashMap<(SetId, Rc<str>), Found, RandomState>,
}

/// Which IDs a question is about.
enum Scope {
    Server(Rc<str>),
    /// All servers that are named nowhere in it.
    Elsewhere {
        /// What the IDs end in.
        suffix: Rc<str>,
    },
}

/// What is said where rules overlap too much to go on.
pub(super) fn too_many() -> Undecided {
    Undecided::Beyond("too many rules overlap to tell them apart".to_owned())
}

impl Prover {
    /// A prover with this budget.
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// Counts steps that lead to no automaton: they take from the budget of all questions together.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice.
    pub fn count(&mut self, steps: usize) -> Result<(), Undecided> {
        if self.budget.count(steps) {
            return Ok(());
        }
        Err(too_many())
    }

    /// A user of the set, whose ID is short and good to read, or `None` if the set is empty: no valid user ID is in it.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to tell.
    pub fn find(&mut self, set: SetId) -> Found {
        if let Some(found) = self.known.get(&set) {
            return found.clone();
        }
        let found = self.search(set);
        let found = found.or_else(|undecided| self.beyond_boundaries(set, undecided));
        self.known.insert(set, found.clone());
        found
    }

    /// A user of the first set who is not in the second, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to tell.
    pub fn is_within(&mut self, inner: SetId, outer: SetId) -> Found {
        let outside = self.sets.difference(inner, outer);
        self.find(outside)
    }

    /// A user of one of the sets who is not in the other, or `None` if the sets are equal.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to tell.
    pub fn are_equal(&mut self, one: SetId, other: SetId) -> Found {
        if one == other {
            return Ok(None);
        }
        match self.is_within(one, other)? {
            None => self.is_within(other, one),
            found => Ok(found),
        }
    }

    fn search(&mut self, set: SetId) -> Found {
        match self.sets.get(set) {
            Set::Nobody => return Ok(None),
            Set::Users(users) => {
                let shortest = users.iter().min_by_key(|user| user.len());
                return Ok(shortest.cloned());
            }
            _ => {}
        }
        if let Some(user) = self.best(set) {
            return Ok(Some(user));
        }
        self.budget.start();
        let bounds = self.sets.bounds(set);
        if let Some(servers) = bounds.servers {
            return self.first_of(set, &servers);
        }
        let mut named = BTreeSet::new();
        self.servers_named(set, &mut BTreeSet::new(), &mut named);
        let example: BTreeSet<Rc<str>> = BTreeSet::from([EXAMPLE.into()]);
        let found = self.first_of(set, &example)?;
        if found.is_some() {
            return Ok(found);
        }
        let suffix = bounds.suffix;
        let scope = Scope::Elsewhere { suffix };
        let narrowed = self.narrowed(set, &scope, &mut HashMap::default());
        let program = self.program(narrowed);
        let universe = Universe::Elsewhere(named.iter().cloned().collect());
        let found = self
            .sets
            .automata
            .find(&program, &universe, &mut self.budget)?;
        match found {
            Some(user) => Ok(Some(user.into())),
            None => self.first_of(set, &named),
        }
    }

    /// A user of the set on one of these servers.
    fn first_of(&mut self, set: SetId, servers: &BTreeSet<Rc<str>>) -> Found {
        // A question that one server leaves open may be answered by the next.
        let mut open = None;
        for server in servers {
            match self.on_server(set, server) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(undecided) => open = Some(undecided),
            }
        }
        open.map_or(Ok(None), Err)
    }

    fn on_server(&mut self, set: SetId, server: &Rc<str>) -> Found {
        let scope = Scope::Server(server.clone());
        let narrowed = self.narrowed(set, &scope, &mut HashMap::default());
        match self.sets.get(narrowed) {
            Set::Nobody => return Ok(None),
            Set::Users(users) => return Ok(users.first().cloned()),
            _ => {}
        }
        let key = (narrowed, server.clone());
        if let Some(found) = self.of_server.get(&key) {
            return found.clone();
        }
        let program = self.program(narrowed);
        let universe = Universe::Server(server);
        let found = self
            .sets
            .automata
            .find(&program, &universe, &mut self.budget);
        let found = found.map(|found| found.map(Into::into));
        self.of_server.insert(key, found.clone());
        found
    }

    /// The set as it is within a scope: without what is plain to see there.
    fn narrowed(
        &mut self,
        set: SetId,
        scope: &Scope,
        known: &mut HashMap<SetId, SetId, RandomState>,
    ) -> SetId {
        if let Some(narrowed) = known.get(&set) {
            return *narrowed;
        }
        let narrowed = match self.sets.get(set).clone() {
            Set::Nobody | Set::Everyone => set,
            Set::Pattern(automaton) => {
                let bounds = self.sets.bounds(set);
                let fixed = bounds.servers.as_ref().and_then(|servers| servers.first());
                match scope {
                    Scope::Elsewhere { suffix } => {
                        if fixed.is_none() && can_end_in(&bounds.suffix, suffix) {
                            set
                        } else {
                            Sets::NOBODY
                        }
                    }
                    Scope::Server(server) => match self.sets.automata.pattern(automaton) {
                        Pattern::Server(name) if **name == **server => Sets::EVERYONE,
                        Pattern::ServerGlob(_) => {
                            // A glob for servers asks for nothing else: any user of the server will do.
                            if self.sets.holds(set, &format!("@a:{server}")) {
                                Sets::EVERYONE
                            } else {
                                Sets::NOBODY
                            }
                        }
                        _ if fixed.is_some_and(|fixed| fixed != server) => Sets::NOBODY,
                        _ if !can_end_in(&bounds.suffix, &format!(":{server}")) => Sets::NOBODY,
                        _ => set,
                    },
                }
            }
            Set::Users(users) => match scope {
                Scope::Elsewhere { .. } => Sets::NOBODY,
                Scope::Server(server) => {
                    let here = |user: &&Rc<str>| {
                        (user.strip_suffix(&**server))
                            .and_then(|user| user.strip_suffix(':'))
                            .is_some_and(|user| !user.contains(':'))
                    };
                    let here: Vec<_> = users.iter().filter(here).cloned().collect();
                    self.sets.users(here)
                }
            },
            Set::Union(parts) => {
                let mut narrowed = Vec::with_capacity(parts.len());
                for part in &*parts {
                    narrowed.push(self.narrowed(*part, scope, known));
                }
                self.sets.union(narrowed)
            }
            Set::Intersection(one, other) => match self.narrowed(one, scope, known) {
                Sets::NOBODY => Sets::NOBODY,
                one => {
                    let other = self.narrowed(other, scope, known);
                    self.sets.intersection(one, other)
                }
            },
            Set::Difference(include, exclude) => match self.narrowed(include, scope, known) {
                Sets::NOBODY => Sets::NOBODY,
                include => {
                    let exclude = self.narrowed(exclude, scope, known);
                    self.sets.difference(include, exclude)
                }
            },
        };
        known.insert(set, narrowed);
        narrowed
    }

    /// The servers that the patterns and lists of a set name.
    fn servers_named(
        &mut self,
        set: SetId,
        seen: &mut BTreeSet<SetId>,
        servers: &mut BTreeSet<Rc<str>>,
    ) {
        if !seen.insert(set) {
            return;
        }
        match self.sets.get(set).clone() {
            Set::Nobody | Set::Everyone => {}
            Set::Pattern(_) | Set::Users(_) => {
                if let Some(named) = self.sets.bounds(set).servers {
                    servers.extend(named.iter().cloned());
                }
            }
            Set::Union(parts) => {
                for part in &*parts {
                    self.servers_named(*part, seen, servers);
                }
            }
            Set::Intersection(one, other) | Set::Difference(one, other) => {
                self.servers_named(one, seen, servers);
                self.servers_named(other, seen, servers);
            }
        }
    }

    /// The steps that make a set.
    fn program(&self, set: SetId) -> Vec<Op> {
        fn add(
            sets: &Sets,
            set: SetId,
            program: &mut Vec<Op>,
            steps: &mut HashMap<SetId, usize, RandomState>,
        ) -> usize {
            if let Some(step) = steps.get(&set) {
                return *step;
            }
            let op = match sets.get(set) {
                Set::Nobody => Op::Nobody,
                Set::Everyone => Op::Everyone,
                Set::Pattern(automaton) => Op::Automaton(*automaton),
                Set::Users(users) => Op::Users(users.clone()),
                Set::Union(parts) => {
                    let parts = parts.iter().map(|part| add(sets, *part, program, steps));
                    Op::Union(parts.collect())
                }
                Set::Intersection(one, other) => {
                    let one = add(sets, *one, program, steps);
                    Op::Intersection(one, add(sets, *other, program, steps))
                }
                Set::Difference(one, other) => {
                    let one = add(sets, *one, program, steps);
                    Op::Difference(one, add(sets, *other, program, steps))
                }
            };
            program.push(op);
            steps.insert(set, program.len() - 1);
            program.len() - 1
        }
        let mut program = Vec::new();
        add(&self.sets, set, &mut program, &mut HashMap::default());
        program
    }
}
