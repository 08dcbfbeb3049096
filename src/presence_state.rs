//! Presence states: which there are, and which names mean one state.
//!
//! A state is any text, and it leaves as it came. Whoever compares two of them compares [`PresenceState`]s.

/// The user is there.
pub(crate) const ONLINE: &str = "online";

/// The user is away.
pub(crate) const UNAVAILABLE: &str = "unavailable";

/// The user has gone.
pub(crate) const OFFLINE: &str = "offline";

/// The user does not want to be disturbed (MSC3026).
pub(crate) const BUSY: &str = "busy";

/// What homeservers call [`BUSY`] until MSC3026 is part of the Matrix specification. Synapse sends nothing else.
const UNSTABLE_BUSY: &str = "org.matrix.msc3026.busy";

/// The states of the Matrix specification (client-server API, "Presence").
pub(crate) const SPECIFIED: [&str; 3] = [ONLINE, UNAVAILABLE, OFFLINE];

/// Every name of a state that Matrix knows: those of the specification and of MSC3026, with what they say of a user.
pub(crate) const KNOWN: [(&str, &str); 5] = [
    (ONLINE, "The user is there."),
    (UNAVAILABLE, "The user is away or idle."),
    (OFFLINE, "The user has gone."),
    (BUSY, "The user does not want to be disturbed."),
    (
        UNSTABLE_BUSY,
        "The name of `busy` until it is part of the Matrix specification. The two are one state.",
    ),
];

/// A presence state, by which two names of one are equal.
///
/// ```
/// use presence_router::presence_state::PresenceState;
///
/// let busy = PresenceState::new("busy");
/// assert_eq!(busy, PresenceState::new("org.matrix.msc3026.busy"));
/// assert_ne!(busy, PresenceState::new("Busy"));
/// assert_eq!(busy.name(), "busy");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PresenceState<'a>(&'a str);

impl<'a> PresenceState<'a> {
    /// The state of this name.
    pub fn new(name: &'a str) -> Self {
        Self(if name == UNSTABLE_BUSY { BUSY } else { name })
    }

    /// Its one name.
    pub fn name(self) -> &'a str {
        self.0
    }

    /// Whether Matrix knows it.
    pub(crate) fn is_known(self) -> bool {
        KNOWN.iter().any(|(name, _)| *name == self.0)
    }
}
