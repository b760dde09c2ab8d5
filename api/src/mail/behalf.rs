//! Mail that comes through a group's address or a form: From is the group or the form, and who wrote it stands elsewhere.
//! Anybody can write such fields, so they count only if somebody said that this group or form is to be believed.

use super::kind::Kind;
use super::machine;
use super::parse::Parts;
use super::pattern::{Pattern, compile};
use super::{Mailbox, header};
use crate::kit::contact;

/// Who wrote a mail that somebody passes on for them, if that somebody is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOn {
    /// Who wrote it.
    pub writer: Mailbox,
    /// Where that stands.
    pub told_by: &'static str,
    /// Addresses of whoever passes it on: one of them must be believed.
    pub through: Vec<String>,
    /// From is not who wrote it.
    pub rewritten: bool,
    /// What the mail is then.
    pub kind: Kind,
    /// Why.
    pub evidence: Vec<String>,
}

static VIA: Pattern =
    Pattern::new(|| compile(r#"^["'\s]*(.{1,200}?)["'\s]+(?:via|through|över|durch|par|door)\s+\S.*$"#));
/// The list's own address or name in List-Id: `Name <kundservice.shop.example>`.
static LIST_ID: Pattern = Pattern::new(|| compile(r"<?([a-z0-9._+-]+\.[a-z0-9-]+)>?\s*$"));

/// Who wrote it and through whom, where a mail says that; not yet what it is then.
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
        kind: Kind::Human,
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

/// The addresses that a group or list says it has.
fn groups(parts: &Parts) -> Vec<String> {
    let header = &parts.header;
    let mut found: Vec<String> =
        ["list-post", "sender"].iter().flat_map(|name| header.get(name).map(addresses).unwrap_or_default()).collect();
    // A list's id is its address with a dot for the `@` (RFC 2919).
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
    /// Whether these believed addresses and domains hold whoever passes the mail on.
    #[must_use]
    pub fn is_believed(&self, believed: &[String]) -> bool {
        let domain = |address: &str| address.rsplit('@').next().unwrap_or_default().to_owned();
        self.through.iter().any(|through| believed.iter().any(|one| one == through || *one == domain(through)))
    }
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&VIA, &LIST_ID]
}
