//! The two questions that a router is asked, as relations between users.

use super::Prover;
use super::model::{Model, Route, RuleRef, Update};
use super::relation::{Made, Pairs, Relation};
use super::sets::{SetId, Sets};

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
    pub givers: Vec<(RuleRef, SetId)>,
}

/// Who is in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// The recipient, or the user who asks.
    pub recipient: bool,
    /// The sender.
    pub sender: bool,
}

impl Answers {
    /// Who gets an update: pairs of sender and recipient.
    pub fn to_route(model: &Model, update: &Update, recipient_is_known: bool) -> Self {
        let mut collected = Collected::default();
        for route in model.routes.iter().filter(|route| route.sends(update)) {
            let from = route.senders.matched;
            collected.add(
                route.rule,
                Pairs::new(from, route.recipients.listed(recipient_is_known)),
            );
            for (template, guard) in &route.recipients.made {
                let made = Some(Made::Second(template.clone()));
                let to = *guard;
                collected.add(route.rule, Pairs { from, to, made });
            }
        }
        let blocks = model.blocks.iter();
        let blocks = blocks.map(|block| Pairs::new(block.senders, block.recipients));
        collected.answers(blocks.collect(), Sets::NOBODY, Vec::new())
    }

    /// The pairs of sender and known recipient that a route connects, whatever its updates say.
    pub fn of_route(route: &Route) -> Vec<Pairs> {
        let from = route.senders.matched;
        let mut pairs = vec![Pairs::new(from, route.recipients.matched)];
        pairs.extend(route.recipients.made.iter().map(|(template, to)| Pairs {
            from,
            to: *to,
            made: Some(Made::Second(template.clone())),
        }));
        pairs
    }

    /// Whose presence a user may see: pairs of the user who asks and the one who is seen.
    pub fn to_interested(model: &Model, prover: &mut Prover, known: Known) -> Self {
        let mut collected = Collected::default();
        let mut givers = Vec::new();
        for interest in &model.interests {
            let from = interest.users.matched;
            if interest.sees.is_everyone {
                givers.push((interest.rule, from));
                continue;
            }
            collected.add(
                interest.rule,
                Pairs::new(from, interest.sees.listed(known.sender)),
            );
            for (template, guard) in &interest.sees.made {
                let made = Some(Made::Second(template.clone()));
                let to = *guard;
                collected.add(interest.rule, Pairs { from, to, made });
            }
        }
        for route in model.routes.iter().filter(|route| route.derives_interest) {
            let from = route.recipients.listed(known.recipient);
            if route.senders.is_everyone {
                givers.push((route.rule, from));
            } else {
                let to = route.senders.listed(known.sender);
                collected.add(route.rule, Pairs::new(from, to));
            }
            for (template, guard) in &route.recipients.made {
                let made = Some(Made::First(template.clone()));
                // Where the template does not tell from whom it makes somebody, the senders are searched.
                let is_found = known.sender || template.is_invertible(route.has_one_server);
                let (from, to) = (*guard, route.senders.listed(is_found));
                collected.add(route.rule, Pairs { from, to, made });
            }
        }
        let everyone = prover.sets.union(givers.iter().map(|(_, users)| *users));
        let blocks = model.blocks.iter();
        let blocks = blocks.map(|block| Pairs::new(block.recipients, block.senders));
        let mut answers = collected.answers(blocks.collect(), everyone, givers);
        answers.relation.is_of_two = known.recipient != known.sender;
        answers
    }

    /// Leaves out the answers for some users.
    pub fn leave_out(&mut self, users: SetId, prover: &mut Prover) {
        for pairs in &mut self.relation.pairs {
            pairs.from = prover.sets.difference(pairs.from, users);
        }
    }
}

#[derive(Default)]
struct Collected {
    pairs: Vec<Pairs>,
    rules: Vec<RuleRef>,
}

impl Collected {
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
