//! Writing cases for rules that have none: what the rules do today, one case for each behaviour.
//!
//! For each point that no case exercises yet, users are tried until the answer for one of them exercises it. What the
//! router answers then is what the case expects. Users who are needed, and whom nobody knows, are made up from the
//! patterns, and become known users of the test file.

mod people;
mod samples;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use indexmap::IndexSet;

use super::model::{Sent, Subject};
use super::observe::Asserted;
use super::outcome::Answer;
use super::points::{Holder, PointId, PointKind, Points};
use super::run::Runner;
use crate::loading::Rules;
use crate::presence_state::{KNOWN, ONLINE, PresenceState};
use crate::router::{CompileError, Router};
use crate::rules::when::States;
use crate::rules::{RuleSet, When};
use crate::sets::SiteId;
use crate::user_id::UserId;

use people::People;

/// An answer of more users is not written whole: the case names only those that matter.
const MOST_RECIPIENTS: usize = 12;

/// Who is known where nobody else is.
const SOMEBODY: &str = "@alice:example.org";

/// So many users are tried for one point.
const MOST_TRIES: usize = 200;

/// A test file in the making.
#[derive(Debug)]
pub struct Draft {
    /// Users whom the cases need, and whom nobody knows.
    pub(crate) made_up: Vec<String>,
    /// The cases.
    pub cases: Vec<DraftCase>,
    /// The rules and items that no case was found for.
    pub(crate) missing: Vec<super::Point>,
    /// How many rules and items there are.
    pub(crate) points: usize,
}

/// A case to write.
#[derive(Debug)]
pub struct DraftCase {
    /// The rule that the case is about, and what about it.
    pub(crate) about: super::Point,
    /// The rule to which the point belongs; `None` for an item of a group.
    pub rule: Option<super::Point>,
    /// The question.
    pub(crate) subject: Subject,
    /// The answer.
    pub(crate) expected: Expected,
    /// The names of the rules that decide, if the point is about what they do.
    pub(crate) by: Option<String>,
}

/// What a case expects.
#[derive(Debug)]
pub(crate) enum Expected {
    /// The whole answer.
    Exactly(Answer),
    /// A user who is in the answer.
    Includes(String),
    /// A user who is not.
    Excludes(String),
}

/// Writes cases for rules without errors, with the users that are known.
///
/// # Errors
///
/// If the rules are larger than a router can be.
pub fn write(rules: &Rules) -> Result<Draft, CompileError> {
    let (rule_set, sources, known_users) = (&rules.rule_set, &rules.sources, rules.known_users());
    let points = Points::new(rule_set);
    let router = Router::new(rule_set, sources, known_users)?;
    let people = People::new(rule_set, &router, known_users);
    let mut made_up = people.to_know(&points, &router);
    if made_up.is_empty() && !router.rules_without_known_users().is_empty() {
        // Somebody has to be known, or nothing can be answered.
        made_up.push(SOMEBODY.to_owned());
    }
    let mut known_users = known_users.cloned();
    for user in &made_up {
        let user = UserId::parse(user).expect("samples are user IDs");
        known_users.get_or_insert_default().add(user);
    }
    let router = Router::new(rule_set, sources, known_users.as_ref())?;
    let mut writer = Writer {
        states: states(rule_set),
        runner: Runner::new(rule_set, &router, known_users.is_some()),
        points,
        people,
        covered: BTreeSet::new(),
        tried: HashMap::new(),
        cases: Vec::new(),
    };
    let all: Vec<_> = (0..writer.points.all.len() as u32).map(PointId).collect();
    // Items of groups mostly come with the rules that use them.
    let (items, others): (Vec<_>, Vec<_>) =
        (all.iter()).partition(|point| writer.points.owner(**point).is_none());
    for &point in others.into_iter().chain(items) {
        if !writer.covered.contains(&point) {
            writer.point(point);
        }
    }
    let missing = (all.into_iter())
        .filter(|point| !writer.covered.contains(point))
        .map(|point| writer.points.all[point.0 as usize].clone())
        .collect();
    Ok(Draft {
        made_up,
        missing,
        points: writer.points.all.len(),
        cases: writer.cases,
    })
}

