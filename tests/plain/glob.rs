//! Globs, matched by globset itself where bytes are characters, and else by a translation to a regular expression.

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

/// A glob, compiled in both ways.
pub struct Glob {
    /// Where all of it is ASCII and no `**` stands in it.
    by_globset: Option<GlobMatcher>,
    translated: Regex,
}

impl Glob {
    pub fn new(glob: &str) -> Self {
        let is_simple = glob.is_ascii() && !glob.contains("**");
        Self {
            by_globset: is_simple.then(|| by_globset(glob)),
            translated: translated(glob),
        }
    }

    pub fn is_match(&self, text: &str) -> bool {
        match &self.by_globset {
            Some(glob) if text.is_ascii() => glob.is_match(text),
            _ => self.translated.is_match(text),
        }
    }
}

pub fn by_globset(glob: &str) -> GlobMatcher {
    let glob = GlobBuilder::new(glob)
        .literal_separator(false)
        .backslash_escape(true)
        .empty_alternates(true)
        .build()
        .expect("a glob that was read is valid");
    glob.compile_matcher()
}

/// The glob as an expression over characters, where globset's is one over bytes.
pub fn translated(glob: &str) -> Regex {
    let mut reader = Reader {
        glob: glob.chars().collect(),
        at: 0,
        depth: 0,
    };
    let branches = reader.branches();
    Regex::new(&format!(r"(?s)\A(?:{branches})\z")).expect("a translated glob is valid")
}

struct Reader {
    glob: Vec<char>,
    at: usize,
    /// How many braces are open.
    depth: usize,
}

impl Reader {
    /// Reads to the end, or past the `}` that ends the alternatives.
    fn branches(&mut self) -> String {
        let mut out = String::new();
        while let Some(&character) = self.glob.get(self.at) {
            self.at += 1;
            match character {
                '?' => out.push('.'),
                // Beside `/`, globset takes `**` for folders. No user ID is a path: two stars are as good as one.
                '*' => out.push_str(".*"),
                '[' => self.class(&mut out),
                '{' => {
                    self.depth += 1;
                    let inner = self.branches();
                    self.depth -= 1;
                    out.extend(["(?:", &inner, ")"]);
                }
                '}' => return out,
                ',' if self.depth > 0 => out.push('|'),
                '\\' => {
                    let escaped = self.glob[self.at];
                    self.at += 1;
                    out.push_str(&regex::escape(&escaped.to_string()));
                }
                _ => out.push_str(&regex::escape(&character.to_string())),
            }
        }
        out
    }

    /// The members of a class: `]` and `-` stand for themselves where they come first, `-` also where it comes last.
    fn class(&mut self, out: &mut String) {
        out.push('[');
        if matches!(self.glob[self.at], '!' | '^') {
            out.push('^');
            self.at += 1;
        }
        let first = self.at;
        while self.at == first || self.glob[self.at] != ']' {
            let member = self.glob[self.at];
            let range_end = self.glob[self.at + 1] == '-' && self.glob[self.at + 2] != ']';
            out.push_str(&class_member(member));
            self.at += 1;
            if range_end {
                out.push('-');
                out.push_str(&class_member(self.glob[self.at + 1]));
                self.at += 2;
            }
        }
        self.at += 1;
        out.push(']');
    }
}

/// Every character that a class may take for syntax, escaped.
fn class_member(member: char) -> String {
    if member.is_ascii_punctuation() {
        // `\<` is a border of a word, and no character.
        format!("\\x{:02X}", u32::from(member))
    } else {
        member.to_string()
    }
}
