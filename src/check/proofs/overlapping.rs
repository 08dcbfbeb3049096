//! `overlapping`: two items of a list that share users, or two routes that send the same to somebody, where neither covers
//! the other.

use std::collections::BTreeSet;

use super::{Proving, called, written};
use crate::automata::Undecided;
use crate::check::lists::for_each;
use crate::finding::{Code, Finding, Location};
use crate::known_users::KnownUsers;
use crate::pattern::{Pattern, shortened};
use crate::presence_state::ONLINE;
use crate::proofs::{
    Answers, Neighbours, Pairs, Relation, RuleRef, Sets, Side, TwoUsers, Update, are_covered,
    missing, only,
};
use crate::router::{Router, Scratch};
use crate::rules::{About, At, Item, Route, RuleSet, UserSet, When};
use crate::user_id::UserId;

/// What a comparison counts, where looking at a neighbour counts 1.
const COMPARING: usize = 20;

type Members<'a> = Vec<(Location, &'a Item, Side)>;

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut lists: Vec<Members<'_>> = Vec::new();
    for_each(proving.cx, |list| {
        let members = list.members.iter().map(|member| {
            let side = proving.side(member.set).clone();
            (member.location, member.item, side)
        });
        lists.push(members.collect());
    });
    for members in &lists {
        check_list(proving, members);
    }
    check_routes(proving);
}

fn check_list(proving: &mut Proving<'_, '_>, members: &Members<'_>) {
    let sets = &mut proving.prover.sets;
    let near = Neighbours::new(members.iter().map(|(.., side)| side.matched), sets);
    for (at, (location, item, side)) in members.iter().enumerate() {
        // One user is in another set, or is not.
        if matches!(item, Item::Pattern(Pattern::User(_) | Pattern::Everyone))
            || side.has_templates()
        {
            continue;
        }
        let near = near.of(side.matched, &mut proving.prover.sets);
        for other in (near.places().into_iter()).filter(|other| *other < at) {
            let counted = proving.prover.count(COMPARING);
            if proving
                .answer(Code::Overlapping, location, counted)
                .is_none()
            {
                return;
            }
            let (first, first_item, first_side) = &members[other];
            if first_side.has_templates() {
                continue;
            }
            let shared = shared(proving, first_side, side);
            let Some(Some(user)) = proving.answer(Code::Overlapping, location, shared) else {
                continue;
            };
            confirm_items(proving, [first_item, item], &user);
            let message = format!(
                "{} and {} share users, such as `{}`, and each has others of its own",
                written(item),
                written(first_item),
                shortened(&user)
            );
            let finding = Finding::new(Code::Overlapping, *location, message)
                .label(*first, "shares users with it")
                .help("narrow one of the two, if they were meant to be apart");
            proving.findings.push(finding);
            break;
        }
    }
}

/// A user of both sets, if neither is within the other.
fn shared(
    proving: &mut Proving<'_, '_>,
    one: &Side,
    other: &Side,
) -> Result<Option<std::rc::Rc<str>>, Undecided> {
    let prover = &mut proving.prover;
    let (one, other) = (one.matched, other.matched);
    let both = prover.sets.intersection(one, other);
    let Some(user) = prover.find(both)? else {
        return Ok(None);
    };
    let is_apart =
        prover.is_within(one, other)?.is_some() && prover.is_within(other, one)?.is_some();
    Ok(is_apart.then_some(user))
}

fn check_routes(proving: &mut Proving<'_, '_>) {
    let (mut pairs, mut routes) = (Vec::new(), Vec::new());
    for (at, route) in proving.model.routes.iter().enumerate() {
        for part in Answers::of_route(route) {
            pairs.push(part);
            routes.push(at);
        }
    }
    let blocks: Vec<_> = (proving.model.blocks.iter())
        .map(|block| Pairs::new(block.senders, block.recipients))
        .collect();
    let all = Relation::new(pairs, blocks);
    let kinds = Update::kinds(&[&proving.model]);
    let (mut compared, mut told) = (BTreeSet::new(), BTreeSet::new());
    for at in 0..all.pairs().len() {
        let near = all.near(&all.pairs()[at], &mut proving.prover);
        let location = proving.model.routes[routes[at]].rule.location();
        let near = proving.answer(Code::Overlapping, &location, near);
        for other in near.into_iter().flatten() {
            let (first, second) = (routes[at].min(routes[other]), routes[at].max(routes[other]));
            let is_new = first != second
                && !told.contains(&second)
                && compared.insert((at.min(other), at.max(other)));
            if !is_new {
                continue;
            }
            let counted = proving.prover.count(COMPARING);
            if proving
                .answer(Code::Overlapping, &location, counted)
                .is_none()
            {
                return;
            }
            let [one, two] = [first, second].map(|at| &proving.model.routes[at]);
            let (first_rule, rule) = (one.rule, two.rule);
            let Some(update) = kinds.iter().find(|kind| one.sends(kind) && two.sends(kind)) else {
                continue;
            };
            let covers = [one, two].map(|route| {
                (0..kinds.len())
                    .filter(|at| route.sends(&kinds[*at]))
                    .collect()
            });
            let found = sent_twice(
                proving,
                &all,
                [at, other],
                [first, second],
                &routes,
                &covers,
            );
            let Some(Some((sender, recipient))) =
                proving.answer(Code::Overlapping, &rule.location(), found)
            else {
                continue;
            };
            for rule in [first_rule, rule] {
                confirm_route(proving, rule, (&sender, &recipient), update);
            }
            told.insert(second);
            let message = format!(
                "this route and {} both send `{}` the updates of `{}`, for the state `{}`, and each sends others of its own",
                called(proving.cx.rule_set, first_rule),
                shortened(&recipient),
                shortened(&sender),
                shortened(&update.state),
            );
            let finding = Finding::new(Code::Overlapping, rule.location(), message)
                .label(first_rule.location(), "sends them as well")
                .help("narrow one of the two, if they were meant to be apart");
            proving.findings.push(finding);
        }
    }
}

