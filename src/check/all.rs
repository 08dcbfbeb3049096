//! Users for whom ALL is returned, and what Synapse then still shows them.

use super::sets::Connection;
use super::{Context, words};
use crate::finding::{Finding, Location};
use crate::presence_state::SPECIFIED;
use crate::rules::when::When;
use crate::rules::{Block, Interest, Route, RuleFile, UserSet};
use crate::sets::Holds;

/// A rule that gives ALL to those who see by it.
pub(super) enum Giver<'a> {
    Interest(&'a Connection<'a, Interest>),
    /// By the interest that derives from it.
    Route(&'a Connection<'a, Route>),
}

/// What reaches a user who has ALL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// All that is sent by anyone.
    Everything,
    /// Not all. The block, if there is one, keeps its own presence from it.
    Something(Option<usize>),
    /// Nothing: there is no route to it, or this block stops them all.
    Nothing(Option<usize>),
}

/// The users to whom a rule gives ALL, and who fare alike.
pub(super) struct Alike<'a> {
    pub(crate) fate: Fate,
    /// Those of them who are named.
    pub users: Vec<&'a str>,
    /// Whether there are no others.
    pub is_all: bool,
}

impl<'a> Giver<'a> {
    pub fn file(&self) -> &'a RuleFile {
        match self {
            Self::Interest(interest) => interest.file,
            Self::Route(route) => route.file,
        }
    }

    /// Who sees by it.
    pub fn users(&self) -> &'a UserSet {
        match self {
            Self::Interest(interest) => &interest.rule.users,
            Self::Route(route) => &route.rule.recipients,
        }
    }

    /// Whom they see by it.
    pub(crate) fn sees(&self) -> &'a UserSet {
        match self {
            Self::Interest(interest) => &interest.rule.sees,
            Self::Route(route) => &route.rule.senders,
        }
    }
}

impl Alike<'_> {
    /// The users for a message.
    pub(crate) fn named(&self) -> String {
        if self.users.is_empty() {
            "each of these users".to_owned()
        } else {
            words::named(&self.users, self.is_all)
        }
    }
}

/// Every rule that says ALL. A faulty rule set may lack the routes that matter, so that nothing can be said of it.
pub(super) fn givers<'a>(cx: &'a Context<'_>) -> Vec<Giver<'a>> {
    if cx.rule_set.is_faulty {
        return Vec::new();
    }
    let sets = &cx.sets;
    let interests = (sets.interests.all.iter())
        .filter(|interest| sets.facts(interest.seen).everyone)
        .map(Giver::Interest);
    let routes = (sets.routes.all.iter())
        .filter(|route| route.file.derive_interests && sets.facts(route.seen).everyone)
        .map(Giver::Route);
    interests.chain(routes).collect()
}

/// The users of a rule that gives ALL, by how they fare: those whom it names, and the known users; or if there are none, all.
/// `unnamed` is how users fare whom patterns match, by [`fate_of_unnamed`].
pub(super) fn users<'a>(cx: &'a Context<'_>, giver: &Giver<'a>, unnamed: Fate) -> Vec<Alike<'a>> {
    let set = match giver {
        Giver::Interest(interest) => interest.seer,
        Giver::Route(route) => route.seer,
    };
    if cx.sets.is_exhausted() {
        return Vec::new();
    }
    let facts = cx.sets.facts(set);
    let exact = cx.sets.exact(set);
    let mut is_all = exact.is_all && facts.is_exact();
    let mut alike: Vec<Alike<'_>> = Vec::new();
    let mut users = exact.users;
    if facts.needs_known_users
        && let Some(known_users) = cx.known_users
    {
        let (known, are_all) = cx.sets.known(set, known_users);
        is_all = exact.is_all && are_all && !facts.has_template;
        let new: Vec<_> = (known.into_iter())
            .filter(|user| !users.contains(user))
            .collect();
        users.extend(new);
    }
    for user in users {
        if cx.is_remote(user) {
            continue;
        }
        let fate = fate(cx, user);
        match alike.iter_mut().find(|group| group.fate == fate) {
            Some(group) => group.users.push(user),
            None => alike.push(Alike {
                fate,
                users: vec![user],
                is_all,
            }),
        }
    }
    if alike.is_empty() && facts.needs_known_users {
        alike.push(Alike {
            fate: match giver {
                Giver::Route(route)
                    if unnamed == Fate::Something(None)
                        && sends_everything([&route.rule.when].into_iter()) =>
                {
                    Fate::Everything
                }
                _ => unnamed,
            },
            users: Vec::new(),
            is_all: true,
        });
    }
    alike
}

fn fate(cx: &Context<'_>, user: &str) -> Fate {
    let sets = &cx.sets;
    let stops = |block: &&usize| sets.holds(sets.blocks.all[**block].seer, user) == Holds::Yes;
    if let Some(block) = sets.silencers.iter().find(stops) {
        return Fate::Nothing(Some(*block));
    }
    let routes = sets.routes_to(user);
    if routes.is_empty() {
        return Fate::Nothing(None);
    }
    if let Some(block) = sets.block(user, user) {
        return Fate::Something(Some(block));
    }
    let from_everyone = routes.iter().map(|route| &sets.routes.all[*route]);
    let from_everyone = from_everyone.filter(|route| sets.facts(route.seen).everyone);
    if sends_everything(from_everyone.map(|route| &route.rule.when)) {
        Fate::Everything
    } else {
        Fate::Something(None)
    }
}

/// How users fare whom patterns match: what can be said of them all.
pub(super) fn fate_of_unnamed(cx: &Context<'_>) -> Fate {
    let sets = &cx.sets;
    let is_open = |node| !sets.facts(node).is_exact();
    let is_total = |block: &&Connection<'_, Block>| {
        sets.facts(block.seen).everyone && sets.facts(block.seer).everyone
    };
    if sets.routes.all.is_empty() || sets.blocks.all.iter().any(|block| is_total(&block)) {
        return Fate::Nothing(None);
    }
    let from_everyone = (sets.routes.all.iter())
        .filter(|route| is_open(route.seer) && sets.facts(route.seen).everyone);
    if sends_everything(from_everyone.map(|route| &route.rule.when)) {
        Fate::Everything
    } else {
        Fate::Something(None)
    }
}

/// Whether routes with these conditions send all that there is: the states of the Matrix specification (client-server
/// API, "Presence").
fn sends_everything<'a>(whens: impl Iterator<Item = &'a When>) -> bool {
    let mut sent = [false; SPECIFIED.len()];
    for when in whens.filter(|when| when.currently_active.is_none()) {
        let Some(states) = &when.states else {
            return true;
        };
        for (sent, state) in sent.iter_mut().zip(SPECIFIED) {
            *sent |= states.hold(state);
        }
    }
    sent == [true; SPECIFIED.len()]
}

/// A finding with the places that bring the fate about.
pub(super) fn labelled(
    cx: &Context<'_>,
    finding: Finding,
    giver: &Giver<'_>,
    fate: Fate,
) -> Finding {
    let blocked = match fate {
        Fate::Something(block) | Fate::Nothing(block) => block,
        Fate::Everything => None,
    };
    if let Some(block) = blocked {
        let block = &cx.sets.blocks.all[block];
        let place = words::rule(block.file, &block.rule.about);
        return finding.label(place, "blocked by this");
    }
    match giver {
        Giver::Route(route) if route.rule.when != When::default() => {
            let place = Location::part(route.file.file, route.rule.when.at.whole);
            finding.label(place, "not everything is sent")
        }
        _ => finding,
    }
}
