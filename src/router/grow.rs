//! Known users who come while a router is in use, and whose roles change.

use crate::known_users::Role;
use crate::sets::{GrowError, Said};
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::{Router, Scratch};

impl Router {
    /// Adds a user to the known ones, and says whether that changes anything. The router then answers as one that
    /// was compiled with this user as the last of its known users. One who was known already, and was only seen,
    /// receives from then on if the new role says so, as the last of those who do.
    ///
    /// This costs as much as finding the rules that are about the user, however many users there are. Indexes of users
    /// whom templates made, in answers from before, mean nothing from then on.
    ///
    /// ```
    /// use presence_router::known_users::{KnownUsers, Role};
    /// use presence_router::router::{Router, Scratch};
    /// use presence_router::rules;
    /// use presence_router::source::Sources;
    /// use presence_router::user_id::UserId;
    ///
    /// let mut sources = Sources::default();
    /// sources.add("rules.yaml", "routes: [{senders: all, recipients: '@screen-*:corp.example'}]");
    /// let (rule_set, _) = rules::read(&sources);
    /// let mut router = Router::new(&rule_set, &sources, Some(&KnownUsers::default()))?;
    /// let mut scratch = Scratch::default();
    ///
    /// let alice = UserId::parse("@alice:corp.example")?;
    /// assert!(router.routing()?.route(alice, "online", None, &mut scratch, &mut ()).is_empty());
    ///
    /// let screen = UserId::parse("@screen-1:corp.example")?;
    /// router.add_known(screen, Role::Guest, &mut scratch)?;
    /// assert!(router.routing()?.route(alice, "online", None, &mut scratch, &mut ()).is_empty());
    ///
    /// router.add_known(screen, Role::Receives, &mut scratch)?;
    /// assert_eq!(router.routing()?.route(alice, "online", None, &mut scratch, &mut ()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the router was compiled without known users, or is full.
    pub fn add_known(
        &mut self,
        user: UserId<'_>,
        role: Role,
        scratch: &mut Scratch,
    ) -> Result<bool, GrowError> {
        self.change_known(user, Said::Also(role), scratch)
    }

    /// Takes what a homeserver says of a user from now on: its role there, or that it is not known there any more. Says
    /// whether that changes anything. What files said of the user when the router was compiled goes on to hold.
    ///
    /// It costs as much as [`add_known`](Self::add_known), and where a user is no longer what it was, also to go
    /// through the lists that have it.
    ///
    /// # Errors
    ///
    /// As for [`add_known`](Self::add_known).
    pub fn set_known(
        &mut self,
        user: UserId<'_>,
        role: Option<Role>,
        scratch: &mut Scratch,
    ) -> Result<bool, GrowError> {
        self.change_known(user, Said::FromNowOn(role), scratch)
    }

    fn change_known(
        &mut self,
        user: UserId<'_>,
        said: Said,
        scratch: &mut Scratch,
    ) -> Result<bool, GrowError> {
        let Scratch {
            membership, lists, ..
        } = scratch;
        self.sets.change_known(user, said, membership, lists)
    }

    /// How often somebody came to the recipients, or left them, since the router was compiled: whom updates reach is the
    /// same as long as this is.
    pub fn changes_of_recipients(&self) -> u64 {
        self.sets.changes_of_recipients()
    }

    /// The users whom the rules or the files of known users name, in the order of their indexes.
    pub fn users(&self) -> &UserIds {
        self.sets.users()
    }

    /// Whether a user is known: from the files, or added since.
    pub fn knows(&self, user: &str) -> bool {
        self.index_of(user)
            .is_some_and(|index| self.is_known(index))
    }
}
