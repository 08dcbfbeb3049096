//! One case of a test file, or a row of a table.

use super::model::{Case, Exactly, Sent, Subject, Written};
use super::record::Record;
use super::value::{By, ExactlyShape, Todo, User};
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::rules::UserSet;
use crate::rules::keys::Keys;
use crate::rules::reader::{Context, Shape};
use crate::rules::shapes::Name;
use crate::rules::user_set::Users;
use crate::source::Span;
use crate::yaml::NodeId;

/// A case, or what the rows of a table share.
#[derive(Clone, Copy)]
pub(super) enum CaseShape {
    Outer,
    Row,
}

/// A value that was written, and then whether it could be read.
type Value<T> = Option<Written<Option<T>>>;

/// The keys of a case as they were read. What has a fault is there, without a value.
pub(super) struct Draft {
    at: Span,
    name: Option<String>,
    update: Value<Vec<Sent>>,
    user: Value<String>,
    recipients: Value<Exactly>,
    interested: Value<Exactly>,
    includes: Value<UserSet>,
    excludes: Value<UserSet>,
    by: Value<Vec<Written<String>>>,
    todo: Value<String>,
    /// Whether there is a key that is not known, and may stand for one that is.
    has_odd: bool,
    pub(super) table: Option<Vec<Option<Draft>>>,
}

const KEYS: [&str; 10] = [
    "name",
    "update",
    "user",
    "recipients",
    "interested",
    "includes",
    "excludes",
    "by",
    "todo",
    "table",
];

impl Shape for CaseShape {
    type Value = Draft;
    const EXPECTED: &'static str = "a case (a mapping with keys such as `update` and `recipients`)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Draft> {
        let mut keys = match self {
            Self::Outer => Keys::new(cx, "a case", &KEYS),
            Self::Row => Keys::new(cx, "a row of a table", &KEYS[..9]),
        };
        let mut draft = Draft::new(cx.span());
        while let Some((key, value)) = keys.next(cx) {
            let users = Users::without_templates();
            let entry = Entry {
                key: keys.key(key).map_or(cx.span(), |key| cx.tree.span(key)),
                value,
            };
            match key {
                "name" => draft.name = cx.read(value, Name),
                "update" => draft.update = entry.read(cx, Record),
                "user" => draft.user = entry.read(cx, User),
                "recipients" => draft.recipients = entry.read(cx, ExactlyShape::Recipients),
                "interested" => draft.interested = entry.read(cx, ExactlyShape::Interested),
                "includes" => draft.includes = entry.read(cx, users),
                "excludes" => draft.excludes = entry.read(cx, users),
                "by" => draft.by = entry.read(cx, By),
                "todo" => draft.todo = entry.read(cx, Todo),
                _ => draft.table = Some(cx.read(value, Table).unwrap_or_default()),
            }
        }
        draft.has_odd = keys.has_odd;
        Some(draft)
    }
}

/// A key and its value, as they are written.
struct Entry {
    key: Span,
    value: NodeId,
}

impl Entry {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a value that is there, with or without a fault"
    )]
    fn read<S: Shape>(self, cx: &mut Context<'_, '_>, shape: S) -> Value<S::Value> {
        Some(Written {
            key: self.key,
            at: cx.tree.span(self.value),
            value: cx.read(self.value, shape),
        })
    }
}

impl Draft {
    fn new(at: Span) -> Self {
        Self {
            at,
            name: None,
            update: None,
            user: None,
            recipients: None,
            interested: None,
            includes: None,
            excludes: None,
            by: None,
            todo: None,
            has_odd: false,
            table: None,
        }
    }

    /// This row, with what the table says for all of its rows.
    pub(super) fn with_shared(self, shared: &Self, number: Option<usize>) -> Self {
        // A row that asks another question has its own exact answer, too.
        let numbered = |name: &String| match number {
            Some(number) => format!("{name} ({number})"),
            None => name.clone(),
        };
        Self {
            at: self.at,
            name: self.name.or_else(|| shared.name.as_ref().map(numbered)),
            update: self.update.or_else(|| shared.update.clone()),
            user: self.user.or_else(|| shared.user.clone()),
            recipients: self.recipients.or_else(|| shared.recipients.clone()),
            interested: self.interested.or_else(|| shared.interested.clone()),
            includes: self.includes.or_else(|| shared.includes.clone()),
            excludes: self.excludes.or_else(|| shared.excludes.clone()),
            by: self.by.or_else(|| shared.by.clone()),
            todo: self.todo.or_else(|| shared.todo.clone()),
            has_odd: self.has_odd || shared.has_odd,
            table: None,
        }
    }