struct Writer<'r> {
    runner: Runner<'r>,
    points: Points<'r>,
    people: People,
    /// The circumstances that rules tell apart.
    states: Vec<(String, Option<bool>)>,
    covered: BTreeSet<PointId>,
    /// What questions that were tried exercise: the points of a rule are tried with the same ones.
    tried: HashMap<Subject, Rc<BTreeSet<PointId>>>,
    cases: Vec<DraftCase>,
}

impl Writer<'_> {
    /// Finds a case for a point, if there is one.
    fn point(&mut self, point: PointId) {
        for subject in self.subjects(point) {
            let tried = self.tried.get(&subject).map(Rc::clone);
            let marks = tried.unwrap_or_else(|| self.try_out(&subject));
            if !marks.contains(&point) {
                continue;
            }
            let answer = self.runner.answer(&subject);
            let (expected, marks) = if answer.users().len() <= MOST_RECIPIENTS {
                (Expected::Exactly(answer), BTreeSet::clone(&marks))
            } else {
                let Some(found) = self.witness(point, &subject, &answer) else {
                    continue;
                };
                found
            };
            let rule = self.points.owner(point);
            let about = self.points.all[point.0 as usize].clone();
            let by = rule
                .filter(|rule| marks.contains(rule))
                .filter(|_| !matches!(about.kind, PointKind::Item { excludes: true, .. }))
                .and_then(|rule| self.points.all[rule.0 as usize].kind.name());
            self.cases.push(DraftCase {
                about,
                rule: rule.map(|rule| self.points.all[rule.0 as usize].clone()),
                by: by.map(str::to_owned),
                subject,
                expected,
            });
            self.covered.extend(marks);
            return;
        }
    }

    fn try_out(&mut self, subject: &Subject) -> Rc<BTreeSet<PointId>> {
        let answer = self.runner.answer(subject);
        let marks = Rc::new(self.runner.observe(subject, &answer, &Asserted::Everyone));
        self.tried.insert(subject.clone(), Rc::clone(&marks));
        marks
    }

    /// One user by whom a case with a large answer exercises the point.
    fn witness(
        &mut self,
        point: PointId,
        subject: &Subject,
        answer: &Answer,
    ) -> Option<(Expected, BTreeSet<PointId>)> {
        let in_answer: HashSet<&String> = answer.users().iter().collect();
        let all = || (answer.users().iter()).chain(&self.people.all);
        // Those come first of whom the item at this point has something to say.
        let sides = self.points.sides(self.points.owner(point));
        let likely: HashSet<String> = (sides.into_iter())
            .flat_map(|set| self.people.sayers(&self.points, set, point))
            .collect();
        let users: IndexSet<&String> = (all().filter(|user| likely.contains(*user)))
            .chain(all())
            .collect();
        let users: Vec<String> = users.into_iter().cloned().collect();
        for user in users {
            let asserted = std::slice::from_ref(&user);
            let marks = self
                .runner
                .observe(subject, answer, &Asserted::Users(asserted));
            if marks.contains(&point) {
                let expected = if in_answer.contains(&user) {
                    Expected::Includes(user)
                } else {
                    Expected::Excludes(user)
                };
                return Some((expected, marks));
            }
        }
        None
    }

    /// The questions that may exercise a point, those first that look best.
    fn subjects(&self, point: PointId) -> Vec<Subject> {
        let points = &self.points;
        let owner = points.owner(point);
        let own = |id: PointId| owner == Some(id);
        let mut subjects = Vec::new();
        for route in points.routes.iter().filter(|route| own(route.point)) {
            let senders = self.people.who(points, Some(route.senders), point);
            let updates = senders.flat_map(|user| self.updates(&user, Some(route.when)));
            subjects.extend(updates.take(MOST_TRIES));
        }
        for interest in points
            .interests
            .iter()
            .filter(|interest| own(interest.point))
        {
            let users = self.people.who(points, Some(interest.users), point);
            subjects.extend(users.map(Subject::User).take(MOST_TRIES));
        }
        for block in points.blocks.iter().filter(|block| own(block.point)) {
            let senders = self.people.who(points, block.senders, point);
            let updates = senders.flat_map(|user| self.updates(&user, None));
            subjects.extend(updates.take(MOST_TRIES));
        }
        if owner.is_none() || subjects.is_empty() {
            // An item of a group, as whoever may use it.
            for user in self.people.all.iter().take(MOST_TRIES) {
                subjects.extend(self.updates(user, None));
                subjects.push(Subject::User(user.clone()));
            }
        }
        subjects.truncate(MOST_TRIES);
        subjects
    }

    /// Updates of a user that meet a condition, or one for each that any rule has.
    fn updates(&self, user: &str, when: Option<&When>) -> Vec<Subject> {
        let states = self
            .states
            .iter()
            .filter(|(state, active)| when.is_none_or(|when| when.holds(state, *active)));
        let update = |(state, currently_active): &(String, Option<bool>)| {
            Subject::Updates(vec![Sent {
                sender: user.to_owned(),
                state: state.clone(),
                currently_active: *currently_active,
            }])
        };
        match when {
            Some(_) => states.take(1).map(update).collect(),
            None => states.map(update).collect(),
        }
    }
}

