//! One recipient and all senders, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::{GivenBy, Item, Rule, StandingEntry, VERSION, When, given_by, stopped_by, when, write};
use crate::explain::{Listed, Received, ReceivedBy, Senders};
use crate::known_users::Role;
use crate::output::explain::places::Places;

#[derive(Serialize)]
struct ReceivedEntry<'e> {
    version: u32,
    recipient: &'e str,
    role: Option<&'static str>,
    routes: Vec<ReceivedByEntry<'e>>,
    interests: Vec<ReceivedByEntry<'e>>,
    blocks: Vec<ReceivedByEntry<'e>>,
    all_by: Option<GivenBy<'e>>,
    interested: &'e [String],
}

#[derive(Serialize)]
struct ReceivedByEntry<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    when: When<'e>,
    lets_see: bool,
    by_template: bool,
    stopped_by: Option<&'static str>,
    recipient: Option<StandingEntry<'e>>,
    senders: Members<'e>,
}

/// The items of a user set, each group with what is in it.
#[derive(Serialize)]
struct Members<'e> {
    include: Vec<Member<'e>>,
    exclude: Vec<Member<'e>>,
}

#[derive(Serialize)]
struct Member<'e> {
    #[serde(flatten)]
    item: Item<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Members<'e>>,
}

pub fn received<'r>(
    received: &'r Received,
    places: &Places<'r>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let entries = |rules: &'r [ReceivedBy]| {
        let entries = rules.iter().map(|by| ReceivedByEntry {
            rule: places.rule_entry(&by.rule),
            when: when(&by.when),
            lets_see: by.lets_see,
            by_template: by.by_template,
            stopped_by: by.stop.map(stopped_by),
            recipient: by
                .standing
                .as_ref()
                .map(|standing| places.standing_entry(standing)),
            senders: places.members_entry(&by.senders),
        });
        entries.collect::<Vec<_>>()
    };
    let entry = ReceivedEntry {
        version: VERSION,
        recipient: &received.recipient,
        role: received.role.map(Role::name),
        routes: entries(&received.routes),
        interests: entries(&received.interests),
        blocks: entries(&received.blocks),
        all_by: received.all.as_ref().map(|by| given_by(by, places)),
        interested: &received.users,
    };
    write(&entry, out)
}

impl<'e> Places<'e> {
    fn members_entry(&self, senders: &Senders) -> Members<'e> {
        let entries = |items: &[Listed]| {
            let entries = items.iter().map(|listed| Member {
                item: self.item_entry(&listed.step),
                members: (listed.members.as_ref()).map(|members| self.members_entry(members)),
            });
            entries.collect()
        };
        Members {
            include: entries(&senders.included),
            exclude: entries(&senders.excluded),
        }
    }
}
