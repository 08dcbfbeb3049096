//! `redundant-anchor`: a `^` or `$` around a regular expression, which has to match the whole user ID anyhow.

use super::Context;
use super::needless_regex::simpler;
use super::pattern_text::{for_each, regex_item};
use super::regex_text::Flaws;
use crate::finding::{Code, Effect, Finding};
use crate::pattern::Pattern;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let Pattern::Regex(text) = placed.pattern else {
            return;
        };
        let flaws = Flaws::of(text);
        let (Some(first), Some(bare)) = (flaws.anchors.first(), flaws.without_anchors(text)) else {
            return;
        };
        // Where no regular expression is needed, another finding says so; its anchors are not worth a word.
        if simpler(&flaws.mended(text).unwrap_or_default()).is_some() {
            return;
        }
        let mut names: Vec<_> = flaws.anchors.iter().map(|at| &text[at.clone()]).collect();
        names.sort_by_key(|name| matches!(*name, "$" | "\\z"));
        names.dedup();
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let (names, verb) = match names.as_slice() {
            [one] => (one.clone(), "says"),
            names => (names.join(" and "), "say"),
        };
        let message = format!(
            "{names} {verb} nothing new: a regular expression must match the whole user ID"
        );
        let location = placed.inside(first.clone());
        let finding = Finding::new(Code::RedundantAnchor, location, message);
        let mut finding = placed.with_item(finding, &regex_item(&bare), Effect::Same);
        if let Some(second) = flaws.anchors.get(1) {
            finding = finding.label(placed.inside(second.clone()), "and another one");
        }
        findings.push(finding);
    });
}
