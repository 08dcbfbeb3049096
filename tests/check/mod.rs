//! `check`: each lint, by all that it prints.

mod allow;
mod bracket_in_glob;
mod duplicate_pattern;
mod faulty;
mod ipv6_as_glob;
mod lookalike_server;
mod needless_glob;
mod needless_regex;
mod redundant_anchor;
mod slips;
mod subsumed_pattern;
mod unescaped_dot;
mod unintended;
mod unused_group;
mod uppercase_localpart;
mod user_files;

use std::fmt::Write as _;

use presence_router::check::check;
use presence_router::finding::Code;
use presence_router::known_users::KnownUsers;
use presence_router::output::findings::{Report, concise};
use presence_router::rules;
use presence_router::source::Sources;

/// What all lints find in `rules.yaml`, as it is printed; `@Known:example.org` is the only known user.
/// What these checks find. Those of routes and interests have tests of their own.
pub const OF_PATTERNS: &[Code] = &[
    Code::LookalikeServer,
    Code::UnescapedDot,
    Code::RedundantAnchor,
    Code::NeedlessRegex,
    Code::NeedlessGlob,
    Code::DuplicatePattern,
    Code::SubsumedPattern,
    Code::UnusedGroup,
    Code::UppercaseLocalpart,
    Code::BracketInGlob,
    Code::Ipv6AsGlob,
    Code::ExcludingGroup,
    Code::AnyServer,
    Code::OtherNotation,
    Code::HiddenCharacter,
    Code::ServerNameForm,
    Code::SubdomainsOnly,
    Code::TemplateWithoutLocalpart,
    Code::UnknownUser,
];

fn found(rules: &str) -> String {
    let mut sources = Sources::default();
    sources.add("rules.yaml", rules);
    let mut known = KnownUsers::default();
    assert!(known.add_text("@Known:example.org\n").is_empty());
    let (rule_set, mut findings) = rules::read(&sources);
    // Most inputs are blocks, since these compare users with a set and never list it; alone they are no rules.
    findings.retain(|finding| finding.code != Code::NoRules);
    // These have something to say of nearly every input here.
    let others = [Code::UnknownUser, Code::SubdomainsOnly];
    let own = |code| OF_PATTERNS.contains(&code) && !others.contains(&code);
    let checked = check(&rule_set, Some(&known)).into_iter();
    findings.extend(checked.filter(|finding| own(finding.code)));
    let mut printed = anstream::StripStream::new(Vec::new());
    concise(&Report::new(&findings, &sources, &[]), &mut printed)
        .expect("memory can be written to");
    String::from_utf8(printed.into_inner()).expect("text")
}

/// Each of these items alone: the first one stands in line 2.
fn each(items: &[&str]) -> String {
    items
        .iter()
        .fold("blocks:\n".to_owned(), |mut rules, item| {
            let _ = writeln!(rules, "- senders: {item}");
            rules
        })
}

/// One list of these items: the first one stands in line 3.
fn list(items: &[&str]) -> String {
    items
        .iter()
        .fold("blocks:\n- senders:\n".to_owned(), |mut rules, item| {
            let _ = writeln!(rules, "  - {item}");
            rules
        })
}
