//! Comparing two rule sets.

use std::collections::HashSet;

use crate::automata::{Budget, Undecided};
use crate::pattern::Inverse;
use crate::proofs::{
    Answers, Known, Made, Model, Pairs, Prover, Relation, RuleRef, SetId, Update, describe, missing,
};
use crate::rules::RuleSet;
use crate::source::Sources;
use crate::user_id::UserId;

use super::blame::blame;
use super::replay::replay;
use super::{Comparison, Difference, Mismatch, Open, Question, Standing, Which};

/// More differences than this, for each rule set, are only counted.
pub const MOST: usize = 50;

/// A rule set, and what it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The rules, in which reading found no error.
    pub rule_set: &'a RuleSet,
    /// Their files.
    pub sources: &'a Sources,
}

/// What only one of two rule sets does.
///
/// # Errors
///
/// If the routers contradict the proofs, which would be a fault of this program.
///
/// ```
/// use presence_router::automata::Budget;
/// use presence_router::diff::{Rules, Verdict, compare};
/// use presence_router::{rules, source::Sources};
///
/// let read = |text: &str| {
///     let mut sources = Sources::default();
///     sources.add("rules.yaml", text);
///     let (rule_set, findings) = rules::read(&sources);
///     assert!(findings.is_empty());
///     (sources, rule_set)
/// };
/// let (old_sources, old) = read("routes: [{senders: '@*:corp.example', recipients: '@lobby:corp.example'}]");
/// let (new_sources, new) = read("routes: [{senders: {server: '*corp.example'}, recipients: '@lobby:corp.example'}]");
/// let old = Rules { rule_set: &old, sources: &old_sources };
/// let new = Rules { rule_set: &new, sources: &new_sources };
///
/// let comparison = compare(old, new, Budget::default())?;
/// assert_eq!(comparison.verdict(), Verdict::Wider);
/// assert_eq!(comparison.differences[0].sender.as_deref(), Some("@a:acorp.example"));
/// # Ok::<(), presence_router::diff::Mismatch>(())
/// ```
pub fn compare(old: Rules<'_>, new: Rules<'_>, budget: Budget) -> Result<Comparison, Mismatch> {
    let mut prover = Prover::new(budget);
    let models = [old, new].map(|rules| Model::new(rules.rule_set, &mut prover.sets));
    let mut comparing = Comparing {
        prover,
        models: &models,
        seen: HashSet::new(),
        found: [0; 2],
        comparison: Comparison::default(),
    };
    comparing.unclear();
    comparing.routes();
    comparing.interests();
    let mut comparison = comparing.comparison;
    replay(&mut comparison, [old, new])?;
    Ok(comparison)
}

struct Comparing<'a> {
    prover: Prover,
    models: &'a [Model; 2],
    /// What was found of which rule: one difference of a kind is enough for each.
    seen: HashSet<(Which, RuleRef, bool)>,
    found: [usize; 2],
    comparison: Comparison,
}

