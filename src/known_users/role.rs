//! What known users are to the rules, and what Synapse's fields say of that.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::user_id::UserId;

use super::KnownUsers;

/// What a known user is to the rules: everybody is seen, and some are recipients, too.
///
/// ```
/// use presence_router::known_users::Role;
///
/// assert!(Role::Receives.receives() && !Role::Guest.receives());
/// assert_eq!(Role::Guest.or(Role::Receives), Role::Receives);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Patterns take it in as a recipient. It is a person of the homeserver, or a file names it.
    Receives,
    /// A user of an application service, which is only seen.
    ApplicationService,
    /// A guest, who is only seen.
    Guest,
    /// A support user, who is only seen.
    Support,
    /// One whom only its presence made known, such as a user of another server. It is only seen, or else whoever picks a
    /// name that a pattern matches would be sent presence.
    Stranger,
    /// One of whom a file says that it is only seen.
    Seen,
}

impl Role {
    /// Whether patterns take such users in as recipients.
    pub fn receives(self) -> bool {
        self == Self::Receives
    }

    /// What a user is of whom two sources speak: the one by which it receives counts.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.receives() { other } else { self }
    }

    /// What programs call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Receives => "receives",
            Self::ApplicationService => "application-service",
            Self::Guest => "guest",
            Self::Support => "support",
            Self::Stranger => "stranger",
            Self::Seen => "seen",
        }
    }

    /// What such a user is, in words, if it is only seen.
    pub(crate) fn why_only_seen(self) -> Option<&'static str> {
        match self {
            Self::Receives => None,
            Self::ApplicationService => Some("an application service's user, which is only seen"),
            Self::Guest => Some("a guest, who is only seen"),
            Self::Support => Some("a support user, who is only seen"),
            Self::Stranger => Some("a user whom only its presence made known, so it is only seen"),
            Self::Seen => Some("a user with `role: seen`, which is only seen"),
        }
    }
}

impl KnownUsers {
    /// Adds a user in some role, and says whether it is new. One who is there already has the role by which it receives, if one of the two is.
    pub(crate) fn add_as(&mut self, user: UserId<'_>, role: Role) -> bool {
        match self.users.insert(user) {
            Some((_, true)) => {
                self.roles.push(role);
                true
            }
            Some((number, false)) => {
                let known = &mut self.roles[number as usize];
                *known = known.or(role);
                false
            }
            None => false,
        }
    }

    /// All users in their order, with their roles.
    pub fn with_roles(&self) -> impl ExactSizeIterator<Item = (&str, Role)> {
        self.users.iter().zip(self.roles.iter().copied())
    }

    /// The role of a user, if it is known.
    pub fn role(&self, user: &str) -> Option<Role> {
        let number = self.users.number_of(user)?;
        self.roles.get(number as usize).copied()
    }
}

/// A user, in the words of Synapse's admin API.
#[derive(Default, Deserialize)]
pub(super) struct Account<'a> {
    #[serde(borrow)]
    pub user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub deactivated: Option<&'a RawValue>,
    #[serde(borrow)]
    is_guest: Option<&'a RawValue>,
    #[serde(borrow)]
    user_type: Option<&'a RawValue>,
    #[serde(borrow)]
    appservice_id: Option<&'a RawValue>,
    #[serde(borrow)]
    role: Option<&'a RawValue>,
}

impl<'a> Account<'a> {
    /// The role that it gives its user, and nothing if that is deactivated; or what it says that means nothing, and what
    /// that is.
    pub(crate) fn role(&self) -> Result<Option<Role>, (&'a str, &'static str)> {
        let (deactivated, is_guest) = (flag(self.deactivated)?, flag(self.is_guest)?);
        if deactivated {
            return Ok(None);
        }
        // `null` is what Synapse writes where there is nothing to say, and reads as nothing.
        Ok(Some(match self.role.map(RawValue::get) {
            Some(r#""receives""#) => Role::Receives,
            Some(r#""seen""#) => Role::Seen,
            Some(other) => {
                return Err((other, "no role of a known user: write `receives` or `seen`"));
            }
            None if self.appservice_id.is_some() => Role::ApplicationService,
            None if is_guest => Role::Guest,
            None if (self.user_type)
                .is_some_and(|kind| kind.get().eq_ignore_ascii_case(r#""support""#)) =>
            {
                Role::Support
            }
            None => Role::Receives,
        }))
    }
}

/// Synapse has written flags as numbers, too. A text in their place comes of an export, and to guess what it means could
/// make a recipient of a guest.
fn flag(flag: Option<&RawValue>) -> Result<bool, (&str, &'static str)> {
    match flag.map(RawValue::get) {
        Some("true" | "1") => Ok(true),
        None | Some("false" | "0") => Ok(false),
        Some(other) => Err((other, "neither `true` nor `false`: write one of these")),
    }
}
