//! All tests of the crate in one binary, a module a subject.

mod automata;
mod cases;
mod check;
mod check_synapse;
mod cli;
mod code_pages;
mod compiled;
mod diff;
mod digest;
mod documents;
mod examples;
mod explain;
mod front;
mod fuzzed;
mod house;
mod output;
mod plain;
mod properties;
mod rule_tests;
mod schema;
mod update;
mod yaml;
