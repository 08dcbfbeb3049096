//! Results for people and for programs. Nothing here decides; everything here writes to a writer that it is given.

pub mod by_recipient;
pub mod by_update;
pub mod code_pages;
pub mod diff;
pub mod explain;
pub mod findings;
pub mod harmless;
pub mod json;
#[cfg(feature = "cli")]
pub mod rule_tests;
pub mod summary;
pub mod test_file;
