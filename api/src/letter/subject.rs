//! Subjects: mail programs group mails by subject, and people find their case by the reference in it.

use crate::kit::text::{clean_line, truncated};

/// The maximum length of a repeated subject in characters, so that the reference after it is not cut off.
const LONGEST: usize = 150;
/// The maximum number of characters of a subject that are processed.
const LONGEST_READ: usize = 2_000;
/// The prefixes that mail programs put in front of the subject of an answer. Prefixes of forwarded mails are kept,
/// because they carry information.
const REPLY: [&str; 6] = ["re", "sv", "aw", "antw", "odp", "svar"];

/// The customer's subject without answer prefixes and without this reference, so that neither occurs twice.
#[must_use]
pub fn bare(subject: &str, reference: &str) -> String {
    let line = without(truncated(&clean_line(subject), LONGEST_READ), reference);
    let mut rest = line.as_str();
    while let Some(inner) = answered(rest) {
        rest = inner;
    }
    if rest.chars().count() <= LONGEST {
        return rest.to_owned();
    }
    format!("{}…", truncated(rest, LONGEST - 1).trim_end())
}

/// The subject without its answer prefix; `None` when it has none.
fn answered(subject: &str) -> Option<&str> {
    let (mark, rest) = subject.split_once([':', '：'])?;
    let counted = |c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | ' ');
    REPLY.contains(&mark.to_lowercase().trim_end_matches(counted)).then(|| rest.trim_start())
}

/// The line without any "[reference]".
fn without(mut line: String, reference: &str) -> String {
    let mark = format!("[{reference}]").to_ascii_lowercase();
    if reference.is_empty() {
        return line;
    }
    while let Some(at) = line.to_ascii_lowercase().find(&mark) {
        line.replace_range(at..at + mark.len(), " ");
        line = clean_line(&line);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_the_reference_never_stack() {
        for (subject, expected) in [
            ("Trasig soffa", "Trasig soffa"),
            ("Re: Trasig soffa", "Trasig soffa"),
            ("SV: Re: sv : RE[2]: Re (3): Trasig soffa", "Trasig soffa"),
            ("Re:Aw:Trasig soffa", "Trasig soffa"),
            ("Re: Trasig soffa [C-2026-000123]", "Trasig soffa"),
            ("Sv: [c-2026-000123] Re: Trasig [C-2026-000123] soffa", "Trasig soffa"),
            ("[C-2026-000124] Trasig soffa", "[C-2026-000124] Trasig soffa"),
            ("VB: Trasig soffa", "VB: Trasig soffa"),
            ("Order 12 re: soffa", "Order 12 re: soffa"),
            ("Svar saknas: soffa", "Svar saknas: soffa"),
            ("Retur: soffa", "Retur: soffa"),
            ("Åäö: ärende", "Åäö: ärende"),
            ("Re:", ""),
            ("Re: x\r\nBcc: all@example.com", "x Bcc: all@example.com"),
            ("", ""),
        ] {
            let found = bare(subject, "C-2026-000123");
            assert_eq!(found, expected, "{subject:?}");
            assert_eq!(bare(&format!("Sv: {found} [C-2026-000123]"), "C-2026-000123"), expected, "{subject:?} again");
        }
    }

    #[test]
    fn a_long_subject_is_cut_once() {
        let cut = bare(&"soffa ".repeat(100), "");
        assert!(cut.ends_with('…') && cut.chars().count() <= LONGEST, "{cut}");
        assert_eq!(bare(&format!("Re: {cut}"), ""), cut);
    }

    #[test]
    fn no_reference_takes_nothing_out() {
        assert_eq!(bare("a [] b", ""), "a [] b");
        assert_eq!(bare("a [x] b", ""), "a [x] b");
    }
}
