//! What a record tells: one user's presence.

use std::borrow::Cow;

use crate::user_id::UserId;

/// One presence update, borrowed from the record that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<'a> {
    /// The update exactly as it was written: the object that names the sender.
    pub json: &'a str,
    /// A user ID: nothing else becomes an update.
    pub(crate) sender: Cow<'a, str>,
    /// The presence state: `online`, `unavailable`, `offline` or any other text.
    pub state: Cow<'a, str>,
    /// Whether the user is currently active; `None` where the field is absent or null.
    pub currently_active: Option<bool>,
}

impl<'a> Update<'a> {
    /// An update that stands in no record, so that its `json` is empty.
    pub fn new(sender: UserId<'a>, state: &'a str) -> Self {
        Self {
            json: "",
            sender: sender.as_str().into(),
            state: state.into(),
            currently_active: None,
        }
    }

    /// Whose presence this is.
    pub fn sender(&self) -> UserId<'_> {
        UserId::of_valid(&self.sender)
    }
}
