//! Bounces: who was not reached, why, and whether trying again makes sense. Delivery status notifications say it in
//! fields (RFC 3464). Other mail systems say it in text.

use super::bounce_text::BounceText;
use super::dead::{REPLY, is_permanent};
use super::header::{Header, ids};
use super::parse::Parts;
use super::pattern::{Pattern, any, compile};

/// A recipient that was not reached, or has not been reached yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounced {
    /// The address, lower case.
    pub address: String,
    /// The status code (RFC 3463), such as `5.1.1`, if one is given.
    pub status: Option<String>,
    /// Whether the address is permanently unusable. A full mailbox, a refusal by policy and a delay do not make it so.
    pub permanent: bool,
    /// Whether delivery is still being tried, so that nothing has come back yet.
    pub delayed: bool,
    /// What the other mail server said.
    pub diagnostic: Option<String>,
}

/// The content of a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// The recipients who were not reached.
    pub recipients: Vec<Bounced>,
    /// The Message-ID of the mail that did not reach them.
    pub original: Option<String>,
    /// Whether the notification reports success only.
    pub delivered: bool,
}

/// How many recipients of one notification are kept.
const MOST: usize = 200;
/// How many characters of text are read.
const LONGEST: usize = 200_000;
/// How many characters of a diagnostic are kept.
const DIAGNOSTIC: usize = 500;

static STATUS: Pattern =
    Pattern::new(|| compile(r"(?:^|[^\d.]|\b[245]\d\d\.)([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.[^\d])"));