/// Two users whom two parts connect, if neither of their routes does all that the other does. `kinds` are the updates that
/// each route sends.
fn sent_twice(
    proving: &mut Proving<'_, '_>,
    all: &Relation,
    parts: [usize; 2],
    routes: [usize; 2],
    route_of: &[usize],
    kinds: &[BTreeSet<usize>; 2],
) -> Result<Option<TwoUsers>, Undecided> {
    let prover = &mut proving.prover;
    let [one, other] = parts.map(|at| &all.pairs()[at]);
    let both = Pairs {
        from: prover.sets.intersection(one.from, other.from),
        to: prover.sets.intersection(one.to, other.to),
        made: one.made.clone().or_else(|| other.made.clone()),
        except: one.except.clone().or_else(|| other.except.clone()),
    };
    if both.from == Sets::NOBODY || both.to == Sets::NOBODY {
        return Ok(None);
    }
    let (both, nothing) = (all.with(vec![both]), all.with(Vec::new()));
    let Some(found) = missing(prover, &both, 0, &nothing)? else {
        return Ok(None);
    };
    let of = |route: usize| {
        // The parts of a route stand together.
        let start = route_of.partition_point(|of| *of < route);
        let end = route_of.partition_point(|of| *of <= route);
        all.with(all.pairs()[start..end].to_vec())
    };
    let relations = routes.map(of);
    for (inner, outer) in [(0, 1), (1, 0)] {
        let mut is_covered = kinds[inner].is_subset(&kinds[outer]);
        for at in 0..relations[inner].pairs().len() {
            is_covered =
                is_covered && are_covered(prover, &relations[inner], at, &relations[outer])?;
        }
        if is_covered {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

/// The router says that both items match a user, or this program has a fault.
fn confirm_items(proving: &Proving<'_, '_>, items: [&Item; 2], user: &str) {
    let recipients = ["@0:example.org", "@1:example.org"];
    let routes = items.into_iter().zip(recipients).enumerate();
    let routes = routes.map(|(index, (item, recipient))| Route {
        about: About {
            index,
            ..About::default()
        },
        senders: UserSet::Item(item.clone(), At::default()),
        recipients: UserSet::Item(
            Item::Pattern(Pattern::User(recipient.into())),
            At::default(),
        ),
        when: When::default(),
    });
    let mut rule_set = only(proving.cx.rule_set, |_, _| false);
    // Blocks are about pairs of users, and these are about one.
    rule_set
        .files
        .iter_mut()
        .for_each(|file| file.blocks.clear());
    if let Some(file) = rule_set.files.first_mut() {
        file.routes = routes.collect();
    }
    for recipient in recipients {
        let update = Update {
            state: ONLINE.into(),
            currently_active: None,
        };
        reaches(proving, &rule_set, (user, recipient), &update);
    }
}

/// The router says that a route sends an update, or this program has a fault.
fn confirm_route(proving: &Proving<'_, '_>, rule: RuleRef, users: (&str, &str), update: &Update) {
    let is_it = |file, route: &Route| (file, route.about.index) == (rule.file, rule.index);
    reaches(proving, &only(proving.cx.rule_set, is_it), users, update);
}

fn reaches(
    proving: &Proving<'_, '_>,
    rule_set: &RuleSet,
    (sender, recipient): (&str, &str),
    update: &Update,
) {
    let (Ok(from), Ok(to)) = (UserId::parse(sender), UserId::parse(recipient)) else {
        unreachable!("witnesses are valid user IDs");
    };
    let mut known_users = KnownUsers::default();
    known_users.add(to);
    let router = Router::new(rule_set, proving.sources, Some(&known_users))
        .expect("faulty rule sets are not proven");
    let routing = router.routing().expect("there are known users");
    let mut scratch = Scratch::default();
    let active = update.currently_active;
    let users = routing.route(from, &update.state, active, &mut scratch, &mut ());
    let users = users.to_vec();
    assert!(
        (users.iter()).any(|user| router.user(*user, &scratch) == recipient),
        "internal error: the proof that `{sender}` and `{recipient}` are of two rules is contradicted by the router; please \
         report this with the rules"
    );
}
