//! `other-notation`: an ID or a pattern that says in another language what it means, such as `.*` in a glob.
//!
//! Matrix allows new localparts only `a-z`, `0-9` and `.`, `_`, `=`, `-`, `/` and `+` (specification, appendix "User
//! Identifiers"). Old ones may have other characters, so that these are warned of and not refused.

use std::ops::Range;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{Placed, for_each, regex_item};
use super::regex_text::{Flaws, replaced};
use crate::finding::{Code, Finding};
use crate::pattern::{Pattern, proposed, shortened};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let found = match placed.pattern {
            // `{user: …}` says that each character is meant.
            Pattern::User(text) if placed.is_plain() => in_user_id(text),
            Pattern::Glob(text) => in_glob(text),
            Pattern::Regex(text) => in_regex(text),
            _ => None,
        };
        if let Some(found) = found
            && !cx.knows(placed.pattern)
        {
            findings.push(found.finding(&placed));
        }
    });
}

struct Found {
    range: Range<usize>,
    message: String,
    help: String,
}

impl Found {
    fn finding(self, placed: &Placed<'_>) -> Finding {
        Finding::new(Code::OtherNotation, placed.inside(self.range), self.message).help(self.help)
    }
}

/// Whether Matrix allows it in a new localpart, or `uppercase-localpart` or `hidden-character` speak of it.
fn is_of_localpart(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '=' | '-' | '/' | '+') || !c.is_ascii()
}

fn in_user_id(text: &str) -> Option<Found> {
    let localpart = 1..text.find(':')?;
    let regex = text.find(".+").filter(|at| localpart.contains(at));
    let (range, help) = if let Some(at) = regex {
        (at..at + 2, regex_help(text))
    } else {
        let (at, c) =
            (text[localpart.clone()].char_indices()).find(|(_, c)| !is_of_localpart(*c))?;
        let at = localpart.start + at;
        (at..at + c.len_utf8(), help_for(c, text))
    };
    let part = match &text[range.clone()] {
        blank if blank.trim().is_empty() => "a blank".to_owned(),
        part => format!("`{}`", shortened(part)),
    };
    let message = format!(
        "`{}` is one user ID, and {part} a part of its name",
        shortened(text)
    );
    let name = text.replace('\'', "''");
    let help = format!(
        "{help}; if that is the name, write `{{user: '{}'}}`",
        proposed(&name)
    );
    Some(Found {
        range,
        message,
        help,
    })
}

fn in_glob(text: &str) -> Option<Found> {
    if let Some(found) = variable(text) {
        return Some(found);
    }
    let parts = parts(text);
    let mut in_localpart = true;
    for (index, (range, part)) in parts.iter().enumerate() {
        let next = parts.get(index + 1);
        let Part::Literal(c) = part else { continue };
        let before = index.checked_sub(1).map(|before| &parts[before].1);
        let is_escape = range.len() > c.len_utf8();
        let is_sigil = *c == '@' && parts[..index].iter().all(|(_, part)| *part == Part::Stars);
        let starts = in_localpart || before == Some(&Part::Literal(':'));
        in_localpart &= *c != ':';
        match (c, next) {
            (c, _) if is_escape && c.is_alphanumeric() => {
                let message = format!("in a glob, `{}` is the letter `{c}`", &text[range.clone()]);
                return Some(Found {
                    range: range.clone(),
                    message,
                    help: regex_help(text),
                });
            }
            ('.', Some((after, Part::Stars))) if starts => {
                let dots = [(range.clone(), "")];
                let shorter = replaced(text, dots.into());
                return Some(Found {
                    range: range.start..after.end,
                    message: "in a glob, `.*` is a dot, and then any run of characters".to_owned(),
                    help: format!(
                        "write `{}`, since `*` alone is any run; or {}",
                        proposed(&shorter),
                        regex_help(text)
                    ),
                });
            }
            ('.', Some((after, Part::Literal('+')))) if starts => {
                return Some(Found {
                    range: range.start..after.end,
                    message: "in a glob, `.+` is a dot and a plus".to_owned(),
                    help: regex_help(text),
                });
            }
            _ if is_escape || *c == ':' || !starts || is_of_localpart(*c) || is_sigil => {}
            (c, _) => {
                return Some(Found {
                    range: range.clone(),
                    message: format!(
                        "in this glob, `{}` stands for itself",
                        shortened(&c.to_string())
                    ),
                    help: help_for(*c, text),
                });
            }
        }
    }
    None
}

/// A template's variable, which a glob takes for braces with one word.
fn variable(text: &str) -> Option<Found> {
    let variables = [
        "{localpart}",
        "{server}",
        "{domain}",
        "{homeserver}",
        "{user}",
        "{username}",
    ];
    let (at, name) = variables
        .iter()
        .find_map(|name| Some((text.find(name)?, name)))?;
    let word = name.trim_matches(['{', '}']);
    let meant = ["{user}", "{username}"]
        .iter()
        .fold(text.to_owned(), |text, name| {
            text.replace(name, "{localpart}")
        });
    let meant = ["{domain}", "{homeserver}"]
        .iter()
        .fold(meant, |text, name| text.replace(name, "{server}"));
    Some(Found {
        range: at..at + name.len(),
        message: format!("in a glob, `{name}` is the word `{word}`"),
        help: format!(
            "for an ID made from another one, write `{{template: \"{}\"}}`",
            proposed(&meant)
        ),
    })
}

fn in_regex(text: &str) -> Option<Found> {
    let range = Flaws::of(text).stars.first()?.clone();
    let character = &text[range.start..range.end - 1];
    Some(Found {
        message: format!(
            "in a regular expression, `{}` is any number of `{character}`, and nothing else",
            &text[range.clone()]
        ),
        help: format!("for anything after it, write `{character}.*`; or write a glob"),
        range,
    })
}

fn regex_help(text: &str) -> String {
    format!("for a regular expression, write `{}`", regex_item(text))
}

/// What somebody meant by a character that stands for itself.
fn help_for(c: char, text: &str) -> String {
    match c {
        '(' | '|' | ')' | ',' => match alternatives(text) {
            Some(list) => format!("for several users, write a list: `{list}`"),
            None => "for several users, write a list of them".to_owned(),
        },
        '%' => format!(
            "any run of characters is `*`: write `{}`",
            proposed(&text.replace('%', "*"))
        ),
        '@' => format!(
            "write `{}`",
            proposed(&format!(
                "@{}",
                text.trim_start_matches('@').replace('@', "")
            ))
        ),
        '\\' => regex_help(text),
        // A regular expression is for the whole ID anyhow.
        '^' | '$' => format!("write `{}`", proposed(&text.replace(['^', '$'], ""))),
        _ if c.is_whitespace() => format!("write `{}`", proposed(&text.replace(c, ""))),
        _ => "Matrix allows no such character in new names: correct it".to_owned(),
    }
}

/// `@(a|b):x` and `@a,b:x` as the list of IDs that they probably mean.
fn alternatives(text: &str) -> Option<String> {
    let (start, inner, end) = match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) if open < close => {
            (&text[..open], &text[open + 1..close], &text[close + 1..])
        }
        (None, None) => {
            let (localpart, server) = text.strip_prefix('@')?.split_at(text.find(':')? - 1);
            ("@", localpart, server)
        }
        _ => return None,
    };
    let words: Vec<_> = inner
        .split(['|', ','])
        .map(|word| format!("\"{start}{}{end}\"", word.trim().trim_start_matches('@')))
        .collect();
    (words.len() > 1).then(|| format!("[{}]", proposed(&words.join(", "))))
}
