//! Cedar, by `cedar-policy`. Each rule is a policy that permits a sender to be seen, and notes in an annotation by whom.
//! One request asks for all of them: the policies that are the reason of the answer are the rules that match.
//!
//! As Cedar advises, what can be is in the scope of a policy: a user is `principal == …`, and a server is a group, as
//! in `principal in Server::"…"`. Globs are conditions with `like` on the two halves of the user ID. Cedar has no
//! regular expressions: those are a `RegexSet` in the host, which makes each sender a member of the patterns that match.
//!
//! The sender is the only entity, and is made for each request, since anybody can send.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, Response, RestrictedExpression,
};
use regex::bytes::RegexSet;

use super::regex_set;
use crate::peer::{Engine, Peer, Timed, Work};
use crate::rule::{Rule, Senders, halves, recipient_name};

pub fn cedar<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let engine = cedar_of(work.rules).map_err(|error| error.to_string())?;
    Ok(Box::new(Timed {
        senders: work.senders,
        engine,
    }))
}

struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    patterns: RegexSet,
    /// What the numbers in `patterns` are in the policies.
    pattern_uids: Vec<EntityUid>,
    user: EntityTypeName,
    server: EntityTypeName,
    action: EntityUid,
    resource: EntityUid,
}

fn cedar_of(rules: &[Rule]) -> Result<Cedar, Box<dyn std::error::Error>> {
    let mut policies = PolicySet::new();
    let (mut patterns, mut pattern_uids) = (Vec::new(), Vec::new());
    for (number, rule) in rules.iter().enumerate() {
        let policy = policy(number, rule);
        policies.add(Policy::parse(
            Some(PolicyId::new(number.to_string())),
            policy,
        )?)?;
        if let Senders::Regex(_) = rule.senders {
            patterns.push(rule);
            pattern_uids.push(EntityUid::from_str(&format!("Pattern::\"{number}\""))?);
        }
    }
    Ok(Cedar {
        authorizer: Authorizer::new(),
        policies,
        patterns: regex_set::set(patterns.into_iter())?,
        pattern_uids,
        user: EntityTypeName::from_str("User")?,
        server: EntityTypeName::from_str("Server")?,
        action: EntityUid::from_str("Action::\"see\"")?,
        resource: EntityUid::from_str("Updates::\"presence\"")?,
    })
}

fn policy(number: usize, rule: &Rule) -> String {
    let (principal, condition) = match &rule.senders {
        Senders::User(user) => (format!(" == User::\"{user}\""), String::new()),
        Senders::Server(server) => (format!(" in Server::\"{server}\""), String::new()),
        Senders::Domain(end) => (
            String::new(),
            format!(" when {{ principal.server like \"*{end}\" }}"),
        ),
        Senders::Prefix { prefix, server } => (
            format!(" in Server::\"{server}\""),
            format!(" when {{ principal.localpart like \"{prefix}*\" }}"),
        ),
        Senders::Part { part, end } => (
            String::new(),
            format!(
                " when {{ principal.localpart like \"*{part}*\" && principal.server like \"*{end}\" }}"
            ),
        ),
        Senders::Regex(_) => (format!(" in Pattern::\"{number}\""), String::new()),
    };
    let recipient = recipient_name(rule.recipient);
    format!(
        "@recipient(\"{recipient}\")\npermit(principal{principal}, action, resource){condition};"
    )
}

impl Cedar {
    fn ask(&self, sender: &str) -> Response {
        let (localpart, server) = halves(sender);
        let uid = |kind: &EntityTypeName, id| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let user = uid(&self.user, sender);
        let mut groups = HashSet::from([uid(&self.server, server)]);
        let matched = self.patterns.matches(sender.as_bytes());
        groups.extend(matched.iter().map(|index| self.pattern_uids[index].clone()));
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let halves = [("localpart", text(localpart)), ("server", text(server))];
        let halves: HashMap<_, _> = halves.map(|(key, value)| (key.to_owned(), value)).into();
        let entity = Entity::new(user.clone(), halves, groups).expect("an entity");
        let entities = Entities::from_entities([entity], None).expect("one entity");
        let (action, resource) = (self.action.clone(), self.resource.clone());
        let request = Request::new(user, action, resource, Context::empty(), None);
        let request = request.expect("a request without a schema");
        self.authorizer
            .is_authorized(&request, &self.policies, &entities)
    }
}

impl Engine for Cedar {
    type Answer<'a> = BTreeSet<&'a str>;

    fn answer(&mut self, sender: &str) -> BTreeSet<&str> {
        let response = self.ask(sender);
        let reasons = response.diagnostics().reason();
        reasons
            .map(|policy| {
                (self.policies.annotation(policy, "recipient")).expect("each policy has one")
            })
            .collect()
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.answer(sender).into_iter().map(str::to_owned).collect()
    }
}
