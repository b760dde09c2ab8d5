//! The attributes that cleaned HTML may have, and the values that they may have.

use super::writer::escape;

/// How many characters a title may have.
const LONGEST_TITLE: usize = 500;
/// How many bytes the target of a link may have.
const LONGEST_URL: usize = 4_000;
/// The URL schemes that a link may have.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// An allowed attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The target of a link.
    Href,
    /// The text that is shown when the pointer is over the element.
    Title,
    /// The language of the text.
    Lang,
    /// The direction of the text.
    Dir,
    /// The alignment of a table, a row or a cell.
    Align,
    /// The number of columns that a cell spans.
    Colspan,
    /// The number of rows that a cell spans.
    Rowspan,
    /// The first number of a list.
    Start,
}

impl Attribute {
    /// The attribute with this name, if it is allowed on this tag.
    #[must_use]
    pub fn find(name: &[u8], tag: &str) -> Option<Self> {
        Some(match (name, tag) {
            (b"href", "a") => Self::Href,
            (b"title", _) => Self::Title,
            (b"lang", _) => Self::Lang,
            (b"dir", _) => Self::Dir,
            (b"align", "td" | "th" | "tr" | "table") => Self::Align,
            (b"colspan", "td" | "th") => Self::Colspan,
            (b"rowspan", "td" | "th") => Self::Rowspan,
            (b"start", "ol") => Self::Start,
            _ => return None,
        })
    }

    /// The attribute's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Href => "href",
            Self::Title => "title",
            Self::Lang => "lang",
            Self::Dir => "dir",
            Self::Align => "align",
            Self::Colspan => "colspan",
            Self::Rowspan => "rowspan",
            Self::Start => "start",
        }
    }

    /// Writes ` name="value"` if the value is allowed. Returns whether it did.
    pub fn write(self, value: &[u8], out: &mut String) -> bool {
        let Some(value) = self.allowed(value) else { return false };
        out.push(' ');
        out.push_str(self.name());
        out.push_str("=\"");
        value.chars().for_each(|c| escape(c, out));
        out.push('"');
        true
    }

    fn allowed(self, value: &[u8]) -> Option<String> {
        let most = if self == Self::Href { LONGEST_URL } else { 4 * LONGEST_TITLE };
        let value = std::str::from_utf8(value.get(..most.min(value.len()))?).ok().filter(|_| value.len() <= most)?;
        let word = value.trim().to_ascii_lowercase();
        match self {
            Self::Href => url(value),
            Self::Title => Some(value.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect()),
            Self::Lang => (word.len() <= 35 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
                .then_some(word)
                .filter(|word| !word.is_empty()),
            Self::Dir => ["ltr", "rtl", "auto"].contains(&word.as_str()).then_some(word),
            Self::Align => ["left", "right", "center", "justify"].contains(&word.as_str()).then_some(word),
            Self::Colspan | Self::Rowspan => within(&word, 1, 100),
            Self::Start => within(&word, 0, 100_000),
        }
    }
}

fn within(word: &str, least: u32, most: u32) -> Option<String> {
    let number: u32 = word.parse().ok()?;
    (least..=most).contains(&number).then(|| number.to_string())
}

/// The target of a link, if it is allowed. Control characters are removed first, because browsers ignore them and they
/// can hide a scheme. A target without a scheme is refused, because it would be relative to the page that shows the
/// mail.
fn url(value: &str) -> Option<String> {
    let invisible = |c: char| c.is_control() || c == '\u{fffd}';
    let value: String = value.trim().chars().filter(|c| !invisible(*c)).collect();
    let value = value.trim().replace(char::is_whitespace, "%20");
    let (scheme, rest) = value.split_once(':')?;
    (!rest.is_empty() && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))).then_some(value)
}
