//! A mail's header fields as text.

use super::prepare;

/// The fields of a prepared message, in their order.
#[derive(Debug, Clone, Default)]
pub struct Header(Vec<(String, String)>);

impl Header {
    /// Reads the header of the bytes that [`prepare::prepare`] made.
    #[must_use]
    pub fn read(prepared: &[u8]) -> Self {
        let (ends, _) = prepare::body_at(prepared);
        let fields = prepare::fields(prepared.get(..ends).unwrap_or_default()).into_iter().filter_map(|field| {
            let text = String::from_utf8_lossy(field);
            let (name, value) = text.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), prepare::plain(value)))
        });
        Self(fields.collect())
    }

    /// Reads lines that look like a header.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if line.trim().is_empty() && !fields.is_empty() {
                break;
            }
            match (line.starts_with([' ', '\t']), line.split_once(':'), fields.last_mut()) {
                (true, _, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (_, Some((name, value)), _) if !name.trim().contains(' ') => {
                    fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => {}
            }
        }
        Self(fields)
    }

    /// Adds a field.
    pub fn put(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    /// The value of the first field with this name (lower case), unfolded and with its encoded words decoded.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The values of all fields with this name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether there is a field with this name whose value is not `no`, `false` or `0`.
    #[must_use]
    pub fn says(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value.trim().to_ascii_lowercase().as_str(), "no" | "false" | "0"))
    }

    /// The names of all fields, lower case.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is a field whose name begins with this text.
    #[must_use]
    pub fn has_any(&self, beginning: &str) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(beginning))
    }
}

/// The Message-IDs in a field (RFC 5322, 3.6.4), without their brackets.
#[must_use]
pub fn ids(value: &str) -> Vec<String> {
    value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .map(|id| id.split_whitespace().collect::<String>())
        .filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
        .collect()
}

/// How many bytes a Message-ID may have: as many as a line of RFC 5322 (2.1.1). A longer one is ignored; the raw mail
/// keeps it.
pub const LONGEST_ID: usize = 998;
