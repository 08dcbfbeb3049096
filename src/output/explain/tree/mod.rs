//! Explanations as trees, for people. Here are the parts that all of them have.

mod pair;
mod received;
mod sent;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use termtree::Tree;

use super::places::{Places, quoted};
use crate::explain::{Matched, RuleRef, Standing, Step, Trail, Ways};
use crate::known_users::Role;
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::rules::{Side, When};
use crate::source::{FileId, Span};

pub use pair::pair;
pub use received::received;
pub use sent::sent;

/// A line of a tree with those below it.
pub type Node = Tree<String>;

pub const GOOD: Style = AnsiColor::Green.on_default().bold();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// How many users of one rule are named; the others are counted.
const MOST_USERS: usize = 20;

pub fn node(text: impl Into<String>) -> Node {
    Tree::new(text.into()).with_multiline(true)
}

/// A place behind what stands there.
pub fn at(place: &str) -> String {
    format!("  {FAINT}{place}{FAINT:#}")
}

/// The answer, and the trees that lead to it.
pub fn write(title: &str, trees: &[Node], notes: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for tree in trees {
        write!(out, "\n{tree}")?;
    }
    if !notes.is_empty() {
        writeln!(out)?;
    }
    for note in notes {
        writeln!(out, "note: {note}")?;
    }
    Ok(())
}

impl Places<'_> {
    /// `FILE:LINE:COLUMN`.
    pub fn at(&self, file: FileId, at: Span) -> String {
        let place = self.place(file, at);
        format!(
            "{}:{}:{}",
            visible(self.file(file)),
            place.line,
            place.column
        )
    }

    pub fn rule(&self, rule: &RuleRef) -> String {
        self.at(rule.file, rule.at)
    }

    /// The line in which an item starts.
    pub fn line(&self, step: &Step) -> (usize, String) {
        let line = self.place(step.file, step.at).line;
        let source = self.source(step.file);
        let text = &source.text()[source.line(line)];
        (line, visible(&shortened(text.trim())).into_owned())
    }

    /// Where a user stands in a user set: `role` says which, such as "sender".
    pub fn standing(&self, user: &str, role: &str, side: Side, standing: &Standing) -> Node {
        let user = quoted(user);
        match standing {
            Standing::In(ways) => {
                let mut tree = node(format!("{user} is {role}"));
                self.ways(ways, &mut tree);
                for exclusion in &ways.kept_in {
                    let mut excluded = node("would be excluded by");
                    self.ways(&exclusion.included, &mut excluded);
                    let mut kept_in = node("but kept in by");
                    self.ways(&exclusion.excluded, &mut kept_in);
                    tree.push(excluded);
                    tree.push(kept_in);
                }
                tree
            }
            Standing::Excluded(exclusions) => {
                let mut tree = node(format!("{user} is not {role}: it is excluded"));
                for exclusion in exclusions {
                    let mut included = node("matched by");
                    self.ways(&exclusion.included, &mut included);
                    let mut excluded = node("but excluded by");
                    self.ways(&exclusion.excluded, &mut excluded);
                    tree.push(included);
                    tree.push(excluded);
                }
                tree
            }
            Standing::Out => node(format!(
                "{user} is not {role}: nothing in `{}` matches it",
                side.key()
            )),
        }
    }

    /// The items that match, each below the groups that lead to it.
    pub fn ways(&self, ways: &Ways, tree: &mut Node) {
        for trail in &ways.trails {
            tree.push(self.trail(trail));
        }
        if ways.more {
            tree.push(node("and more"));
        }
    }

    fn trail(&self, trail: &Trail) -> Node {
        let mut steps = trail.items.iter().rev();
        let last = steps.next().expect("a trail leads to an item");
        let mut tree = self.leaf(last);
        for group in steps {
            let mut above = node(format!("{}{}", self.item(group), self.place_of(group)));
            above.push(tree);
            tree = above;
        }
        tree
    }

    /// An item with its line.
    fn leaf(&self, step: &Step) -> Node {
        let (number, line) = self.line(step);
        node(format!(
            "{}{}\n{FAINT}{number} | {line}{FAINT:#}",
            self.item(step),
            self.place_of(step)
        ))
    }

    /// An item as messages call it.
    pub fn item(&self, step: &Step) -> String {
        match &step.item {
            Matched::Group { name, description } => {
                let about = description.as_deref().map(shortened).unwrap_or_default();
                let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
                let colon = if about.is_empty() { "" } else { ": " };
                format!("group {}{colon}{}", quoted(name), visible(&about))
            }
            Matched::Everyone => "everyone, since `include` is left out".to_owned(),
            Matched::Lacking => format!("`all_of`, for it is not in {}", self.written(step)),
            Matched::Pattern(_) | Matched::Template | Matched::File => self.written(step),
        }
    }

    pub fn place_of(&self, step: &Step) -> String {
        at(&self.at(step.file, step.at))
    }
}

/// A condition in words: "the state is `online` or `busy`". `None` if there is no condition.
pub fn condition(when: &When) -> Option<String> {
    let states = when.states.as_ref().map(|states| {
        let names: Vec<_> = states.names().map(quoted).collect();
        match (states.are_left_out(), names.len()) {
            (false, _) => format!("the state is {}", alternatives(&names)),
            (true, 1) => format!("the state is not {}", names[0]),
            (true, _) => format!("the state is none of {}", names.join(", ")),
        }
    });
    let active = (when.currently_active).map(|active| format!("`currently_active` is {active}"));
    match (states, active) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(states), Some(active)) => Some(format!("{states}, and {active}")),
    }
}

fn alternatives(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// "1 user", "3 users".
pub fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// What somebody is whom patterns match, and do not take in.
pub const MATCHED: &str = "matched as a recipient";

/// Why somebody is no recipient whom patterns match.
pub fn no_recipient(user: &str, role: Option<Role>) -> Node {
    let why = not_taken_in(role).unwrap_or(NOT_KNOWN);
    node(format!("not a recipient: {} is {why}", quoted(user)))
}

pub const NOT_KNOWN: &str = "not a known user";

/// Why patterns do not take a user of this role in as a recipient, in words.
pub fn not_taken_in(role: Option<Role>) -> Option<&'static str> {
    role.map_or(Some(NOT_KNOWN), Role::why_only_seen)
}