impl Comparing<'_> {
    /// Rules that pairs of sets cannot say.
    fn unclear(&mut self) {
        for which in [Which::Old, Which::New] {
            let unclear = self.models[which as usize].unclear();
            let open = unclear.map(|(rule, undecided)| Open {
                rule,
                which,
                undecided,
                is_unclear: true,
            });
            self.comparison.undecided.extend(open);
        }
    }

    fn routes(&mut self) {
        let [old, new] = self.models;
        for recipient_is_known in [true, false] {
            for update in Update::kinds(&[old, new]) {
                let mut answers =
                    [old, new].map(|model| Answers::to_route(model, &update, recipient_is_known));
                let question = Question::Route {
                    update,
                    recipient_is_known,
                };
                self.both_ways(&mut answers, &question);
            }
        }
    }

    fn interests(&mut self) {
        for (recipient, sender) in [(true, true), (false, true), (true, false), (false, false)] {
            let known = Known { recipient, sender };
            let [old, new] = self.models;
            let mut answers =
                [old, new].map(|model| Answers::to_interested(model, &mut self.prover, known));
            if sender {
                self.everyone(&answers, recipient);
            }
            // Of those who see everyone, all that can be said was said.
            let all = answers.each_ref().map(|answers| answers.everyone);
            let all = self.prover.sets.union(all);
            for answers in &mut answers {
                answers.leave_out(all, &mut self.prover);
            }
            self.both_ways(&mut answers, &Question::Interested { known });
        }
    }

    /// Those who see everyone by one rule set alone.
    fn everyone(&mut self, answers: &[Answers; 2], recipient_is_known: bool) {
        for which in [Which::New, Which::Old] {
            let (one, other) = (&answers[which as usize], &answers[which.other() as usize]);
            for (rule, users) in &one.givers {
                let question = Question::SeesEveryone { recipient_is_known };
                if self.seen.contains(&(which, *rule, true)) {
                    continue;
                }
                match self.prover.is_within(*users, other.everyone) {
                    Ok(None) => {}
                    Ok(Some(user)) => self.add(which, *rule, question, None, &user),
                    Err(undecided) => self.leave_open(*rule, which, undecided),
                }
            }
        }
    }

    fn both_ways(&mut self, answers: &mut [Answers; 2], question: &Question) {
        let is_interest = !matches!(question, Question::Route { .. });
        let [old, new] = answers;
        self.one_way(Which::New, new, old, question, is_interest);
        self.one_way(Which::Old, old, new, question, is_interest);
    }

    fn one_way(
        &mut self,
        which: Which,
        one: &Answers,
        other: &Answers,
        question: &Question,
        is_interest: bool,
    ) {
        for (at, rule) in one.rules.iter().enumerate() {
            if self.seen.contains(&(which, *rule, is_interest)) {
                continue;
            }
            match missing(&mut self.prover, &one.relation, at, &other.relation) {
                Ok(None) => {}
                Ok(Some((from, to))) => {
                    let (sender, recipient) = if is_interest { (to, from) } else { (from, to) };
                    self.add(which, *rule, question.clone(), Some(&*sender), &recipient);
                    if self
                        .comparison
                        .differences
                        .last()
                        .is_some_and(|last| last.rule == *rule)
                    {
                        let senders =
                            self.senders(&one.relation, &other.relation, &recipient, is_interest);
                        let last = self
                            .comparison
                            .differences
                            .last_mut()
                            .expect("it was just added");
                        last.senders = senders;
                    }
                }
                Err(undecided) => self.leave_open(*rule, which, undecided),
            }
        }
    }

    /// All senders whom one relation connects with a recipient, and the other does not, in words.
    fn senders(
        &mut self,
        one: &Relation,
        other: &Relation,
        recipient: &str,
        is_interest: bool,
    ) -> Option<String> {
        let sides = |pairs: &Pairs| {
            if is_interest {
                (pairs.to, pairs.from)
            } else {
                (pairs.from, pairs.to)
            }
        };
        let mut connected = [one, other].map(|relation| {
            let mut of = |pairs: &[Pairs]| -> Option<SetId> {
                let mut senders = Vec::new();
                for pairs in pairs {
                    let (from, to) = sides(pairs);
                    if self.prover.sets.holds(to, recipient) {
                        let of_recipient = (recipient, is_interest);
                        senders.push(made_for(&mut self.prover, pairs, from, of_recipient)?);
                    }
                }
                Some(self.prover.sets.union(senders))
            };
            let connected = of(relation.pairs())?;
            let blocked = of(relation.blocks())?;
            Some(self.prover.sets.difference(connected, blocked))
        });
        let other = connected[1].take()?;
        let only = self.prover.sets.difference(connected[0].take()?, other);
        describe(&mut self.prover, only)
    }

    fn add(
        &mut self,
        which: Which,
        rule: RuleRef,
        question: Question,
        sender: Option<&str>,
        recipient: &str,
    ) {
        let is_interest = !matches!(question, Question::Route { .. });
        self.seen.insert((which, rule, is_interest));
        let found = &mut self.found[which as usize];
        *found += 1;
        if *found > MOST {
            self.comparison.more[which as usize] += 1;
            return;
        }
        let name = (self.models[which as usize].routes.iter()).find(|route| route.rule == rule);
        let name = name.and_then(|route| route.name.as_deref());
        let is_unclear = is_interest
            && self
                .models
                .iter()
                .any(|model| model.is_unclear(&mut self.prover.sets, recipient));
        let standing = if is_unclear {
            Standing::Candidate
        } else {
            Standing::Proven
        };
        let other = &self.models[which.other() as usize];
        let blame = blame(
            &mut self.prover.sets,
            other,
            &question,
            (sender, recipient),
            name,
        );
        self.comparison.differences.push(Difference {
            only_in: which,
            question,
            sender: sender.map(Into::into),
            recipient: recipient.to_owned(),
            rule,
            blame,
            senders: None,
            standing,
        });
    }

    fn leave_open(&mut self, rule: RuleRef, which: Which, undecided: Undecided) {
        let open = Open {
            rule,
            which,
            undecided,
            is_unclear: false,
        };
        if !self.comparison.undecided.contains(&open) {
            self.comparison.undecided.push(open);
        }
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
