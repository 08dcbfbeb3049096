//! A test file as written.

use crate::proofs::{Claim, Property};
use crate::rules::UserSet;
use crate::rules::model::UserSources;
use crate::source::{FileId, Span};

/// One test file.
#[derive(Debug)]
pub struct TestFile {
    /// Where it came from.
    pub file: FileId,
    /// Whether it is unknown which rules it is about: it is no YAML, or names them in a way that cannot be read.
    pub(crate) is_about_unknown: bool,
    /// The rules under test, as written: relative to this file. `None` stands for the folder of this file.
    pub rules: Option<Vec<String>>,
    /// Where it names them.
    pub(crate) rules_at: Span,
    /// More known users, beside those that the rules name. An empty list means that nobody is known, which is another
    /// thing than no list.
    pub known_users: Option<UserSources>,
    /// The cases. Each row of a table is one.
    pub cases: Vec<Case>,
}

/// A question, and what must come out.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where it stands.
    pub(crate) at: Span,
    /// What reports call it.
    pub name: String,
    /// The question.
    pub(crate) subject: Subject,
    /// Where the question stands.
    pub(crate) subject_at: Span,
    /// The answer, exactly.
    pub(crate) exactly: Option<Written<Exactly>>,
    /// Users who are in the answer, all of them.
    pub(crate) includes: Option<Written<UserSet>>,
    /// Users who are not in the answer, none of them.
    pub(crate) excludes: Option<Written<UserSet>>,
    /// The names of rules that decide.
    pub(crate) by: Vec<Written<String>>,
    /// Why the case is known to fail.
    pub(crate) todo: Option<String>,
}

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Written<T> {
    /// Where its key stands. What all rows of a table share stands beside it.
    pub key: Span,
    /// Where the value itself stands.
    pub(crate) at: Span,
    /// The value.
    pub value: T,
}

/// What a case asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// Who gets these updates? A record holds one, or several.
    Updates(Vec<Sent>),
    /// Whose presence may this user see?
    User(String),
    /// Does this hold for every user there could be?
    Claim(Box<Property>),
}

/// What matters of a presence update.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sent {
    /// Whose presence it is: a valid user ID.
    pub sender: String,
    /// The presence state.
    pub state: String,
    /// Whether the user is currently active, if the update says so.
    pub currently_active: Option<bool>,
}

/// An answer that is expected exactly.
#[derive(Clone, Debug)]
pub(crate) enum Exactly {
    /// ALL: every user. Only the question whose presence a user may see has this answer.
    All,
    /// Nobody.
    Nobody,
    /// These users.
    Users(UserSet),
}

/// The key of a claim.
pub(super) fn claim_key(claim: Claim) -> &'static str {
    match claim {
        Claim::Never => "never",
        Claim::Always => "always",
        Claim::Only => "only",
    }
}

impl Case {
    /// The user sets in it, to change them.
    pub(super) fn sets_mut(&mut self) -> impl Iterator<Item = &mut UserSet> {
        let exactly = self
            .exactly
            .as_mut()
            .and_then(|written| match &mut written.value {
                Exactly::Users(users) => Some(users),
                Exactly::All | Exactly::Nobody => None,
            });
        let parts = [&mut self.includes, &mut self.excludes];
        let parts = parts.into_iter().flatten().map(|part| &mut part.value);
        let sides = match &mut self.subject {
            Subject::Claim(property) => [property.senders.as_mut(), property.recipients.as_mut()],
            Subject::Updates(_) | Subject::User(_) => [None, None],
        };
        exactly
            .into_iter()
            .chain(parts)
            .chain(sides.into_iter().flatten())
    }

    /// The key of the exact answer, or of the claim.
    pub(crate) fn exactly_key(&self) -> &'static str {
        match &self.subject {
            Subject::Updates(_) => "recipients",
            Subject::User(_) => "interested",
            Subject::Claim(property) => claim_key(property.claim),
        }
    }
}
