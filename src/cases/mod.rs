//! Tests of rules: cases that admins write down in YAML, run by the router that also routes.

mod case;
mod coverage;
pub mod model;
mod observe;
mod outcome;
mod points;
mod read;
mod record;
mod run;
mod sets;
mod suite;
mod value;
mod why;
mod write;

pub use coverage::{Coverage, CoveredFile, CoveredPoint, Share};
pub use model::{Case, Exactly, Sent, Subject, TestFile, Written};
pub use outcome::{Answer, Failure, Mismatch, Outcome, Results, Status};
pub use points::{Point, PointId, PointKind};
pub use read::read;
pub use run::{Options, run};
pub use suite::{Instead, Suite, SuiteError, suites};
pub use why::{Why, why};
pub use write::{Draft, DraftCase, Expected, write};
