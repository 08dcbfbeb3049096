//! One sender and one recipient, as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{GivenBy, Rule, StandingEntry, VERSION, When, given_by, stopped_by, when, write};
use crate::explain::{BlockFacts, Pair, Sends, Standing, Verdict};
use crate::known_users::Role;
use crate::output::explain::places::Places;

#[derive(Serialize)]
pub struct PairEntry<'e> {
    version: u32,
    sender: &'e str,
    recipient: &'e str,
    recipient_role: Option<&'static str>,
    state: Option<&'e str>,
    delivered: bool,
    verdict: &'static str,
    sends: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    states: BTreeMap<&'e str, &'static str>,
    routes: Vec<RouteEntry<'e>>,
    blocks: Vec<BlockEntry<'e>>,
    interested: Interested<'e>,
}

#[derive(Serialize)]
struct RouteEntry<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    sends: &'static str,
    stopped_by: Vec<&'static str>,
    derives_interest: bool,
    when: When<'e>,
    sender: StandingEntry<'e>,
    recipient: StandingEntry<'e>,
}

#[derive(Serialize)]
struct BlockEntry<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    sender: Option<StandingEntry<'e>>,
    recipient: Option<StandingEntry<'e>>,
}

#[derive(Serialize)]
struct Interested<'e> {
    holds: bool,
    all: bool,
    by: Vec<GivenBy<'e>>,
    interests: Vec<InterestEntry<'e>>,
}

#[derive(Serialize)]
struct InterestEntry<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    gives: bool,
    users: StandingEntry<'e>,
    #[serde(rename = "in")]
    sees: StandingEntry<'e>,
}

pub fn pair(pair: &Pair, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(&pair_entry(pair, places), out)
}

pub fn pair_entry<'e>(pair: &'e Pair, places: &Places<'e>) -> PairEntry<'e> {
    PairEntry {
        version: VERSION,
        sender: &pair.sender,
        recipient: &pair.recipient,
        recipient_role: pair.recipient_role.map(Role::name),
        state: pair.state.as_deref(),
        delivered: pair.verdict == Verdict::Delivered,
        verdict: verdict(pair.verdict),
        sends: sends(pair.sends),
        states: (pair.states.iter())
            .map(|(state, sent)| (state.as_str(), sends(*sent)))
            .collect(),
        routes: (pair.routes.iter())
            .map(|route| RouteEntry {
                rule: places.rule_entry(&route.rule),
                sends: sends(route.sends),
                stopped_by: route.stops.iter().map(|stop| stopped_by(*stop)).collect(),
                derives_interest: route.derives_interest,
                when: when(&route.when),
                sender: places.standing_entry(&route.senders),
                recipient: places.standing_entry(&route.recipients),
            })
            .collect(),
        blocks: (pair.blocks.iter())
            .map(|block| block_entry(block, places))
            .collect(),
        interested: Interested {
            holds: pair.seen.holds,
            all: pair.seen.all.is_some(),
            by: pair.seen.by.iter().map(|by| given_by(by, places)).collect(),
            interests: (pair.seen.interests.iter())
                .map(|interest| InterestEntry {
                    rule: places.rule_entry(&interest.rule),
                    gives: interest.gives,
                    users: places.standing_entry(&interest.users),
                    sees: places.standing_entry(&interest.sees),
                })
                .collect(),
        },
    }
}

fn block_entry<'e>(block: &BlockFacts, places: &Places<'e>) -> BlockEntry<'e> {
    let side = |standing: &Option<Standing>| {
        standing
            .as_ref()
            .map(|standing| places.standing_entry(standing))
    };
    BlockEntry {
        rule: places.rule_entry(&block.rule),
        sender: side(&block.senders),
        recipient: side(&block.recipients),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Blocked => "blocked",
        Verdict::Unseen => "unseen",
        Verdict::Late => "late",
        Verdict::NotRouted => "not-routed",
    }
}

fn sends(sends: Sends) -> &'static str {
    match sends {
        Sends::All => "all",
        Sends::Some => "some",
        Sends::None => "none",
    }
}
