//! The native part of the Python package `presence_router`.
//!
//! A thin layer over the library: `rules::RuleSet` is a compiled rule set that Python can ask, `known::KnownUsers`
//! the users whom the homeserver knows, and `error` turns findings into exceptions. Everything that knows Synapse is
//! in the package's Python files.

mod changes;
mod deliver;
mod engine;
mod error;
mod explain;
mod interested;
mod known;
mod let_go;
mod load;
mod parcels;
mod rules;

use pyo3::prelude::*;

/// What `import presence_router._engine` gives.
#[pymodule]
mod _engine {
    #[pymodule_export]
    use super::deliver::Delivered;
    #[pymodule_export]
    use super::error::Finding;
    #[pymodule_export]
    use super::known::KnownUsers;
    #[pymodule_export]
    use super::load::snapshot;
    #[pymodule_export]
    use super::rules::RuleSet;

    #[pymodule_init]
    fn init(module: &super::Bound<'_, super::PyModule>) -> super::PyResult<()> {
        super::let_go::register(module)
    }
}
