//! `other-notation`: an ID or a pattern that says in another language what it means, such as `.*` in a glob.
//!
//! Matrix allows new localparts only `a-z`, `0-9` and `.`, `_`, `=`, `-`, `/` and `+` (specification, appendix "User
//! Identifiers"). Old ones may have other characters, so that these are warned of and not refused.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{Placed, for_each, regex_item, user_item};
use super::regex_text::{Flaws, replaced};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{Pattern, Template, proposed, shortened};
use crate::rules::word;
use crate::user_id::UserId;
use crate::yaml::quoted_as;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let found = word_under_a_key(cx, placed.pattern).or_else(|| match placed.pattern {
            // `{user: …}` says that each character is meant.
            Pattern::User(text) if placed.is_plain() => in_user_id(text),
            Pattern::Glob(text) => in_glob(text, &placed),
            Pattern::ServerGlob(text) => in_server_glob(text),
            Pattern::Regex(text) => in_regex(text),
            _ => None,
        });
        // At the start of an expression, `@*` is never meant as it is read.
        let is_never_meant =
            matches!(placed.pattern, Pattern::Regex(text) if text.starts_with("@*"));
        if let Some(found) = found
            && (is_never_meant || !cx.knows(placed.pattern))
        {
            findings.push(found.finding(&placed));
        }
    });
}

struct Found {
    range: Range<usize>,
    message: String,
    remedy: Remedy,
    /// What else can be said.
    more: String,
}

enum Remedy {
    /// This text in place of the other.
    Text(String),
    /// This item in place of the other, for this purpose.
    Item(&'static str, String),
    Advice(String),
}

impl Found {
    fn new(range: Range<usize>, message: String, remedy: Remedy) -> Self {
        let more = String::new();
        Self {
            range,
            message,
            remedy,
            more,
        }
    }

    fn finding(self, placed: &Placed<'_>) -> Finding {
        let location = placed.inside(self.range);
        let finding = Finding::new(Code::OtherNotation, location, self.message);
        let finding = match self.remedy {
            Remedy::Text(text) => placed.with_text(finding, &text, Effect::Others),
            Remedy::Item(purpose, item) => {
                let mut finding = placed.with_item(finding, &item, Effect::Others);
                let help = finding.help.take().unwrap_or_default();
                finding.help(format!("{purpose}, {help}"))
            }
            Remedy::Advice(help) => finding.help(help),
        };
        finding.and(&self.more)
    }
}

/// `{server: local}` and the like: a word that is an item by itself is a mere text there.
fn word_under_a_key(cx: &Context<'_>, pattern: &Pattern) -> Option<Found> {
    let (at, is_what) = match pattern {
        Pattern::Server(_) => (0, "the name of a server here, and nothing else"),
        Pattern::Glob(text) if text.starts_with("@*:") => {
            ("@*:".len(), "the name of a server here, and nothing else")
        }
        Pattern::Glob(_) | Pattern::Regex(_) => (0, "a mere text here, which no user ID is"),
        _ => return None,
    };
    let text = pattern.as_str();
    let word = word(&text[at..]).filter(|_| cx.server_name != Some(&text[at..]))?;
    let purpose = match word {
        "all" => "for everybody",
        _ => "for every user of this homeserver",
    };
    let message = format!("`{}` is {is_what}", &text[at..]);
    let remedy = Remedy::Item(purpose, word.to_owned());
    Some(Found::new(at..text.len(), message, remedy))
}

/// Whether Matrix allows it in a new localpart, or `uppercase-localpart` or `hidden-character` speak of it.
fn is_of_localpart(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '=' | '-' | '/' | '+') || !c.is_ascii()
}

fn in_user_id(text: &str) -> Option<Found> {
    let localpart = 1..text.find(':')?;
    let regex = text.find(".+").filter(|at| localpart.contains(at));
    let (range, remedy) = if let Some(at) = regex {
        (at..at + 2, as_regex(text))
    } else {
        let (at, c) =
            (text[localpart.clone()].char_indices()).find(|(_, c)| !is_of_localpart(*c))?;
        let at = localpart.start + at;
        (at..at + c.len_utf8(), remedy_for(c, text))
    };
    let part = match &text[range.clone()] {
        blank if blank.trim().is_empty() => "a blank".to_owned(),
        part => format!("`{}`", shortened(part)),
    };
    let message = format!(
        "`{}` is one user ID, and {part} a part of its name",
        shortened(text)
    );
    let name = format!("{{user: {}}}", quoted_as("'", text));
    Some(Found {
        more: format!("; if that is the name, write `{}`", proposed(&name)),
        ..Found::new(range, message, remedy)
    })
}

