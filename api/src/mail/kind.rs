//! Who or what sent a mail: a person, a program, a mail system that could not deliver, or the automatic reply of
//! somebody who is away. The evidence is kept, because the consequences (no answer, no reopening) must be explained.

use entity::kind::EmailKind;

use super::away;
use super::bounce::Bounce;
use super::machine::{self, Clues};
use super::parse::Parts;
use super::pattern::{Pattern, any, compile};

static UNDELIVERED: Pattern = Pattern::new(|| {
    any(&[
        r"^(?:undeliver(?:able|ed)|unzustellbar|olevererbart?|kan inte levereras|kunde inte levereras|kunne ikke leveres|kan ikke leveres|ulevert|non remis|non distribuable|niet bestelbaar|onbestelbaar|no se puede entregar|no entregado|non recapitabile|impossibile recapitare|não entregue|não foi possível entregar|niedostarczon[ey]|nie można dostarczyć|toimittamaton|ei voitu toimittaa|det gick inte att leverera|ikke leveret)\b",
        r"delivery (?:status )?notification",
        r"delivery (?:has )?(?:fail|delay)",
        r"(?:mail|message) delivery (?:fail|problem|error|delay|status|report|subsystem|notification|has been)",
        r"undelivered mail",
        r"undeliverable (?:mail|message)",
        r"returned mail",
        r"returning message",
        r"failure notice",
        r"failure delivery",
        r"mail (?:system )?(?:error|failure|could not|was not)",
        r"(?:could|can)(?: not|n't) (?:be )?deliver",
        r"(?:non|not|un)[- ]?deliver",
        r"nondeliver",
        r"delivery report",
        r"message (?:not delivered|status|undeliverable|delayed|expired)",
        r"(?:warning|notice): (?:message|could not|mail|your message)",
        r"^(?:bounce|rejected)\b",
        r"error (?:sending|delivering)",
        r"problems? delivering",
        r"mail returned",
        r"^delivery$",
        r"delivery problem",
        r"e-?mail (?:address )?(?:not found|undeliverable|delivery)",
        r"user unknown",
        r"permanent (?:delivery )?failure",
        r"kunde inte (?:levereras|skickas)",
        r"levereras inte",
        r"leveransfel",
        r"misslyckad leverans",
        r"^leverans.{0,30}misslyck",
        r"zustellung",
        r"rapport d['’]échec",
        r"échec de (?:la )?remise",
        r"auto-?reply: delivery",
    ])
});
static UNDELIVERED_WORDS: Pattern = Pattern::new(|| {
    any(&[
        "could not be delivered",
        "couldn't be delivered",
        "was not delivered",
        "wasn't delivered",
        "not been delivered",
        "has not\\s+delivered",
        "unable to deliver",
        "undeliverable",
        "delivery (?:has )?failed",
        "delivery to (?:the following|these)",
        "permanent(?:ly)? (?:fatal )?error",
        "permanent failure",
        "returned to (?:sender|you)",
        "did not reach",
        "has been delayed",
        "delivery attempt",
        "user unknown",
        "unknown user",
        "550[ -]5?\\.?",
        "mailbox (?:is )?(?:full|unavailable)",
        "rejected (?:your|the) message",
        "kunde inte levereras",
        "gick inte att leverera",
        "nicht zugestellt",
        "n'a pas (?:pu )?(?:être|été) (?:remis|distribu)",
        "following (?:recipient|address)",
        "cannot be delivered",
        "can't be delivered",
        "not deliver",
        "delivery error",
        "undelivered",
        "transaction failed",
        "no such user",
        "fatal error",
    ])
});
static FIELDS_IN_TEXT: [Pattern; 2] =
    [Pattern::new(|| compile("final-recipient:")), Pattern::new(|| compile("reporting-mta:"))];

/// The kind of a mail and the evidence for it. `visible` is its text without quotes. If `passed_on`, what a group or a
/// form adds to people's mails is no evidence.
#[must_use]
pub fn tell(parts: &Parts, bounce: &Bounce, visible: &str, passed_on: bool) -> (EmailKind, Vec<String>) {
    let clues = Clues::read(parts, passed_on);
    if let Some(evidence) = bounced(parts, bounce, &clues) {
        return (EmailKind::Bounce, evidence);
    }
    if let Some(evidence) = clues.report.clone() {
        return (EmailKind::Machine, vec![evidence]);
    }
    // The sender says that a person wrote the mail (RFC 3834, 5).
    if clues.auto_submitted.as_deref() == Some("no") {
        return (EmailKind::Human, vec!["Auto-Submitted: no".to_owned()]);
    }
    if let Some(evidence) = away::read(parts, &clues, visible) {
        return (EmailKind::OutOfOffice, evidence);
    }
    let mut evidence = clues.evidence;
    evidence.extend(machine::content(parts, &clues.subject, visible));
    evidence.extend(machine::sender(parts, visible).filter(|_| !passed_on));
    if evidence.is_empty() { (EmailKind::Human, Vec::new()) } else { (EmailKind::Machine, evidence) }
}

/// The evidence that the mail is a bounce; none if it is not.
fn bounced(parts: &Parts, bounce: &Bounce, clues: &Clues) -> Option<Vec<String>> {
    let standard = parts.reports.iter().any(|(kind, _)| kind.ends_with("delivery-status"))
        || parts.kind.contains("delivery-status");
    if standard {
        return (!bounce.delivered).then(|| vec!["a delivery status notification (RFC 3464)".to_owned()]);
    }
    let mut evidence = Vec::new();
    if parts.header.get("x-failed-recipients").is_some() {
        evidence.push("an X-Failed-Recipients field".to_owned());
    }
    if parts.header.get("x-ms-exchange-message-is-ndr").is_some() {
        evidence.push("an X-MS-Exchange-Message-Is-Ndr field".to_owned());
    }
    let subject = UNDELIVERED.is_in(&clues.subject);
    let beginning: String = parts.text.chars().take(3_000).collect();
    let words = UNDELIVERED_WORDS.is_in(&beginning);
    let machine = clues.daemon
        || clues.null_sender
        || clues.auto_submitted.as_deref().is_some_and(|value| !matches!(value, "no" | "auto-replied"));
    let perhaps = clues.perhaps_daemon && (subject || words) && !bounce.recipients.is_empty();
    if machine && (subject || words) && !bounce.recipients.is_empty() || clues.daemon && subject || perhaps {
        evidence.push(format!("the subject \"{}\"", short(&clues.subject)));
        evidence.extend(clues.evidence.iter().take(2).cloned());
    }
    // If a person forwarded a notification, its fields are in the text.
    if evidence.is_empty()
        && subject
        && words
        && !bounce.recipients.is_empty()
        && FIELDS_IN_TEXT.iter().all(|pattern| pattern.is_in(&parts.text))
    {
        evidence.push("the fields of a notification in its text".to_owned());
    }
    (!evidence.is_empty()).then_some(evidence)
}

/// Phrases of ticket systems.
pub(super) static TICKET: Pattern = Pattern::new(|| {
    any(&[
        "we have received your",
        "has been received",
        "vi har (?:tagit|mottatt|mottaget|fått) (?:emot )?(?:ditt|din|deres|ert)",
        "ticket (?:number|id|#)",
        "ärendenummer",
        "your (?:request|ticket|case) (?:number )?(?:is|has|\\()",
        "wir haben ihre (?:anfrage|nachricht)",
        "(?:saksnummer|sagsnummer)",
    ])
});

pub(super) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&UNDELIVERED, &UNDELIVERED_WORDS, &TICKET]
}
