//! Texts: written in all ways that YAML has, changed at random, and thrown together.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A value, and a text that says it.
pub fn written() -> impl Strategy<Value = (Value, String)> {
    (value(), prop::collection::vec(any::<u8>(), 1..64)).prop_map(|(value, ways)| {
        let mut writer = Writer {
            text: String::new(),
            ways,
            next: 0,
            line_end: "\n",
            is_in_block: false,
        };
        if writer.way(4) == 0 {
            writer.line_end = "\r\n";
        }
        if writer.way(8) == 0 {
            writer.text.push('\u{feff}');
        }
        writer.comment();
        writer.value(&value, 0, false);
        writer.end_line();
        (value, writer.text)
    })
}

/// The same, with some of it changed.
pub fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        0..4usize,
        prop::sample::select(PIECES),
    );
    (written(), prop::collection::vec(change, 1..4)).prop_map(|((_, mut text), changes)| {
        for (at, length, piece) in changes {
            let at = text.floor_char_boundary(at.index(text.len().max(1)).min(text.len()));
            let end = text.ceil_char_boundary((at + length).min(text.len()));
            text.replace_range(at..end, piece);
        }
        text
    })
}

pub fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..16).prop_map(|pieces| pieces.concat())
}

const PIECES: &[&str] = &[
    "a",
    "b: ",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "?",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\n  ",
    "\n    ",
    "\n\n",
    " ",
    "  ",
    "\t",
    "# c\n",
    " # c",
    "#",
    "'it''s'",
    "\"é\\n\\u00e9\"",
    "\"",
    "'",
    "\\",
    "|\n",
    "|\n  x\n",
    ">-\n  a\n  b\n",
    "|2-\n",
    "~",
    "true",
    "0x1f",
    "1e3",
    "---",
    "--- ",
    "...\n",
    "%",
    "%YAML 1.2\n",
    "%TAG ! !x\n",
    "!",
    "!t",
    "!t ",
    "!!str ",
    "!<a,b>",
    "!a!b",
    "&a ",
    "*a",
    "@",
    "`",
    "é",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{7f}",
    "\u{fffe}",
    "𐀀",
    "<<: ",
    "%41",
    "~^",
    ",]",
];

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z]{1,6}",
        "[ -~é€𐀀]{0,12}",
        "[a-z]{1,4}(\n| |\n\n|: | #|\t|\\\\)[a-z]{1,4}\n?",
        prop::sample::select(
            &[
                "", "~", "true", "null", "12", "0x1", "-", "---", "!x, y", "wow!, x", "*", "@a:b",
                "[", "|", "%"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        4 => text.clone().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-1000..1000).prop_map(Value::from),
        1 => Just(json!(null)),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(text.clone(), inner, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

struct Writer {
    text: String,
    ways: Vec<u8>,
    next: usize,
    line_end: &'static str,
    /// Whether the line is text whatever stands in it.
    is_in_block: bool,
}

impl Writer {
    fn way(&mut self, ways: u8) -> u8 {
        self.next = (self.next + 1) % self.ways.len();
        self.ways[self.next] % ways
    }

    fn end_line(&mut self) {
        if !std::mem::take(&mut self.is_in_block) && self.way(5) == 0 {
            self.text.push_str("  # it's, \"[{");
        }
        self.text.push_str(self.line_end);
    }

    fn comment(&mut self) {
        if self.way(5) == 0 {
            self.text.push_str(" # - a: [");
            self.text.push_str(self.line_end);
        }
    }

    /// Space between brackets, where lines may break anywhere.
    fn gap(&mut self) {
        match self.way(6) {
            0 => self.text.push('\t'),
            1 => {
                self.end_line();
                self.text.push(' ');
            }
            2 => {}
            _ => self.text.push(' '),
        }
    }

    fn indent(&mut self, indent: usize) {
        self.text.push_str(&" ".repeat(indent));
    }

    /// Writes a value whose first line is begun, and whose other lines stand at least at `indent`.
    fn value(&mut self, value: &Value, indent: usize, in_flow: bool) {
        let in_flow = in_flow || self.way(4) == 0;
        match value {
            Value::Array(items) if in_flow || items.is_empty() => {
                self.text.push('[');
                for item in items {
                    self.gap();
                    self.value(item, indent, true);
                    self.gap();
                    self.text.push(',');
                }
                self.gap();
                self.text.push(']');
            }
            Value::Object(entries) if in_flow || entries.is_empty() => {
                self.text.push('{');
                for (key, value) in entries {
                    self.gap();
                    self.quoted(key);
                    self.text.push_str(": ");
                    self.value(value, indent, true);
                    self.gap();
                    self.text.push(',');
                }
                self.gap();
                self.text.push('}');
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.end_line();
                        self.indent(indent);
                    }
                    self.text.push_str("- ");
                    self.value(item, indent + 2, false);
                }
            }
            Value::Object(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.end_line();
                        self.indent(indent);
                    }
                    self.quoted(key);
                    self.text.push(':');
                    let is_block = matches!(value, Value::Array(items) if !items.is_empty())
                        || matches!(value, Value::Object(entries) if !entries.is_empty());
                    if is_block {
                        let deeper = indent + 1 + usize::from(self.way(3));
                        self.end_line();
                        self.indent(deeper);
                        self.value(value, deeper, false);
                    } else {
                        self.text.push(' ');
                        self.value(value, indent + 1, false);
                    }
                }
            }
            Value::String(text) => self.string(text, indent, in_flow),
            other => self.text.push_str(&other.to_string()),
        }
    }

    fn string(&mut self, text: &str, indent: usize, in_flow: bool) {
        let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_word = is_word && !["true", "false", "null"].contains(&text);
        let is_block = !in_flow
            && text.ends_with('\n')
            && text
                .bytes()
                .all(|byte| byte == b'\n' || byte.is_ascii_lowercase());
        if is_word && self.way(2) == 0 {
            self.text.push_str(text);
        } else if is_block && self.way(2) == 0 && !text.ends_with("\n\n") {
            self.is_in_block = true;
            self.text.push('|');
            for line in text.trim_end_matches('\n').split('\n') {
                self.text.push_str(self.line_end);
                self.indent(indent + 2);
                self.text.push_str(line);
            }
        } else {
            self.quoted(text);
        }
    }

    fn quoted(&mut self, text: &str) {
        let is_single = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_single && self.way(2) == 0 {
            let doubled = text.replace('\'', "''");
            self.text.extend(["'", &doubled, "'"]);
        } else {
            self.text.push_str(&Value::from(text).to_string());
        }
    }
}
