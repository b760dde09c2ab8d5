//! Regular expressions that are data. An expression that does not compile matches nothing; a test checks that all of
//! them compile.

use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// An expression that is compiled once and ignores case.
pub struct Pattern(LazyLock<Option<Regex>>);

impl Pattern {
    /// A pattern with the expression that `source` returns.
    pub const fn new(source: fn() -> Option<Regex>) -> Self {
        Self(LazyLock::new(source))
    }

    /// Whether the expression matches somewhere in the text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// The first group of the first match, or the whole match when there is no group.
    pub fn group<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.0.as_ref()?.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|group| group.as_str())
    }

    /// The start and the end of the first match.
    pub fn place(&self, text: &str) -> Option<(usize, usize)> {
        self.0.as_ref()?.find(text).map(|found| (found.start(), found.end()))
    }

    /// The compiled expression.
    pub fn regex(&self) -> Option<&Regex> {
        self.0.as_ref()
    }

    /// Whether the expression compiles.
    #[cfg(test)]
    pub fn is_well_formed(&self) -> bool {
        self.0.is_some()
    }
}

/// Compiles an expression that ignores case.
#[must_use]
pub fn compile(source: &str) -> Option<Regex> {
    RegexBuilder::new(source).case_insensitive(true).size_limit(8 << 20).build().ok()
}

/// Compiles an expression that matches any of these expressions.
#[must_use]
pub fn any(sources: &[&str]) -> Option<Regex> {
    compile(&format!("(?:{})", sources.join("|")))
}
