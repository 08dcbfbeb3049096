//! What a user may see, as the lists that it is made of: for programs that keep large answers. Users of whom the same
//! lists are made see the same, and a list only grows, so that an answer of before lacks what came to its lists since.

use crate::known_users::Role;
use crate::sets::{ListId, Listing};
use crate::user_id::UserId;

use super::blocks::BlockSide;
use super::scratch::Viewing;
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
    /// These.
    Users(Shares<'s>),
}

/// Those whom a user may see: a part that others may share, and one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares<'s> {
    /// The shared part.
    pub view: View,
    /// Those beside it, whom templates tell: all of them, or those who came since it was asked before.
    pub own: &'s [UserIndex],
    /// Whether these are all: nothing was asked before, or it does not hold any more.
    pub is_anew: bool,
    /// From where on to ask for them the next time.
    pub since: Since,
}

/// How far rules have looked for those whom a user sees beside its [view](View): templates tell which users of a list
/// these are.
///
/// ```yaml
/// senders: {server: corp.example}  # all of these but oneself, which is another list for each
/// recipients: {include: {server: corp.example}, exclude: {template: "@{localpart}:{server}"}}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// The role of the user, and how many users had stopped being known: with another one, others may be seen. `None`
    /// before anything was asked.
    of: Option<(Option<Role>, u64)>,
    read: Vec<(Rule, usize)>,
}

impl Since {
    /// Whether some rule looks through a list.
    pub fn looks(&self) -> bool {
        !self.read.is_empty()
    }
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
    /// Whose presence a user may see: the same as [`interested`](Self::interested) answers, without an order, perhaps with
    /// the user itself, whose presence Synapse shows it in any case, and without
    /// listing those whom [`seen`](Self::seen) lists, nor those who were told before, up to `since`.
    ///
    /// ```
    /// use presence_router::router::{Progress, Router, Scratch, Since, Viewed};
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
    /// let mut view = |user| match router.view(UserId::parse(user)?, Since::default(), &mut scratch)? {
    ///     Viewed::Users(shares) => Ok::<_, Box<dyn std::error::Error>>(shares.view),
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
        since: Since,
        scratch: &'s mut Scratch,
    ) -> Result<Viewed<'s>, NeedsKnownUsers> {
        let losses = self.sets.losses();
        let role = self
            .index_of(user.as_str())
            .and_then(|user| self.role(user));
        let of = Some((role, losses));
        let is_anew = since.of != of;
        scratch.viewing = Some(Viewing {
            before: if is_anew { Vec::new() } else { since.read },
            ..Viewing::default()
        });
        let answer = self.interested(user, scratch);
        let all = answer.map(|answer| match answer {
            Interested::All(by) => Some(by),
            Interested::Users(_) => None,
        });
        let Viewing {
            mut lists, read, ..
        } = scratch.viewing.take().unwrap_or_default();
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
        Ok(Viewed::Users(Shares {
            view,
            own: &scratch.users,
            is_anew,
            since: Since { of, read },
        }))
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
