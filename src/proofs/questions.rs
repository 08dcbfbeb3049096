//! The two questions that a router is asked, as relations between users.

use std::rc::Rc;

use crate::pattern::{Template, shortened};

use super::model::{Model, Route, RuleRef, Update};
use super::products::{LeftOut, Made, Pairs};
use super::prover::Prover;
use super::relation::Relation;
use super::sets::{SetId, Sets};
use super::side::Side;

/// What a rule set answers to one question.
#[derive(Debug)]
pub struct Answers {
    /// Which users it connects.
    pub relation: Relation,
    /// The rule of each of the relation's pairs.
    pub rules: Vec<RuleRef>,
    /// Those who see everyone.
    pub everyone: SetId,
    /// The rules that let somebody see everyone, and whom.
    pub(crate) givers: Vec<(RuleRef, SetId)>,
}

/// In which roles two users are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Roles {
    /// Whether the recipient, or the user who asks, is known as one who receives. If not, it is only seen, or not known,
    /// which is the same for a recipient.
    pub recipient_receives: bool,
    /// Whether the sender is known, in any role.
    pub sender_is_known: bool,
}

impl Roles {
    /// All that there are.
    pub(crate) const ALL: [Self; 4] = [
        Self::BOTH_KNOWN,
        Self::new(false, true),
        Self::new(true, false),
        Self::new(false, false),
    ];

    /// Both are known. Whoever is not reached so is not reached at all, since rules list a known user wherever they list an
    /// unknown one.
    pub(crate) const BOTH_KNOWN: Self = Self::new(true, true);

    const fn new(recipient_receives: bool, sender_is_known: bool) -> Self {
        Self {
            recipient_receives,
            sender_is_known,
        }
    }

    /// Whether no user is both: who receives is known.
    fn are_of_two(self) -> bool {
        self.recipient_receives && !self.sender_is_known
    }
}

impl Answers {
    /// Who gets an update: pairs of sender and recipient.
    pub fn to_route(model: &Model, update: &Update, recipient_receives: bool) -> Self {
        let mut collected = Collected::default();
        for route in model.routes.iter().filter(|route| route.sends(update)) {
            let from = route.senders.matched;
            let rule = (route.rule, route.name.as_deref());
            collected.add_all(rule, from, &route.recipients, recipient_receives);
        }
        let blocks = model.blocks.iter();
        let blocks = blocks.map(|block| Pairs::new(block.senders, block.recipients));
        collected.answers(blocks.collect(), Sets::NOBODY, Vec::new())
    }

    /// The pairs of sender and recipient who receives that a route connects, whatever its updates say.
    pub(crate) fn of_route(route: &Route) -> Vec<Pairs> {
        let mut collected = Collected::default();
        let rule = (route.rule, route.name.as_deref());
        collected.add_all(rule, route.senders.matched, &route.recipients, true);
        collected.pairs
    }

    /// Whose presence a user may see: pairs of the user who asks and the one who is seen.
    pub fn to_interested(model: &Model, prover: &mut Prover, roles: Roles) -> Self {
        let mut collected = Collected::default();
        let mut givers = Vec::new();
        for interest in &model.interests {
            let from = interest.users.matched;
            if interest.sees.is_everyone {
                givers.push((interest.rule, from));
                continue;
            }
            let rule = (interest.rule, interest.name.as_deref());
            collected.add_all(rule, from, &interest.sees, roles.sender_is_known);
        }
        for route in model.routes.iter().filter(|route| route.derives_interest) {
            let from = route.recipients.listed(roles.recipient_receives);
            let senders = route.senders.listed(roles.sender_is_known);
            if route.senders.is_everyone {
                givers.push((route.rule, from));
            } else {
                collected.add(route.rule, Pairs::new(from, senders));
            }
            // Where the template does not tell from whom it makes somebody, the senders are searched.
            let made_from = |template: &Template| {
                let is_found =
                    roles.sender_is_known || template.is_invertible(route.has_one_server);
                route.senders.listed(is_found)
            };
            for (template, guard) in &route.recipients.made {
                let pairs = Pairs {
                    made: varying(template).map(Made::First),
                    ..Pairs::new(*guard, made_from(template))
                };
                collected.add(route.rule, pairs);
            }
            for part in &route.recipients.partial {
                let (from, to) = match &part.made {
                    Some(template) => (part.matched, made_from(template)),
                    None => (part.listed(roles.recipient_receives), senders),
                };
                let pairs = Pairs {
                    made: part.made.as_ref().and_then(varying).map(Made::First),
                    except: Some(LeftOut {
                        is_first: true,
                        except: part.except.clone(),
                        by: by(route.rule, route.name.as_deref()),
                    }),
                    ..Pairs::new(from, to)
                };
                collected.add(route.rule, pairs);
            }
        }
        let everyone = prover.sets.union(givers.iter().map(|(_, users)| *users));
        let blocks = model.blocks.iter();
        let blocks = blocks.map(|block| Pairs::new(block.recipients, block.senders));
        let mut answers = collected.answers(blocks.collect(), everyone, givers);
        answers.relation.is_of_two = roles.are_of_two();
        answers
    }

    /// Leaves out the answers for some users.
    pub(crate) fn leave_out(&mut self, users: SetId, prover: &mut Prover) {
        let mut pairs = self.relation.pairs().to_vec();
        for pairs in &mut pairs {
            pairs.from = prover.sets.difference(pairs.from, users);
        }
        self.relation = self.relation.with(pairs);
    }
}

#[derive(Default)]
struct Collected {
    pairs: Vec<Pairs>,
    rules: Vec<RuleRef>,
}

impl Collected {
    /// All of a set with those whom a rule lists for them.
    fn add_all(
        &mut self,
        (rule, name): (RuleRef, Option<&str>),
        from: SetId,
        listed: &Side,
        by_patterns: bool,
    ) {
        self.add(rule, Pairs::new(from, listed.listed(by_patterns)));
        for (template, guard) in &listed.made {
            let made = varying(template).map(Made::Second);
            let pairs = Pairs::new(from, *guard);
            self.add(rule, Pairs { made, ..pairs });
        }
        for part in &listed.partial {
            let to = match part.made {
                Some(_) => part.matched,
                None => part.listed(by_patterns),
            };
            let pairs = Pairs {
                made: part.made.as_ref().and_then(varying).map(Made::Second),
                except: Some(LeftOut {
                    is_first: false,
                    except: part.except.clone(),
                    by: by(rule, name),
                }),
                ..Pairs::new(from, to)
            };
            self.add(rule, pairs);
        }
    }

    fn add(&mut self, rule: RuleRef, pairs: Pairs) {
        if pairs.from != Sets::NOBODY && pairs.to != Sets::NOBODY {
            self.pairs.push(pairs);
            self.rules.push(rule);
        }
    }

    fn answers(
        self,
        blocks: Vec<Pairs>,
        everyone: SetId,
        givers: Vec<(RuleRef, SetId)>,
    ) -> Answers {
        Answers {
            relation: Relation::new(self.pairs, blocks),
            rules: self.rules,
            everyone,
            givers,
        }
    }
}

/// A template, but for one that makes the same user of everybody: that user is in the set beside it, and nobody else.
fn varying(template: &Template) -> Option<Template> {
    template.constant().is_none().then(|| template.clone())
}

/// A rule in words.
fn by(rule: RuleRef, name: Option<&str>) -> Rc<str> {
    let kind = rule.kind();
    match name {
        Some(name) => format!("the {kind} `{}`", shortened(name)).into(),
        None => format!("the {kind} `{}[{}]`", rule.list, rule.index).into(),
    }
}