fn in_glob(text: &str, placed: &Placed<'_>) -> Option<Found> {
    if let Some(found) = variable(text, placed) {
        return Some(found);
    }
    if let Some(found) = number_range(text) {
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
                return Some(Found::new(range.clone(), message, as_regex(text)));
            }
            ('.', Some((after, Part::Stars))) if starts => {
                let dots = [(range.clone(), "")];
                let shorter = replaced(text, dots.into());
                let message = DOT_STAR.to_owned();
                let as_regex = regex(text)
                    .map(|item| format!("; for a regular expression, write `{}`", proposed(&item)));
                return Some(Found {
                    more: format!(
                        ", since `*` alone is any run{}",
                        as_regex.unwrap_or_default()
                    ),
                    ..Found::new(range.start..after.end, message, Remedy::Text(shorter))
                });
            }
            ('.', Some((after, Part::Literal('+')))) if starts => {
                let message = "in a glob, `.+` is a dot and a plus".to_owned();
                return Some(Found::new(range.start..after.end, message, as_regex(text)));
            }
            ('+', _) if matches!(before, Some(Part::Class(_))) => {
                let message = "in a glob, `+` stands for itself".to_owned();
                return Some(Found::new(range.clone(), message, as_regex(text)));
            }
            _ if is_escape || *c == ':' || !starts || is_of_localpart(*c) || is_sigil => {}
            (c, _) => {
                let message = format!(
                    "in this glob, `{}` stands for itself",
                    shortened(&c.to_string())
                );
                return Some(Found::new(range.clone(), message, remedy_for(*c, text)));
            }
        }
    }
    None
}

/// `.*` where a server name begins.
fn in_server_glob(text: &str) -> Option<Found> {
    let shorter = text
        .strip_prefix('.')
        .filter(|text| text.starts_with('*'))?;
    let remedy = Remedy::Text(shorter.to_owned());
    Some(Found {
        more: ", since `*` alone is any run".to_owned(),
        ..Found::new(0..2, DOT_STAR.to_owned(), remedy)
    })
}

const DOT_STAR: &str = "in a glob, `.*` is a dot, and then any run of characters";

/// `{1..3}`, which a shell counts out.
static NUMBER_RANGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{([0-9]{1,4})\.\.([0-9]{1,4})\}").expect("a valid expression"));

/// No more numbers than these are written out.
const MOST_NUMBERS: u16 = 32;

fn number_range(text: &str) -> Option<Found> {
    let found = NUMBER_RANGE.captures(text)?;
    let whole = found.get(0)?;
    let numbers: [u16; 2] = [found[1].parse().ok()?, found[2].parse().ok()?];
    let [first, last] = numbers;
    // Leading zeros are a part of the names.
    let are_plain = found[1] == first.to_string() && found[2] == last.to_string();
    let remedy = if are_plain && first < last && last - first < MOST_NUMBERS {
        let numbers: Vec<_> = (first..=last).map(|number| number.to_string()).collect();
        let words = format!("{{{}}}", numbers.join(","));
        Remedy::Text(replaced(text, vec![(whole.range(), &*words)]))
    } else {
        Remedy::Advice(
            "write the numbers with commas between them, or a regular expression".to_owned(),
        )
    };
    let message = format!(
        "in a glob, `{0}` is the one word `{1}..{2}`",
        whole.as_str(),
        &found[1],
        &found[2]
    );
    Some(Found::new(whole.range(), message, remedy))
}

/// A variable as templates have it, here and elsewhere: `{localpart}`, `{{ localpart }}`, `${localpart}`.
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[$%#]?\{+ *(localpart|user|username|name|server|domain|homeserver|server_name) *\}+",
    )
    .expect("a valid expression")
});

