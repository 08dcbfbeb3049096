//! The interest that derives from a route whose recipients have templates.

use crate::pattern::{Inverse, Template};
use crate::user_id::UserId;

use super::dynamic::{Dynamic, Holds};
use super::interested::{Asking, Given};
use super::scratch::Scratch;
use super::{Route, Router, Seen};

/// Deriving an interest from a route whose recipients have templates: for each of its items that may reach the asking
/// user, the senders for whom it does.
pub(super) struct Derivation<'a> {
    pub router: &'a Router,
    pub route: &'a Route,
    pub senders: &'a Seen,
    /// The server name that all senders have, where there is only one.
    pub senders_server: Option<&'a str>,
    pub asking: Asking<'a>,
}

impl<'a> Derivation<'a> {
    /// `excludes` are the sets that the item is without, each of which may depend on the sender.
    pub fn derive(
        &self,
        recipients: &'a Dynamic,
        excludes: &mut Vec<&'a Dynamic>,
        scratch: &mut Scratch,
    ) -> Given {
        match recipients {
            Dynamic::Static(part) => {
                if !scratch.membership.holds(part.set) {
                    return Given::Users;
                }
                match self.router.reaches(part.listed, self.asking) {
                    Some(true) => {}
                    Some(false) => return Given::Users,
                    None => return Given::Unknown,
                }
                if excludes.is_empty() {
                    return self.router.give(self.senders, self.asking, scratch);
                }
                self.search(excludes, None, scratch)
            }
            Dynamic::Template(template) => {
                match template.invert(self.asking.user, self.senders_server) {
                    Inverse::These(senders) => {
                        for sender in senders {
                            self.give_sender(&sender, excludes, scratch);
                        }
                        Given::Users
                    }
                    Inverse::Unbounded => self.search(excludes, Some(template), scratch),
                }
            }
            Dynamic::Union(parts) => {
                let mut given = Given::Users;
                for part in parts {
                    match self.derive(part, excludes, scratch) {
                        Given::Users => {}
                        Given::Unknown => return Given::Unknown,
                        Given::All => given = Given::All,
                    }
                }
                given
            }
            Dynamic::Difference { include, exclude } => {
                let Some(exclude) = exclude else {
                    return self.derive(include, excludes, scratch);
                };
                match exclude.holds(self.asking.user, &scratch.membership) {
                    Holds::Yes => Given::Users,
                    Holds::No => self.derive(include, excludes, scratch),
                    Holds::Depends => {
                        excludes.push(exclude);
                        let given = self.derive(include, excludes, scratch);
                        excludes.pop();
                        given
                    }
                }
            }
        }
    }

    /// Gives a sender that a template's inverse names, if it is one.
    fn give_sender(&self, sender: &str, excludes: &[&Dynamic], scratch: &mut Scratch) {
        let Ok(id) = UserId::parse(sender) else {
            return;
        };
        let router = self.router;
        let is_sender = router.holds(self.route.senders, id, &mut scratch.other);
        if is_sender && !self.excluded(id, excludes, scratch) {
            let index = scratch.index_of(router, sender);
            scratch.answer(index);
        }
    }

    /// Goes through all senders, and gives those for whom the item reaches the asking user.
    fn search(
        &self,
        excludes: &[&Dynamic],
        template: Option<&Template>,
        scratch: &mut Scratch,
    ) -> Given {
        let (Seen::Listed(senders)
        | Seen::Everyone {
            listed: Some(senders),
        }) = self.senders
        else {
            return Given::Unknown;
        };
        for sender in self.router.listed(*senders, self.asking) {
            let Ok(id) = UserId::parse(self.router.user(sender, scratch)) else {
                continue;
            };
            let reaches = template.is_none_or(|template| {
                template.make(id).as_deref() == Some(self.asking.user.as_str())
            });
            if reaches && !self.excluded(id, excludes, scratch) {
                scratch.answer(sender);
            }
        }
        Given::Users
    }

    fn excluded(&self, sender: UserId<'_>, excludes: &[&Dynamic], scratch: &Scratch) -> bool {
        let asking = self.asking.user;
        (excludes.iter()).any(|exclude| exclude.holds_for(asking, &scratch.membership, sender))
    }
}
