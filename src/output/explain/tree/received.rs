//! One recipient and all senders, as a tree.

use std::io::{self, Write};

use super::{
    BAD, GOOD, MATCHED, MOST_USERS, Node, at, condition, count, no_recipient, node, not_taken_in,
    write,
};
use crate::explain::{Listed, Received, ReceivedBy, RuleKind, Senders, Standing};
use crate::output::explain::places::{Places, quoted, rule};
use crate::rules::Side;

pub fn received(received: &Received, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let recipient = quoted(&received.recipient);
    let mut trees = Vec::new();
    for (rules, role, what) in [
        (
            &received.routes,
            ("a recipient", Side::Recipients),
            "its senders",
        ),
        (
            &received.interests,
            ("one of its users", Side::Users),
            "lets it see",
        ),
        (
            &received.blocks,
            ("a recipient", Side::Recipients),
            "keeps back",
        ),
    ] {
        let rules = rules.iter();
        trees.extend(rules.map(|rule| rule_tree(received, rule, role, what, places)));
    }
    trees.push(seen_tree(received));
    let reaching = received
        .routes
        .iter()
        .filter(|route| route.reaches())
        .count();
    let title = match reaching {
        0 => format!("{BAD}no route{BAD:#} has {recipient} among its recipients"),
        1 => format!("{GOOD}1 route{GOOD:#} has {recipient} among its recipients"),
        routes => format!("{GOOD}{routes} routes{GOOD:#} have {recipient} among their recipients"),
    };
    let mut notes = Vec::new();
    let why = not_taken_in(received.role);
    if let Some(why) = why.filter(|_| !received.routes.is_empty()) {
        notes.push(format!(
            "{recipient} is {why}: rules reach it only where they name it, and not by patterns"
        ));
    }
    if let Some(all) = &received.all {
        notes.push(format!(
            "because of ALL, by {}, {recipient} sees only what the routes send: the presence of room-mates, and its \
             own, no longer reaches it by itself",
            rule(&all.rule)
        ));
    }
    write(&title, &trees, &notes, out)
}

fn rule_tree(
    received: &Received,
    by: &ReceivedBy,
    (role, side): (&str, Side),
    heading: &str,
    places: &Places<'_>,
) -> Node {
    let mut tree = node(format!("{}{}", rule(&by.rule), at(&places.rule(&by.rule))));
    let role = if by.stop.is_some() { MATCHED } else { role };
    tree.push(match &by.standing {
        Some(Standing::Out) if by.by_template => node(format!(
            "{} is {role} if a template makes it from the sender",
            quoted(&received.recipient)
        )),
        Some(standing) => places.standing(&received.recipient, role, side, standing),
        None => node("it is about all recipients"),
    });
    if by.stop.is_some() {
        tree.push(no_recipient(&received.recipient, received.role));
    }
    if let Some(condition) = condition(&by.when) {
        tree.push(node(format!("`when` takes an update if {condition}")));
    }
    let mut senders = node(heading);
    if by.senders.included.is_empty() {
        senders.push(node("everyone"));
    }
    places.listed(&by.senders, &mut senders);
    tree.push(senders);
    if !by.lets_see && by.rule.kind == RuleKind::Route {
        tree.push(node(
            "does not let its recipients see its senders: its file says `derive_interests: false`",
        ));
    }
    tree
}

fn seen_tree(received: &Received) -> Node {
    let recipient = quoted(&received.recipient);
    if let Some(all) = &received.all {
        return node(format!(
            "{recipient} may see everyone (ALL), by {}, which says ALL",
            rule(&all.rule)
        ));
    }
    if received.users.is_empty() {
        return node(format!("{recipient} may see nobody by these rules"));
    }
    let users = count(received.users.len(), "user");
    let mut tree = node(format!("{recipient} may see {users}"));
    for user in received.users.iter().take(MOST_USERS) {
        tree.push(node(quoted(user)));
    }
    if received.users.len() > MOST_USERS {
        let more = count(received.users.len() - MOST_USERS, "more user");
        tree.push(node(format!(
            "and {more} (`presence-router interested` has all)"
        )));
    }
    tree
}

impl Places<'_> {
    /// The items of a user set, each group with what is in it.
    fn listed(&self, senders: &Senders, tree: &mut Node) {
        let included = senders.included.iter().map(|item| ("", item));
        let excluded = senders.excluded.iter().map(|item| ("but not ", item));
        for (but, Listed { step, members }) in included.chain(excluded) {
            let mut item = node(format!("{but}{}{}", self.item(step), self.place_of(step)));
            if let Some(members) = members {
                self.listed(members, &mut item);
            }
            tree.push(item);
        }
    }
}
