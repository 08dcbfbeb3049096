//! What a user may see, as the lists that it is made of: for programs that keep large answers. Users of whom the same
//! lists are made see the same, and a list only grows, so that an answer of before lacks what came to its lists since.

use crate::user_id::UserId;

use crate::sets::{ListId, Listing};

use super::blocks::BlockSide;
use super::{Interested, NeedsKnownUsers, Router, Rule, Scratch, UserIndex};

/// Lists of users who are seen, without those whom blocks keep back.
///
/// It belongs to one router, which may grow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    lists: Box<[Listing]>,
    blocked: Box<[Blocked]>,
}

/// Whom a block keeps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Blocked {
    Everyone,
    /// Those of a list who have a number.
    Held(ListId),
}

/// Whose presence a user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewed<'s> {
    /// Everyone's, by this rule.
    All(Rule),
    /// Those of a view, which others may share, and these beside it, whom templates tell.
    Users(View, &'s [UserIndex]),
}

/// How much of a view was read.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Of the known users of each list; `None` before anything was read.
    known: Option<Vec<usize>>,
    losses: u64,
}

impl Router {
    /// Whose presence a user may see: the same as [`interested`](Self::interested) answers, without an order, and without
    /// listing those whom [`seen`](Self::seen) lists.
    ///
    /// ```
    /// use presence_router::router::{Progress, Router, Scratch, Viewed};
    /// use presence_router::rules;
    /// use presence_router::source::Sources;
    /// use presence_router::user_id::UserId;
    ///
    /// let mut sources = Sources::default();
    /// sources.add("rules.yaml", r#"
    /// groups: {staff: ["@alice:corp.example", "@bob:corp.example"]}
    /// routes:
    ///   - {senders: {group: staff}, recipients: "@lobby:corp.example"}
    ///   - {senders: {group: staff}, recipients: "@kitchen:corp.example"}
    /// "#);
    /// let (rule_set, _) = rules::read(&sources);
    /// let router = Router::new(&rule_set, &sources, None)?;
    /// let mut scratch = Scratch::default();
    /// let mut view = |user| match router.view(UserId::parse(user)?, &mut scratch)? {
    ///     Viewed::Users(view, _) => Ok::<_, Box<dyn std::error::Error>>(view),
    ///     Viewed::All(_) => unreachable!("no rule says `all`"),
    /// };
    /// let lobby = view("@lobby:corp.example")?;
    /// assert_eq!(lobby, view("@kitchen:corp.example")?);
    ///
    /// let (mut progress, mut seen) = (Progress::default(), Vec::new());
    /// assert!(router.seen(&lobby, &mut progress, &mut seen));
    /// assert_eq!(seen.len(), 2);
    /// assert!(!router.seen(&lobby, &mut progress, &mut seen));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`interested`](Self::interested).
    pub fn view<'s>(
        &self,
        user: UserId<'_>,
        scratch: &'s mut Scratch,
    ) -> Result<Viewed<'s>, NeedsKnownUsers> {
        scratch.lists_of_view = Some(Vec::new());
        let answer = self.interested(user, scratch);
        let all = answer.map(|answer| match answer {
            Interested::All(by) => Some(by),
            Interested::Users(_) => None,
        });
        let mut lists = scratch.lists_of_view.take().unwrap_or_default();
        if let Some(by) = all? {
            return Ok(Viewed::All(by));
        }
        lists.sort_unstable();
        lists.dedup();
        let blocks = scratch.blocks.iter();
        let mut blocked: Vec<_> = blocks
            .map(|block| match self.blocks.blocks[block.0 as usize].senders {
                BlockSide::Everyone => Blocked::Everyone,
                BlockSide::Users(_, held) => Blocked::Held(held),
            })
            .collect();
        blocked.sort_unstable();
        blocked.dedup();
        let view = View {
            lists: lists.into(),
            blocked: blocked.into(),
        };
        Ok(Viewed::Users(view, &scratch.users))
    }

    /// Adds the users of a view who came since it was read up to `progress`; some may come repeatedly. Says whether these
    /// are all users of the view, since nothing was read before, or since somebody is not seen any more.
    pub fn seen(&self, view: &View, progress: &mut Progress, users: &mut Vec<UserIndex>) -> bool {
        let losses = self.sets.losses();
        let before = progress.known.take().filter(|_| progress.losses == losses);
        let is_new = before.is_none();
        let mut known = before.unwrap_or_else(|| vec![0; view.lists.len()]);
        let is_seen = |user: &UserIndex| {
            let mut blocked = view.blocked.iter();
            !blocked.any(|blocked| match blocked {
                Blocked::Everyone => true,
                Blocked::Held(list) => self.sets.lists.holds(*list, *user),
            })
        };
        for (listing, read) in view.lists.iter().zip(&mut known) {
            if is_new {
                let named = self.sets.lists.named(*listing).copied();
                users.extend(named.filter(is_seen));
            }
            let list = self.sets.lists.known(*listing);
            users.extend(list[*read..].iter().copied().filter(is_seen));
            *read = list.len();
        }
        *progress = Progress {
            known: Some(known),
            losses,
        };
        is_new
    }
}
