//! What a rule set does, as pairs of sets: each rule connects all of one set with all of another, and blocks take pairs
//! away.
//!
//! Who is known, and in which role, matters: a user whom a rule names is listed in any case, and one whom a pattern
//! matches only if it is known, and as a recipient only if it receives. So there is a set for users whom patterns take in,
//! and one for those whom they do not. What holds for both holds whoever is known, in whichever role.

use std::collections::HashSet;

use crate::automata::Undecided;
use crate::finding::Location;
use crate::presence_state::{KNOWN, PresenceState};
use crate::rules::groups::Groups;
use crate::rules::when::{self, States, When};
use crate::rules::{About, RuleSet};
use crate::sets::{self, Reader, RuleSets};
use crate::source::{FileId, Span};

use super::sets::{SetId, Sets};
use super::side::{Partial, Side, sides};

/// Why a question about ALL has no answer.
const UNCLEAR: &str = "a template under `exclude` with a variable in more than one place decides who sees everyone (ALL)";

/// A rule, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleRef {
    /// The file that it stands in.
    pub file: FileId,
    /// The list: `routes`, `interests`, `blocks`.
    pub list: &'static str,
    /// Its place there.
    pub index: usize,
    /// Where it is written.
    pub(crate) at: Span,
}

impl RuleRef {
    /// What it is: `route`, `interest`, `block`.
    pub(crate) fn kind(self) -> &'static str {
        match self.list {
            "routes" => "route",
            "interests" => "interest",
            _ => "block",
        }
    }

    /// Where it stands.
    pub(crate) fn location(self) -> Location {
        Location::part(self.file, self.at)
    }

    /// What the rule says of itself, in the rule set that it is of.
    pub(crate) fn about(self, rule_set: &RuleSet) -> Option<&About> {
        let file = rule_set.files.iter().find(|file| file.file == self.file)?;
        match self.list {
            "routes" => file.routes.get(self.index).map(|rule| &rule.about),
            "interests" => file.interests.get(self.index).map(|rule| &rule.about),
            _ => file.blocks.get(self.index).map(|rule| &rule.about),
        }
    }
}

/// A route.
#[derive(Debug)]
pub struct Route {
    /// Its place.
    pub rule: RuleRef,
    /// Its name.
    pub name: Option<String>,
    /// Whose updates it sends.
    pub senders: Side,
    /// Whom it sends them to.
    pub recipients: Side,
    /// Which updates.
    pub when: When,
    /// Whether its recipients may see its senders.
    pub(crate) derives_interest: bool,
    /// Whether all its senders have one server, so that templates lead back to them.
    pub has_one_server: bool,
}

/// An interest.
#[derive(Debug)]
pub struct Interest {
    /// Its place.
    pub rule: RuleRef,
    /// Its name.
    pub name: Option<String>,
    /// Who sees.
    pub users: Side,
    /// Whom.
    pub sees: Side,
}

/// A block.
#[derive(Debug)]
pub struct Block {
    /// Its place.
    pub rule: RuleRef,
    /// Its name.
    pub name: Option<String>,
    /// Whose updates it stops.
    pub senders: SetId,
    /// On their way to whom.
    pub recipients: SetId,
}

/// A rule set as pairs of sets.
#[derive(Debug)]
pub struct Model {
    /// The routes, in their order.
    pub routes: Vec<Route>,
    /// The interests, in their order.
    pub(crate) interests: Vec<Interest>,
    /// The blocks, in their order.
    pub blocks: Vec<Block>,
}

impl Model {
    /// The model of a rule set that reading found no error in.
    pub fn new(rule_set: &RuleSet, sets: &mut Sets) -> Self {
        let groups = Groups::new(rule_set);
        let mut reader = Reader::new(rule_set, &groups);
        let rules = reader.rules(rule_set);
        let sides = sides(&reader, sets);
        Self::of(rule_set, &reader, &rules, &sides)
    }

