//! presence-router
pub mod user_id;

pub mod update;

pub mod output;