impl Points<'_> {
    /// The sets of a rule, or those of all rules.
    fn sides(&self, rule: Option<PointId>) -> Vec<SiteId> {
        let is_meant = |point: PointId| rule.is_none_or(|rule| rule == point);
        let routes = self.routes.iter().filter(|route| is_meant(route.point));
        let routes = routes.flat_map(|route| [Some(route.senders), Some(route.recipients)]);
        let interests = (self.interests.iter()).filter(|interest| is_meant(interest.point));
        let interests = interests.flat_map(|interest| [Some(interest.users), Some(interest.sees)]);
        let blocks = self.blocks.iter().filter(|block| is_meant(block.point));
        let blocks = blocks.flat_map(|block| [block.senders, block.recipients]);
        routes.chain(interests).chain(blocks).flatten().collect()
    }

    /// The rule to which a point belongs, itself if it is one. `None` for an item of a group.
    fn owner(&self, point: PointId) -> Option<PointId> {
        let place = &self.all[point.0 as usize];
        let is_rule = |point: &super::Point| !matches!(point.kind, PointKind::Item { .. });
        if let PointKind::Item {
            of: Holder::Group(_),
            ..
        } = &place.kind
        {
            return None;
        }
        // The items of a rule follow it.
        (0..=point.0)
            .rev()
            .map(PointId)
            .find(|id| is_rule(&self.all[id.0 as usize]))
    }
}

/// The circumstances that the rules tell apart, the plainest first.
fn states(rule_set: &RuleSet) -> Vec<(String, Option<bool>)> {
    let whens = || (rule_set.files.iter()).flat_map(|rules| rules.routes.iter().map(|it| &it.when));
    let mut names = vec![ONLINE];
    for states in whens().filter_map(|when| when.states.as_ref()) {
        names.extend(states.names());
    }
    // Where some are left out, one that nobody names may be the only one that is not.
    if whens().any(|when| when.states.as_ref().is_some_and(States::are_left_out)) {
        let named: HashSet<_> = names.iter().map(|name| PresenceState::new(name)).collect();
        let mut others = KNOWN.iter().map(|(name, _)| *name);
        let other = others.find(|name| !named.contains(&PresenceState::new(name)));
        names.push(other.unwrap_or("org.example.other"));
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(PresenceState::new(name)));
    let mut active = vec![None];
    if whens().any(|when| when.currently_active.is_some()) {
        active.extend([Some(true), Some(false)]);
    }
    let with = |active: Option<bool>| names.iter().map(move |name| ((*name).to_owned(), active));
    active.into_iter().flat_map(with).collect()
}

impl Points<'_> {
    /// The sets whose users have to be known.
    fn listed(&self) -> impl Iterator<Item = SiteId> {
        let routes = self.routes.iter().map(|route| route.recipients);
        let interests = self.interests.iter().map(|interest| interest.sees);
        let blocks = self.blocks.iter().filter_map(|block| block.recipients);
        routes.chain(interests).chain(blocks)
    }
}