    /// The same, of a rule set that was read: the sets of its rules, and what each set holds.
    pub(crate) fn of(
        rule_set: &RuleSet,
        reader: &Reader<'_, '_>,
        rules: &RuleSets,
        sides: &[Side],
    ) -> Self {
        let servers = reader.servers();
        let side = |set: sets::SetId| &sides[set.0 as usize];
        let (mut routes, mut interests, mut blocks) = (
            rules.routes.iter(),
            rules.interests.iter(),
            rules.blocks.iter(),
        );
        let mut model = Self {
            routes: Vec::new(),
            interests: Vec::new(),
            blocks: Vec::new(),
        };
        for file in &rule_set.files {
            let place = |list, about: &About| RuleRef {
                file: file.file,
                list,
                index: about.index,
                at: about.at,
            };
            for (route, sets) in file.routes.iter().zip(&mut routes) {
                model.routes.push(Route {
                    rule: place("routes", &route.about),
                    name: route.about.name.clone(),
                    senders: side(sets.seen).clone(),
                    recipients: side(sets.seer).clone(),
                    when: route.when.clone(),
                    derives_interest: file.derive_interests,
                    has_one_server: servers[sets.seen.0 as usize].is_some(),
                });
            }
            for (interest, sets) in file.interests.iter().zip(&mut interests) {
                model.interests.push(Interest {
                    rule: place("interests", &interest.about),
                    name: interest.about.name.clone(),
                    users: side(sets.seer).clone(),
                    sees: side(sets.seen).clone(),
                });
            }
            for (block, sets) in file.blocks.iter().zip(&mut blocks) {
                model.blocks.push(Block {
                    rule: place("blocks", &block.about),
                    name: block.about.name.clone(),
                    senders: side(sets.seen).matched,
                    recipients: side(sets.seer).matched,
                });
            }
        }
        model
    }

    /// The routes of which it is unclear whom they let see everyone (ALL), which is then undecided: they have senders `all`,
    /// and a template under `exclude` that not even a pattern tells whom it makes, such as `@{localpart}-{localpart}:x`.
    pub(crate) fn unclear(&self) -> impl Iterator<Item = (RuleRef, Undecided)> {
        let routes = self.routes.iter().filter(|route| {
            let parts = &route.recipients.partial;
            route.derives_interest
                && route.senders.is_everyone
                && parts.iter().any(Partial::is_unclear)
        });
        routes.map(|route| (route.rule, Undecided::Beyond(UNCLEAR.to_owned())))
    }

    /// Whether it is unclear if a user sees everyone.
    pub(crate) fn is_unclear(&self, sets: &mut Sets, user: &str) -> bool {
        let routes = self.routes.iter();
        let derived = routes.filter(|route| route.derives_interest && route.senders.is_everyone);
        let mut parts = derived.flat_map(|route| &route.recipients.partial);
        parts.any(|part| part.is_unclear() && sets.holds(part.matched, user))
    }

    /// The first block that keeps a sender's updates from a recipient.
    pub(crate) fn blocked(&self, sets: &mut Sets, sender: &str, recipient: &str) -> Option<&Block> {
        (self.blocks.iter()).find(|block| {
            sets.holds(block.senders, sender) && sets.holds(block.recipients, recipient)
        })
    }

    /// The routes that connect a sender with a recipient, whatever their conditions and the blocks say.
    pub(crate) fn routes_between<'m>(
        &'m self,
        sets: &mut Sets,
        sender: &str,
        recipient: &str,
        recipient_receives: bool,
    ) -> Vec<&'m Route> {
        let connects = |route: &&Route| {
            sets.holds(route.senders.matched, sender)
                && (route.recipients).lists(sets, recipient, recipient_receives, sender)
        };
        self.routes.iter().filter(connects).collect()
    }
}

impl Route {
    /// Whether it sends updates that say this.
    pub(crate) fn sends(&self, update: &Update) -> bool {
        update.meets(&self.when)
    }
}

/// What conditions look at in an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The presence state.
    pub state: String,
    /// What it says of `currently_active`, if it says anything.
    pub currently_active: Option<bool>,
}

impl Update {
    /// Whether a condition holds for it.
    pub(crate) fn meets(&self, when: &When) -> bool {
        when.holds(&self.state, self.currently_active)
    }

    /// Updates of every kind that the conditions of these rule sets tell apart.
    pub(crate) fn kinds(models: &[&Model]) -> Vec<Self> {
        let routes = models.iter().flat_map(|model| &model.routes);
        Self::kinds_of(routes.map(|route| &route.when))
    }

    /// Updates of every kind that these conditions tell apart.
    pub(crate) fn kinds_of<'w>(conditions: impl Iterator<Item = &'w When> + Clone) -> Vec<Self> {
        let states = conditions.clone().filter_map(|when| when.states.as_ref());
        let named: HashSet<_> = states
            .flat_map(States::names)
            .map(PresenceState::new)
            .collect();
        // One that no condition names stands for all others. There is always one left.
        let known = KNOWN.iter().map(|(name, _)| (*name).to_owned());
        let mut others = known.chain((0..).map(|number| format!("org.example.other{number}")));
        let other = others.find(|state| !named.contains(&PresenceState::new(state)));
        let other = other.expect("there are more states than conditions can name");
        let kinds = when::kinds(conditions).into_iter().map(|kind| Self {
            state: kind.state.unwrap_or(&other).to_owned(),
            currently_active: kind.currently_active,
        });
        kinds.collect()
    }
}
