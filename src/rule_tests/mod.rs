//! Tests of rules: cases that admins write down in YAML, run by the router that also routes.
//!
//! [`read`] makes [`TestFile`]s of their texts, [`suites`] loads the rules that they are about, and [`run`] runs their
//! cases. [`write`](write()) makes cases for rules that have none. docs/testing.md describes the files.
//!
//! ```
//! use presence_router::rule_tests::{self, Instead, Options, Status};
//! use presence_router::rules::files::load_tests;
//!
//! let mut sources = load_tests(&["rules/people.test.yaml".into()])?;
//! let (mut files, mut findings) = rule_tests::read(&sources);
//! let suites = rule_tests::suites(&mut files, &mut sources, &Instead::default(), &mut findings)?;
//! assert!(findings.is_empty());
//!
//! let results = rule_tests::run(&files, &suites, &Options::default())?;
//! assert!(results.outcomes.iter().all(|outcome| outcome.status == Status::Passed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assume;
mod case;
mod claims;
mod coverage;
pub mod model;
mod observe;
mod outcome;
mod points;
mod prove;
mod read;
mod record;
mod run;
mod sets;
mod suite;
mod value;
mod why;
mod write;

pub use coverage::{Coverage, CoveredFile};
pub(crate) use coverage::{CoveredPoint, Share};
pub use model::{Case, TestFile};
pub(crate) use model::{Sent, Subject};
pub(crate) use outcome::Failure;
pub use outcome::{Answer, Mismatch, Outcome, Results, Status};
pub use points::Point;
pub(crate) use points::{Holder, PointKind};
pub use read::read;
pub use run::{Options, run};
pub use suite::{Instead, Suite, SuiteError, suites};
pub(crate) use why::{Why, why};
pub(crate) use write::Expected;
pub use write::{Draft, DraftCase, write};
