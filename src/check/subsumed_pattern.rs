//! `subsumed-pattern`: an item beside another one that takes its users already.
//!
//! A user ID that is named is listed even if it is not known, and one that a pattern matches only if it is. So beside a
//! pattern an ID is needless only where nothing is listed: in `exclude`, in blocks, and so on.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::Context;
use super::duplicate_pattern::{Key, without};
use super::lists::{List, Usage, for_each};
use super::pattern_text::written;
use crate::finding::{Code, Finding, Fix};
use crate::matcher::{Among, Strategy};
use crate::pattern::{Pattern, Program};
use crate::rules::{Item, UserSet};
use crate::sets::{Reader, SiteId, Sites};
use crate::user_id::UserId;

/// How much work goes into the patterns that have to be run, in all: the check is to stay quick for any rules.
const BUDGET: usize = 200_000;
/// What it costs to compile a pattern, where running it once costs 1.
const COMPILING: usize = 200;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    everyone_in_all_of(&cx.sets.sites, findings);
    let mut budget = BUDGET;
    for_each(cx, |list| {
        let covers = Covers::of(list);
        for (index, member) in list.members.iter().enumerate() {
            let Some(cover) = covers.cover_of(index, list, &mut budget) else {
                continue;
            };
            let cover = &list.members[cover];
            if Key::of(cover.item) == Key::of(member.item) {
                continue;
            }
            let message = format!(
                "{} adds nobody to {}",
                written(member.item),
                written(cover.item)
            );
            findings.push(
                Finding::new(Code::SubsumedPattern, member.location, message)
                    .label(cover.location, "the wider one")
                    .help("remove the narrower one, or narrow the wider one")
                    .fix(Fix::remove(member.location)),
            );
        }
    });
}

/// Who is in all of some sets is in `all` as well.
fn everyone_in_all_of(sites: &Sites<'_>, findings: &mut Vec<Finding>) {
    for site in sites.all_of() {
        let crate::sets::Kind::AllOf(members) = sites.kind(site) else {
            continue;
        };
        let is_everyone = |member: &SiteId| sites.get(*member).set == Reader::EVERYONE;
        // Several of these are one another's duplicates.
        if members.iter().all(is_everyone) {
            continue;
        }
        if let Some(member) = members.into_iter().find(is_everyone) {
            let place = sites.get(member);
            let what = match place.users {
                UserSet::Item(item, _) => written(item),
                _ => "this set".to_owned(),
            };
            let message = format!("{what} is everybody, and takes nobody away from the others");
            let finding = Finding::new(Code::SubsumedPattern, place.location(), message);
            findings.push(without(sites, site, member, finding));
        }
    }
}

/// What can be told of the users of an item.
enum Kind<'a> {
    Everyone,
    User(UserId<'a>),
    Server(&'a str),
    /// `@bot-*:example.org`
    Prefix {
        server: &'a str,
        prefix: &'a str,
    },
    ServerGlob,
    /// A pattern, all of whose users are of this server, where that is known.
    General(Option<Box<str>>),
    /// A group or a template.
    Opaque,
}

fn kind(item: &Item) -> Kind<'_> {
    let Some(pattern) = item.pattern() else {
        return Kind::Opaque;
    };
    if matches!(pattern, Pattern::ServerGlob(_)) {
        return Kind::ServerGlob;
    }
    match Strategy::of(pattern) {
        Strategy::Everyone => Kind::Everyone,
        Strategy::User(text) => UserId::parse(text).map_or(Kind::Opaque, Kind::User),
        Strategy::Server(server) => Kind::Server(server),
        Strategy::LocalpartPrefix { server, prefix } => Kind::Prefix { server, prefix },
        Strategy::General(Among::Server(server)) => Kind::General(Some(server)),
        Strategy::ServerSuffix(_) | Strategy::General(_) => Kind::General(None),
    }
}

/// The items of a list that can take the users of others, by what they take. Of equal ones, the first.
#[derive(Default)]
struct Covers<'a> {
    everyone: Option<usize>,
    servers: HashMap<&'a str, usize>,
    prefixes: HashMap<(&'a str, &'a str), usize>,
    server_globs: Vec<Engine<'a>>,
    /// The patterns that only users of one server can match.
    of_server: HashMap<Box<str>, Vec<Engine<'a>>>,
    anywhere: Vec<Engine<'a>>,
}

