//! Mail that comes through a group's address or a web form: From names the group or the form, and another field names
//! the writer. Anybody can write such fields, so they count only if somebody has said that this group or form is
//! trusted.

use entity::kind::EmailKind;

use super::machine;
use super::parse::Parts;
use super::pattern::{Pattern, compile};
use super::{Mailbox, header};
use crate::kit::contact;

/// Who wrote a mail that somebody else passed on. It counts only if whoever passed it on is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOn {
    /// The writer.
    pub writer: Mailbox,
    /// The field that names the writer.
    pub told_by: &'static str,
    /// The addresses of whoever passed the mail on. One of them must be trusted.
    pub through: Vec<String>,
    /// Whether From names somebody else than the writer.
    pub rewritten: bool,
    /// What kind of mail it is, if this counts.
    pub kind: EmailKind,
    /// The evidence for that kind.
    pub evidence: Vec<String>,
}

static VIA: Pattern =
    Pattern::new(|| compile(r#"^["'\s]*(.{1,200}?)["'\s]+(?:via|through|över|durch|par|door)\s+\S.*$"#));
/// The id in a List-Id field: `Name <kundservice.shop.example>`.
static LIST_ID: Pattern = Pattern::new(|| compile(r"<?([a-z0-9._+-]+\.[a-z0-9-]+)>?\s*$"));

/// The writer and whoever passed the mail on, if the mail names them. The caller then decides what kind of mail it is.
#[must_use]
pub fn read(parts: &Parts) -> Option<PassedOn> {
    let from = parts.from.first()?;
    let header = &parts.header;
    let list =
        header.has_any("list-") || header.get("precedence").is_some_and(|value| value.eq_ignore_ascii_case("list"));
    let passed_on = |writer: Mailbox, told_by, through, rewritten| PassedOn {
        writer,
        told_by,
        through,
        rewritten,
        kind: EmailKind::Human,
        evidence: Vec::new(),
    };
    let groups = groups(parts);
    let is_another = |one: &Mailbox| {
        one.address != from.address
            && contact::email(&one.address).is_some()
            && !groups.contains(&one.address)
            && !machine::reads_nothing(&one.address)
    };
    let original = parts.original_from.iter().find(|one| is_another(one)).map(|one| (one, "X-Original-From"));
    let answered = parts.reply_to.as_ref().filter(|one| is_another(one)).map(|one| (one, "Reply-To"));
    if let Some((writer, told_by)) = original.or(answered) {
        let via = from.name.as_deref().and_then(|name| VIA.group(name)).map(|name| name.trim().to_owned());
        let name = writer.name.clone().or(via).filter(|name| contact::email(name).is_none());
        let writer = Mailbox { name, address: writer.address.clone() };
        return Some(passed_on(writer, told_by, vec![from.address.clone()], true));
    }
    (list && !groups.is_empty() && !groups.contains(&from.address))
        .then(|| passed_on(from.clone(), "From", groups, false))
}

/// The addresses of the group or the list, as the mail gives them.
fn groups(parts: &Parts) -> Vec<String> {
    let header = &parts.header;
    let mut found: Vec<String> =
        ["list-post", "sender"].iter().flat_map(|name| header.get(name).map(addresses).unwrap_or_default()).collect();
    // A list's id is its address with a dot in place of the `@` (RFC 2919).
    let id = header.get("list-id").and_then(|value| LIST_ID.group(value)).and_then(|id| id.split_once('.'));
    found.extend(id.and_then(|(local, domain)| contact::email(&format!("{local}@{domain}"))));
    found.sort_unstable();
    found.dedup();
    found
}

fn addresses(value: &str) -> Vec<String> {
    let bracketed = header::ids(value);
    let all = if bracketed.is_empty() { vec![value.trim().to_owned()] } else { bracketed };
    all.iter().take(10).filter_map(|one| contact::email(one.trim_start_matches("mailto:"))).collect()
}

impl PassedOn {
    /// Whether whoever passed the mail on is among these trusted addresses and domains.
    #[must_use]
    pub fn is_believed(&self, believed: &[String]) -> bool {
        let domain = |address: &str| address.rsplit('@').next().unwrap_or_default().to_owned();
        self.through.iter().any(|through| believed.iter().any(|one| one == through || *one == domain(through)))
    }
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&VIA, &LIST_ID]
}
