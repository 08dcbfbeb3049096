//! Of whom else a difference holds: the recipients who gain or lose the same, and all of the senders.

use crate::pattern::Inverse;
use crate::proofs::{Made, Pairs, Prover, Relation, SetId};
use crate::user_id::UserId;

/// The senders of whom a difference holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Senders {
    /// All of these.
    These(SetId),
    /// Some of these, or all of them.
    Among(SetId),
}

/// Pairs of one relation, some of which the other does not connect.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub pairs: &'a Pairs,
    pub one: &'a Relation,
    pub other: &'a Relation,
    /// Whether those who see come first in each pair, and not those who are seen.
    pub is_interest: bool,
}

impl Compared<'_> {
    /// The recipients who are in the same sets as this one, and so gain or lose the same.
    pub fn alike(self, prover: &mut Prover, recipient: &str) -> SetId {
        let (_, all) = self.sides(self.pairs);
        // Each recipient has another sender, and all of them are told at once.
        if self.pairs.made.is_some() {
            return all;
        }
        let alone = prover.sets.user(recipient);
        if self.pairs.has_templates() {
            return alone;
        }
        let mut alike = all;
        for relation in [self.one, self.other] {
            let near = relation.near(self.pairs, prover);
            let near_blocks = relation.blocks_near(self.pairs, prover);
            let (Ok(near), Ok(near_blocks)) = (near, near_blocks) else {
                return alone;
            };
            let near = near.into_iter().map(|at| &relation.pairs()[at]);
            for near in near.chain(near_blocks) {
                let (_, of) = self.sides(near);
                let sets = &mut prover.sets;
                alike = match sets.holds(of, recipient) {
                    true if near.has_templates() => return alone,
                    true => sets.intersection(alike, of),
                    false => sets.difference(alike, of),
                };
            }
        }
        alike
    }

    /// The senders whom the pairs connect with a recipient, and the other relation does not.
    pub fn senders(self, prover: &mut Prover, recipient: &str) -> Senders {
        let alone = std::slice::from_ref(self.pairs);
        let one = self.connected(prover, alone, self.one.blocks(), recipient);
        let other = self.connected(prover, self.other.pairs(), self.other.blocks(), recipient);
        match (one, other) {
            (Some(one), Some(other)) => Senders::These(prover.sets.difference(one, other)),
            _ => Senders::Among(self.sides(self.pairs).0),
        }
    }

    /// Of pairs of whom a template makes the one from the other: of whom it makes them, so that only the first relation
    /// connects the two.
    pub fn makers(self, prover: &mut Prover, made: &Made) -> Senders {
        let sides = |pairs: &Pairs| match made {
            Made::First(_) => (pairs.to, pairs.from),
            Made::Second(_) => (pairs.from, pairs.to),
        };
        let (mut makers, made_ones) = sides(self.pairs);
        let near = (
            self.other.near(self.pairs, prover),
            self.one.blocks_near(self.pairs, prover),
            self.other.blocks_near(self.pairs, prover),
        );
        let (Ok(near), Ok(blocks), Ok(other_blocks)) = near else {
            return Senders::Among(makers);
        };
        let separates = |block: &&Pairs| self.one.separates(block);
        let mut is_exact = self.pairs.except.is_none()
            && other_blocks.iter().all(separates)
            && is_all(prover, made, made_ones);
        let near = near.into_iter().map(|at| &self.other.pairs()[at]);
        for near in near.chain(blocks) {
            let (from, to) = sides(near);
            let is_decided = near.except.is_none()
                && (near.made.is_none() || near.made == self.pairs.made)
                && prover.is_within(made_ones, to) == Ok(None);
            if is_decided {
                makers = prover.sets.difference(makers, from);
            } else {
                let both = prover.sets.intersection(made_ones, to);
                is_exact &= prover.is_empty(both) == Ok(true);
            }
        }
        if is_exact {
            Senders::These(makers)
        } else {
            Senders::Among(makers)
        }
    }

    /// The senders whom pairs connect with a recipient, and blocks do not separate.
    fn connected(
        self,
        prover: &mut Prover,
        pairs: &[Pairs],
        blocks: &[Pairs],
        recipient: &str,
    ) -> Option<SetId> {
        let [connected, blocked] = [pairs, blocks].map(|all| {
            let mut senders = Vec::new();
            for pairs in all {
                let (from, to) = self.sides(pairs);
                if prover.sets.holds(to, recipient) {
                    let of_recipient = (recipient, self.is_interest);
                    senders.push(made_for(prover, pairs, from, of_recipient)?);
                }
            }
            Some(prover.sets.union(senders))
        });
        Some(prover.sets.difference(connected?, blocked?))
    }

    /// The senders and the recipients of some pairs.
    fn sides(self, pairs: &Pairs) -> (SetId, SetId) {
        if self.is_interest {
            (pairs.to, pairs.from)
        } else {
            (pairs.from, pairs.to)
        }
    }
}

/// The side of pairs on which those are who get updates, or who see.
pub(super) fn recipients_of(pairs: &mut Pairs, is_interest: bool) -> &mut SetId {
    if is_interest {
        &mut pairs.from
    } else {
        &mut pairs.to
    }
}

/// Of the senders of some pairs, those whom a template leaves for a recipient, where that can be said.
fn made_for(
    prover: &mut Prover,
    pairs: &Pairs,
    senders: SetId,
    (recipient, is_interest): (&str, bool),
) -> Option<SetId> {
    if pairs.except.is_some() {
        return None;
    }
    let Some(made) = &pairs.made else {
        return Some(senders);
    };
    let recipient = UserId::parse(recipient).ok()?;
    // The recipient is the first of the pair where it is the one who sees.
    let makes_recipient = matches!(made, Made::First(_)) == is_interest;
    let users = if makes_recipient {
        let servers = prover.sets.servers(senders);
        let server = servers.as_ref().filter(|servers| servers.len() == 1);
        let server = server.and_then(|servers| servers.first());
        match made
            .template()
            .invert(recipient, server.map(|server| &**server))
        {
            Inverse::These(users) => users,
            Inverse::Unbounded => return None,
        }
    } else {
        made.template().make(recipient).into_iter().collect()
    };
    let users = prover.sets.users(users.into_iter().map(Into::into));
    Some(prover.sets.intersection(users, senders))
}

/// Whether a set holds all whom a template can make.
fn is_all(prover: &mut Prover, made: &Made, made_ones: SetId) -> bool {
    let (Ok(reach), _) = made.template().reach() else {
        return false;
    };
    let reach = prover.sets.pattern(&reach);
    prover.is_within(reach, made_ones) == Ok(None)
}
