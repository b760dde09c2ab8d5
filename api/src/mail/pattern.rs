//! Regular expressions that are data: one that cannot be read matches nothing, and a test sees to it that all can.

use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// An expression, compiled once, whose case does not matter.
pub struct Pattern(LazyLock<Option<Regex>>);

impl Pattern {
    /// One that `source` gives.
    pub const fn new(source: fn() -> Option<Regex>) -> Self {
        Self(LazyLock::new(source))
    }

    /// Whether it is found in the text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// The first group of the first place where it is found.
    pub fn group<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.0.as_ref()?.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|group| group.as_str())
    }

    /// Where it is first found: its beginning and end.
    pub fn place(&self, text: &str) -> Option<(usize, usize)> {
        self.0.as_ref()?.find(text).map(|found| (found.start(), found.end()))
    }

    /// The expression itself.
    pub fn regex(&self) -> Option<&Regex> {
        self.0.as_ref()
    }

    /// Whether it can be read.
    #[cfg(test)]
    pub fn is_well_formed(&self) -> bool {
        self.0.is_some()
    }
}

/// Compiles an expression without regard to case.
#[must_use]
pub fn compile(source: &str) -> Option<Regex> {
    RegexBuilder::new(source).case_insensitive(true).size_limit(8 << 20).build().ok()
}

/// Any of these expressions.
#[must_use]
pub fn any(sources: &[&str]) -> Option<Regex> {
    compile(&format!("(?:{})", sources.join("|")))
}
