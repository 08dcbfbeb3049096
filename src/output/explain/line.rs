//! Explanations as lines, for `grep` and editors, in the manner of `git check-ignore -v`.

use std::io::{self, Write};

use super::places::{Places, rule};
use crate::explain::{Fate, Listed, Pair, Received, RuleRef, Sends, Sent, Standing, Step, Verdict};
use crate::output::harmless::visible;

pub fn pair(pair: &Pair, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    for block in &pair.blocks {
        let sides = [
            places.side(&block.rule, block.senders.as_ref()),
            places.side(&block.rule, block.recipients.as_ref()),
        ];
        writeln!(
            out,
            "{}\t{}\t{}\tblocks",
            sides[0],
            sides[1],
            rule(&block.rule)
        )?;
    }
    for route in &pair.routes {
        let excludes = match (&route.senders, &route.recipients) {
            (Standing::Out, _) | (_, Standing::Out) => false,
            (senders, recipients) => excludes(senders) || excludes(recipients),
        };
        let what = match (route.sends, pair.verdict) {
            (Sends::None, _) if excludes => "excludes",
            (Sends::None, _) => continue,
            (_, Verdict::Unseen) => "sends, but it may not see",
            (_, Verdict::Blocked) => "would send",
            _ => "sends",
        };
        let senders = places.side(&route.rule, Some(&route.senders));
        let recipients = places.side(&route.rule, Some(&route.recipients));
        writeln!(
            out,
            "{senders}\t{recipients}\t{}\t{what}",
            rule(&route.rule)
        )?;
    }
    for interest in pair.seen.interests.iter().filter(|interest| interest.gives) {
        let sees = places.side(&interest.rule, Some(&interest.sees));
        let users = places.side(&interest.rule, Some(&interest.users));
        writeln!(out, "{sees}\t{users}\t{}\tlets see", rule(&interest.rule))?;
    }
    Ok(())
}

pub fn sent(sent: &Sent, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    for route in &sent.routes {
        let senders = places.side(&route.rule, Some(&route.senders));
        for to in &route.recipients {
            let what = match &to.fate {
                Fate::Delivered => "sends".to_owned(),
                Fate::Blocked(block) => format!("sends, but {} blocks", rule(block)),
                Fate::Unseen => "sends, but it may not see".to_owned(),
            };
            writeln!(
                out,
                "{senders}\t{}\t{}\t{what}",
                visible(&to.user),
                rule(&route.rule)
            )?;
        }
    }
    Ok(())
}

pub fn received(received: &Received, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kinds = [
        (&received.routes, "sends"),
        (&received.interests, "lets see"),
        (&received.blocks, "blocks"),
    ];
    for (rules, what) in kinds {
        for by in rules {
            let recipients = places.side(&by.rule, by.standing.as_ref());
            let what = if by.standing.as_ref().is_some_and(excludes) {
                "excludes"
            } else if by.stop.is_some() {
                "does not take in"
            } else {
                what
            };
            for Listed { step, .. } in &by.senders.included {
                writeln!(
                    out,
                    "{}\t{recipients}\t{}\t{what}",
                    places.item_line(step),
                    rule(&by.rule)
                )?;
            }
            if by.senders.included.is_empty() {
                let everyone = places.side(&by.rule, None);
                writeln!(out, "{everyone}\t{recipients}\t{}\t{what}", rule(&by.rule))?;
            }
        }
    }
    Ok(())
}

fn excludes(standing: &Standing) -> bool {
    matches!(standing, Standing::Excluded(_))
}

impl Places<'_> {
    /// `FILE:LINE:PATTERN` of the item that decides: the one that excludes, or else the one that matches.
    fn side(&self, rule: &RuleRef, standing: Option<&Standing>) -> String {
        let ways = match standing {
            Some(Standing::In(ways)) => ways,
            Some(Standing::Excluded(exclusions)) => &exclusions[0].excluded,
            Some(Standing::Out) => return format!("{}:-", self.rule_line(rule)),
            None => return format!("{}:all", self.rule_line(rule)),
        };
        self.item_line(ways.trails[0].last())
    }

    fn item_line(&self, step: &Step) -> String {
        let place = self.place(step.file, step.at);
        format!(
            "{}:{}:{}",
            visible(self.file(step.file)),
            place.line,
            self.written(step)
        )
    }

    fn rule_line(&self, rule: &RuleRef) -> String {
        format!(
            "{}:{}",
            visible(self.file(rule.file)),
            self.place(rule.file, rule.at).line
        )
    }
}
