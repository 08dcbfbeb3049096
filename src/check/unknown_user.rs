//! `unknown-user`: a user ID that is not known, and is of a server whose users are, or nearly is that of a known user;
//! also one among others in braces, and what a template makes.

use std::collections::HashSet;
use std::sync::Arc;

use super::Context;
use super::glob_text::alternatives;
use super::known::Known;
use super::pattern_text::{takes, written};
use super::words::of_file;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::known_users::KnownUsers;
use crate::pattern::{Pattern, Template, shortened};
use crate::rules::{Item, SetOf, UserFile};
use crate::user_id::UserId;

/// What is said where it takes nobody out.
const NO_EFFECT: &str = ", and if it is misspelt, this has no effect";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known) = &cx.known else { return };
    let mut known = known.borrow_mut();
    let own = match cx.server_name {
        Some(own) => Some(own),
        None => known.most_common_server(),
    };
    let around = Around {
        own: own.filter(|own| known.has_server(own)),
        known_users: cx.known_users,
    };
    let mut read = HashSet::new();
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            users.walk(&mut |placed| {
                let fails_open = matches!(of, SetOf::Block) || placed.excludes % 2 == 1;
                if let Item::File(UserFile {
                    users: Some(users), ..
                }) = placed.item
                    && read.insert(Arc::as_ptr(users))
                {
                    of_file(users, findings, |user, location| {
                        let Unknown { mut message, near } = one(&mut known, around, user)?;
                        if fails_open {
                            message.push_str(NO_EFFECT);
                        }
                        let finding = Finding::new(Code::UnknownUser, location, message);
                        Some(finding.help(match near {
                            Some((near, _)) => format!("did you mean {near}?"),
                            None => "correct it, or add it to the known users".to_owned(),
                        }))
                    });
                }
                let unknown = match placed.item {
                    Item::Pattern(Pattern::User(user)) => one(&mut known, around, user),
                    Item::Pattern(pattern @ Pattern::Glob(text)) => {
                        among(&mut known, around, pattern, text)
                    }
                    Item::Template(template) => made(&mut known, around, template, placed.item),
                    _ => None,
                };
                let Some(unknown) = unknown else { return };
                let mut message = unknown.message;
                if fails_open {
                    message.push_str(NO_EFFECT);
                }
                let place = |span| Location::part(rules.file, span);
                let finding = Finding::new(Code::UnknownUser, place(placed.at.whole), message);
                findings.push(match unknown.near {
                    Some((near, meant)) => finding
                        .help(format!("did you mean {near}?"))
                        .fix(Fix::say(place(placed.at.text), meant, Effect::Others)),
                    None => finding.help("correct it, or add it to the known users"),
                });
            });
        }
    }
}

/// By what a user is judged, beside those who are known to be there.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The server of which every user should be known.
    own: Option<&'a str>,
    /// Who says which users are gone.
    known_users: Option<&'a KnownUsers>,
}

struct Unknown {
    message: String,
    /// What was probably meant, and the whole text then.
    near: Option<(String, String)>,
}

impl Unknown {
    /// That a user is not known, who may be meant for another one.
    fn user(user: &str, near: Option<(String, String)>) -> Self {
        Self {
            message: format!("`{}` is not a known user", shortened(user)),
            near,
        }
    }
}

/// A user who is probably misspelt, or missing among the known users.
struct Judged {
    /// What was probably meant, in words, and as an ID.
    near: Option<(String, String)>,
}

/// What is to be said of a user, if anything: that it is not known, and who was probably meant.
fn judge(known: &mut Known<'_>, around: Around<'_>, user: &str) -> Option<Judged> {
    let id = UserId::parse(user).ok()?;
    // One that is deactivated is gone, and not misspelt.
    let is_gone = |known_users: &KnownUsers| known_users.is_deactivated(user);
    if known.has_user(id) || around.known_users.is_some_and(is_gone) {
        return None;
    }
    let near = known.near(id);
    let near = near.map(|near| (format!("`{}`", shortened(near)), near.to_owned()));
    let near = near.or_else(|| {
        let server = known.near_server(id.server_name())?;
        let meant = format!("@{}:{server}", id.localpart());
        Some((format!("the server `{}`", shortened(&server)), meant))
    });
    (near.is_some() || around.own == Some(id.server_name())).then_some(Judged { near })
}

fn one(known: &mut Known<'_>, around: Around<'_>, user: &str) -> Option<Unknown> {
    let Judged { near } = judge(known, around, user)?;
    Some(Unknown::user(user, near))
}

/// The first of the users of `@{alice,bob}:example.org` who is not known. That none is, another finding says.
fn among(
    known: &mut Known<'_>,
    around: Around<'_>,
    pattern: &Pattern,
    text: &str,
) -> Option<Unknown> {
    let users = alternatives(text)?;
    let is_known = |user: &String| {
        takes(pattern, user) && UserId::parse(user).is_ok_and(|user| known.has_user(user))
    };
    if users.len() < 2 || !users.iter().any(is_known) {
        return None;
    }
    let (user, Judged { near }) = users
        .iter()
        .find_map(|user| Some((user, judge(known, around, user)?)))?;
    let whole = |meant: &str| {
        let (wrong, right) = (UserId::parse(user).ok()?, UserId::parse(meant).ok()?);
        let (wrong, right) = if wrong.server_name() == right.server_name() {
            (wrong.localpart(), right.localpart())
        } else {
            (wrong.server_name(), right.server_name())
        };
        (text.matches(wrong).count() == 1).then(|| text.replace(wrong, right))
    };
    let near = near.and_then(|(said, meant)| Some((said, whole(&meant)?)));
    Some(Unknown::user(user, near))
}

/// A template that makes no known user, whoever is on the other side.
fn made(
    known: &mut Known<'_>,
    around: Around<'_>,
    template: &Template,
    item: &Item,
) -> Option<Unknown> {
    let text = template.as_str();
    let (_, server) = text.split_once(':')?;
    let (server, near) = match server {
        "{server}" => (around.own?, None),
        server if server.contains('{') => return None,
        server => (server, known.near_server(server)),
    };
    if near.is_none() && around.own != Some(server) {
        return None;
    }
    let mut expression = regex_syntax::escape(text);
    for (variable, any) in [("localpart", "[^:]*"), ("server", ".*")] {
        let variable = regex_syntax::escape(&format!("{{{variable}}}"));
        expression = expression.replace(&variable, any);
    }
    let anybody = Pattern::regex(&expression).ok()?;
    if known.is_matched(&anybody, Some(server)) {
        return None;
    }
    let meant = |near: &str| text.replace(&format!(":{server}"), &format!(":{near}"));
    Some(Unknown {
        message: format!("{} makes no known user", written(item)),
        near: near.map(|near| (format!("the server `{}`", shortened(&near)), meant(&near))),
    })
}
