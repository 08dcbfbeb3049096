//! presence-router
pub mod user_id;