pub(super) static ADDRESS: Pattern = Pattern::new(|| compile(r#"[^\s<>()\[\]:;,"'|=]+@[^\s<>()\[\]:;,"'|=]+\.[\w-]+"#));
static STILL_TRYING: Pattern = Pattern::new(|| {
    any(&[
        "has not yet been delivered",
        "will be retried",
        "still being retried",
        "will (?:keep|continue) (?:trying|to try)",
        "has been delayed",
        "no action is required",
        "warning message only",
        "do not need to resend",
    ])
});
static ABOUT_SOMEBODY: Pattern = Pattern::new(|| {
    any(&[
        r"^\s*(?:[-*•]\s*)?<?[^\s<>@]+@[^\s<>]+>?:?\s*(?:$|\s-|:|\(|on |\.\.\.|\d{3}|<mailto)",
        "recipient",
        "rcpt to",
        "deliver",
        "not reach",
        "could(?:n't| not) be (?:sent|reached)",
        "failed",
        "address",
        "mottagare",
        "empfänger",
        "destinataire",
        "destinatario",
        "wasn't",
        "user ",
        "to:",
        r"^\s*<[^\s<>]+@[^\s<>]+>",
    ])
});

/// Reads a notification. If no recipient is found, the mail is not a notification.
#[must_use]
pub fn read(parts: &Parts) -> Bounce {
    let original = original(parts);
    let mut found = BouncedTo::default();
    let said: Vec<&String> =
        parts.reports.iter().filter(|(kind, _)| kind.ends_with("delivery-status")).map(|(_, text)| text).collect();
    let mut delivered = false;
    for text in &said {
        delivered |= fields(text, &mut found);
    }
    if said.is_empty() && has_fields(&parts.text) {
        delivered |= fields(&parts.text, &mut found);
    }
    let words: String = parts.text.chars().take(LONGEST).collect();
    if found.0.is_empty() && !delivered {
        in_words(&words, parts, &mut found);
    }
    let alone = found.0.len() == 1;
    if found.0.iter().any(|bounced| bounced.status.is_none() || bounced.diagnostic.is_none()) {
        let told = BounceText::read(&words);
        for bounced in &mut found.0 {
            if bounced.status.is_none() || bounced.diagnostic.is_none() {
                complete(bounced, &told, alone);
            }
        }
    }
    Bounce { delivered: delivered && found.0.is_empty(), recipients: found.0, original }
}

#[derive(Default)]
struct BouncedTo(Vec<Bounced>);

impl BouncedTo {
    /// Whether this address was found already, or the maximum of recipients is reached.
    fn knows(&self, address: &str) -> bool {
        self.0.len() >= MOST || self.0.iter().any(|known| known.address.eq_ignore_ascii_case(address))
    }

    fn add(&mut self, address: &str, said: &str, status: Option<String>, action: Option<&str>) {
        let address = address.trim_matches(|c: char| c.is_whitespace() || "<>.,:;\"'".contains(c)).to_lowercase();
        if !address.contains('@') || self.knows(&address) {
            return;
        }
        let status = status.or_else(|| STATUS.group(said).map(str::to_owned));
        let permanent = is_permanent(status.as_deref(), action, said);
        let delayed = action.map_or_else(|| STILL_TRYING.is_in(said), |action| action.starts_with("delayed"));
        let diagnostic: String =
            said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(DIAGNOSTIC).collect();
        self.0.push(Bounced {
            address,
            status,
            permanent,
            delayed,
            diagnostic: Some(diagnostic).filter(|text| !text.is_empty()),
        });
    }
}

/// Whether the text has the fields of a notification, because the part's type was lost on the way.
fn has_fields(text: &str) -> bool {
    const FIELD: &str = "final-recipient:";
    text.lines().any(|line| line.trim_start().get(..FIELD.len()).is_some_and(|name| name.eq_ignore_ascii_case(FIELD)))
}

/// Reads the fields of RFC 3464. Returns whether a recipient was reached.
fn fields(text: &str, found: &mut BouncedTo) -> bool {
    let mut delivered = false;
    let mut common = Header::default();
    for block in text.split("\n\n") {
        let mut block = Header::of(block);
        for known in ["status", "diagnostic-code", "action"] {
            if block.get(known).is_none()
                && block.get("final-recipient").is_some()
                && let Some(value) = common.get(known)
            {
                block.put(known, value.to_owned());
            }
        }
        let address = |name: &str| block.get(name).map(address_of).filter(|address| address.contains('@'));
        let Some(address) = address("original-recipient")
            .or_else(|| address("final-recipient"))
            .or_else(|| address("x-actual-recipient"))
        else {
            common = block;
            continue;
        };
        let action = block.get("action").map(str::to_ascii_lowercase);
        if action
            .as_deref()
            .is_some_and(|action| ["delivered", "relayed", "expanded"].iter().any(|good| action.starts_with(good)))
        {
            delivered = true;
            continue;
        }
        let diagnostic = [block.get("diagnostic-code"), block.get("x-notes-item"), block.get("x-supplementary-info")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let status = block.get("status").and_then(|status| STATUS.group(status)).map(str::to_owned);
        let status = match (status, STATUS.group(&diagnostic)) {
            // "5.0.0" says only that delivery failed.
            (Some(status), Some(said)) if status.ends_with(".0.0") && said.get(..1) == status.get(..1) => {
                Some(said.to_owned())
            }
            (None, said) => said.map(str::to_owned),
            (status, _) => status,
        };
        let more = block.get("status").unwrap_or_default();
        found.add(&address, &format!("{diagnostic} {more}"), status, action.as_deref());
    }
    delivered
}

/// The address in a field such as `rfc822; anna@example.com`.
fn address_of(value: &str) -> String {
    let value = value.split_once(';').map_or(value, |(_, address)| address).trim();
    let value = unescaped(value);
    let found = ADDRESS.group(&value).map(str::to_owned);
    found.unwrap_or(value).trim_matches(['<', '>']).to_owned()
}

/// Decodes `g\x{F6}ran` to `göran` (RFC 6533, 3).
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out.push_str(before);
        let code = after
            .split_once('}')
            .and_then(|(code, after)| Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, after)));
        rest = if let Some((character, after)) = code {
            out.push(character);
            after
        } else {
            out.push_str("\\x{");
            after
        };
    }
    out.push_str(rest);
    out
}

