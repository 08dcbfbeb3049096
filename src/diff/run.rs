//! Comparing two rule sets.

use std::sync::Arc;

use crate::automata::{Budget, Undecided};
use crate::pattern::shortened;
use crate::proofs::{Answers, Made, Model, Pairs, Prover, Roles, RuleRef, describe, missing};

use super::alike::{Compared, Senders, recipients_of};
use super::blame::blame;
use super::replay::replay;
use super::told::{About, Asked, Between, Subject, Tally};
use super::updates::{self, Kind, Updates};
use super::{Comparison, Difference, Mismatch, Open, Question, Standing, Which, Written};

/// What only one of two rule sets does.
///
/// # Errors
///
/// If the routers contradict the proofs, which would be a fault of this program.
///
/// ```
/// use presence_router::Rules;
/// use presence_router::automata::Budget;
/// use presence_router::diff::{Verdict, compare};
///
/// let old = Rules::parse("old.yaml", "routes: [{senders: '@*:corp.example', recipients: '@lobby:corp.example'}]");
/// let new = Rules::parse("new.yaml", "routes: [{senders: {server: '*corp.example'}, recipients: '@lobby:corp.example'}]");
///
/// let comparison = compare(old.written(), new.written(), Budget::default())?;
/// assert_eq!(comparison.verdict(), Verdict::Wider);
/// assert_eq!(comparison.differences[0].sender.as_deref(), Some("@a:acorp.example"));
/// # Ok::<(), presence_router::diff::Mismatch>(())
/// ```
pub fn compare(old: Written<'_>, new: Written<'_>, budget: Budget) -> Result<Comparison, Mismatch> {
    let mut prover = Prover::new(budget);
    let models = [old, new].map(|rules| Model::new(rules.rule_set, &mut prover.sets));
    let mut comparing = Comparing {
        prover,
        models: &models,
        kinds: updates::kinds(models.each_ref()),
        tally: Tally::default(),
        comparison: Comparison::default(),
    };
    comparing.unclear();
    comparing.routes();
    comparing.interests();
    let mut comparison = comparing.finish();
    replay(&mut comparison, [old, new])?;
    Ok(comparison)
}

