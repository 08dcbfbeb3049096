//! Sets with templates: who is in them depends on the user on the rule's other side, `from`.

use crate::user_id::UserId;

use super::UserIndex;
use super::enumerate::Wanted;
use super::graph::{Node, Nodes, SetId};
use super::lists::{ListId, Listing, Purpose};
use super::users::{Others, Sets};

/// A set with templates in it, ready to be enumerated.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    pub set: SetId,
    purpose: Purpose,
    /// All that the set takes in by parts without templates, as one set: the known users of the set are among it.
    known: Option<Listing>,
}

impl Made {
    pub fn new(set: SetId, purpose: Purpose, nodes: &mut Nodes, wanted: &mut Wanted) -> Self {
        let mut parts = Vec::new();
        want(set, true, nodes, wanted, &mut parts);
        for part in &parts {
            wanted.part(*part, purpose);
        }
        let parts = known_parts(set, nodes);
        let known = (!parts.is_empty()).then(|| wanted.listing(nodes.union(&parts), purpose));
        Self {
            set,
            purpose,
            known,
        }
    }
}

/// Wants lists of all parts without templates. Those that the set takes users from are to be enumerated.
fn want(set: SetId, is_taken_in: bool, nodes: &Nodes, wanted: &mut Wanted, parts: &mut Vec<SetId>) {
    if !nodes.depends(set) {
        wanted.held(set);
        if is_taken_in {
            parts.push(set);
        }
        return;
    }
    match nodes.get(set) {
        Some(Node::Difference { include, exclude }) => {
            want(*include, is_taken_in, nodes, wanted, parts);
            want(*exclude, false, nodes, wanted, parts);
        }
        Some(node) => {
            for part in node.parts() {
                want(part, is_taken_in, nodes, wanted, parts);
            }
        }
        None => {}
    }
}

/// Parts without templates, one of which has each of the known users whom a set takes in by patterns.
fn known_parts(set: SetId, nodes: &Nodes) -> Vec<SetId> {
    if !nodes.depends(set) {
        return vec![set];
    }
    match nodes.get(set) {
        Some(Node::Union(members)) => {
            let parts = members.iter().map(|member| known_parts(*member, nodes));
            parts.collect::<Vec<_>>().concat()
        }
        // Each of them has all of these users.
        Some(Node::Intersection([one, other])) => match known_parts(*one, nodes) {
            parts if parts.is_empty() => parts,
            parts => match known_parts(*other, nodes) {
                others if others.is_empty() || !nodes.depends(*other) => others,
                _ => parts,
            },
        },
        Some(Node::Difference { include, .. }) => known_parts(*include, nodes),
        Some(Node::Template(_) | Node::Listed(_)) | None => Vec::new(),
    }
}

impl Sets {
    /// The users of a set as it is for `from`, in order, without so many of its known ones; one may come several times.
    pub fn enumerate_for(
        &self,
        (made, passed): (Made, usize),
        from: UserId<'_>,
        others: &mut Others,
    ) -> Vec<UserIndex> {
        let mut users = self.named_for(made, from, others);
        let Some(listing) = made.known else {
            return users;
        };
        let known = self.lists.known(listing).get(passed..).unwrap_or_default();
        if self.excludes(made.set) {
            let list = self.lists.known_list(listing);
            let of = (made.set, made.purpose);
            let is_in = |user: &&UserIndex| self.contains(of, (**user, list), from, others);
            users.extend(known.iter().filter(is_in));
        } else {
            users.extend_from_slice(known);
        }
        users
    }

    /// How many known users there are among whom a set has its own.
    pub fn known_count(&self, made: Made) -> usize {
        (made.known).map_or(0, |listing| self.lists.known(listing).len())
    }

    /// Those of the users who are named: by exact IDs, and by templates.
    pub fn named_for(&self, made: Made, from: UserId<'_>, others: &mut Others) -> Vec<UserIndex> {
        let mut users = Vec::new();
        self.name((made.set, made.purpose), from, others, &mut users);
        users
    }

