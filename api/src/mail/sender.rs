//! Reads the mailboxes in an address field, also where the field breaks the syntax of RFC 5322: a name with a comma
//! that is not quoted, an address after a name without brackets, `<mailto:…>`.

use super::Mailbox;
use super::pattern::{Pattern, compile};
use crate::kit::contact;
use crate::kit::text::clean_line;

static ADDRESS: Pattern = Pattern::new(|| compile(r#"[^\s<>()\[\]:;,"'|=]+@[^\s<>()\[\]:;,"'|=]+"#));

/// One entry of an address field, as the parser reads it.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The text before the address.
    pub name: Option<String>,
    /// The address, or the text that stands in its place.
    pub address: String,
}

/// The mailboxes in these entries. An entry without an address is part of the next entry's name: `Nord, Karin <k@…>` is
/// one person and not two.
#[must_use]
pub fn mailboxes(entries: Vec<Entry>) -> Vec<Mailbox> {
    let mut found = Vec::new();
    let mut before: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for entry in entries {
        let (name, address) = parted(&entry);
        if let Some(address) = address {
            before.extend(name.filter(|name| !name.is_empty()));
            let name = Some(before.join(", ")).filter(|name| !name.is_empty());
            found.push(Mailbox { name, address });
            before.clear();
            continue;
        }
        let Entry { name, address } = entry;
        before.extend(name.clone().or_else(|| Some(address.clone())).filter(|text| !text.is_empty()));
        if name.is_some() || !address.is_empty() {
            others.push(Mailbox { name, address: address.to_lowercase() });
        }
    }
    // When no entry has an address, the entries are kept as they are written.
    if found.is_empty() { others } else { found }
}

/// Splits an entry into its name and its address.
fn parted(entry: &Entry) -> (Option<String>, Option<String>) {
    let text = entry.address.trim().trim_matches(['<', '>']).trim();
    let bare = text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map_or(text, |_| {
        let text = text.get(7..).unwrap_or_default();
        text.split('?').next().unwrap_or(text)
    });
    if let Some(address) = contact::email(bare) {
        return (entry.name.clone(), Some(address));
    }
    // The parser takes all of "Karin Nord k@example.com" for an address.
    let whole = [entry.name.as_deref().unwrap_or_default(), text].join(" ");
    let Some((from, to)) = ADDRESS.place(&whole) else { return (entry.name.clone(), None) };
    let found = whole.get(from..to).unwrap_or_default().trim_start_matches("mailto:");
    let before = whole.get(..from).unwrap_or_default();
    // What follows a quotation mark within a word is only a part of an address. Taken alone it would be somebody else's
    // address.
    let begins = before.trim_end_matches(['"', '\'']);
    let is_whole = begins.is_empty() || begins.ends_with(|c: char| c.is_whitespace() || "<([,;:".contains(c));
    let name = clean_line(before);
    let name = name.trim_matches(|c: char| c.is_whitespace() || "<>()[]\",;:".contains(c));
    match contact::email(found).filter(|_| is_whole) {
        Some(address) => (Some(name.to_owned()).filter(|name| !name.is_empty()), Some(address)),
        // An address of another kind, such as a name in a local network, is kept as it is.
        None if text.contains('@') && !text.contains(char::is_whitespace) => {
            (entry.name.clone(), Some(text.to_lowercase()))
        }
        None => (entry.name.clone(), None),
    }
}

/// The mailbox in a field that no parser can read.
#[must_use]
pub fn of_text(value: &str) -> Option<Mailbox> {
    let (name, address) = parted(&Entry { name: None, address: clean_line(value) });
    address.map(|address| Mailbox { name, address })
}

/// Whether the name contains another address than the mailbox's own: "bank@bank.example <thief@example.com>".
#[must_use]
pub fn shows_another(mailbox: &Mailbox) -> bool {
    let Some(name) = &mailbox.name else { return false };
    let shown = ADDRESS.group(name).and_then(contact::email);
    shown.is_some_and(|shown| shown != mailbox.address)
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&ADDRESS]
}
