//! Comparing two rule sets.

use std::collections::HashMap;

use crate::automata::{Budget, Undecided};
use crate::pattern::{Template, shortened};
use crate::proofs::{
    Answers, Made, Model, Prover, Roles, RuleRef, SetId, Sets, Update, describe, missing,
};

use super::alike::{Compared, recipients_of};
use super::blame::blame;
use super::replay::replay;
use super::{Comparison, Difference, Mismatch, Open, Question, Standing, Which, Written};

/// More differences than this, for each rule set, are only counted.
pub const MOST: usize = 50;

/// So many differences of one rule are told; that there are more is said with the last.
const MOST_OF_RULE: usize = 8;

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
        told: HashMap::new(),
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
    told: HashMap<Subject, Told>,
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
        for recipient_receives in [true, false] {
            for update in Update::kinds(&[old, new]) {
                let mut answers =
                    [old, new].map(|model| Answers::to_route(model, &update, recipient_receives));
                let question = Question::Route {
                    update,
                    recipient_receives,
                };
                self.both_ways(&mut answers, &question);
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
            self.both_ways(&mut answers, &Question::Interested { roles });
        }
    }

    /// Those who see everyone by one rule set alone.
    fn everyone(&mut self, answers: &[Answers; 2], recipient_receives: bool) {
        for which in [Which::New, Which::Old] {
            let (one, other) = (&answers[which as usize], &answers[which.other() as usize]);
            for (rule, users) in &one.givers {
                let question = Question::SeesEveryone { recipient_receives };
                let told = self.told((which, *rule, Kind::Everyone)).recipients;
                let not_told = self.prover.sets.difference(*users, told);
                match self.prover.is_within(not_told, other.everyone) {
                    Ok(None) => {}
                    Ok(Some(_)) if self.found[which as usize] >= MOST => {
                        self.only_count((which, *rule, Kind::Everyone));
                    }
                    Ok(Some(user)) => {
                        let alike = self.prover.sets.difference(not_told, other.everyone);
                        let found = Found {
                            sender: None,
                            recipient: &user,
                            senders: None,
                            alike,
                            template: None,
                        };
                        self.add(which, *rule, question, found);
                    }
                    Err(undecided) => self.leave_open(*rule, which, undecided),
                }
            }
        }
    }

    fn both_ways(&mut self, answers: &mut [Answers; 2], question: &Question) {
        let [old, new] = answers;
        self.one_way(Which::New, new, old, question);
        self.one_way(Which::Old, old, new, question);
    }

    fn one_way(&mut self, which: Which, one: &Answers, other: &Answers, question: &Question) {
        let is_interest = Kind::of(question).is_interest();
        for (pairs, rule) in one.relation.pairs().iter().zip(&one.rules) {
            let subject = (which, *rule, Kind::of(question));
            let told = self.told(subject).recipients;
            let mut left = pairs.clone();
            let recipients = recipients_of(&mut left, is_interest);
            *recipients = (self.prover.sets).difference(*recipients, told);
            // Each time round, those who gain or lose the same as the witness are told, and left out from then on.
            while self.told(subject).differences < MOST_OF_RULE {
                let alone = one.relation.with(vec![left.clone()]);
                match missing(&mut self.prover, &alone, 0, &other.relation) {
                    Ok(None) => break,
                    Ok(Some(_)) if self.found[which as usize] >= MOST => self.only_count(subject),
                    Ok(Some((from, to))) => {
                        let (sender, recipient) = if is_interest { (to, from) } else { (from, to) };
                        let compared = Compared {
                            pairs: &left,
                            one: &one.relation,
                            other: &other.relation,
                            is_interest,
                        };
                        let alike = compared.alike(&mut self.prover, &recipient);
                        let found = Found {
                            sender: Some(&*sender),
                            recipient: &recipient,
                            senders: compared.senders(&mut self.prover, &recipient),
                            alike,
                            template: left.made.as_ref().map(Made::template),
                        };
                        self.add(which, *rule, question.clone(), found);
                        let recipients = recipients_of(&mut left, is_interest);
                        *recipients = self.prover.sets.difference(*recipients, alike);
                    }
                    Err(undecided) => {
                        self.leave_open(*rule, which, undecided);
                        break;
                    }
                }
            }
        }
    }

    /// Counts a rule of which nothing more is told.
    fn only_count(&mut self, subject: Subject) {
        let (which, rule, kind) = subject;
        let told = self.told.entry(subject).or_default();
        if told.differences == 0 {
            self.comparison.more[which as usize] += 1;
        }
        told.differences = MOST_OF_RULE;
        let mut of_rule = self.comparison.differences.iter_mut().rev();
        let last =
            of_rule.find(|of| (of.only_in, of.rule, Kind::of(&of.question)) == (which, rule, kind));
        if let Some(last) = last {
            last.has_more = true;
        }
    }

    fn told(&self, subject: Subject) -> Told {
        self.told.get(&subject).copied().unwrap_or_default()
    }

    fn add(&mut self, which: Which, rule: RuleRef, question: Question, found: Found<'_>) {
        let Found {
            sender,
            recipient,
            senders,
            alike,
            template,
        } = found;
        let kind = Kind::of(&question);
        let sets = &mut self.prover.sets;
        let told = (self.told.entry((which, rule, kind))).or_default();
        told.recipients = sets.union([told.recipients, alike]);
        told.differences += 1;
        let Told { differences, .. } = *told;
        self.found[which as usize] += 1;
        let name = (self.models[which as usize].routes.iter()).find(|route| route.rule == rule);
        let name = name.and_then(|route| route.name.as_deref());
        let is_unclear = kind.is_interest()
            && self
                .models
                .iter()
                .any(|model| model.is_unclear(&mut self.prover.sets, recipient));
        let standing = if is_unclear {
            Standing::Candidate
        } else {
            Standing::Proven
        };
        let recipients = match template {
            Some(template) => Some(format!(
                "all or some of those whom `{}` makes of a sender",
                shortened(template.as_str())
            )),
            None => describe(&mut self.prover, alike),
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
            senders,
            recipients,
            has_more: differences == MOST_OF_RULE,
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

/// A rule of one of the rule sets, and what is asked of it.
type Subject = (Which, RuleRef, Kind);

/// What is asked, whatever updates say, and whoever is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Route,
    Interested,
    Everyone,
}

impl Kind {
    fn of(question: &Question) -> Self {
        match question {
            Question::Route { .. } => Self::Route,
            Question::Interested { .. } => Self::Interested,
            Question::SeesEveryone { .. } => Self::Everyone,
        }
    }

    /// Whether it is who may see whom, and not who is sent what.
    fn is_interest(self) -> bool {
        self != Self::Route
    }
}

/// What was told of a rule.
#[derive(Clone, Copy)]
struct Told {
    /// Those who gain or lose something, as was told.
    recipients: SetId,
    /// How many differences that took.
    differences: usize,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            recipients: Sets::NOBODY,
            differences: 0,
        }
    }
}

/// What was found of a rule.
struct Found<'f> {
    sender: Option<&'f str>,
    recipient: &'f str,
    /// All senders of whom it holds, in words.
    senders: Option<String>,
    /// All recipients for whom it holds.
    alike: SetId,
    /// What makes the recipients of the senders, or the reverse: then it may hold for all of them, each with its own.
    template: Option<&'f Template>,
}