    /// The users whom a set has beside those who are named, if they are the same whoever is on the other side.
    pub fn shared(&self, made: Made) -> Option<Listing> {
        made.known.filter(|_| !self.excludes(made.set))
    }

    /// Whether a set takes in nobody by patterns: all its users are named by exact IDs and templates.
    pub fn names_all(&self, set: SetId, purpose: Purpose) -> bool {
        let names_all = |set: &SetId| self.names_all(*set, purpose);
        match self.graph.dependent(set) {
            None => (self.lists.part(set, purpose))
                .is_some_and(|part| self.lists.known_list(part).is_none()),
            Some(Node::Template(_) | Node::Listed(_)) => true,
            Some(Node::Union(members)) => members.iter().all(names_all),
            Some(Node::Intersection(both)) => both.iter().any(names_all),
            Some(Node::Difference { include, .. }) => names_all(include),
        }
    }

    /// Whether it takes more than one of its parts to tell who is in it: something is taken away from a part with a template,
    /// or by one.
    fn excludes(&self, set: SetId) -> bool {
        match self.graph.dependent(set) {
            Some(Node::Union(members)) => members.iter().any(|member| self.excludes(*member)),
            Some(Node::Intersection(_) | Node::Difference { .. }) => true,
            Some(Node::Template(_) | Node::Listed(_)) | None => false,
        }
    }

    /// Adds the users whom a set, as it is for `from`, names by exact IDs and by templates.
    fn name(
        &self,
        (set, purpose): (SetId, Purpose),
        from: UserId<'_>,
        others: &mut Others,
        users: &mut Vec<UserIndex>,
    ) {
        match self.graph.dependent(set) {
            None | Some(Node::Listed(_)) => users.extend(
                self.lists
                    .part(set, purpose)
                    .map(|part| self.lists.named(part))
                    .into_iter()
                    .flatten(),
            ),
            Some(Node::Template(template)) => {
                let made = template.make(from);
                users.extend(made.map(|made| self.number(&made, others)));
            }
            Some(Node::Union(members)) => {
                for member in members {
                    self.name((*member, purpose), from, others, users);
                }
            }
            Some(Node::Intersection([one, other])) => {
                for (named, beside) in [(*one, *other), (*other, *one)] {
                    let mut both = Vec::new();
                    self.name((named, purpose), from, others, &mut both);
                    let beside = (beside, purpose);
                    both.retain(|user| self.contains(beside, (*user, None), from, others));
                    users.append(&mut both);
                }
            }
            Some(Node::Difference { include, exclude }) => {
                let mut included = Vec::new();
                self.name((*include, purpose), from, others, &mut included);
                let exclude = (*exclude, purpose);
                included.retain(|user| !self.contains(exclude, (*user, None), from, others));
                users.append(&mut included);
            }
        }
    }

    /// Whether a set, as it is for `from`, holds a user, who may have been found in a list of known users.
    fn contains(
        &self,
        (set, purpose): (SetId, Purpose),
        (user, list): (UserIndex, Option<ListId>),
        from: UserId<'_>,
        others: &mut Others,
    ) -> bool {
        let mut contains = |set: &SetId| self.contains((*set, purpose), (user, list), from, others);
        match self.graph.dependent(set) {
            None | Some(Node::Listed(_)) => {
                let part = list.and_then(|_| self.lists.part(set, purpose));
                let is_listed = part.is_some_and(|part| self.lists.known_list(part) == list);
                is_listed || {
                    let held = self.lists.held(set).expect("it was wanted");
                    self.holds_number((set, held), user, others)
                }
            }
            Some(Node::Template(template)) => {
                template.make(from).as_deref() == Some(self.user(user, others))
            }
            Some(Node::Union(members)) => members.iter().any(contains),
            Some(Node::Intersection(both)) => both.iter().all(contains),
            Some(Node::Difference { include, exclude }) => contains(include) && !contains(exclude),
        }
    }
}
