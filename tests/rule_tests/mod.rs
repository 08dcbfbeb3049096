//! The command `test`: test files as its users write them.

mod busy;
mod by;
mod coverage;
mod faults;
mod formats;
mod init;
mod prove;
mod results;
mod schema;
mod specification;
mod suites;
mod watch;
mod write;

use crate::cli::{Ran, Setup};

/// Rules with a group, an exclusion, a condition, an interest and a block.
pub const RULES: &str = r#"known_users: users.txt
groups:
  staff:
    include: {server: corp.example}
    exclude: "@bot-*:corp.example"
routes:
  - name: staff-to-lobby
    senders: {group: staff}
    recipients: ["@lobby:corp.example", "@screen-*:corp.example"]
    when: {state: [online, offline]}
interests:
  - name: boss-sees-staff
    users: "@boss:corp.example"
    in: {group: staff}
blocks:
  - name: mallory-is-private
    senders: "@mallory:corp.example"
"#;

pub const USERS: &str = "@alice:corp.example
@bot-1:corp.example
@mallory:corp.example
@screen-1:corp.example
";

/// A folder with these rules in `rules`, and a test file beside them that has these cases.
pub fn setup(cases: &str) -> Setup {
    let setup = Setup::new(RULES);
    setup.write("rules/users.txt", USERS);
    setup.write("rules/rules.test.yaml", format!("cases:\n{cases}"));
    setup
}

/// Runs the tests of such a folder.
pub fn test(cases: &str, options: &[&str]) -> Ran {
    let arguments: Vec<_> = ["test"].iter().chain(options).copied().collect();
    setup(cases).run(&arguments, "")
}

/// A case that passes.
pub const PASSES: &str = r#"
  - name: the lobby sees Alice
    update: "@alice:corp.example"
    recipients: ["@lobby:corp.example", "@screen-1:corp.example"]
"#;

/// A case that fails.
pub const FAILS: &str = r#"
  - name: the lobby sees bots
    update: "@bot-1:corp.example"
    includes: "@lobby:corp.example"
"#;
