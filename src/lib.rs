//! Says who receives whose presence on a Matrix homeserver, by rules that its admin writes in YAML.
//!
//! A *presence router* decides which users receive a sender's presence updates beyond the room-mates who get them
//! anyway. It answers the two questions that Synapse asks such a module: who gets these updates
//! (`get_users_for_states`), and whose presence may this user see (`get_interested_users`).
//!
//! There is one way through the crate, and each step makes a value of its own type from the one before:
//!
//! 1. [`rules::files::load`] reads rule files into [`source::Sources`];
//! 2. [`rules::read`] makes the rules as written of them, [`rules::RuleSet`], and a [`finding::Finding`] of every
//!    fault; [`check::check`] adds what can be said of rules that can be read;
//! 3. [`known_users::load`] reads the known users;
//! 4. [`router::Router::new`] compiles the rules;
//! 5. [`update::Reader`] cuts JSON into records and [`update::Record::updates`] into updates, which
//!    [`router::Routing::route`] tells the recipients of; [`router::Router::interested`] answers the other question.
//!
//! ```
//! use presence_router::known_users::KnownUsers;
//! use presence_router::router::{Interested, Router, Scratch};
//! use presence_router::rules;
//! use presence_router::source::Sources;
//! use presence_router::update::updates;
//! use presence_router::user_id::UserId;
//!
//! let mut sources = Sources::default();
//! sources.add("rules.yaml", r#"
//! routes:
//!   - name: staff-to-lobby
//!     senders: {server: corp.example}
//!     recipients: "@lobby:corp.example"
//! "#);
//! let (rule_set, findings) = rules::read(&sources);
//! assert!(findings.is_empty());
//!
//! let mut known = KnownUsers::default();
//! known.add(UserId::parse("@grace:corp.example")?);
//! let router = Router::new(&rule_set, &sources, Some(&known))?;
//! let mut scratch = Scratch::default();
//!
//! // Who gets this update?
//! let routing = router.routing()?;
//! let mut recipients = Vec::new();
//! updates(r#"{"user_id": "@grace:corp.example", "state": "online"}"#, |update| {
//!     let update = update.expect("a good record");
//!     let active = update.currently_active;
//!     recipients = routing.route(update.sender(), &update.state, active, &mut scratch, &mut ()).to_vec();
//! });
//! assert_eq!(router.user(recipients[0], &scratch), "@lobby:corp.example");
//!
//! // Whose presence may the lobby see?
//! let lobby = UserId::parse("@lobby:corp.example")?;
//! let Interested::Users(seen) = router.interested(lobby, &mut scratch)? else { panic!("not everyone") };
//! let seen = seen.to_vec();
//! assert_eq!(router.user(seen[0], &scratch), "@grace:corp.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library stands without the command line: turn the feature `cli` off to leave its crates out.

pub mod automata;
pub mod cases;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diff;
pub mod explain;
pub mod explanation;
pub mod finding;
pub mod known_users;
pub mod matcher;
pub mod output;
pub mod pattern;
pub mod presence_state;
pub mod proofs;
pub mod router;
pub mod rules;
#[cfg(feature = "cli")]
pub mod schema;
mod sets;
pub mod source;
pub mod update;
pub mod user_id;
pub mod user_ids;
pub mod yaml;
