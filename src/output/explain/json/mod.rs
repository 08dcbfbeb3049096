//! Explanations as JSON, for programs. docs/commands.md says what the fields mean. Here are the entries that all have.

mod pair;
mod received;
mod sent;

use std::io::{self, Write};

use serde::Serialize;

use super::places::Places;
use crate::explain::{Matched, RuleRef, SeenBy, Standing, Step, Stop, Ways};
use crate::rules;

pub use pair::{PairEntry, pair, pair_entry};
pub use received::received;
pub use sent::sent;

pub const VERSION: u32 = 1;

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
pub struct GivenBy<'e> {
    #[serde(flatten)]
    rule: Rule<'e>,
    all: bool,
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

pub fn write(entry: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    crate::output::json::write(entry, out)?;
    writeln!(out)
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
