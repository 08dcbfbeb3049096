//! A tree of YAML says what `serde_yaml` says, and each value stands where the tree says: cut out, it reads the same.

use crate::yaml::{agree, places_hold};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for check in [agree, places_hold] {
        check(&text).unwrap_or_else(|error| panic!("{error}"));
    }
}
