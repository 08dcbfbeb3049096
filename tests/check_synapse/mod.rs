//! The checks that know how a Synapse homeserver behaves, one module a check.

mod all_narrows;
mod all_without_route;
mod deactivated_user;
mod duplicate_state;
mod foreign_sender;
mod interest_without_route;
mod many;
mod matches_nobody;
mod offline_not_routed;
mod remote_interest;
mod remote_recipient;
mod route_without_interest;

use crate::check::OF_PATTERNS;
use presence_router::check;
use presence_router::known_users::KnownUsers;
use presence_router::output::findings::{Report, concise};
use presence_router::rules;
use presence_router::source::Sources;

/// Checks rule files, which are called `a.yaml`, `b.yaml` and so on, and gives what is printed.
fn checked(files: &[&str], known_users: Option<&str>) -> String {
    let mut sources = Sources::default();
    for (name, text) in ('a'..).zip(files) {
        sources.add(format!("{name}.yaml"), *text);
    }
    let (rule_set, mut findings) = rules::read(&sources);
    let known_users = known_users.map(|text| {
        let mut known = KnownUsers::default();
        assert_eq!(known.add_text(text), []);
        known
    });
    findings.extend(check::check(&rule_set, known_users.as_ref()));
    findings.retain(|finding| !OF_PATTERNS.contains(&finding.code));
    let mut out = Vec::new();
    concise(&Report::new(&findings, &sources, &[]), &mut out).expect("memory takes everything");
    let colored = String::from_utf8(out).expect("text");
    let colors = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern");
    colors.replace_all(&colored, "").into_owned()
}

/// Checks one file, without known users.
fn found(rules: &str) -> String {
    checked(&[rules], None)
}