    /// The case, unless something in it has a fault.
    pub(super) fn finish(self, cx: &mut Context<'_, '_>) -> Option<Case> {
        let sound = self.is_sound(cx);
        let (subject, subject_at) = match (self.update, self.user) {
            (Some(update), _) => (Subject::Updates(update.value?), update.at),
            (None, Some(user)) => (Subject::User(user.value?), user.at),
            (None, None) => return None,
        };
        let exactly = value(self.recipients.or(self.interested))?;
        let (includes, excludes) = (value(self.includes)?, value(self.excludes)?);
        let by = value(self.by)?.map_or_else(Vec::new, |by| by.value);
        let todo = value(self.todo)?.map(|todo| todo.value);
        sound.then(|| Case {
            name: self.name.unwrap_or_else(|| name_of(&subject)),
            at: self.at,
            subject,
            subject_at,
            exactly,
            includes,
            excludes,
            by,
            todo,
        })
    }

    /// Reports keys that are missing, and keys that do not go together.
    fn is_sound(&self, cx: &mut Context<'_, '_>) -> bool {
        let subjects = [
            ("update", self.update.as_ref().map(|it| it.key)),
            ("user", self.user.as_ref().map(|it| it.key)),
        ];
        let answers = [
            ("recipients", self.recipients.as_ref().map(|it| it.key)),
            ("interested", self.interested.as_ref().map(|it| it.key)),
        ];
        let named = |key: &str| {
            (subjects.iter().chain(&answers))
                .find_map(|(known, at)| (*known == key).then_some(*at)?)
        };
        // Neither of these two can go with the other.
        for (one, other, help) in [
            (
                "update",
                "user",
                "ask one question in each case: who gets an `update`, or whose presence a `user` may see",
            ),
            (
                "user",
                "recipients",
                "write `interested`, if you mean whose presence this user may see",
            ),
            (
                "update",
                "interested",
                "write `recipients`, if you mean who gets this update",
            ),
        ] {
            if let (Some(first), Some(second)) = (named(one), named(other)) {
                let message = format!("`{other}` cannot stand beside `{one}`");
                let finding = Finding::new(
                    Code::ConflictingKeys,
                    Location::part(cx.file, second),
                    message,
                );
                let label = Location::part(cx.file, first);
                cx.report(
                    finding
                        .label(label, format!("`{one}` stands here"))
                        .help(help),
                );
                return false;
            }
        }
        let here = Location::part(cx.file, self.at);
        let missing =
            |message: &str, help: &str| Finding::new(Code::MissingKey, here, message).help(help);
        if self.update.is_none() && self.user.is_none() {
            // An unknown key is a finding already, and may be this one misspelt.
            if !self.has_odd {
                cx.report(missing(
                    "a case needs the key `update` or `user`",
                    "with `update`, it asks who gets an update; with `user`, whose presence this user may see",
                ));
            }
            return false;
        }
        let expects = self.includes.is_some()
            || self.excludes.is_some()
            || self.by.is_some()
            || answers.iter().any(|(_, at)| at.is_some());
        if !expects {
            if !self.has_odd {
                let exactly = if self.update.is_some() {
                    "recipients"
                } else {
                    "interested"
                };
                cx.report(missing(
                    "a case needs to say what it expects",
                    &format!("add `{exactly}` for the whole answer, or `includes`, `excludes` or `by` for a part of it"),
                ));
            }
            return false;
        }
        true
    }
}

/// `None` for a value with a fault.
#[expect(clippy::option_option, reason = "a key that is not there is no fault")]
fn value<T>(value: Value<T>) -> Option<Option<Written<T>>> {
    match value {
        None => Some(None),
        Some(Written { key, at, value }) => {
            let value = value?;
            Some(Some(Written { key, at, value }))
        }
    }
}

/// What a case without a name is called.
fn name_of(subject: &Subject) -> String {
    match subject {
        Subject::User(user) => format!("what {} sees", shortened(user)),
        Subject::Claim(_) => "a claim".to_owned(),
        Subject::Updates(sent) => match sent.as_slice() {
            [one] => format!("{} is {}", shortened(&one.sender), shortened(&one.state)),
            [first, rest @ ..] => format!(
                "{} is {}, and {} more",
                shortened(&first.sender),
                shortened(&first.state),
                rest.len()
            ),
            [] => "no update".to_owned(),
        },
    }
}

/// The rows of a table.
#[derive(Clone, Copy)]
struct Table;

impl Shape for Table {
    type Value = Vec<Option<Draft>>;
    const EXPECTED: &'static str = "a list of cases (each starts with `- `)";

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let rows = cx.items(CaseShape::Row);
        if rows.is_empty() {
            let finding = Finding::new(Code::EmptySet, cx.here(), "this table has no rows");
            cx.report(finding.help("add a case, or remove the table"));
        }
        Some(rows)
    }
}
