//! `--summary`: what a run did, for people.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::harmless::visible;
use crate::pattern::shortened;
use crate::router::{Answer, RouteId, Router, Scratch, UserIndex};

/// How many rows the lists of the busiest have.
const MOST_ROWS: usize = 5;

/// The width of the longest bar, in characters.
const BAR_WIDTH: usize = 40;

/// Counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The records that were read, the refused ones included.
    pub records: u64,
    /// The records that were refused.
    pub(crate) refused: u64,
    /// The updates that are equal to an earlier one of the batch.
    pub(crate) repeated: u64,
    deliveries: u64,
    /// For each route how often it sent an update to a user.
    routes: Vec<u64>,
    /// For each user whom the rules or the files of known users name, how many updates it gets.
    known: Vec<u64>,
    /// The same for the users whom templates make.
    made: HashMap<String, u64>,
    /// For each number of recipients, in powers of two, how many updates have it: none, 1, 2 to 3, 4 to 7, …
    fan_out: Vec<u64>,
}

impl Summary {
    /// Counts so many updates that got the same answer. `name` tells who a user is.
    pub(crate) fn answered<'a>(
        &mut self,
        updates: u64,
        answer: Answer<'_>,
        router: &Router,
        name: impl Fn(UserIndex) -> &'a str,
    ) {
        for (route, recipients) in answer.sent {
            let index = route.0 as usize;
            if index >= self.routes.len() {
                self.routes.resize(index + 1, 0);
            }
            self.routes[index] += updates * *recipients as u64;
        }
        let recipients = answer.users;
        self.deliveries += updates * recipients.len() as u64;
        self.known.resize(router.user_count(), 0);
        for &recipient in recipients {
            match self.known.get_mut(recipient.0 as usize) {
                Some(count) => *count += updates,
                None => *self.made.entry(name(recipient).to_owned()).or_default() += updates,
            }
        }
        let class = (usize::BITS - recipients.len().leading_zeros()) as usize;
        if class >= self.fan_out.len() {
            self.fan_out.resize(class + 1, 0);
        }
        self.fan_out[class] += updates;
    }

    /// Writes the table and the chart.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn write(&self, router: &Router, out: &mut dyn Write) -> io::Result<()> {
        let scratch = Scratch::default();
        let known = (0..).map(UserIndex).zip(&self.known);
        let known = known.map(|(user, count)| (router.user(user, &scratch), *count));
        let made = self
            .made
            .iter()
            .map(|(user, count)| (user.as_str(), *count));
        let recipients: Vec<_> = known.chain(made).filter(|(_, count)| *count > 0).collect();
        let routes = (0..).map(RouteId).zip(&self.routes);
        let routes = routes.map(|(route, count)| (router.route_name(route).to_string(), *count));
        let nobody = self.fan_out.first().copied().unwrap_or(0);
        let mut text = String::new();
        let mut row = |label: &str, count: u64| {
            let _ = writeln!(text, "{label:<26}{:>15}", grouped(count));
        };
        row("records", self.records);
        row("refused", self.refused);
        if self.repeated > 0 {
            row("repeated updates", self.repeated);
        }
        row("deliveries", self.deliveries);
        row("recipients", recipients.len() as u64);
        row("updates that nobody gets", nobody);
        busiest(&mut text, "busiest routes", routes.collect());
        busiest(&mut text, "busiest recipients", recipients);
        self.chart(&mut text);
        out.write_all(text.as_bytes())
    }

    fn chart(&self, text: &mut String) {
        let Some(&most) = self.fan_out.iter().max().filter(|most| **most > 0) else {
            return;
        };
        let _ = writeln!(
            text,
            "\nfan-out (recipients of an update: how many updates)"
        );
        let labels: Vec<_> = (0..self.fan_out.len()).map(range_of).collect();
        let width = labels.iter().map(String::len).max().unwrap_or(0);
        for (label, &count) in labels.iter().zip(&self.fan_out) {
            let bar = "█".repeat(bar_width(count, most));
            let _ = writeln!(text, "  {label:>width$} │{bar} {}", grouped(count));
        }
    }
}

/// The numbers of recipients of a class of the chart.
fn range_of(class: usize) -> String {
    match class {
        0 => "0".to_owned(),
        1 => "1".to_owned(),
        _ => {
            let start = 1_u64 << (class - 1);
            format!("{}–{}", grouped(start), grouped(2 * start - 1))
        }
    }
}

/// In proportion to the longest bar; what is not nothing is seen.
fn bar_width(count: u64, most: u64) -> usize {
    let width = (u128::from(count) * BAR_WIDTH as u128).div_ceil(u128::from(most));
    usize::try_from(width).unwrap_or(BAR_WIDTH)
}

fn busiest<N: AsRef<str> + Ord>(text: &mut String, title: &str, mut ranked: Vec<(N, u64)>) {
    ranked.retain(|(_, count)| *count > 0);
    // By name where the counts are equal, so that the same run writes the same table.
    ranked
        .sort_by(|(name, count), (other_name, other)| other.cmp(count).then(name.cmp(other_name)));
    if ranked.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for (name, count) in ranked.iter().take(MOST_ROWS) {
        let _ = writeln!(
            text,
            "  {:>13}  {}",
            grouped(*count),
            visible(&shortened(name.as_ref()))
        );
    }
    if let Some(more) = ranked.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  {:>13}  more", format!("+{more}"));
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
