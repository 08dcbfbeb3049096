//! All tests of the crate in one binary, a module a subject.

mod cli;
mod documents;
mod explanations;
mod house;
mod schema;
mod update;
