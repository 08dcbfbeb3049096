//! All tests of the crate in one binary, a module a subject.

mod check;
mod cli;
mod documents;
mod house;
mod update;
