//! Says who receives whose presence on a Matrix homeserver, by rules that its admin writes in YAML.
//!
//! A *presence router* decides which users receive a sender's presence updates beyond the room-mates who get them
//! anyway. It answers the two questions that Synapse asks such a module: who gets these updates
//! (`get_users_for_states`), and whose presence may this user see (`get_interested_users`).
//!
//! ```
//! use presence_router::{Interested, Rules, update::Update, user_id::UserId};
//!
//! let rules = Rules::parse("rules.yaml", r#"
//! known_users: ["@grace:corp.example", "@lobby:corp.example"]
//! routes: [{senders: {server: corp.example}, recipients: "@lobby:corp.example"}]
//! "#);
//! assert!(rules.findings().is_empty());
//! let router = rules.router([])?;
//! let (grace, lobby) = (UserId::parse("@grace:corp.example")?, UserId::parse("@lobby:corp.example")?);
//! assert_eq!(router.recipients(&Update::new(grace, "online"))?, ["@lobby:corp.example"]);
//! assert_eq!(router.interested(grace)?, Interested::Users(vec![]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The front door
//!
//! [`Rules`] reads, judges, explains and compares, and [`Router`] answers. What the rule files do not say, such as the name
//! of the homeserver that they run on, [`Rules::options`] takes. The examples beside the crate are programs of their own.
//!
//! # What answers are made of
//!
//! * [`update`]: presence updates, read from JSON in every form that they come in;
//! * [`user_id`]: user IDs, which are checked once;
//! * [`finding`]: what is wrong with rules, with places in [`source`] and remedies as edits;
//! * [`explain`]: why an update arrives, or why not;
//! * [`diff`]: what other rules do differently, for every user there could be;
//! * [`router`]: the engine behind [`Router`], for programs that ask millions of times, and for those to which users come
//!   one by one.
//!
//! # How it works
//!
//! There is one way through the crate, and each step makes a value of its own type from the one before:
//!
//! 1. [`Rules::load`] reads texts ([`source::Sources`]), makes the rules as written of them ([`rules::RuleSet`]) with a
//!    [`finding::Finding`] of every fault, and reads the known users ([`known_users`]);
//! 2. [`check::check`] adds what can be said of rules that can be read;
//! 3. [`router::Router::new`] compiles the rules;
//! 4. [`update::Reader`] cuts JSON into records and [`update::Record::updates`] into updates, which
//!    [`router::Routing::route`] tells the recipients of; [`router::Router::interested`] answers the other question;
//! 5. [`output`] writes what was found.
//!
//! The modules that this stands on, such as [`matcher`], [`automata`] and [`proofs`], are shown as far as the tests, the
//! benches and the package for Python need them. ARCHITECTURE.md says what each does, and in which order they stand.
//!
//! The library stands without the command line: turn the feature `cli` off to leave its crates out.

#![cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        unused_imports,
        reason = "some is there for the commands alone"
    )
)]

pub mod automata;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod code_pages;
pub mod diff;
pub mod explain;
pub mod finding;
mod front;
pub mod known_users;
mod loading;
pub mod matcher;
pub mod output;
pub mod pattern;
pub mod presence_state;
pub mod proofs;
pub mod router;
pub mod rule_tests;
pub mod rules;
#[cfg(feature = "cli")]
pub mod schema;
mod sets;
pub mod source;
pub mod update;
pub mod user_id;
pub mod user_ids;
pub mod yaml;

pub use front::{Interested, Router, RouterError};
pub use loading::{Rules, RulesError, RulesOptions};
