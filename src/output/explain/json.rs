//! Explanations as JSON, for programs. docs/commands.md says what the fields mean.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::places::Places;
use crate::explain::{
    BlockFacts, Matched, Pair, RuleRef, SeenBy, Sends, Standing, Step, Stop, Verdict, Ways,
};
use crate::known_users::Role;
use crate::rules;

pub const VERSION: u32 = 1;

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
pub struct Rule<'e> {
    kind: &'static str,
    name: String,
    #[serde(flatten)]
    place: Place<'e>,
}

#[derive(Serialize)]
struct Place<'e> {
    file: &'e str,
    line: usize,
    column: usize,
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

/// As rules have it.
#[derive(Serialize)]
#[serde(untagged)]
enum States<'e> {
    These(Vec<&'e str>),
    AllBut { not: Vec<&'e str> },
}

#[derive(Serialize)]
pub struct When<'e> {
    state: Option<States<'e>>,
    currently_active: Option<bool>,
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
pub struct GivenBy<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    all: bool,
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

/// `standing` is `in`, `excluded` or `out`.
#[derive(Serialize)]
pub struct StandingEntry<'e> {
    standing: &'static str,
    matched_by: Vec<Vec<Item<'e>>>,
    excluded_by: Vec<Vec<Item<'e>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept_in_by: Vec<Vec<Item<'e>>>,
}

#[derive(Serialize)]
pub struct Item<'e> {
    kind: &'static str,
    /// As it is written in the file.
    text: String,
    /// Of a group that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(flatten)]
    place: Place<'e>,
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

pub fn write(entry: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    crate::output::json::write(entry, out)?;
    writeln!(out)
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

pub fn given_by<'e>(by: &SeenBy, places: &Places<'e>) -> GivenBy<'e> {
    GivenBy {
        rule: places.rule_entry(&by.rule),
        all: by.all,
    }
}

pub fn when(when: &rules::When) -> When<'_> {
    When {
        state: when.states.as_ref().map(|states| {
            let named = states.names().collect();
            if states.are_left_out() {
                States::AllBut { not: named }
            } else {
                States::These(named)
            }
        }),
        currently_active: when.currently_active,
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

pub fn stopped_by(stop: Stop) -> &'static str {
    match stop {
        Stop::Sender => "sender",
        Stop::Recipient => "recipient",
        Stop::Unknown => "unknown-recipient",
        Stop::OnlySeen => "only-seen-recipient",
        Stop::When => "when",
    }
}

impl<'e> Places<'e> {
    pub fn rule_entry(&self, rule: &RuleRef) -> Rule<'e> {
        let place = self.place(rule.file, rule.at);
        Rule {
            kind: rule.kind.name(),
            name: rule.name.to_string(),
            place: Place {
                file: self.file(rule.file),
                line: place.line,
                column: place.column,
            },
        }
    }

    pub fn item_entry(&self, step: &Step) -> Item<'e> {
        let place = self.place(step.file, step.at);
        Item {
            kind: match step.item {
                Matched::Group { .. } => "group",
                Matched::Pattern(_) => "pattern",
                Matched::Template => "template",
                Matched::File => "file",
                Matched::Everyone => "everyone",
                Matched::Lacking => "all-of",
            },
            text: self.written(step),
            description: match &step.item {
                Matched::Group { description, .. } => description.as_deref().map(str::to_owned),
                _ => None,
            },
            place: Place {
                file: self.file(step.file),
                line: place.line,
                column: place.column,
            },
        }
    }

    pub fn standing_entry(&self, standing: &Standing) -> StandingEntry<'e> {
        let mut entry = StandingEntry {
            standing: "out",
            matched_by: Vec::new(),
            excluded_by: Vec::new(),
            kept_in_by: Vec::new(),
        };
        match standing {
            Standing::In(ways) => {
                entry.standing = "in";
                entry.matched_by = self.ways_entry(ways);
                let kept_in = ways.kept_in.iter();
                entry.kept_in_by = kept_in
                    .flat_map(|exclusion| self.ways_entry(&exclusion.excluded))
                    .collect();
            }
            Standing::Excluded(exclusions) => {
                entry.standing = "excluded";
                for exclusion in exclusions {
                    entry
                        .matched_by
                        .extend(self.ways_entry(&exclusion.included));
                    entry
                        .excluded_by
                        .extend(self.ways_entry(&exclusion.excluded));
                }
            }
            Standing::Out => {}
        }
        entry
    }

    fn ways_entry(&self, ways: &Ways) -> Vec<Vec<Item<'e>>> {
        let trails = ways.trails.iter();
        trails
            .map(|trail| {
                trail
                    .items
                    .iter()
                    .map(|step| self.item_entry(step))
                    .collect()
            })
            .collect()
    }
}