/// Reads the text: the addresses where notifications name them, and what is said about each.
fn in_words(text: &str, parts: &Parts, found: &mut BouncedTo) {
    let told = BounceText::read(text);
    for failed in parts.header.all("x-failed-recipients") {
        for address in failed.split(',').take(MOST) {
            if !found.knows(address.trim()) {
                found.add(address, &told.about(address.trim()), None, None);
            }
        }
    }
    if !found.0.is_empty() {
        return;
    }
    let others = |address: &str| {
        let address = address.to_lowercase();
        parts.from.iter().chain(&parts.recipients).any(|known| known.address == address)
            || ["mailer-daemon", "postmaster", "abuse@", "support@", "helpdesk@"]
                .iter()
                .any(|start| address.starts_with(start))
    };
    for (strict, anybody) in [(true, false), (false, false), (true, true)] {
        for line in told.lines.iter().filter(|line| (!strict || ABOUT_SOMEBODY.is_in(line)) && !AN_ID.is_in(line)) {
            // In the last pass an address of the mail itself counts too, if a line begins with it, because somebody may
            // write to themselves.
            let known = |address: &str| {
                if anybody { !line.trim_start_matches(['<', ' ', '>']).starts_with(address) } else { others(address) }
            };
            let Some(address) = ADDRESS
                .regex()
                .and_then(|regex| regex.find_iter(line).map(|found| found.as_str()).find(|address| !known(address)))
            else {
                continue;
            };
            if found.knows(address) {
                continue;
            }
            found.add(address, &told.about(address), None, None);
        }
        if !found.0.is_empty() {
            return;
        }
    }
}

/// Completes from the text what the fields did not say.
fn complete(bounced: &mut Bounced, told: &BounceText<'_>, alone: bool) {
    let mut said = told.about(&bounced.address);
    if alone && STATUS.group(&said).is_none() && REPLY.group(&said).is_none() {
        said = told.lines.join("\n");
    }
    if bounced.status.is_none() {
        bounced.status = STATUS.group(&said).map(str::to_owned);
    }
    let action = (!bounced.permanent && bounced.diagnostic.is_none()).then_some("failed");
    let known = bounced.diagnostic.clone().unwrap_or_default();
    bounced.permanent = is_permanent(bounced.status.as_deref(), action, &format!("{known} {said}"));
}

/// The Message-ID of the mail that came back.
fn original(parts: &Parts) -> Option<String> {
    let from_header = |text: &str| Header::of(text).get("message-id").and_then(|value| ids(value).into_iter().next());
    let attached = parts.mails.iter().find_map(|mail| {
        from_header(&String::from_utf8_lossy(mail.get(..mail.len().min(100_000)).unwrap_or_default()))
    });
    let headers =
        || parts.reports.iter().filter(|(kind, _)| kind.ends_with("headers")).find_map(|(_, text)| from_header(text));
    let written = || {
        let own = parts.header.get("message-id").map(ids).unwrap_or_default();
        let text: String = parts.text.chars().take(LONGEST).collect();
        MESSAGE_ID.regex().and_then(|regex| {
            regex
                .captures_iter(&text)
                .filter_map(|found| Some(found.get(1)?.as_str().to_owned()))
                .find(|id| !own.contains(id))
        })
    };
    let reported = || parts.reports.iter().find_map(|(_, text)| MESSAGE_ID.group(text).map(str::to_owned));
    attached.or_else(headers).or_else(reported).or_else(written)
}

static AN_ID: Pattern = Pattern::new(|| compile(r"message-?\s?id|brevets id|nachrichten-?id"));
static MESSAGE_ID: Pattern = Pattern::new(|| {
    compile(
        r"(?:message-?\s?id|meddelande-?id|brevets id|nachrichten-?id)\s*(?:\([^)]*\))?\s*:?\s*(?:is )?<([^<>\s]+@[^<>\s]+)>",
    )
});

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&STILL_TRYING, &STATUS, &ADDRESS, &super::bounce_text::NO_COPY, &ABOUT_SOMEBODY, &MESSAGE_ID, &AN_ID]
}
