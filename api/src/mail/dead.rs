//! Whether an address that a mail did not reach is permanently unusable, by the status code and the other server's
//! text.

use super::pattern::{Pattern, any, compile};

/// The code of an SMTP reply (RFC 5321, 4.2).
pub(super) static REPLY: Pattern = Pattern::new(|| compile(r"(?:^|[^\d.])([45][0-5]\d)(?:[ -]|$)"));
static FULL: Pattern = Pattern::new(|| {
    any(&[
        "quota",
        "mailbox (?:is )?full",
        "(?:mail|in)box (?:is )?full",
        "inbox is full",
        "full mailbox",
        "insufficient (?:disk|storage|space)",
        "out of storage",
        "storage (?:space|limit)",
        "mailbox size",
        "exceeded .{0,30}(?:space|storage|limit)",
        "brevlåda.{0,20} full",
        "(?:postfach|mailbox).{0,30}voll",
        "boîte.{0,30}pleine",
        "disk full",
        "over ?quota|overfull|over (?:its|the|their) (?:quota|limit)",
        "(?:brevlåda|inkorg|postlåda).{0,30}\\bfull",
        "(?:postkasse|innboks|indbakke|postboks).{0,30}\\b(?:full|fuld)",
        "(?:postilaatikko|sähköpostilaatikko).{0,30}täynnä",
        "(?:buzón|bandeja).{0,30}llen[oa]",
        "(?:casella|cassetta).{0,30}\\bpiena",
        "(?:caixa).{0,30}\\bcheia",
        "skrzynka.{0,30}(?:pełna|przepełniona)",
        "(?:mailbox|postvak|brievenbus).{0,30}\\bvol\\b",
        "not enough space",
    ])
});
static NOBODY: Pattern = Pattern::new(|| {
    any(&[
        "user unknown",
        "unknown (?:user|recipient|address|local|mailbox)",
        "no such (?:user|recipient|address|person|mailbox|account|domain|host)",
        "(?:user|recipient|mailbox|address|account|domain|host)(?: name)? (?:was |is )?(?:not|n't) (?:found|known|listed|exist)",
        "does(?: not|n't) exist",
        "(?:invalid|bad|unrouteable|unroutable|undeliverable|non-?existent) (?:recipient|mailbox|address|user|destination|final delivery|domain)",
        "(?:mailbox|account|address|user|recipient) (?:has been |is |was )?(?:disabled|closed|inactive|deactivated|suspended|discontinued|terminated|deleted|removed|expired)",
        "not (?:a )?(?:valid|known) (?:user|recipient|mailbox|address)",
        "couldn't be found",
        "could not be found",
        "wasn't found",
        "not listed in",
        "isn't listed",
        "no mailbox here",
        "no (?:valid )?recipients?\\b",
        "recipientnotfound",
        "address not found",
        "unknown to",
        "not our customer",
        "name service error.{0,60}type=(?:a|mx).{0,40}host (?:or domain name )?not found",
        "host or domain name not found",
        "no mx",
        "nxdomain",
        "domain (?:name )?not found",
        "unrouteable mail domain",
        "no longer (?:with|on|available|valid|active|in use|works|accepts|here)",
        "finns inte",
        "okänd (?:mottagare|användare)",
        "unbekannter? (?:empfänger|benutzer)",
        "existiert nicht",
        "non-?existent hosts?",
        "n'existe pas",
        "inconnu",
        "no existe",
        "non esiste",
        "mailbox unavailable",
    ])
});
/// Texts that refuse the sender or the sender's server.
static OF_SENDER: Pattern = Pattern::new(|| {
    any(&[
        r"\bsender(?:'s)? (?:address |domain |email |host |ip |is |was |has been )*(?:rejected|refused|denied|blocked|blacklisted|invalid|unknown|not|does|verif)",
        r"\b(?:mail )?from (?:address |domain )?(?:<[^>]*> )?(?:is )?(?:rejected|refused|denied|blocked|not (?:permitted|allowed|authori[sz]ed|accepted))",
        r"\b(?:your|sending|client) (?:ip|host|server|domain|mta|network)\b",
        r"\b(?:not|no longer) accept(?:ing|ed)? (?:\w+ )?(?:mail|messages?|email) from\b|\baccept no mail from\b",
        r"\b(?:absender|avsändare|avsender|afsender|expéditeur|remitente|mittente|remetente|afzender|nadawc)\w*.{0,40}(?:abgelehnt|abgewiesen|gesperrt|blockiert|avvisa|nekad|blocker|refus|rifiut|bloque|rechaz|recusad|geweigerd|geblokkeerd|odrzuc|zablok)",
    ])
});
/// Texts that refuse the recipient.
static OF_RECIPIENT: Pattern = Pattern::new(|| {
    any(&[
        r"\brecipient (?:address )?(?:rejected|refused|unknown|not found|invalid)",
        r"\buser (?:unknown|not found|doesn't exist|does not exist)",
        r"\b(?:no such|unknown) (?:user|recipient|mailbox|address|local part)",
        r"\b(?:mailbox|account|address) (?:not found|does not exist|doesn't exist|unavailable)",
    ])
});
static REFUSED: Pattern = Pattern::new(|| {
    any(&[
        "spam",
        "\\bspf\\b",
        "\\bdkim\\b",
        "dmarc",
        "blocked",
        "black-?list",
        "block-?list",
        "blocklist",
        "reputation",
        "polic(?:y|ies)",
        "relay(?:ing)? (?:denied|access|not)",
        "not (?:permitted|allowed|authori[sz]ed) (?:to|by)",
        "too (?:large|big)",
        "exceeds? .{0,30}size",
        "size (?:limit|exceed)",
        "message (?:content|size)",
        "virus",
        "malware",
        "unsolicited",
        "bulk mail",
        "prohibited",
        "content reject",
        "sender (?:address )?(?:rejected|denied|verify)",
        "authenticat",
        "too many",
        "rate limit",
        "throttl",
        "too (?:quickly|much mail|fast)",
        "\\brate\\b",
        "spamhaus|barracudacentral|spamcop|sorbs|\\brbl\\b|dnsbl",
        "suspicious",
        "temporarily",
        "greylist",
        "graylist",
    ])
});
static FOR_NOW: Pattern = Pattern::new(|| {
    any(&[
        "timed out",
        "time-?out",
        "connection (?:refused|reset|lost|dropped)",
        "retry time",
        "temporar",
        "try again",
        "greylist",
        "graylist",
        "deferred",
        "delayed",
        "expired",
        "could not connect",
        "unreachable",
        "delivery time",
        "too long",
        "has not yet been delivered",
        "will be retried",
        "will keep trying",
        "still being retried",
        "(?:4|5|2|3|7) days",
        "hours",
    ])
});
/// Whether nobody is at the address, so that trying again makes no sense. The class of the status code does not show
/// it, because a full mailbox, a refusal of the sender or of spam, and too much mail at once have codes 5.x.x too (RFC
/// 3463, 3).
#[must_use]
pub fn is_permanent(status: Option<&str>, action: Option<&str>, said: &str) -> bool {
    if action.is_some_and(|action| action.starts_with("delayed"))
        || status.is_some_and(|status| status.starts_with('4'))
        || FULL.is_in(said)
    {
        return false;
    }
    let detail = status.and_then(|status| status.split_once('.')).map_or("", |(_, detail)| detail);
    let subject = detail.split('.').next().unwrap_or_default();
    // If the code may be about the sender or the recipient, the text says whom the refusal is about.
    let of_sender = OF_SENDER.is_in(said) && !OF_RECIPIENT.is_in(said);
    match (subject, detail) {
        // These codes are about the sender, the size, the system, a list or the time.
        (_, "1.7" | "1.8" | "1.9" | "2.2" | "2.3" | "2.4" | "3.4" | "4.7" | "4.5" | "3.1" | "3.2") | ("6", _) => false,
        ("7", _) => NOBODY.is_in(said) && !REFUSED.is_in(said) && !of_sender,
        // These codes are about the address, or about its mailbox, which was closed.
        (_, "1.1" | "1.2" | "1.3" | "1.6" | "1.10" | "2.1" | "4.4" | "4.6") => {
            NOBODY.is_in(said) || !REFUSED.is_in(said) && !of_sender
        }
        (_, "4.1") => NOBODY.is_in(said) || !FOR_NOW.is_in(said) && !of_sender,
        _ if of_sender => false,
        _ if NOBODY.is_in(said) => true,
        _ if REFUSED.is_in(said) => false,
        ("1", _) => true,
        _ => match REPLY.group(said).and_then(|code| code.get(..1)) {
            Some("4") => false,
            Some(_) => true,
            None if FOR_NOW.is_in(said) => false,
            None => status.is_some(),
        },
    }
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&REPLY, &FULL, &NOBODY, &OF_SENDER, &OF_RECIPIENT, &REFUSED, &FOR_NOW]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_dead_by_what_is_said_of_it_and_not_by_the_class_of_a_code() {
        for (status, said, dead) in [
            (
                "5.1.1",
                "550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
                true,
            ),
            ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", true),
            ("5.1.2", "Host or domain name not found", true),
            ("5.2.1", "550 5.2.1 This mailbox has been disabled", true),
            ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", true),
            ("5.7.1", "550 5.7.1 No such user here", true),
            ("", "550 Invalid recipient", true),
            ("", "550 finns inte", true),
            ("5.1.8", "553 5.1.8 Sender address rejected: Domain not found", false),
            ("5.1.7", "501 5.1.7 Bad sender address syntax", false),
            ("", "550 Sender address rejected: Domain not found", false),
            ("5.1.0", "550 5.1.0 sender rejected. AUP#CXSNDR", false),
            ("5.0.0", "550 Your IP has been blocked, see https://www.spamhaus.org/query", false),
            ("5.1.1", "550 5.1.1 blocked using zen.spamhaus.org", false),
            ("5.2.1", "550 5.2.1 The user you are trying to contact is receiving mail too quickly", false),
            ("5.2.0", "554 5.2.0 rate limit exceeded", false),
            ("5.7.0", "550 5.7.0 our system has detected that this message is suspicious", false),
            ("5.2.2", "552 5.2.2 Över kvoten", false),
            ("", "552 La boîte de réception est pleine", false),
            ("", "550 El buzón del destinatario está lleno", false),
            ("5.0.0", "550 Das Postfach ist voll", false),
            ("5.5.0", "skrzynka odbiorcy jest pełna", false),
            ("5.4.1", "5.4.1 no answer from host: timed out", false),
            ("5.3.4", "552 5.3.4 Message too big", false),
            ("4.7.0", "421 4.7.0 Try again later, closing connection", false),
            ("", "451 Temporary local problem", false),
            ("5.0.0", "Avsändaren har blockerats", false),
            ("", "550 Absender abgelehnt", false),
        ] {
            let status = Some(status).filter(|status| !status.is_empty());
            assert_eq!(is_permanent(status, Some("failed"), said), dead, "{said}");
        }
    }
}
