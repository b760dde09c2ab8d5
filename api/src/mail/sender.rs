//! Who a field of addresses names, also where the field is written as RFC 5322 does not allow: a name with a comma that is
//! not quoted, an address behind a name without brackets, `<mailto:…>`.

use super::Mailbox;
use super::pattern::{Pattern, compile};
use crate::kit::contact;
use crate::kit::text::clean_line;

static ADDRESS: Pattern = Pattern::new(|| compile(r#"[^\s<>()\[\]:;,"'|=]+@[^\s<>()\[\]:;,"'|=]+"#));

/// One entry of a field, as the parser reads it.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// What stands before the address.
    pub name: Option<String>,
    /// The address, or what stands where one would.
    pub address: String,
}

/// The people that these entries name. An entry without an address belongs to the name of the next: `Nord, Karin <k@…>` is
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
    // Nobody can be answered: what is written is shown as it is.
    if found.is_empty() { others } else { found }
}

/// The name and the address in an entry.
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
    // What stands behind a quote within a word is not all of an address, and another's if it is taken for one.
    let begins = before.trim_end_matches(['"', '\'']);
    let is_whole = begins.is_empty() || begins.ends_with(|c: char| c.is_whitespace() || "<([,;:".contains(c));
    let name = clean_line(before);
    let name = name.trim_matches(|c: char| c.is_whitespace() || "<>()[]\",;:".contains(c));
    match contact::email(found).filter(|_| is_whole) {
        Some(address) => (Some(name.to_owned()).filter(|name| !name.is_empty()), Some(address)),
        // An address of another kind, such as a name in the own network, is kept as it is.
        None if text.contains('@') && !text.contains(char::is_whitespace) => {
            (entry.name.clone(), Some(text.to_lowercase()))
        }
        None => (entry.name.clone(), None),
    }
}

/// Who a field names that no parser reads.
#[must_use]
pub fn of_text(value: &str) -> Option<Mailbox> {
    let (name, address) = parted(&Entry { name: None, address: clean_line(value) });
    address.map(|address| Mailbox { name, address })
}

/// Whether a name shows an address that is not its owner's: "bank@bank.example <thief@example.com>".
#[must_use]
pub fn shows_another(mailbox: &Mailbox) -> bool {
    let Some(name) = &mailbox.name else { return false };
    let shown = ADDRESS.group(name).and_then(contact::email);
    shown.is_some_and(|shown| shown != mailbox.address)
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&ADDRESS]
}
