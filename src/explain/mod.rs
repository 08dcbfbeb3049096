//! Why a sender's updates reach a recipient, or why not.
//!
//! [`Router`] decides; this module asks it the same questions as everybody, observes what it found on its way
//! (`Router::observe`, [`crate::router::Trace`]), and looks up in the rules as written which items that comes from.
//! What it tells are facts with their places; [`crate::output::explain`] puts them into words.

mod between;
mod pair;
mod received;
mod seen;
mod sent;
mod standing;

use std::collections::HashSet;

use crate::router::{BlockId, InterestId, Observation, RouteId, Router, RuleName, Scratch};
use crate::rules::{About, Block, Interest, Route, RuleFile, RuleSet};
use crate::sets::{self, Sides, Sites};
use crate::source::{FileId, Sources, Span};
use crate::user_id::UserId;

use standing::Standings;

pub use between::{Asked, Between, between};
pub use pair::{BlockFacts, Pair, RouteFacts, Sends, Stop, Verdict};
pub use received::{Listed, Received, ReceivedBy, Senders};
pub use seen::{InterestFacts, Seen, SeenBy};
pub use sent::{Fate, Sent, SentBy, SentTo};
pub use standing::{Exclusion, Matched, Standing, Step, Trail, Ways};

/// Explains the answers of a router.
///
/// ```
/// use presence_router::explain::{Explainer, Verdict};
/// use presence_router::known_users::KnownUsers;
/// use presence_router::router::{Router, Scratch};
/// use presence_router::rules;
/// use presence_router::source::Sources;
/// use presence_router::user_id::UserId;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", r#"
/// routes:
///   - senders: {server: corp.example}
///     recipients: "@lobby:corp.example"
/// "#);
/// let (rule_set, _) = rules::read(&sources);
/// let (alice, lobby) = (UserId::parse("@alice:corp.example")?, UserId::parse("@lobby:corp.example")?);
/// let mut known_users = KnownUsers::default();
/// known_users.add(alice);
/// let router = Router::new(&rule_set, &sources, Some(&known_users))?;
///
/// let explainer = Explainer::new(&rule_set, &sources, &router);
/// let pair = explainer.pair(alice, lobby, None, &mut Scratch::default())?;
/// assert_eq!(pair.verdict, Verdict::Delivered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Explainer<'a> {
    router: &'a Router,
    sites: Sites<'a>,
    routes: Vec<Written<'a, Route>>,
    interests: Vec<Written<'a, Interest>>,
    blocks: Vec<Written<'a, Block>>,
}

/// What an update says beside its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The presence state.
    pub state: &'a str,
    /// What it says of `currently_active`, if it says anything.
    pub currently_active: Option<bool>,
}

/// A rule, by its name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleRef {
    /// What it is.
    pub kind: RuleKind,
    /// What messages call it.
    pub name: RuleName,
    /// The file in which it stands.
    pub file: FileId,
    /// Where in the file.
    pub at: Span,
}

/// The kinds of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleKind {
    /// A sender-to-recipient mapping.
    Route,
    /// An interested-user set.
    Interest,
    /// What keeps back what the others give.
    Block,
}

impl RuleKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Interest => "interest",
            Self::Block => "block",
        }
    }

    /// The key under which rules of the kind stand in a file.
    pub fn list(self) -> &'static str {
        match self {
            Self::Route => "routes",
            Self::Interest => "interests",
            Self::Block => "blocks",
        }
    }
}

/// A rule as written, with what it takes to name it.
struct Written<'a, R> {
    rule: &'a R,
    /// Its sets, and where they stand.
    sides: Sides,
    reference: RuleRef,
    /// Whether the file lets the recipients of its routes see their senders.
    derives_interests: bool,
}

/// A user of a question, with what the router says of it.
struct User<'u> {
    id: UserId<'u>,
    seen: Observation,
}

impl<'a> Explainer<'a> {
    /// An explainer for a router that was compiled from these rules.
    pub fn new(rule_set: &'a RuleSet, sources: &Sources, router: &'a Router) -> Self {
        let sites = Sites::new(rule_set);
        let (mut routes, mut interests, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
        for file in &rule_set.files {
            let name = sources.get(file.file).name();
            for rule in &file.routes {
                let sides = sites.rules.routes[routes.len()];
                let kind = RuleKind::Route;
                routes.push(Written::new(rule, sides, kind, &rule.about, file, name));
            }
            for rule in &file.interests {
                let sides = sites.rules.interests[interests.len()];
                let kind = RuleKind::Interest;
                interests.push(Written::new(rule, sides, kind, &rule.about, file, name));
            }
            for rule in &file.blocks {
                let sides = sites.rules.blocks[blocks.len()];
                let kind = RuleKind::Block;
                blocks.push(Written::new(rule, sides, kind, &rule.about, file, name));
            }
        }
        Self {
            router,
            sites,
            routes,
            interests,
            blocks,
        }
    }

    /// The router whose answers are explained.
    pub fn router(&self) -> &'a Router {
        self.router
    }

    fn user<'u>(&self, id: UserId<'u>, scratch: &mut Scratch) -> User<'u> {
        let seen = self.router.observe(id, scratch);
        User { id, seen }
    }

    /// Looks a user up in user sets. `from` is the user on the other side.
    fn standings<'s>(&'s self, user: &'s User<'_>, from: Option<UserId<'s>>) -> Standings<'s, 'a> {
        Standings {
            sites: &self.sites,
            asked: sets::Asked {
                user: user.id,
                held: &user.seen.held,
                other: from,
            },
            plain: HashSet::new(),
        }
    }

    fn routes(&self) -> impl Iterator<Item = (RouteId, &Written<'a, Route>)> {
        (0..).map(RouteId).zip(&self.routes)
    }

    fn interests(&self) -> impl Iterator<Item = (InterestId, &Written<'a, Interest>)> {
        (0..).map(InterestId).zip(&self.interests)
    }

    fn route(&self, route: RouteId) -> &Written<'a, Route> {
        &self.routes[route.0 as usize]
    }

    fn block(&self, block: BlockId) -> &Written<'a, Block> {
        &self.blocks[block.0 as usize]
    }
}

impl<'a, R> Written<'a, R> {
    fn new(
        rule: &'a R,
        sides: Sides,
        kind: RuleKind,
        about: &About,
        file: &RuleFile,
        file_name: &str,
    ) -> Self {
        let list = kind.list();
        Self {
            rule,
            sides,
            reference: RuleRef {
                kind,
                name: RuleName::of(about, list, file_name),
                file: file.file,
                at: about.at,
            },
            derives_interests: file.derive_interests,
        }
    }
}
