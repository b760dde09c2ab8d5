//! Whether a mail's header can be read in one way only. One parser checks signatures and another one reads mails. If
//! they disagree about what a field is, or about which of two fields counts, a mail may look signed although its text
//! was not.

use std::collections::BTreeMap;

/// How many bytes a header may have. A mail with a longer header is not checked.
const LONGEST: usize = 64 * 1024;
/// How many fields it may have. Each signature searches all of them for every field that it covers.
pub const FIELDS: usize = 200;
/// Fields that may occur only once (RFC 5322, 3.6; RFC 2045).
const ONCE: [&str; 14] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
];

/// A header that can be read in one way only.
#[derive(Debug, PartialEq, Eq)]
pub struct Plain {
    /// Where the body begins.
    pub body: usize,
    /// Whether the header has a subject.
    pub subject: bool,
}

/// The header of a mail with a signature. None if the header is too long, has anything but fields whose lines end in CR
/// LF (RFC 5322, 2.2), or repeats one of the fields that may occur only once.
#[must_use]
pub fn header(raw: &[u8]) -> Option<Plain> {
    let beginning = raw.get(..LONGEST).unwrap_or(raw);
    let end = beginning.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let mut names: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for line in raw.get(..end + 2)?.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n")?;
        if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return None;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            // Some parsers would take a continuation line without text for the end of the header.
            if names.is_empty() || line.trim_ascii().is_empty() {
                return None;
            }
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').filter(|colon| *colon > 0)?;
        let name = line.get(..colon)?;
        if !name.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        *names.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    let count = |name: &str| names.get(name.as_bytes()).copied().unwrap_or_default();
    let plain = count("dkim-signature") > 0 && names.values().sum::<usize>() <= FIELDS;
    (plain && ONCE.iter().all(|name| count(name) <= 1)).then(|| Plain { body: end + 4, subject: count("subject") > 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "DKIM-Signature: v=1;\r\n b=x\r\nFrom: elin@shop.example\r\nSubject: Late\r\n\r\nWhere?\r\n";

    #[test]
    fn what_two_would_read_alike_is_plain() {
        assert_eq!(header(GOOD.as_bytes()), Some(Plain { body: GOOD.find("Where").unwrap(), subject: true }));
        for (field, more) in [
            ("Received: a\r\n", true),
            ("X-Å: å\r\n", false),
            ("X: å\r\n", true),
            ("X: a\r\n \r\n b\r\n", false),
            ("X: a\r\n\t\r\n", false),
            ("Pay to 123\n", false),
            ("X: a\nY: b\r\n", false),
            ("X: a\rY: b\r\n", false),
            ("X: \0\r\n", false),
            ("Please note: pay\r\n", false),
            ("Note : pay\r\n", false),
            (": pay\r\n", false),
            ("Pay to 123\r\n", false),
            ("subject: Paid\r\n", false),
            ("FROM: eve@evil.example\r\n", false),
            ("Content-Type: text/html\r\n", true),
            ("Content-Type: text/html\r\nContent-type: text/plain\r\n", false),
        ] {
            for mail in [format!("{field}{GOOD}"), GOOD.replace("From:", &format!("{field}From:"))] {
                assert_eq!(header(mail.as_bytes()).is_some(), more, "{mail:?}");
            }
        }
    }

    #[test]
    fn what_is_not_signed_or_too_much_is_not_looked_at() {
        for mail in
            ["", "\r\n\r\n", "From: a@b.example\r\n\r\n", " b\r\nDKIM-Signature: x\r\n\r\n", &GOOD.replace('\r', "")]
        {
            assert_eq!(header(mail.as_bytes()), None, "{mail:?}");
        }
        let with = |count: usize, field: &str| header(format!("{}{GOOD}", field.repeat(count)).as_bytes()).is_some();
        assert!(with(FIELDS - 3, "X: a\r\n") && !with(FIELDS - 2, "X: a\r\n"));
        assert!(!with(2, &format!("X: {}\r\n", "a".repeat(LONGEST / 2))));
    }
}
