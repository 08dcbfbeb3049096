//! The engines, one a file. Each says there how it is told the rules, and why so.

mod casbin;
mod cedar;
mod glob_set;
mod ours;
mod python;
mod regex_set;
mod rego;
mod vrl;

use crate::peer::{Peer, Work};

/// How an engine is made.
pub struct Entry {
    pub name: &'static str,
    pub program: Program,
    /// Whether it remembers what it found out about a sender.
    pub remembers: bool,
    pub build: Build,
}

/// What an engine is part of.
#[derive(Clone, Copy)]
pub enum Program {
    Package(&'static str),
    Python,
}

/// Makes an engine, or says why that cannot be done.
pub type Build = for<'w> fn(&Work<'w>) -> Result<Box<dyn Peer + 'w>, String>;

/// All engines. The first of those that remember, and of the others, is what the rest is compared with.
pub const ENTRIES: &[Entry] = &[
    cold("presence-router", OURS, ours::cold),
    cold("GlobSet", Program::Package("globset"), glob_set::glob_set),
    cold(
        "Python, dictionaries and one regex",
        Program::Python,
        python::good,
    ),
    cold(
        "Python, one dictionary more",
        Program::Python,
        python::better,
    ),
    cold(
        "Python, a loop over regexes",
        Program::Python,
        python::run_loop,
    ),
    cold("RegexSet", Program::Package("regex"), regex_set::regex_set),
    cold("VRL", Program::Package("vrl"), vrl::vrl),
    cold("Rego (regorus)", Program::Package("regorus"), rego::rego),
    cold("Casbin", Program::Package("casbin"), casbin::casbin),
    cold("Cedar", Program::Package("cedar-policy"), cedar::cedar),
    warm("presence-router, remembered", OURS, ours::warm),
    warm(
        "presence-router, remembered, 32 at once",
        OURS,
        ours::warm_at_once,
    ),
    warm(
        "Python, a cache for each user",
        Program::Python,
        python::remembering,
    ),
];

const OURS: Program = Program::Package("presence-router");

const fn cold(name: &'static str, program: Program, build: Build) -> Entry {
    Entry {
        name,
        program,
        remembers: false,
        build,
    }
}

const fn warm(name: &'static str, program: Program, build: Build) -> Entry {
    Entry {
        remembers: true,
        ..cold(name, program, build)
    }
}
