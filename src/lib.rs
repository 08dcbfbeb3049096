//! presence-router
pub mod directory;
pub mod finding;
pub mod key_path;
pub mod matcher;
pub mod pattern;
pub mod router;
pub mod rules;
pub mod source;
pub mod user_id;
