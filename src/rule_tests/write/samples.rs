//! Readable user IDs that patterns match.

use std::collections::HashSet;

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use crate::pattern::Pattern;
use crate::user_id::UserId;

/// What stands for any text, by what comes before it: people after `@`, hosts after `:`, and something short elsewhere.
/// The last ones of each list are for patterns that leave out the rest of an ID.
const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "alice:example.org", ""];
const HOSTS: [&str; 4] = ["example.org", "chat", "one", ""];
const PARTS: [&str; 6] = [
    "1",
    "1:example.org",
    "one",
    "example.org",
    ":example.org",
    "",
];
const STARTS: [&str; 4] = ["@alice", "@alice:example.org", "@", "@bob"];

/// Tries for one pattern.
const TRIES: usize = 6;

/// The characters to choose from a class, the first ones first.
const READABLE: &str = "abcdefghijklmnopqrstuvwxyz1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.=/+";

/// Some user IDs that a pattern matches; none if none was found.
pub(super) fn samples(pattern: &Pattern) -> Vec<String> {
    if let Pattern::User(user) = pattern {
        return vec![user.to_string()];
    }
    let language = pattern.language();
    let engine = pattern.compile();
    let mut seen = HashSet::new();
    let mut samples = Vec::new();
    for choice in 0..TRIES {
        let mut text = String::new();
        write(&language, choice, &mut text);
        let matches = UserId::parse(&text).is_ok() && engine.is_match(&text);
        if matches && seen.insert(text.clone()) {
            samples.push(text);
        }
    }
    samples
}

/// Appends a text of a language. It grows beyond no valid user ID.
fn write(language: &Hir, choice: usize, text: &mut String) {
    if text.len() > crate::user_id::MAX_BYTES {
        return;
    }
    match language.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class, choice)),
        HirKind::Capture(capture) => write(&capture.sub, choice, text),
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, choice, text);
            }
        }
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(choice % parts.len().max(1)) {
                write(part, choice, text);
            }
        }
        HirKind::Repetition(repetition) => {
            let (min, max) = (
                repetition.min as usize,
                repetition.max.map(|max| max as usize),
            );
            if let HirKind::Class(class) = repetition.sub.kind()
                && let Some(word) = word(class, (min, max), choice, text)
            {
                text.push_str(word);
                return;
            }
            let times = min
                .max(usize::from(choice.is_multiple_of(2)))
                .min(max.unwrap_or(usize::MAX));
            for _ in 0..times {
                if text.len() > crate::user_id::MAX_BYTES {
                    return;
                }
                write(&repetition.sub, choice, text);
            }
        }
    }
}

/// A word of these characters that fits what comes before it.
fn word(
    class: &Class,
    (min, max): (usize, Option<usize>),
    choice: usize,
    before: &str,
) -> Option<&'static str> {
    let words: &[&str] = if before.is_empty() {
        &STARTS
    } else if before.ends_with('@') {
        &PEOPLE
    } else if before.ends_with(':') {
        &HOSTS
    } else {
        &PARTS
    };
    let fits = |word: &&&str| {
        let length = word.chars().count();
        length >= min
            && max.is_none_or(|max| length <= max)
            && word.chars().all(|character| has(class, character))
    };
    let mut fitting = words.iter().filter(fits).copied();
    let count = fitting.clone().count();
    fitting.nth(choice % count.max(1))
}

/// A readable character of a class.
fn character(class: &Class, choice: usize) -> Option<char> {
    let readable: Vec<_> = READABLE
        .chars()
        .filter(|character| has(class, *character))
        .collect();
    if !readable.is_empty() {
        return Some(readable[choice % readable.len()]);
    }
    match class {
        Class::Unicode(class) => class.ranges().first().map(ClassUnicodeRange::start),
        Class::Bytes(class) => class
            .ranges()
            .first()
            .map(|range| char::from(range.start())),
    }
}

fn has(class: &Class, character: char) -> bool {
    match class {
        Class::Unicode(class) => (class.ranges().iter())
            .any(|range| range.start() <= character && character <= range.end()),
        Class::Bytes(class) => u8::try_from(character).is_ok_and(|byte| {
            (class.ranges().iter()).any(|range| range.start() <= byte && byte <= range.end())
        }),
    }
}