impl<'a> Covers<'a> {
    fn of(list: &List<'a>) -> Self {
        let mut covers = Self::default();
        for (index, member) in list.members.iter().enumerate() {
            let Some(pattern) = member.item.pattern() else {
                continue;
            };
            let engine = || Engine {
                index,
                pattern,
                compiled: OnceCell::new(),
            };
            match kind(member.item) {
                Kind::Everyone => {
                    covers.everyone.get_or_insert(index);
                }
                Kind::Server(server) => {
                    covers.servers.entry(server).or_insert(index);
                }
                Kind::Prefix { server, prefix } => {
                    covers.prefixes.entry((server, prefix)).or_insert(index);
                }
                Kind::ServerGlob => covers.server_globs.push(engine()),
                Kind::General(Some(server)) => {
                    covers.of_server.entry(server).or_default().push(engine());
                }
                Kind::General(None) => covers.anywhere.push(engine()),
                Kind::User(_) | Kind::Opaque => {}
            }
        }
        covers
    }

    /// Another member that takes all users of this one.
    fn cover_of(&self, index: usize, list: &List<'a>, budget: &mut usize) -> Option<usize> {
        let kind = kind(list.members[index].item);
        // One that is named is listed in any case, and so may be members of groups.
        if matches!(kind, Kind::User(_) | Kind::Opaque) {
            match list.usage {
                Usage::Listed => return None,
                Usage::Seen => return self.everyone,
                Usage::Matched => {}
            }
        }
        if self.everyone.is_some() {
            return self.everyone.filter(|&cover| cover != index);
        }
        let found = match &kind {
            Kind::User(id) => (self.server(id.server_name(), budget))
                .or_else(|| self.prefix(id.server_name(), id.localpart()))
                .or_else(|| {
                    let of_server = self.of_server.get(id.server_name());
                    first_match(of_server.into_iter().flatten(), *id, budget)
                })
                .or_else(|| first_match(&self.anywhere, *id, budget)),
            Kind::Server(server) => self.server(server, budget),
            Kind::Prefix { server, prefix } => {
                let shorter = prefix.char_indices().next_back();
                let shorter = shorter.and_then(|(last, _)| self.prefix(server, &prefix[..last]));
                self.server(server, budget).or(shorter)
            }
            Kind::General(Some(server)) => self.server(server, budget),
            Kind::General(None) | Kind::ServerGlob | Kind::Everyone | Kind::Opaque => None,
        };
        found.filter(|&cover| cover != index)
    }

    /// What takes every user of a server.
    fn server(&self, server: &str, budget: &mut usize) -> Option<usize> {
        let exact = self.servers.get(server).copied();
        exact.or_else(|| {
            // A glob for servers asks for nothing else: any user of the server will do.
            let id = format!("@a:{server}");
            first_match(&self.server_globs, UserId::parse(&id).ok()?, budget)
        })
    }

    /// What takes every user of a server whose localpart starts with this.
    fn prefix(&self, server: &str, localpart: &str) -> Option<usize> {
        if self.prefixes.is_empty() {
            return None;
        }
        let ends = localpart.char_indices().map(|(end, _)| end);
        let mut starts = ends.chain([localpart.len()]).map(|end| &localpart[..end]);
        starts.find_map(|start| {
            let key: (&str, &str) = (server, start);
            self.prefixes.get(&key).copied()
        })
    }
}

/// A pattern that has to be run; it is compiled when it is first asked.
struct Engine<'a> {
    index: usize,
    pattern: &'a Pattern,
    compiled: OnceCell<Program>,
}

fn first_match<'e, 'a: 'e>(
    engines: impl IntoIterator<Item = &'e Engine<'a>>,
    id: UserId<'_>,
    budget: &mut usize,
) -> Option<usize> {
    for engine in engines {
        let cost = match engine.compiled.get() {
            Some(_) => 1,
            None => COMPILING,
        };
        // Once it is used up, it stays so: going through the engines alone would take too long.
        *budget = budget.saturating_sub(cost);
        if *budget == 0 {
            return None;
        }
        let compiled = engine.compiled.get_or_init(|| engine.pattern.compile());
        if compiled.is_match(id.as_str()) {
            return Some(engine.index);
        }
    }
    None
}
