//! What one rule set does that another does not, for all user IDs there could be.
//!
//! Both rule sets become relations between users (`proofs`), one for each kind of update that conditions tell apart, and
//! for users in each role. Each rule is then asked for a pair of users whom it connects and the other rule set does
//! not. Before such a pair is reported, the routers of both rule sets are asked about it (`replay`).

mod alike;
mod blame;
pub mod impact;
mod replay;
mod run;
mod told;
mod updates;

use crate::automata::Undecided;
use crate::proofs::{Roles, RuleRef};
use crate::rules::RuleSet;
use crate::source::Sources;

pub use blame::{Because, Blame};
pub use run::compare;
pub use told::MOST;
pub use updates::{Kind, Updates};

/// Rules as written, and what they were read from.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The rules, in which reading found no error.
    pub rule_set: &'a RuleSet,
    /// Their files.
    pub sources: &'a Sources,
}

/// Which of the two rule sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// The one from before.
    Old,
    /// The one from now on.
    New,
}

impl Which {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

/// What is asked of a router.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Does the recipient get such updates of the sender?
    Route {
        /// Which updates: it gets those of each kind, or none of them.
        updates: Updates,
        /// Whether the recipient is known as one who receives.
        recipient_receives: bool,
    },
    /// May the recipient see the sender?
    Interested {
        /// In which roles these are.
        roles: Roles,
    },
    /// Does the recipient see everyone? There is no sender then.
    SeesEveryone {
        /// Whether the recipient is known as one who receives.
        recipient_receives: bool,
    },
}

/// Something that only one of the rule sets does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Difference {
    /// Which one.
    pub only_in: Which,
    /// What is asked.
    pub question: Question,
    /// A sender, or a user who is seen; short, and good to read.
    pub sender: Option<String>,
    /// The recipient, or the user who sees.
    pub recipient: String,
    /// The rule that does it.
    pub rule: RuleRef,
    /// Why the other rule set does not.
    pub blame: Vec<Blame>,
    /// All senders of whom the same holds for this recipient, in words, where these can be found.
    pub senders: Option<String>,
    /// All recipients for whom the same holds, in words, where these are few enough.
    pub recipients: Option<String>,
    /// What else the rule does that the other rule set does not, where not all of it is told.
    pub more: Option<More>,
    /// What it stands on.
    pub standing: Standing,
}

/// Differences of a rule that are only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    /// How many there are.
    pub differences: usize,
    /// Whether there are more than these.
    pub is_least: bool,
    /// The recipients that they are about, in words.
    pub recipients: Option<String>,
}

/// What a difference stands on before the routers are asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A proof: a router that says otherwise contradicts it, which is a fault of this program.
    Proven,
    /// A guess, since it is undecided whether the recipient sees everyone: the routers decide whether it is reported.
    Candidate,
}

/// What one of two rule sets does that the other does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Nothing, for all users there could be.
    Nothing,
    /// Something: there are witnesses.
    Something,
    /// No witness was found, and none was ruled out.
    Undecided,
}

/// How the second rule set differs from the first, as far as it is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// In nothing.
    Equivalent,
    /// It only does more.
    Wider,
    /// It only does less.
    Narrower,
    /// It does more and less.
    Both,
    /// It does more, and whether it does less as well is undecided; or the reverse.
    Different,
    /// No difference was found, and none was ruled out.
    Undecided,
}

/// A question that has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Open {
    /// The rule that it is about.
    pub rule: RuleRef,
    /// The rule set that has the rule.
    pub which: Which,
    /// Why there is no answer.
    pub undecided: Undecided,
    /// Whether it is unclear what the rule does, and so what either rule set does alone. Otherwise only what its own does
    /// alone is.
    pub is_unclear: bool,
}

/// What comparing two rule sets came to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// What only one of them does, as far as it is reported: for each rule that does it, one difference for all recipients
    /// who gain or lose the same.
    pub differences: Vec<Difference>,
    /// How many rules more do something that the other rule set does not: of the old, and of the new.
    pub more: [usize; 2],
    /// The recipients of these, in words.
    pub more_recipients: [Option<String>; 2],
    /// What could not be decided.
    pub undecided: Vec<Open>,
}

impl Comparison {
    /// What one of the rule sets does alone.
    pub fn only_in(&self, which: Which) -> Direction {
        let has_more = self.more[which as usize] > 0;
        let concerns = |open: &Open| open.is_unclear || open.which == which;
        if has_more || (self.differences.iter()).any(|found| found.only_in == which) {
            Direction::Something
        } else if self.undecided.iter().any(concerns) {
            Direction::Undecided
        } else {
            Direction::Nothing
        }
    }

    /// The verdict of both directions.
    pub fn verdict(&self) -> Verdict {
        use Direction::{Nothing, Something};
        match (self.only_in(Which::New), self.only_in(Which::Old)) {
            (Nothing, Nothing) => Verdict::Equivalent,
            (Something, Nothing) => Verdict::Wider,
            (Nothing, Something) => Verdict::Narrower,
            (Something, Something) => Verdict::Both,
            (Something, _) | (_, Something) => Verdict::Different,
            _ => Verdict::Undecided,
        }
    }
}

/// The proof says one thing and the router another: one of them is wrong, and nothing that was found can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "internal error: by the proof, {sender} reaches `{recipient}` by the {which} rules alone, but the router says otherwise; please report this with both rule sets"
)]
pub struct Mismatch {
    sender: String,
    recipient: String,
    which: &'static str,
}
