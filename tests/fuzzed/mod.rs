//! What the fuzz targets do with an input. `fuzz/` feeds them with what libFuzzer thinks of, and the tests here with
//! the seeds and with whatever was found.

mod drawn;
mod equal_updates;
mod known_users;
mod patterns;
mod places;
mod records;
#[cfg(test)]
mod replay;
mod rule_files;
mod rule_set_pairs;
mod rule_sets;
pub mod seeds;
mod test_files;

use std::io::{self, Write};
use std::path::Path;

/// Panics if the input shows a fault.
pub type Target = fn(&[u8]);

/// All targets by their names, but for that of the Python callbacks, which is written in Python.
pub const TARGETS: [(&str, Target); 9] = [
    ("equal_updates", equal_updates::run),
    ("known_users", known_users::run),
    ("patterns", patterns::run),
    ("places", places::run),
    ("records", records::run),
    ("rule_files", rule_files::run),
    ("rule_set_pairs", rule_set_pairs::run),
    ("rule_sets", rule_sets::run),
    ("test_files", test_files::run),
];

/// Runs the target of this name.
pub fn run(name: &str, data: &[u8]) {
    let (_, target) = TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a target");
    target(data);
}

/// The next piece of an input that is text, up to a line that says `name`.
fn split<'t>(text: &'t str, name: &str) -> (&'t str, &'t str) {
    let mark = format!("\n=== {name}\n");
    text.split_once(&mark).unwrap_or((text, ""))
}

/// The folder of the crate under test.
fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_fuzz = own.join("fuzz_targets").is_dir();
    (own.parent().filter(|_| is_fuzz)).unwrap_or(own)
}

/// What is written in some format.
fn written(format: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    format(&mut out).expect("memory");
    String::from_utf8(out).expect("text")
}

/// A terminal shows it, and obeys nothing in it but colours.
fn is_harmless(text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| character.is_control() && character != '\n') {
        let after = &rest[at..];
        let colour = after.strip_prefix("\x1b[").map(|after| {
            after.trim_start_matches(|character: char| {
                character.is_ascii_digit() || character == ';'
            })
        });
        let colour = colour.and_then(|after| after.strip_prefix('m'));
        rest = colour.unwrap_or_else(|| panic!("{:?} in {text:?}", after.chars().next()));
    }
}
