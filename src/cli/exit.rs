//! How the program ends.

use std::process::{ExitCode, Termination};

/// The exit codes of all commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, and nothing to complain of.
    Done,
    /// 1: done, and the answer is no: a record or a line was refused, there are findings.
    Refused,
    /// 2: the command could not run.
    Failed,
    /// 4: a proof ran out of its budget, so that the answer is not known.
    Undecided,
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Failed => 2,
            Self::Undecided => 4,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
