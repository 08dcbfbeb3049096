//! One sender and all recipients, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::{Rule, StandingEntry, VERSION, When, when, write};
use crate::explain::{Fate, Sent};
use crate::output::explain::places::Places;

#[derive(Serialize)]
struct SentEntry<'e> {
    version: u32,
    sender: &'e str,
    delivered: usize,
    routes: Vec<SentByEntry<'e>>,
}

#[derive(Serialize)]
struct SentByEntry<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    takes: bool,
    when: When<'e>,
    sender: StandingEntry<'e>,
    recipients: Vec<SentToEntry<'e>>,
}

#[derive(Serialize)]
struct SentToEntry<'e> {
    user_id: &'e str,
    delivered: bool,
    /// `blocked` or `unseen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Rule<'e>>,
}

pub fn sent(sent: &Sent, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let routes = sent.routes.iter().map(|route| SentByEntry {
        rule: places.rule_entry(&route.rule),
        takes: route.takes,
        when: when(&route.when),
        sender: places.standing_entry(&route.senders),
        recipients: (route.recipients.iter())
            .map(|to| {
                let (stopped_by, block) = match &to.fate {
                    Fate::Delivered => (None, None),
                    Fate::Blocked(block) => (Some("blocked"), Some(places.rule_entry(block))),
                    Fate::Unseen => (Some("unseen"), None),
                };
                SentToEntry {
                    user_id: &to.user,
                    delivered: to.fate == Fate::Delivered,
                    stopped_by,
                    block,
                }
            })
            .collect(),
    });
    let entry = SentEntry {
        version: VERSION,
        sender: &sent.sender,
        delivered: sent.delivered,
        routes: routes.collect(),
    };
    write(&entry, out)
}
