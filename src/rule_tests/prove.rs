//! `prove`: what has to hold for every user there could be.

use super::model::{Case, Subject};
use super::value::Todo;
use crate::finding::{Code, Finding};
use crate::proofs::{Claim, Property};
use crate::rules::When;
use crate::rules::keys::Keys;
use crate::rules::reader::{Context, Shape};
use crate::rules::rule::WhenShape;
use crate::rules::shapes::Name;
use crate::rules::user_set::Users;
use crate::yaml::NodeId;

/// The keys that make a claim.
const CLAIMS: [(&str, Claim); 3] = [
    ("never", Claim::Never),
    ("always", Claim::Always),
    ("only", Claim::Only),
];

/// The value of `prove`: each item is a case of its own.
#[derive(Clone, Copy)]
pub(super) struct Proofs;

impl Shape for Proofs {
    type Value = Vec<Case>;
    const EXPECTED: &'static str = "a list of claims (each starts with `- `)";

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Vec<Case>> {
        let read = cx.items(ProofShape);
        Some(read.into_iter().flatten().collect())
    }
}

#[derive(Clone, Copy)]
struct ProofShape;

impl Shape for ProofShape {
    type Value = Case;
    const EXPECTED: &'static str = "a claim (a mapping with the key `never`, `always` or `only`)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Case> {
        let mut keys = Keys::new(cx, "a claim", &["never", "always", "only", "name", "todo"]);
        let (mut name, mut todo, mut is_sound) = (None, None, true);
        let mut claims: Vec<(&'static str, NodeId, Option<Property>)> = Vec::new();
        let number = cx.index + 1;
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "name" => name = cx.read(value, Name),
                "todo" => {
                    todo = cx.read(value, Todo);
                    is_sound &= todo.is_some();
                }
                key => {
                    let claim = CLAIMS.into_iter().find(|(name, _)| *name == key);
                    let (key, claim) = claim.expect("the other keys are claims");
                    claims.push((key, value, cx.read(value, ClaimShape(claim))));
                }
            }
        }
        if let [(first, ..), (second, ..), ..] = claims.as_slice() {
            let message = format!("`{second}` cannot stand beside `{first}`");
            let finding = Finding::new(Code::ConflictingKeys, cx.here(), message);
            cx.report(finding.help("write an item of the list for each claim"));
            return None;
        }
        let Some((key, value, property)) = claims.pop() else {
            if !keys.has_odd {
                let message = "a claim needs the key `never`, `always` or `only`";
                let finding = Finding::new(Code::MissingKey, cx.here(), message);
                cx.report(finding.help(
                    "with `never`, such senders reach no such recipient; with `always`, they reach all; with `only`, \
                     nobody else reaches these recipients",
                ));
            }
            return None;
        };
        property.filter(|_| is_sound).map(|property| Case {
            name: name.unwrap_or_else(|| format!("{key}, claim {number}")),
            at: cx.span(),
            subject: Subject::Claim(Box::new(property)),
            subject_at: cx.tree.span(value),
            exactly: None,
            includes: None,
            excludes: None,
            by: Vec::new(),
            todo,
        })
    }
}

/// The senders and recipients of a claim.
#[derive(Clone, Copy)]
struct ClaimShape(Claim);

impl Shape for ClaimShape {
    type Value = Property;
    const EXPECTED: &'static str = "a mapping with `senders`, `recipients` or both";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Property> {
        let mut keys = Keys::new(cx, "a claim", &["senders", "recipients", "when"]);
        let (mut senders, mut recipients) = (None, None);
        let mut when = Some(When::default());
        while let Some((key, value)) = keys.next(cx) {
            let users = Users::without_templates();
            match key {
                "senders" => senders = Some(cx.read(value, users)),
                "recipients" => recipients = Some(cx.read(value, users)),
                _ => when = cx.read(value, WhenShape),
            }
        }
        if senders.is_none() && recipients.is_none() {
            if !keys.has_odd {
                let message = "this claim is about everybody, so it says nothing of use";
                let finding = Finding::new(Code::MissingKey, cx.here(), message);
                cx.report(finding.help("add `senders`, `recipients` or both"));
            }
            return None;
        }
        // What could not be read is a finding already.
        let is_sound = senders.as_ref().is_none_or(Option::is_some)
            && recipients.as_ref().is_none_or(Option::is_some);
        when.filter(|_| is_sound).map(|when| Property {
            claim: self.0,
            senders: senders.flatten(),
            recipients: recipients.flatten(),
            when,
        })
    }
}
