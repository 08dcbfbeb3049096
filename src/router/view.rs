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
    /// How many users of each list; `None` before anything was read.
    read: Option<Vec<usize>>,
    losses: u64,
}

/// What reading a view came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Whether it was read from its beginning: nothing was before, or somebody is not seen any more.
    pub is_anew: bool,
    /// Whether it was read to its end.
    pub is_whole: bool,
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
    /// let read = router.seen(&lobby, &mut progress, usize::MAX, &mut seen);
    /// assert!(read.is_anew && read.is_whole && seen.len() == 2);
    /// let read = router.seen(&lobby, &mut progress, usize::MAX, &mut seen);
    /// assert!(!read.is_anew && seen.len() == 2);
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

    /// Adds the users of a view who follow after those that were read up to `progress`: `most` of them, blocked ones
    /// included. Some may come repeatedly.
    pub fn seen(
        &self,
        view: &View,
        progress: &mut Progress,
        mut most: usize,
        users: &mut Vec<UserIndex>,
    ) -> Read {
        let losses = self.sets.losses();
        let before = progress.read.take().filter(|_| progress.losses == losses);
        let is_anew = before.is_none();
        let mut read = before.unwrap_or_else(|| vec![0; view.lists.len()]);
        let is_seen = |user: &UserIndex| {
            let mut blocked = view.blocked.iter();
            !blocked.any(|blocked| match blocked {
                Blocked::Everyone => true,
                Blocked::Held(list) => self.sets.lists.holds(*list, *user),
            })
        };
        for (listing, read) in view.lists.iter().zip(&mut read) {
            let next = self.sets.lists.users_from(*listing, *read).take(most);
            let mut count = 0;
            let next = next.inspect(|_| count += 1);
            users.extend(next.filter(is_seen));
            most -= count;
            *read += count;
        }
        let mut lists = view.lists.iter().zip(&read);
        let is_whole = lists.all(|(listing, read)| *read == self.sets.lists.count(*listing));
        *progress = Progress {
            read: Some(read),
            losses,
        };
        Read { is_anew, is_whole }
    }
}