struct Comparing<'a> {
    prover: Prover,
    models: &'a [Model; 2],
    kinds: Arc<[Kind]>,
    tally: Tally,
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
        for recipient_receives in [true, false] {
            for kind in 0..self.kinds.len() {
                let update = &self.kinds[kind].update;
                let mut answers =
                    [old, new].map(|model| Answers::to_route(model, update, recipient_receives));
                self.both_ways(
                    &mut answers,
                    Asked {
                        about: About::Route,
                        kind,
                        roles: (recipient_receives, true),
                    },
                );
            }
        }
    }

    fn interests(&mut self) {
        for roles in Roles::ALL {
            let [old, new] = self.models;
            let mut answers =
                [old, new].map(|model| Answers::to_interested(model, &mut self.prover, roles));
            if roles.sender_is_known {
                self.everyone(&answers, roles.recipient_receives);
            }
            // Of those who see everyone, all that can be said was said.
            let all = answers.each_ref().map(|answers| answers.everyone);
            let all = self.prover.sets.union(all);
            for answers in &mut answers {
                answers.leave_out(all, &mut self.prover);
            }
            self.both_ways(
                &mut answers,
                Asked {
                    about: About::Interested,
                    kind: 0,
                    roles: (roles.recipient_receives, roles.sender_is_known),
                },
            );
        }
    }

    /// Those who see everyone by one rule set alone.
    fn everyone(&mut self, answers: &[Answers; 2], recipient_receives: bool) {
        let asked = Asked {
            about: About::Everyone,
            kind: 0,
            roles: (recipient_receives, true),
        };
        for which in [Which::New, Which::Old] {
            let (one, other) = (&answers[which as usize], &answers[which.other() as usize]);
            for (rule, users) in &one.givers {
                let subject = (which, *rule, About::Everyone);
                let mut between = Between {
                    senders: None,
                    recipients: self.prover.sets.difference(*users, other.everyone),
                    is_made: false,
                };
                let told =
                    (self.tally).told_in_other_roles(&mut self.prover, subject, asked, between);
                between.recipients = self.prover.sets.difference(between.recipients, told);
                match self.prover.find(between.recipients) {
                    Ok(None) => {}
                    Ok(Some(user)) => self.add(subject, asked, between, (None, &user), None),
                    Err(undecided) => self.leave_open(*rule, which, undecided),
                }
            }
        }
    }

    fn both_ways(&mut self, answers: &mut [Answers; 2], asked: Asked) {
        let [old, new] = answers;
        self.one_way(Which::New, new, old, asked);
        self.one_way(Which::Old, old, new, asked);
    }

    fn one_way(&mut self, which: Which, one: &Answers, other: &Answers, asked: Asked) {
        let is_interest = asked.about.is_interest();
        for (pairs, rule) in one.relation.pairs().iter().zip(&one.rules) {
            let subject = (which, *rule, asked.about);
            let mut left = pairs.clone();
            // Each time round, those who gain or lose the same as the witness are told, and left out from then on.
            while !self.tally.is_done(subject) {
                let alone = one.relation.with(vec![left.clone()]);
                let (from, to) = match missing(&mut self.prover, &alone, 0, &other.relation) {
                    Ok(None) => break,
                    Ok(Some(found)) => found,
                    Err(undecided) => {
                        self.leave_open(*rule, which, undecided);
                        break;
                    }
                };
                let (sender, recipient) = if is_interest { (to, from) } else { (from, to) };
                let compared = Compared {
                    pairs: &left,
                    one: &one.relation,
                    other: &other.relation,
                    is_interest,
                };
                let between = Between {
                    senders: Some(match &left.made {
                        Some(made) => compared.makers(&mut self.prover, made),
                        None => compared.senders(&mut self.prover, &recipient),
                    }),
                    recipients: compared.alike(&mut self.prover, &recipient),
                    is_made: left.made.is_some(),
                };
                let told =
                    (self.tally).told_in_other_roles(&mut self.prover, subject, asked, between);
                let untold = self.prover.sets.difference(between.recipients, told);
                if self.prover.is_empty(untold) != Ok(true) {
                    let witness = (Some(&*sender), &*recipient);
                    self.add(subject, asked, between, witness, Some(&left));
                }
                let recipients = recipients_of(&mut left, is_interest);
                *recipients = (self.prover.sets).difference(*recipients, between.recipients);
            }
        }
    }

    /// Tells a difference, or counts it.
    fn add(
        &mut self,
        subject: Subject,
        asked: Asked,
        between: Between,
        (sender, recipient): (Option<&str>, &str),
        pairs: Option<&Pairs>,
    ) {
        let found = (between, (sender, recipient));
        let recipients = pairs.map_or(between.recipients, |pairs| {
            *recipients_of(&mut pairs.clone(), asked.about.is_interest())
        });
        let (prover, comparison) = (&mut self.prover, &mut self.comparison);
        if (self.tally).join(prover, comparison, subject, asked, found)
            || !(self.tally).add(
                subject,
                asked,
                found,
                recipients,
                self.comparison.differences.len(),
            )
        {
            return;
        }
        let (which, rule, _) = subject;
        let (recipient_receives, sender_is_known) = asked.roles;
        let question = match asked.about {
            About::Route => Question::Route {
                updates: Updates::one(&self.kinds, asked.kind),
                recipient_receives,
            },
            About::Interested => Question::Interested {
                roles: Roles {
                    recipient_receives,
                    sender_is_known,
                },
            },
            About::Everyone => Question::SeesEveryone { recipient_receives },
        };
        let name = (self.models[which as usize].routes.iter()).find(|route| route.rule == rule);
        let name = name.and_then(|route| route.name.as_deref());
        let is_unclear = asked.about.is_interest()
            && self
                .models
                .iter()
                .any(|model| model.is_unclear(&mut self.prover.sets, recipient));
        let standing = if is_unclear {
            Standing::Candidate
        } else {
            Standing::Proven
        };
        let made = pairs.and_then(|pairs| pairs.made.as_ref());
        let (senders, recipients) = self.in_words(between, made, asked.about);
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
            senders,
            recipients,
            more: None,
            standing,
        });
    }

    /// All senders and recipients of a difference, in words.
    fn in_words(
        &mut self,
        between: Between,
        made: Option<&Made>,
        about: About,
    ) -> (Option<String>, Option<String>) {
        let prover = &mut self.prover;
        let mut some_or_all = |senders| match senders {
            Senders::These(set) => describe(prover, set),
            Senders::Among(set) => {
                describe(prover, set).map(|users| format!("some or all of these: {users}"))
            }
        };
        let Some(made) = made else {
            let senders = between.senders.and_then(some_or_all);
            return (senders, describe(&mut self.prover, between.recipients));
        };
        let makers = between.senders.and_then(&mut some_or_all);
        let template = shortened(made.template().as_str());
        // Who sees, or gets updates, comes first of a pair where it is an interest.
        if matches!(made, Made::First(_)) == about.is_interest() {
            let made = format!("of each sender, whom `{template}` makes of it");
            (makers, Some(made))
        } else {
            let made = format!("of each recipient, whom `{template}` makes of it");
            (Some(made), makers)
        }
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

    fn finish(mut self) -> Comparison {
        self.tally.finish(&mut self.prover, &mut self.comparison);
        self.comparison
    }
}
