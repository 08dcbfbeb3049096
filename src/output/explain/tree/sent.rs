//! One sender and all recipients, as a tree.

use std::io::{self, Write};

use super::{BAD, GOOD, MOST_USERS, Node, at, condition, count, node, write};
use crate::explain::{Fate, Sent, SentBy};
use crate::output::explain::places::{Places, quoted, rule};
use crate::rules::Side;

pub fn sent(sent: &Sent, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let trees: Vec<_> = (sent.routes.iter())
        .map(|route| route_tree(sent, route, places))
        .collect();
    let sender = quoted(&sent.sender);
    let title = match sent.delivered {
        0 => format!("{BAD}nobody{BAD:#} gets the presence of {sender} by these rules"),
        1 => format!("{GOOD}1 user{GOOD:#} gets the presence of {sender} by these rules"),
        users => format!("{GOOD}{users} users{GOOD:#} get the presence of {sender} by these rules"),
    };
    let mut notes = Vec::new();
    if trees.is_empty() {
        notes.push(format!("no route has {sender} among its senders"));
    }
    write(&title, &trees, &notes, out)
}

fn route_tree(sent: &Sent, route: &SentBy, places: &Places<'_>) -> Node {
    let place = at(&places.rule(&route.rule));
    let users = route.recipients.len();
    let what = match (route.takes, users) {
        (false, _) => "does not send it".to_owned(),
        (true, 0) => "sends it to nobody: none of its recipients is known".to_owned(),
        (true, users) => format!("sends it to {}", count(users, "user")),
    };
    let mut tree = node(format!("{} {what}{place}", rule(&route.rule)));
    tree.push(places.standing(&sent.sender, "a sender", Side::Senders, &route.senders));
    if let Some(condition) = condition(&route.when) {
        tree.push(node(if route.takes || !route.senders.is_in() {
            format!("`when` takes an update if {condition}")
        } else {
            format!("`when` leaves this update out: it takes one if {condition}")
        }));
    }
    for to in route.recipients.iter().take(MOST_USERS) {
        let user = quoted(&to.user);
        tree.push(node(match &to.fate {
            Fate::Delivered => user,
            Fate::Blocked(block) => format!(
                "{user}: {BAD}not delivered{BAD:#}, {} stops it{}",
                rule(block),
                at(&places.rule(block))
            ),
            Fate::Unseen => format!(
                "{user}: {BAD}not delivered{BAD:#}, it may not see {}",
                quoted(&sent.sender)
            ),
        }));
    }
    if users > MOST_USERS {
        tree.push(node(format!(
            "and {} (`--format json` has all)",
            count(users - MOST_USERS, "more user")
        )));
    }
    tree
}
