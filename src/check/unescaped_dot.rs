//! `unescaped-dot`: a `.` in the server name of a regular expression, where it stands for any character.

use super::Context;
use super::needless_regex::simpler;
use super::pattern_text::{for_each, regex_item, sample};
use super::regex_text::{Flaws, replaced};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{Pattern, proposed, shortened};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let Pattern::Regex(text) = placed.pattern else {
            return;
        };
        let flaws = Flaws::of(text);
        let Some(first) = flaws.dots.first() else {
            return;
        };
        let Some(id) = not_meant(cx, placed.pattern, text, &flaws) else {
            return;
        };
        let dots = match flaws.dots.len() {
            1 => "this `.` stands".to_owned(),
            2 => "this `.` and the next one stand".to_owned(),
            dots => format!("this `.` and {} more stand", dots - 1),
        };
        let id = shortened(&id);
        let message = format!("{dots} for any character, so that `{id}` matches");
        let mut finding = Finding::new(Code::UnescapedDot, placed.inside(first.clone()), message);
        if let Some(mended) = flaws.mended(text) {
            finding = placed.with_item(finding, &regex_item(&mended), Effect::Fewer);
            if let Some(simpler) = simpler(&mended) {
                finding = finding.and(&format!(", or better `{}`", proposed(&simpler)));
            }
        }
        findings.push(finding);
    });
}

/// A user of another server who matches, because a dot takes another character.
fn not_meant(cx: &Context<'_>, pattern: &Pattern, text: &str, flaws: &Flaws) -> Option<String> {
    let dots = flaws.dots.iter().enumerate();
    let dots = dots.map(|(index, dot)| (dot.clone(), if index == 0 { "-" } else { "\\." }));
    let other = Pattern::regex(&replaced(text, dots.collect())).ok()?;
    let meant = Pattern::regex(&flaws.mended(text)?).ok()?;
    (cx.unintended).find(pattern, &[meant], sample(&other.language()))
}
