//! presence-router
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod directory;
pub mod explanation;
pub mod finding;
pub mod key_path;
pub mod matcher;
pub mod output;
pub mod pattern;
pub mod router;
pub mod rules;
#[cfg(feature = "cli")]
pub mod schema;
pub mod source;
pub mod update;
pub mod user_id;
