//! `bracket-in-glob`: words in brackets, which stand for one character, where braces were probably meant.

use super::Context;
use super::glob_text::{Part, parts};
use super::ipv6_as_glob;
use super::pattern_text::for_each;
use super::regex_text::replaced;
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{Pattern, shortened};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let (Pattern::Glob(text) | Pattern::ServerGlob(text)) = placed.pattern else {
            return;
        };
        if ipv6_as_glob::address(placed.pattern).is_some() {
            return;
        }
        for (range, part) in parts(text) {
            let Part::Class(inner) = part else { continue };
            let Some(meant) = meant(&text[inner]) else {
                continue;
            };
            let message = format!(
                "`{}` stands for only one character",
                shortened(&text[range.clone()])
            );
            let whole = replaced(text, vec![(range.clone(), &*meant)]);
            let finding = Finding::new(Code::BracketInGlob, placed.inside(range), message);
            // Without a comma, a class takes fewer.
            let effect = if meant.starts_with('[') {
                Effect::Fewer
            } else {
                Effect::Others
            };
            findings.push(placed.with_text(finding, &whole, effect));
        }
    });
}

/// What was probably meant by a class of these characters, if not the class.
fn meant(inner: &str) -> Option<String> {
    if inner.starts_with(['!', '^']) {
        return None;
    }
    let of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_word = |part: &str| part.contains(char::is_alphanumeric) && part.chars().all(of_word);
    if inner.contains([',', '|']) {
        let words: Vec<_> = inner.split([',', '|']).map(str::trim).collect();
        if words.len() < 2 || !words.iter().all(|word| is_word(word)) {
            return None;
        }
        let of_class = |word: &&str| word.chars().count() == 1 || is_range(word);
        return Some(if words.iter().all(of_class) {
            format!("[{}]", words.concat())
        } else {
            format!("{{{}}}", words.join(","))
        });
    }
    // No class names a letter twice, and few words do without.
    let is_repeated = |(at, c): (usize, char)| inner[..at].contains(c);
    let is_word = inner.chars().all(char::is_alphabetic);
    (is_word && inner.char_indices().any(is_repeated)).then(|| inner.to_owned())
}

/// `a-z`
fn is_range(word: &str) -> bool {
    let characters: Vec<_> = word.chars().collect();
    matches!(characters.as_slice(), [_, '-', _])
}
