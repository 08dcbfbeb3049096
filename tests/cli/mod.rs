//! The program as its users run it.

mod check;
mod closed;
mod encodings;
mod flags;
mod folders;
mod input;
pub mod named;
mod remedies;
mod server_name;
mod shell;
mod streams;
mod usage;
mod watch;
mod written;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with rules, and the program run in it.
pub struct Setup {
    pub folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Setup {
    /// A folder in which `rules/rules.yaml` says this.
    pub fn new(rules: &str) -> Self {
        let setup = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        setup.write("rules/rules.yaml", rules);
        setup
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).expect("a file")
    }

    /// The program with these arguments, and without what the tests' own environment says to it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_presence-router"));
        command.current_dir(self.folder.path()).args(arguments);
        for variable in [
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "FORCE_COLOR",
            "COLUMNS",
            "GITHUB_STEP_SUMMARY",
        ] {
            command.env_remove(variable);
        }
        command
    }

    pub fn run(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
        ran(self.command(arguments), stdin.as_ref())
    }
}

pub fn ran(mut command: Command, stdin: &[u8]) -> Ran {
    let mut child = (command.stdin(Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        // A program that ends early closes the pipe.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().expect("the program ends")
    });
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    Ran {
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
        code: status.code().expect("an exit code, and no signal"),
    }
}

/// Everybody's updates reach one user.
pub const ALL_TO_R: &str =
    "routes:\n- {name: all-to-r, senders: all, recipients: '@r:x.example'}\n";

/// A good record.
pub const GOOD: &str = r#"{"user_id":"@good:x.example","state":"online"}"#;
