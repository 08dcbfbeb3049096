//! Known users who come while a router is in use.

use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::{Router, Scratch, UserIndex};

/// Which users are known.
#[derive(Debug)]
pub(super) struct Known {
    /// Of each user whom the rules name, whether it is known, too. All others are, since nothing else names them.
    named: Vec<bool>,
}

/// Why a router takes no known user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrowError {
    /// It was compiled without known users, and answers as one that knows nobody.
    #[error("the rules were compiled without known users")]
    NoKnownUsers,
    /// It has more users than 31 bits can number.
    #[error("there are too many known users")]
    TooMany,
}

impl Known {
    pub fn new(named: usize) -> Self {
        Self {
            named: vec![false; named],
        }
    }

    pub fn holds(&self, user: UserIndex) -> bool {
        self.named.get(user.0 as usize).copied().unwrap_or(true)
    }
}

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
        let known = self.known.as_mut().ok_or(GrowError::NoKnownUsers)?;
        let (number, is_new) = self.users.insert(user).ok_or(GrowError::TooMany)?;
        let index = UserIndex(number);
        if !is_new {
            // A user whom no rule names is among the users only if it is known.
            match known.named.get_mut(number as usize) {
                Some(known) if !*known => *known = true,
                _ => return Ok(false),
            }
        }
        let Self {
            matcher,
            sets,
            lists,
            ..
        } = self;
        let Scratch {
            membership,
            lists: touched,
            ..
        } = scratch;
        touched.clear();
        sets.walk(matcher, user, membership, |set| {
            touched.extend(lists.of(set));
        });
        lists.add(index, is_new, touched);
        Ok(true)
    }

    /// The users whom the rules or the files of known users name, in the order of their indexes.
    pub fn users(&self) -> &UserIds {
        &self.users
    }

    /// Whether a user is known: from the files, or added since.
    pub fn knows(&self, user: &str) -> bool {
        self.index_of(user)
            .is_some_and(|index| self.is_known(index))
    }
}
