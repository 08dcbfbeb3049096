//! `prove`: what has to hold for every user there could be.

use serde::de::{MapAccess, SeqAccess};

use super::model::{Case, Subject};
use super::value::Todo;
use crate::finding::{Code, Finding};
use crate::proofs::{Claim, Property};
use crate::rules::When;
use crate::rules::keys::Keys;
use crate::rules::rule::WhenShape;
use crate::rules::shapes::Name;
use crate::rules::user_set::Users;
use crate::rules::yaml::{Context, Shape};

/// The keys that make a claim.
const CLAIMS: [(&str, Claim); 3] = [
    ("never", Claim::Never),
    ("always", Claim::Always),
    ("only", Claim::Only),
];

/// The value of `prove`: each item is a case of its own.
pub(super) struct Proofs;

impl<'de> Shape<'de> for Proofs {
    type Value = Vec<Case>;
    const EXPECTED: &'static str = "a list of claims (each starts with `- `)";

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        list: A,
    ) -> Result<Option<Vec<Case>>, A::Error> {
        let read = cx.items(list, ProofShape)?;
        Ok(Some(read.into_iter().flatten().collect()))
    }
}

#[derive(Clone, Copy)]
struct ProofShape;

impl<'de> Shape<'de> for ProofShape {
    type Value = Case;
    const EXPECTED: &'static str = "a claim (a mapping with the key `never`, `always` or `only`)";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Case>, A::Error> {
        let mut keys = Keys::new("a claim", &["never", "always", "only", "name", "todo"]);
        let (mut name, mut todo, mut is_sound) = (None, None, true);
        let mut claims: Vec<(&'static str, Option<Property>)> = Vec::new();
        while let Some(key) = keys.next(cx, &mut mapping)? {
            match key {
                "name" => name = cx.value(&mut mapping, key, Name)?,
                "todo" => {
                    todo = cx.value(&mut mapping, key, Todo)?;
                    is_sound &= todo.is_some();
                }
                key => {
                    let claim = CLAIMS.into_iter().find(|(name, _)| *name == key);
                    let (key, claim) = claim.expect("the other keys are claims");
                    claims.push((key, cx.value(&mut mapping, key, ClaimShape(claim))?));
                }
            }
        }
        if let [(first, _), (second, _), ..] = claims.as_slice() {
            let message = format!("`{second}` cannot stand beside `{first}`");
            let finding = Finding::new(Code::ConflictingKeys, cx.here(), message);
            cx.report(finding.help("write an item of the list for each claim"));
            return Ok(None);
        }
        let Some((key, property)) = claims.pop() else {
            if !keys.has_odd() {
                let message = "a claim needs the key `never`, `always` or `only`";
                let finding = Finding::new(Code::MissingKey, cx.here(), message);
                cx.report(finding.help(
                    "with `never`, such senders reach no such recipient; with `always`, they reach all; with `only`, \
                     nobody else reaches these recipients",
                ));
            }
            return Ok(None);
        };
        Ok(property.filter(|_| is_sound).map(|property| Case {
            name: name.unwrap_or_else(|| format!("{key}, claim {}", number(cx))),
            path: cx.path.clone(),
            subject: Subject::Claim(Box::new(property)),
            exactly: None,
            includes: None,
            excludes: None,
            by: Vec::new(),
            todo,
        }))
    }
}

/// The place in the list, from 1.
fn number(cx: &Context<'_>) -> usize {
    cx.path.last_item().map_or(1, |index| index + 1)
}

/// The senders and recipients of a claim.
struct ClaimShape(Claim);

impl<'de> Shape<'de> for ClaimShape {
    type Value = Property;
    const EXPECTED: &'static str = "a mapping with `senders`, `recipients` or both";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Property>, A::Error> {
        let mut keys = Keys::new("a claim", &["senders", "recipients", "when"]);
        let (mut senders, mut recipients) = (None, None);
        let mut when = Some(When::default());
        while let Some(key) = keys.next(cx, &mut mapping)? {
            let users = Users::without_templates();
            match key {
                "senders" => senders = Some(cx.value(&mut mapping, key, users)?),
                "recipients" => recipients = Some(cx.value(&mut mapping, key, users)?),
                _ => when = cx.value(&mut mapping, key, WhenShape)?,
            }
        }
        if senders.is_none() && recipients.is_none() {
            if !keys.has_odd() {
                let message = "this claim is about everybody, so it says nothing of use";
                let finding = Finding::new(Code::MissingKey, cx.here(), message);
                cx.report(finding.help("add `senders`, `recipients` or both"));
            }
            return Ok(None);
        }
        // What could not be read is a finding already.
        let is_sound = senders.as_ref().is_none_or(Option::is_some)
            && recipients.as_ref().is_none_or(Option::is_some);
        Ok(when.filter(|_| is_sound).map(|when| Property {
            claim: self.0,
            senders: senders.flatten(),
            recipients: recipients.flatten(),
            when,
        }))
    }
}
