//! One sender and one recipient, as a tree.

use std::io::{self, Write};

use super::{
    BAD, GOOD, MATCHED, NOT_KNOWN, Node, at, condition, count, no_recipient, node, not_taken_in,
    write,
};
use crate::explain::{BlockFacts, Pair, RouteFacts, SeenBy, Sends, Standing, Stop, Verdict};
use crate::output::explain::places::{Places, quoted, rule};
use crate::rules::Side;

/// How many routes are told of that are about only one of the two users; the others are counted.
const MOST_ROUTES: usize = 8;

pub fn pair(pair: &Pair, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut trees = Vec::new();
    let (sending, others): (Vec<_>, Vec<_>) =
        (pair.routes.iter()).partition(|route| route.sends != Sends::None);
    trees.extend(sending.iter().map(|route| route_tree(pair, route, places)));
    trees.extend(
        pair.blocks
            .iter()
            .map(|block| block_tree(pair, block, places)),
    );
    let (near, far): (Vec<_>, Vec<_>) = (others.into_iter())
        .partition(|route| route.senders != Standing::Out && route.recipients != Standing::Out);
    trees.extend(near.iter().map(|route| route_tree(pair, route, places)));
    if !far.is_empty() {
        trees.push(far_tree(pair, &far, places));
    }
    if pair.routes.is_empty() {
        trees.push(node("no route is about either of the two users"));
    }
    trees.push(seen_tree(pair, places));
    write(&title(pair), &trees, &notes(pair), out)
}

fn title(pair: &Pair) -> String {
    let recipient = quoted(&pair.recipient);
    let sender = match &pair.state {
        Some(state) => format!("{} (state {})", quoted(&pair.sender), quoted(state)),
        None => quoted(&pair.sender),
    };
    let (style, verdict, rest) = match pair.verdict {
        Verdict::Delivered if pair.sends == Sends::Some => {
            return format!(
                "{}: {recipient} gets some of the presence of {sender}",
                in_part(&pair.states)
            );
        }
        Verdict::Delivered => (
            GOOD,
            "delivered",
            format!("{recipient} gets the presence of {sender}"),
        ),
        Verdict::Blocked => (
            BAD,
            "not delivered",
            format!("a block keeps the presence of {sender} from {recipient}"),
        ),
        Verdict::Unseen => (
            BAD,
            "not delivered",
            format!("the presence of {sender} is routed to {recipient}, who may not see it"),
        ),
        Verdict::Late => (
            BAD,
            "not delivered",
            format!("no route sends the presence of {sender} to {recipient}, who may see it"),
        ),
        Verdict::NotRouted => (
            BAD,
            "not delivered",
            format!("no route sends the presence of {sender} to {recipient}"),
        ),
    };
    format!("{style}{verdict}{style:#}: {rest}")
}

