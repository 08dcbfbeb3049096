//! The work of the benches: the rules of a provider, and the updates of its users.
//!
//! 70% of the rules are exact user IDs, 20% servers, 5% `@prefix-*:server`, 4% other globs, and 1% regular expressions.
//! The users come as they do on a homeserver: a few of them often (Zipf's law). Each run has the same.

#![allow(dead_code, reason = "each bench takes what it needs of this")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many users there are.
pub const USERS: usize = 200_000;

/// Numbers that look random and are the same in each run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    /// Small numbers come often: the chance of `n` is about as 1 to `n`. First a power of two is drawn, then a number
    /// below it.
    pub fn zipf(&mut self, most: usize) -> usize {
        let bits = self.below(most.ilog2() as usize + 1);
        self.below((1 << (bits + 1)).min(most))
    }
}

/// A user ID.
pub fn user(number: usize) -> String {
    let prefix = ["", "bot-", "svc", "desk-"][number % 4];
    format!(
        "@{prefix}user{number}:s{}.h{}.example",
        number % 997,
        number % 13
    )
}

/// A pattern as it stands in a rule file.
pub fn pattern(number: usize, random: &mut Random) -> String {
    let server = random.below(997);
    match random.below(100) {
        0..70 => format!("\"{}\"", user(random.below(USERS))),
        70..90 => format!("{{server: s{server}.n{number}.example}}"),
        90..95 => format!("\"@bot-{number}*:s{server}.h{}.example\"", server % 13),
        95..97 => format!("\"@*x{number}*:*.example\""),
        97..99 => format!("{{server: \"*.d{number}.example\"}}"),
        _ => format!("{{regex: '@svc{number}[a-z]*:s{server}\\.h[0-9]+\\.example'}}"),
    }
}

/// A rule file with so many routes.
pub fn rules(size: usize) -> String {
    let mut random = Random(42);
    let mut rules = String::from("routes:\n");
    for number in 0..size {
        let senders = pattern(number, &mut random);
        writeln!(
            rules,
            "- {{senders: {senders}, recipients: \"@r{}:here.example\"}}",
            number % 1000
        )
        .expect("memory");
    }
    rules
}

/// So many updates, one a line, as Synapse has them.
pub fn updates(count: usize) -> String {
    let mut random = Random(7);
    let mut updates = String::new();
    for number in 0..count {
        let user = user(random.zipf(USERS));
        let state = ["online", "unavailable", "offline"][random.below(3)];
        let at = 1_767_170_000_000 + number;
        writeln!(
            updates,
            "{{\"user_id\":\"{user}\",\"state\":\"{state}\",\"last_active_ts\":{at},\
             \"last_federation_update_ts\":{},\"last_user_sync_ts\":{},\"status_msg\":\"at my desk\",\
             \"currently_active\":{}}}",
            at - 5000,
            at - 1,
            state == "online"
        )
        .expect("memory");
    }
    updates
}

/// How many instructions a run of a program takes, as Valgrind's tool Callgrind counts them.
pub fn instructions(
    program: &Path,
    arguments: &[&str],
    configure: impl FnOnce(&mut Command),
) -> f64 {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .stdout(Stdio::null());
    configure(&mut command);
    let output = command.output();
    let output = output.expect("Valgrind is there: on Debian, it is in the package `valgrind`");
    let messages = String::from_utf8_lossy(&output.stderr);
    let collected = messages
        .lines()
        .find_map(|line| line.split_once("Collected :"));
    let (_, count) = collected.unwrap_or_else(|| panic!("no count: {messages}"));
    count.trim().parse().expect("a number")
}
