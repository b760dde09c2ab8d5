//! References by which people name a case, such as "C-2026-000123". People read them from paper, say them on the
//! telephone and send them through programs that change characters. They are therefore recognised in upper and lower
//! case and with any kind of dash.

use std::sync::LazyLock;

use regex::Regex;

/// The most references that are read from one text.
const MOST: usize = 50;

/// The references in a text, each in the form that is stored with its case.
#[must_use]
pub fn all_in(text: &str) -> Vec<String> {
    static REFERENCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\bC[-‐‑‒–—−](\d{4})[-‐‑‒–—−](\d{6,12})\b").ok());
    let found = REFERENCE.iter().flat_map(|pattern| pattern.captures_iter(text));
    let written = found.take(MOST).filter_map(|found| {
        let (year, number) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        year.bytes().chain(number.bytes()).all(|byte| byte.is_ascii_digit()).then(|| format!("C-{year}-{number}"))
    });
    written.collect()
}

/// The reference, in the form that is stored with its case, if the text is one; otherwise the trimmed text.
#[must_use]
pub fn named(text: &str) -> String {
    let text = text.trim();
    match all_in(text).as_slice() {
        [only] if only.chars().count() == text.chars().count() => only.clone(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        assert_eq!(
            all_in("Sv: [c-2026-000123] och C\u{2011}2027\u{2013}1000001."),
            ["C-2026-000123", "C-2027-1000001"]
        );
        assert!(all_in("C-2026-12 XC-2026-000123 C-2026-000123x C-2026-٠٠٠١٢٣").is_empty());
    }

    #[test]
    fn a_reference_is_known_in_any_case() {
        assert_eq!(named(" c-2026-000123 "), "C-2026-000123");
        assert_eq!(named("c\u{2013}2026\u{2013}000123"), "C-2026-000123");
        assert_eq!(named("about c-2026-000123"), "about c-2026-000123");
        assert_eq!(named("26-17"), "26-17");
    }
}
