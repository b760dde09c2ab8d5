//! The attributes that cleaned HTML may have, and the values that they may have there.

use super::writer::escape;

/// Characters of a title at most.
const LONGEST_TITLE: usize = 500;
/// Bytes of an address at most.
const LONGEST_URL: usize = 4_000;
/// Where links may lead.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// An allowed attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// Where a link leads.
    Href,
    /// What is shown when one points at it.
    Title,
    /// The language of the words.
    Lang,
    /// Which way they are written.
    Dir,
    /// How a cell is aligned.
    Align,
    /// Over how many columns a cell goes.
    Colspan,
    /// Over how many rows a cell goes.
    Rowspan,
    /// The first number of a list.
    Start,
}

impl Attribute {
    /// The attribute of this name, where it is allowed on this tag.
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

    /// Its name.
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

    /// Writes ` name="value"`, if the value is an allowed one; says whether it did.
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

/// An address that a link may lead to. Control characters are taken out first: browsers read past them, and a scheme may
/// be hidden with them. One without a scheme would lead into whatever page shows the mail, so it leads nowhere.
fn url(value: &str) -> Option<String> {
    let invisible = |c: char| c.is_control() || c == '\u{fffd}';
    let value: String = value.trim().chars().filter(|c| !invisible(*c)).collect();
    let value = value.trim().replace(char::is_whitespace, "%20");
    let (scheme, rest) = value.split_once(':')?;
    (!rest.is_empty() && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))).then_some(value)
}
