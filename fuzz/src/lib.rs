//! The fuzz targets, which live with the tests: these replay what was found.

// Not all of what the tests share is used here.
#![allow(unused)]

#[path = "../../tests/compiled/mod.rs"]
pub mod compiled;
#[path = "../../tests/diff"]
pub mod diff {
    pub mod random;
}
#[path = "../../tests/fuzzed/mod.rs"]
pub mod fuzzed;
#[path = "../../tests/plain/mod.rs"]
pub mod plain;
#[path = "../../tests/properties/mod.rs"]
pub mod properties;
#[path = "../../tests/update"]
pub mod update {
    pub mod told;
}
#[path = "../../tests/yaml/mod.rs"]
pub mod yaml;
