//! `unknown-user`: a user ID that is not known, and is of a server whose users are, or nearly is that of a known user;
//! also one among others in braces, and what a template makes.

use std::collections::HashSet;
use std::sync::Arc;

use super::Context;
use super::glob_text::alternatives;
use super::known::Known;
use super::pattern_text::{takes, written};
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Pattern, Template, shortened};
use crate::rules::{Item, SetOf, UserFile, UserList};
use crate::user_id::UserId;

/// So many users of a file are told one by one, and the others are counted.
const MOST_OF_A_FILE: usize = 20;

/// So many users of a file are looked up.
const MOST_LOOKED_UP: usize = 2_000_000;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known) = &cx.known else { return };
    let mut known = known.borrow_mut();
    let own = match cx.server_name {
        Some(own) => Some(own),
        None => known.most_common_server(),
    };
    let own = own.filter(|own| known.has_server(own));
    let mut read = HashSet::new();
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            users.walk(&mut |placed| {
                let fails_open = matches!(of, SetOf::Block(..)) || placed.excludes % 2 == 1;
                if let Item::File(UserFile {
                    users: Some(users), ..
                }) = placed.item
                    && read.insert(Arc::as_ptr(users))
                {
                    list(&mut known, own, users, fails_open, findings);
                }
                let unknown = match placed.item {
                    Item::Pattern(Pattern::User(user)) => one(&mut known, own, user),
                    Item::Pattern(pattern @ Pattern::Glob(text)) => {
                        among(&mut known, own, pattern, text)
                    }
                    Item::Template(template) => made(&mut known, own, template, placed.item),
                    _ => None,
                };
                let Some(unknown) = unknown else { return };
                let mut message = unknown.message;
                if fails_open {
                    message.push_str(", and if it is misspelt, this has no effect");
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

/// Tells the users of a file who are not known, each at its line.
fn list(
    known: &mut Known<'_>,
    own: Option<&str>,
    users: &UserList,
    fails_open: bool,
    findings: &mut Vec<Finding>,
) {
    let (mut told, mut more) = (0, 0);
    for (index, user) in users.iter().take(MOST_LOOKED_UP).enumerate() {
        let Some(Unknown { mut message, near }) = one(known, own, user) else {
            continue;
        };
        if told == MOST_OF_A_FILE {
            more += 1;
            continue;
        }
        told += 1;
        if fails_open {
            message.push_str(", and if it is misspelt, this keeps nothing from anybody");
        }
        let finding = Finding::new(Code::UnknownUser, users.location(index), message);
        findings.push(finding.help(match near {
            Some((near, _)) => format!("did you mean {near}?"),
            None => "correct it, or add it to the known users".to_owned(),
        }));
    }
    if more > 0
        && let Some(last) = findings.last_mut()
    {
        last.message = format!("{}, and {more} more of this file are none", last.message);
    }
}

struct Unknown {
    message: String,
    /// What was probably meant, and the whole text then.
    near: Option<(String, String)>,
}

/// What is to be said of a user, if anything: that it is not known, and the known one who was probably meant.
struct Judged<'a> {
    near: Option<&'a str>,
}

fn judge<'a>(known: &mut Known<'a>, own: Option<&str>, user: &str) -> Option<Judged<'a>> {
    let id = UserId::parse(user).ok()?;
    if known.has_user(id) {
        return None;
    }
    let near = known.near(id);
    (near.is_some() || own == Some(id.server_name())).then_some(Judged { near })
}

fn one(known: &mut Known<'_>, own: Option<&str>, user: &str) -> Option<Unknown> {
    let Judged { near } = judge(known, own, user)?;
    Some(Unknown {
        message: format!("`{}` is not a known user", shortened(user)),
        near: near.map(|near| (format!("`{}`", shortened(near)), near.to_owned())),
    })
}

/// The first of the users of `@{alice,bob}:example.org` who is not known. That none is, another finding says.
fn among(
    known: &mut Known<'_>,
    own: Option<&str>,
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
        .find_map(|user| Some((user, judge(known, own, user)?)))?;
    let meant = |near: &str| {
        let word = |user: &str| UserId::parse(user).map(|id| id.localpart().to_owned());
        let (wrong, right) = (word(user).ok()?, word(near).ok()?);
        (text.matches(&*wrong).count() == 1).then(|| text.replace(&*wrong, &right))
    };
    Some(Unknown {
        message: format!("`{}` is not a known user", shortened(user)),
        near: near.and_then(|near| Some((format!("`{}`", shortened(near)), meant(near)?))),
    })
}

/// A template that makes no known user, whoever is on the other side.
fn made(
    known: &mut Known<'_>,
    own: Option<&str>,
    template: &Template,
    item: &Item,
) -> Option<Unknown> {
    let text = template.as_str();
    let (_, server) = text.split_once(':')?;
    let (server, near) = match server {
        "{server}" => (own?, None),
        server if server.contains('{') => return None,
        server => (server, known.near_server(server)),
    };
    if near.is_none() && own != Some(server) {
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
        near: near.map(|near| (format!("the server `{}`", shortened(near)), meant(near))),
    })
}
