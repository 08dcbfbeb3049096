//! JSON values as plainly as can be: numbers by their digits, texts by their UTF-16.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

#[derive(Debug, PartialEq)]
pub enum Value {
    /// `true`, `false` and `null`.
    Literal(String),
    /// The digits from the first that is not zero to the last, how many of them stand before the point, and the sign.
    Number(String, String, bool),
    Text(Vec<u16>),
    List(Vec<Value>),
    Object(BTreeMap<Vec<u16>, Value>),
}

impl Value {
    /// Reads what is JSON.
    pub fn read(json: &str) -> Self {
        let json = json.trim_ascii();
        match json.as_bytes()[0] {
            b'"' => Self::Text(text(json)),
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(json).expect("a list");
                Self::List(items.iter().map(|item| Self::read(item.get())).collect())
            }
            b'{' => {
                // As a list, keys stay as they are written.
                let mut map = BTreeMap::new();
                for (key, value) in entries(json) {
                    // The last one counts.
                    map.insert(text(key), Self::read(value));
                }
                Self::Object(map)
            }
            b't' | b'f' | b'n' => Self::Literal(json.to_owned()),
            _ => Self::number(json),
        }
    }

    fn number(json: &str) -> Self {
        let (json, is_negative) = match json.strip_prefix('-') {
            Some(json) => (json, true),
            None => (json, false),
        };
        let json = json.to_ascii_lowercase();
        let (mantissa, exponent) = json.split_once('e').unwrap_or((&json, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0');
        let leading = digits.len() - significant.len();
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Self::Number(String::new(), String::new(), false);
        }
        let point =
            i64::try_from(whole.len()).expect("small") - i64::try_from(leading).expect("small");
        Self::Number(significant.to_owned(), sum(exponent, point), is_negative)
    }
}

/// In a group stand numbers below this, and 15 digits.
const BASE: i64 = 1_000_000_000_000_000;

/// The sum of a number of any length in decimal digits and a small one.
fn sum(long: &str, small: i64) -> String {
    let (digits, is_negative) = match long.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (long.trim_start_matches('+'), false),
    };
    // In groups from the last, each of 15 digits.
    let mut groups: Vec<i64> = (digits.as_bytes().rchunks(15))
        .map(|group| {
            str::from_utf8(group)
                .expect("digits")
                .parse()
                .expect("digits")
        })
        .collect();
    if is_negative {
        for group in &mut groups {
            *group = -*group;
        }
    }
    groups[0] += small;
    groups.push(0);
    let sign = groups
        .iter()
        .rev()
        .find(|group| **group != 0)
        .map_or(1, |group| group.signum());
    // All of one sign.
    for at in 0..groups.len() - 1 {
        let (carry, group) = (
            (groups[at] * sign).div_euclid(BASE),
            (groups[at] * sign).rem_euclid(BASE),
        );
        groups[at] = group * sign;
        groups[at + 1] += carry * sign;
    }
    let digits: Vec<_> = (groups.iter().rev())
        .map(|group| format!("{:015}", group.abs()))
        .collect();
    let digits = digits.concat();
    let digits = digits.trim_start_matches('0');
    format!(
        "{}{digits}",
        if sign < 0 && !digits.is_empty() {
            "-"
        } else {
            ""
        }
    )
}

/// A text with its quotes, as UTF-16: half of a pair has a place there.
fn text(json: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let mut rest = json[1..json.len() - 1].chars();
    while let Some(character) = rest.next() {
        let unescaped = match character {
            '\\' => match rest.next().expect("an escape") {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).expect("four digits"));
                    continue;
                }
                other => other,
            },
            other => other,
        };
        units.extend_from_slice(unescaped.encode_utf16(&mut [0; 2]));
    }
    units
}

/// The keys of an object as they are written, and their values.
fn entries(json: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = json[1..].trim_ascii_start();
    while rest.starts_with('"') {
        let (key, after) = value(rest);
        let after = after.trim_ascii_start().strip_prefix(':').expect("a colon");
        let (value, after) = value(after.trim_ascii_start());
        found.push((key, value));
        let after = after.trim_ascii_start();
        rest = after
            .strip_prefix(',')
            .unwrap_or_default()
            .trim_ascii_start();
    }
    found
}

/// The value at the start of a text, and what follows it.
fn value(json: &str) -> (&str, &str) {
    use serde::Deserialize as _;
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = <&RawValue>::deserialize(&mut reader).expect("a value");
    json.split_at(value.get().len())
}
