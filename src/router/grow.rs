//! Known users who come while a router is in use.

use crate::sets::GrowError;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::{Router, Scratch};

impl Router {
    /// Adds a user to the known ones, and says whether it was not known before. The router then answers as one that
    /// was compiled with this user as the last of its known users.
    ///
    /// This costs as much as finding the rules that are about the user, however many users there are. Indexes of users
    /// whom templates made, in answers from before, mean nothing from then on.
    ///
    /// ```
    /// use presence_router::known_users::KnownUsers;
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
    /// router.add_known(UserId::parse("@screen-1:corp.example")?, &mut scratch)?;
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
        scratch: &mut Scratch,
    ) -> Result<bool, GrowError> {
        let Scratch {
            membership, lists, ..
        } = scratch;
        self.sets.add_known(user, membership, lists)
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