/// A template's variable, which a glob takes for braces with one word.
fn variable(text: &str, placed: &Placed<'_>) -> Option<Found> {
    let found = VARIABLE.captures(text)?;
    let (whole, word) = (found.get(0)?, &found[1]);
    let meant = VARIABLE.replace_all(text, |found: &regex::Captures<'_>| match &found[1] {
        "localpart" | "user" | "username" | "name" => "{localpart}",
        _ => "{server}",
    });
    let is_template = Template::parse(&meant).is_ok();
    let item = format!("{{template: {}}}", quoted_as("\"", &meant));
    let remedy = if is_template && placed.takes_templates {
        Remedy::Item("for an ID made from another one", item)
    } else if is_template {
        Remedy::Advice(format!(
            "an ID is made from another one by `{}`, in `recipients` and in an interest's `in`; everybody there is \
             `*`",
            proposed(&item)
        ))
    } else {
        Remedy::Advice("any run of characters is `*`".to_owned())
    };
    let message = format!("in a glob, `{}` is the word `{word}`", whole.as_str());
    Some(Found::new(whole.range(), message, remedy))
}

fn in_regex(text: &str) -> Option<Found> {
    let range = Flaws::of(text).stars.first()?.clone();
    let character = &text[range.start..range.end - 1];
    let message = format!(
        "in a regular expression, `{}` is any number of `{character}`, and nothing else",
        &text[range.clone()]
    );
    let help = format!("for anything after it, write `{character}.*`; or write a glob");
    Some(Found::new(range, message, Remedy::Advice(help)))
}

/// What was meant as a regular expression.
fn as_regex(text: &str) -> Remedy {
    match regex(text) {
        Some(item) => Remedy::Item("for a regular expression", item),
        None => Remedy::Advice("any run of characters is `*`".to_owned()),
    }
}

/// The text as a regular expression, if it can be meant as one.
fn regex(text: &str) -> Option<String> {
    let flaws = Flaws::of(text);
    let has_glob_stars = !flaws.stars.is_empty();
    (flaws.mended(text).filter(|_| !has_glob_stars)).map(|mended| regex_item(&mended))
}

/// What somebody meant by a character that stands for itself.
fn remedy_for(c: char, text: &str) -> Remedy {
    let unclear =
        || Remedy::Advice("Matrix allows no such character in new names: correct it".to_owned());
    match c {
        '(' | '|' | ')' | ',' => match alternatives(text) {
            Some(list) => Remedy::Item("for several users", list),
            None => Remedy::Advice("for several users, write a list of them".to_owned()),
        },
        '%' => {
            let meant = text.replace('%', "*");
            match Pattern::text(&meant) {
                Ok(_) => Remedy::Text(meant),
                Err(_) => unclear(),
            }
        }
        '@' => address(text).map_or_else(
            || Remedy::Advice("a user ID is `@localpart:server`, with one `@`".to_owned()),
            Remedy::Text,
        ),
        '\\' => as_regex(text),
        // A regular expression is for the whole ID anyhow.
        '^' | '$' => Remedy::Text(text.replace(['^', '$'], "")),
        _ if c.is_whitespace() => Remedy::Text(text.replace(c, "")),
        _ => unclear(),
    }
}

/// What `@@alice:x` means, and `@alice@x`, which is how other networks write it.
fn address(text: &str) -> Option<String> {
    let rest = text.trim_start_matches('@');
    let meant = match rest.split_once('@') {
        None => format!("@{rest}"),
        Some((localpart, after)) => {
            let (server, again) = after.split_once(':').unwrap_or((after, after));
            if again != server || localpart.contains(':') {
                return None;
            }
            format!("@{localpart}:{server}")
        }
    };
    let pattern = Pattern::text(&meant).ok()?;
    (!meant[1..].contains('@')
        && (!matches!(pattern, Pattern::User(_)) || UserId::parse(&meant).is_ok()))
    .then_some(meant)
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
    let mut items = Vec::new();
    for word in inner.split(['|', ',']) {
        let meant = format!("{start}{}{end}", word.trim().trim_start_matches('@'));
        // What is left of the notation would be a part of the names.
        if meant[1..].contains(['(', '|', ')', ',', '@']) {
            return None;
        }
        items.push(match Pattern::text(&meant).ok()? {
            Pattern::User(id) => user_item(&id),
            _ => quoted_as("\"", &meant),
        });
    }
    (items.len() > 1).then(|| format!("[{}]", items.join(", ")))
}
