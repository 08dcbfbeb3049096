//! Where a part of a rule file is written.

use std::hash::{Hash, Hasher};

use crate::source::Span;

/// Where something is written. This is no part of what is written: two of these are always equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct At {
    /// All of it.
    pub whole: Span,
    /// The scalar in it, where it is one or a mapping with one, such as `{glob: "…"}`.
    pub text: Span,
    /// Whether it is one of several texts under one key, as in `{server: [a.example, b.example]}`: what takes its place has
    /// to be of the same kind.
    pub(crate) is_one_of_several: bool,
}

impl At {
    /// For what is not taken apart.
    pub(crate) fn whole(span: Span) -> Self {
        Self {
            whole: span,
            text: span,
            is_one_of_several: false,
        }
    }
}

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for At {}

impl Hash for At {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