/// For which states updates arrive.
fn in_part(states: &[(String, Sends)]) -> String {
    let of = |sends| {
        let states = states.iter().filter(|(_, sent)| *sent == sends);
        states
            .map(|(state, _)| quoted(state))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut parts = Vec::new();
    let (always, sometimes, never) = (of(Sends::All), of(Sends::Some), of(Sends::None));
    if !always.is_empty() {
        parts.push(format!("for {always}"));
    }
    if !sometimes.is_empty() {
        parts.push(format!("for {sometimes} as `currently_active` decides"));
    }
    let delivered = match parts.as_slice() {
        [] => "delivered only for other states".to_owned(),
        parts => format!("delivered only {}", parts.join(", and ")),
    };
    if never.is_empty() {
        return format!("{GOOD}{delivered}{GOOD:#}");
    }
    format!("{GOOD}{delivered}{GOOD:#}; never for {never}")
}

/// What Synapse makes of the answer.
fn notes(pair: &Pair) -> Vec<String> {
    let recipient = quoted(&pair.recipient);
    let mut notes = Vec::new();
    match pair.verdict {
        Verdict::Unseen => notes.push(format!(
            "Synapse delivers an update only to users who may see its sender, so it drops this one; an interest can \
             let {recipient} see it"
        )),
        Verdict::Late => notes.push(format!(
            "Synapse asks the routes when something changes, and the interests at each sync: {recipient} sees the \
             state late, when it syncs next; a route would send it at once"
        )),
        _ => {}
    }
    if let Some(all) = &pair.seen.all {
        notes.push(format!(
            "because of ALL, by {}, {recipient} sees only what the routes send: the presence of room-mates, and its \
             own, no longer reaches it by itself",
            rule(&all.rule)
        ));
    } else if pair.verdict != Verdict::Delivered {
        notes.push(
            "users who share a room see each other's presence in any case; these rules, and their blocks, do not \
             change that"
                .to_owned(),
        );
    }
    notes
}

/// The routes that are about one of the two users, and not the other.
fn far_tree(pair: &Pair, far: &[&RouteFacts], places: &Places<'_>) -> Node {
    let mut tree = node("routes that are about only one of the two");
    for route in far.iter().take(MOST_ROUTES) {
        let place = at(&places.rule(&route.rule));
        let name = quoted(&route.rule.name.to_string());
        let stop = if route.recipients == Standing::Out {
            format!("{} is not a recipient", quoted(&pair.recipient))
        } else {
            format!("{} is not a sender", quoted(&pair.sender))
        };
        tree.push(node(format!("{name}: {stop}{place}")));
    }
    if far.len() > MOST_ROUTES {
        let more = count(far.len() - MOST_ROUTES, "more route");
        tree.push(node(format!("and {more} (`--format json` has all)")));
    }
    tree
}

fn route_tree(pair: &Pair, route: &RouteFacts, places: &Places<'_>) -> Node {
    let blocked = !pair.blocks.is_empty();
    let what = match route.sends {
        Sends::All if blocked => "would send it, but is blocked",
        Sends::All => "sends it",
        Sends::Some if blocked => "would send some updates, but is blocked",
        Sends::Some => "sends some updates",
        Sends::None => "does not send it",
    };
    let place = at(&places.rule(&route.rule));
    let mut tree = node(format!("{} {what}{place}", rule(&route.rule)));
    tree.push(places.standing(&pair.sender, "a sender", Side::Senders, &route.senders));
    let stopped_by_when = route.stops.contains(&Stop::When);
    if let Some(condition) = condition(&route.when) {
        tree.push(node(match (stopped_by_when, route.sends) {
            (true, Sends::None) => {
                format!("`when` leaves this update out: it takes one if {condition}")
            }
            _ => format!("`when` takes an update if {condition}"),
        }));
    }
    let is_taken_in = !is_not_taken_in(route);
    let what = if is_taken_in { "a recipient" } else { MATCHED };
    tree.push(places.standing(&pair.recipient, what, Side::Recipients, &route.recipients));
    if !is_taken_in {
        tree.push(no_recipient(&pair.recipient, pair.recipient_role));
    }
    tree
}

fn block_tree(pair: &Pair, block: &BlockFacts, places: &Places<'_>) -> Node {
    let place = at(&places.rule(&block.rule));
    let mut tree = node(format!("{} stops it{place}", rule(&block.rule)));
    tree.push(match &block.senders {
        Some(standing) => places.standing(&pair.sender, "a sender", Side::Senders, standing),
        None => node("it is about all senders"),
    });
    tree.push(match &block.recipients {
        Some(standing) => {
            places.standing(&pair.recipient, "a recipient", Side::Recipients, standing)
        }
        None => node("it is about all recipients"),
    });
    tree
}

fn seen_tree(pair: &Pair, places: &Places<'_>) -> Node {
    let (sender, recipient) = (quoted(&pair.sender), quoted(&pair.recipient));
    let mut tree = node(match (pair.seen.holds, &pair.seen.all) {
        (true, Some(_)) => format!("{recipient} may see everyone (ALL)"),
        (true, None) => format!("{recipient} may see {sender}"),
        (false, _) => format!("{recipient} may not see {sender}"),
    });
    for by in &pair.seen.by {
        tree.push(by_tree(pair, by, places));
    }
    let given_by = |route: &RouteFacts| pair.seen.by.iter().any(|by| by.rule == route.rule);
    let reaching = (pair.routes.iter())
        .filter(|route| route.senders.is_in() && route.recipients.is_in() && !given_by(route));
    for route in reaching {
        let name = rule(&route.rule);
        tree.push(node(if route.derives_interest {
            let why = not_taken_in(pair.recipient_role).filter(|_| is_not_taken_in(route));
            match why {
                Some(why) => format!("{name} does not let it see them: {recipient} is {why}"),
                None => format!("{name} does not let it see them: {sender} is {NOT_KNOWN}"),
            }
        } else {
            format!(
                "{name} does not let its recipients see its senders: its file says `derive_interests: false`"
            )
        }));
    }
    let near = (pair.seen.interests.iter())
        .filter(|interest| !interest.gives && nearly(&interest.users, &interest.sees));
    for interest in near {
        let place = at(&places.rule(&interest.rule));
        let mut near = node(format!(
            "{} does not let it see them{place}",
            rule(&interest.rule)
        ));
        near.push(places.standing(
            &pair.recipient,
            "one of its users",
            Side::Users,
            &interest.users,
        ));
        near.push(places.standing(&pair.sender, "seen by them", Side::In, &interest.sees));
        if interest.users.is_in() && interest.sees.is_in() {
            near.push(node(format!(
                "{sender} is {NOT_KNOWN}, where patterns are looked up"
            )));
        }
        tree.push(near);
    }
    if !pair.seen.holds && !pair.blocks.is_empty() && !pair.seen.by.is_empty() {
        tree.push(node("but a block takes it away"));
    }
    if tree.leaves.is_empty() {
        tree.push(node("no rule lets it see them"));
    }
    tree
}

/// Whether a pattern matches the recipient of a route, and does not take it in.
fn is_not_taken_in(route: &RouteFacts) -> bool {
    (route.stops.iter()).any(|stop| matches!(stop, Stop::Unknown | Stop::OnlySeen))
}

fn nearly(one: &Standing, other: &Standing) -> bool {
    *one != Standing::Out && *other != Standing::Out
}

fn by_tree(pair: &Pair, by: &SeenBy, places: &Places<'_>) -> Node {
    let place = at(&places.rule(&by.rule));
    let interest = (pair.seen.interests.iter()).find(|interest| interest.rule == by.rule);
    let all = if by.all { ", which says ALL" } else { "" };
    let Some(interest) = interest else {
        return node(format!(
            "by the interest that derives from {}{all}{place}",
            rule(&by.rule)
        ));
    };
    let mut tree = node(format!("by {}{all}{place}", rule(&by.rule)));
    tree.push(places.standing(
        &pair.recipient,
        "one of its users",
        Side::Users,
        &interest.users,
    ));
    tree.push(places.standing(&pair.sender, "seen by them", Side::In, &interest.sees));
    tree
}
