//! The small shapes of a rule file: texts, flags and lists.

use super::at::At;
use super::model::{UserSource, UserSources};
use super::reader::{Context, Shape};
use crate::finding::{Code, Finding};
use crate::pattern::shortened;
use crate::user_id::{UserId, validate_server_name};

#[derive(Clone, Copy)]
pub(crate) struct List<S> {
    pub of: S,
}

impl<S: Shape> Shape for List<S> {
    type Value = Vec<Option<S::Value>>;
    const EXPECTED: &'static str = "a list (each entry starts with `- `)";

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        Some(cx.items(self.of))
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Version;

impl Shape for Version {
    type Value = ();
    const EXPECTED: &'static str = "the number 1";

    fn number(self, cx: &mut Context<'_, '_>, number: f64) -> Option<()> {
        #[expect(clippy::float_cmp, reason = "1 is exact")]
        if number != 1.0 {
            let finding = Finding::new(
                Code::UnknownVersion,
                cx.here(),
                "the version of the rule language is unknown",
            );
            cx.report(finding.help("write `version: 1`, or leave the key out"));
        }
        Some(())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Flag;

impl Shape for Flag {
    type Value = bool;
    const EXPECTED: &'static str = "`true` or `false`";

    fn flag(self, _: &mut Context<'_, '_>, flag: bool) -> Option<bool> {
        Some(flag)
    }

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<bool> {
        let meant = match &*text.to_ascii_lowercase() {
            "on" | "yes" | "y" | "true" => "true",
            "off" | "no" | "n" | "false" => "false",
            _ => {
                cx.wrong_type(Self::EXPECTED, "text");
                return None;
            }
        };
        let message = format!(
            "expected {}, found the text `{}`",
            Self::EXPECTED,
            shortened(text)
        );
        let finding = Finding::new(Code::WrongType, cx.here(), message);
        cx.report(finding.help(format!("write `{meant}`, without quotes")));
        None
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Text;

impl Shape for Text {
    type Value = String;
    const EXPECTED: &'static str = "text";

    fn text(self, _: &mut Context<'_, '_>, text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

/// A text that may not be empty.
#[derive(Clone, Copy)]
pub(crate) struct Name;

impl Shape for Name {
    type Value = String;
    const EXPECTED: &'static str = "text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            cx.error(Code::EmptyName, "this text is empty");
            return None;
        }
        Some(text.to_owned())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct ServerName;

impl Shape for ServerName {
    type Value = String;
    const EXPECTED: &'static str = "a server name as text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
        if let Err(error) = validate_server_name(text) {
            let message = format!("`{}` is not a server name: {error}", shortened(text));
            cx.error(Code::InvalidServerName, message);
            return None;
        }
        Some(text.to_owned())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Reason;

impl Shape for Reason {
    type Value = String;
    const EXPECTED: &'static str = "the reason as text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            cx.error(
                Code::MissingReason,
                "this finding is allowed without a reason",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn nothing(self, cx: &mut Context<'_, '_>) -> Option<String> {
        self.text(cx, "")
    }
}

/// A file of users, a user ID, or a list of these.
#[derive(Clone, Copy)]
pub(crate) struct KnownUsers;

impl Shape for KnownUsers {
    type Value = UserSources;
    const EXPECTED: &'static str = "a file or a user ID as text, or a list of these";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<UserSources> {
        let items = KnownUser.text(cx, text).into_iter().collect();
        Some(UserSources { items })
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<UserSources> {
        let items = cx.items(KnownUser).into_iter().flatten().collect();
        Some(UserSources { items })
    }
}

#[derive(Clone, Copy)]
struct KnownUser;

impl Shape for KnownUser {
    type Value = (UserSource, At);
    const EXPECTED: &'static str = "a file or a user ID as text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<(UserSource, At)> {
        if !text.starts_with('@') {
            let path = Name.text(cx, text)?;
            return Some((UserSource::File(path.into()), At::whole(cx.span())));
        }
        if let Err(error) = UserId::parse(text) {
            let message = format!("`{}` is not a user ID: {error}", shortened(text));
            let finding = Finding::new(Code::InvalidUserId, cx.here(), message);
            cx.report(finding.help("a file whose name begins with `@` is written as `./@…`"));
            return None;
        }
        Some((UserSource::User(text.into()), At::whole(cx.span())))
    }
}
