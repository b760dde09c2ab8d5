//! Evidence that a program sent a mail: fields that only programs write, senders that nobody reads, and an automatic
//! mail's subject together with an automatic mail's text. A subject alone, or a sender's name alone, is no evidence.

use super::away::LABELLED_AUTOMATIC;
use super::kind::{TICKET, short};
use super::parse::Parts;
use super::pattern::{Pattern, any, compile};

/// Addresses that only mail systems send from.
static DAEMON: Pattern = Pattern::new(|| {
    compile(
        r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail-?delivery|mail\.?delivery\.?(?:subsystem|system)|microsoftexchange[0-9a-f]{16,}|delivery-?status|noreply-bounce|mmdf|uucp|maildelivery)@|^mailer-daemon$",
    )
});
static DAEMON_NAME: Pattern = Pattern::new(|| {
    compile(
        r"^(?:internet )?(?:mail delivery (?:sub)?system|mail delivery service|mailer[- ]daemon|delivery subsystem|mail router|postmaster mail delivery.*)$",
    )
});
/// Addresses and names that mail systems use, and people too. They count only if the text says that a mail came back.
static PERHAPS_DAEMON: Pattern =
    Pattern::new(|| compile(r"^(?:postmaster|bounces?|bounce-.*|mailsystem|mailadmin|daemon)@|^postmaster$"));
static PERHAPS_DAEMON_NAME: Pattern = Pattern::new(|| {
    any(&[
        "^postmaster",
        "^system administrator$",
        "^systemadministrator$",
        "^systemadministratör$",
        "^mail system$",
        "^microsoft (?:outlook|exchange)$",
        "^delivery notification",
        "^mail administrator$",
        "^mail ?server$",
        "mail delivery",
        "mailer[- ]daemon",
    ])
});
/// Addresses that nobody reads, and addresses of programs.
static NO_REPLY: Pattern = Pattern::new(|| {
    compile(
        r"^(?:[^@]*[-_.+])?(?:no|not|do-?not|dont|ne-?pas|nicht|ej|svara-ej|inte)[-_.]?(?:reply|respond|svara|svar|repondre|antworten)[^@]*@|^(?:noreply|donotreply|ingensvar|svarainte|autoreply|auto-?reply|auto-?confirm|auto-?response|nagios|zabbix|icinga|cron|listserv|majordomo|mailman|fbl|abuse-?reports?)(?:[-+_][^@]*)?@",
    )
});
/// Addresses that programs use, and people too.
static PERHAPS_PROGRAM: Pattern = Pattern::new(|| {
    compile(
        r"^(?:notifications?|notify|newsletter|nyhetsbrev|mailings?|alerts?|alarm|monitor(?:ing)?|root|system|info-?mail|news)(?:[-+_.][^@]*)?@",
    )
});
static PRECEDENCE: Pattern = Pattern::new(|| compile(r"^(?:bulk|list|junk|auto_reply|auto-reply)"));
static CRON: Pattern = Pattern::new(|| compile(r"^\W*(?:cron daemon|asterisk pbx|anacron)\W*$"));
/// Fields by which help desks and list servers recognise their own mail.
static LOOP: Pattern = Pattern::new(|| compile(r"^x-(?:[a-z0-9]+-){0,4}(?:no-?)?loop(?:-[a-z]+)?$"));

/// Subjects of acknowledgements and alarms.
static LABEL: Pattern = Pattern::new(|| {
    any(&[
        r"^\[?(?:autoreply|auto-reply|auto reply|request received|ticket (?:received|created)|ärende (?:mottaget|skapat)|case (?:created|received))\]?\s*(?:[:\-–\[#\]]|$)",
        r"\bautoreply\b\s?:",
        r"^cron <\S+@\S+>",
        r"^\*\* (?:problem|recovery)\b",
        r"^report domain:",
        r"^(?:test )?(?:alert|alarm)\b.{0,20}:",
    ])
});
/// Text that says that the mail is automatic.
static SAYS_SO: Pattern = Pattern::new(|| {
    any(&[
        r"\b(?:this is an?|sent) automat(?:ic|ed)|\bautomatically (?:generated|sent)|\b(?:do not|don't) (?:reply|respond) to this|\bno need to reply",
        r"\bautomatiskt (?:meddelande|mejl|mail|utskick|svar|genererat|skickat)|\b(?:svara inte|går (?:inte|ej) att svara|kan inte svara) på (?:det här|detta|dessa)",
        r"\bautomatisk (?:generert|genereret|besked|melding|meddelelse|svar|mail|sendt)|\b(?:svar ikke|ikke svar|kan ikke (?:be)?svare[rs]?) på denne",
        r"\bautomaattinen (?:viesti|ilmoitus|vastaus)|\bälä vastaa|\bei voi vastata",
        r"\bautomatisch (?:generierte?|erzeugte?|erstellte?|versandte?|verschickt)|\bautomatische (?:nachricht|e-?mail|antwort)|\b(?:bitte )?(?:antworten sie )?nicht auf diese",
        r"\bmessage automatique|\bgénéré automatiquement|\bne (?:pas répondre|répondez pas)",
        r"\bmensaje automático|\bgenerado automáticamente|\bno responda",
        r"\bmessaggio automatico|\bgenerato automaticamente|\bnon rispondere",
        r"\bautomatisch (?:gegenereerd|bericht|verzonden)|\bniet (?:te )?(?:beantwoorden|reageren)",
        r"\bmensagem automática|\bgerada automaticamente|\bnão responda",
        r"\bwiadomość (?:została )?(?:wygenerowana )?automatyczn|\b(?:nie odpowiadać|nie odpowiadaj|prosimy nie odpowiadać)",
        r"\bnotification type:|\bstate: (?:critical|down|warning)|\b(?:host|service) alert",
    ])
});
static READ_SUBJECT: Pattern = Pattern::new(|| {
    compile(
        r"^(?:read|läst|lest|læst|luettu|gelesen|lu|leído|letto|gelezen|lida|przeczytano|not read|oläst|deleted without reading)\s?: ",
    )
});
static READ_WORDS: Pattern = Pattern::new(|| {
    any(&[
        r"^\s*your message\b.{0,400}\bwas (?:read|deleted)",
        r"^\s*ditt meddelande\b.{0,400}\b(?:lästes|togs bort|har lästs)",
        r"^\s*(?:meldingen (?:din)?|din (?:besked|meddelelse|melding)|dit brev)\b.{0,400}\b(?:ble lest|blev læst|er læst)",
        r"^\s*viestisi\b.{0,400}\bluettiin",
        r"^\s*ihre nachricht\b.{0,400}\b(?:wurde|gelesen)",
        r"^\s*votre message\b.{0,400}\b(?:lu|supprimé)",
        r"^\s*(?:el|su) mensaje\b.{0,400}\b(?:leyó|leído)",
        r"^\s*il (?:suo )?messaggio\b.{0,400}\bletto",
        r"^\s*uw bericht\b.{0,400}\bgelezen",
        r"^\s*(?:a )?sua mensagem\b.{0,400}\blida",
        r"^\s*(?:twoja )?wiadomość\b.{0,400}\b(?:przeczytana|odczytana)",
    ])
});
static CALENDAR: Pattern = Pattern::new(|| {
    compile(
        r"^(?:accepted|accepterat|declined|avböjt|tentative|preliminärt|godtatt|accepteret|hyväksytty|zugesagt|abgesagt|accepté|refusé|aceptado|rechazado|accettato|rifiutato|geaccepteerd|geweigerd|aceite|recusado|zaakceptowano|odrzucono)\s?: ",
    )
});
static CONFIRM: Pattern = Pattern::new(|| {
    compile(
        r"please confirm (?:your|that your) message|bekräfta (?:ditt|att ditt) meddelande|sender verification|confirm that you are (?:a )?human",
    )
});
static CONFIRM_WORDS: Pattern = Pattern::new(|| compile(r"https?://|\bclick\b|\bklicka\b|\breply to this\b"));

/// Fields that only programs write. Each one that is present is evidence.
const FIELDS: &[&str] = &[
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply",
    "x-autoresponder",
    "x-autogenerated",
    "x-auto-generated",
    "x-mailer-daemon",
    "x-cron-env",
    "x-jira-fingerprint",
    "x-asterisk-callerid",
    "x-vacation",
    "x-ms-exchange-calendar-series-instance-id",
];
/// The values of Return-Path that mean an empty sender.
const NOBODY: &[&str] = &["<>", "< >", "<mailer-daemon>"];
/// Fields that a list or a group adds to the mails that people send to it.
const LIST_FIELDS: &[&str] = &["list-id", "list-unsubscribe", "list-post", "list-help", "x-mailman-version"];

/// The evidence in a header.
#[derive(Clone)]
pub struct Clues {
    /// The subject, in one line.
    pub subject: String,
    /// The keyword of the Auto-Submitted field, in lower case (RFC 3834, 5).
    pub auto_submitted: Option<String>,
    /// Whether the envelope sender is empty (RFC 5321, 4.5.5).
    pub null_sender: bool,
    /// Whether the sender is a mail system.
    pub daemon: bool,
    /// Whether the sender may be a mail system.
    pub perhaps_daemon: bool,
    /// Why the mail is a receipt or a feedback report, if it is one.
    pub report: Option<String>,
    /// The evidence that a program sent the mail, in words.
    pub evidence: Vec<String>,
}

impl Clues {
    /// Reads a header. If `passed_on`, the fields that a group or a form adds to people's mails are no evidence.
    #[must_use]
    pub fn read(parts: &Parts, passed_on: bool) -> Self {
        let header = &parts.header;
        let subject = header.get("subject").unwrap_or_default().to_owned();
        let auto_submitted = header
            .get("auto-submitted")
            .map(|value| value.split([';', ' ', '(']).next().unwrap_or_default().to_ascii_lowercase())
            .filter(|value| !passed_on || value != "auto-generated");
        let null_sender =
            header.get("return-path").is_some_and(|path| NOBODY.contains(&path.trim().to_ascii_lowercase().as_str()));
        let from = parts.from.first();
        let is = |address: &Pattern, called: &Pattern| {
            from.is_some_and(|from| {
                address.is_in(&from.address) || from.name.as_deref().is_some_and(|name| called.is_in(name.trim()))
            })
        };
        let daemon = is(&DAEMON, &DAEMON_NAME);
        let mut evidence = Vec::new();
        if let Some(value) = auto_submitted.as_deref().filter(|value| !matches!(*value, "no" | "")) {
            evidence.push(format!("Auto-Submitted: {value}"));
        }
        let precedence = header.all("precedence").find(|value| PRECEDENCE.is_in(value.trim()));
        if let Some(value) = precedence.filter(|value| !passed_on || value.to_ascii_lowercase().contains("auto")) {
            evidence.push(format!("Precedence: {}", short(value)));
        }
        if null_sender && !passed_on {
            evidence.push("Return-Path: <>".to_owned());
        }
        let fields = FIELDS.iter().filter(|name| header.says(name)).copied();
        let lists = LIST_FIELDS.iter().filter(|name| !passed_on && header.says(name)).copied();
        let loops = header.names().filter(|name| {
            !passed_on && *name != "x-ms-exchange-inbox-rules-loop" && LOOP.is_in(name) && header.says(name)
        });
        let mut named: Vec<&str> = fields.chain(lists).chain(loops).collect();
        named.dedup();
        evidence.extend(named.into_iter().take(20).map(|name| format!("a {name} field")));
        if daemon {
            evidence.push(format!("the sender {}", from.map_or("", |from| from.address.as_str())));
        }
        let perhaps_daemon = daemon || is(&PERHAPS_DAEMON, &PERHAPS_DAEMON_NAME);
        Self { subject, auto_submitted, null_sender, daemon, perhaps_daemon, report: report(parts), evidence }
    }
}

fn report(parts: &Parts) -> Option<String> {
    let report = parts.reports.iter().find_map(|(kind, _)| match kind.as_str() {
        "message/disposition-notification" => Some("a receipt (RFC 8098)".to_owned()),
        "message/feedback-report" => Some("a feedback report (RFC 5965)".to_owned()),
        _ => None,
    });
    report.or_else(|| {
        (parts.kind.contains("disposition-notification") || parts.kind.contains("feedback-report"))
            .then(|| parts.kind.clone())
    })
}

/// Whether nobody reads what is sent to an address.
#[must_use]
pub fn reads_nothing(address: &str) -> bool {
    NO_REPLY.is_in(address) || DAEMON.is_in(address)
}

/// The sender as evidence, if only a program sends from its address. An address that people use too counts only if the
/// text says that the mail is automatic.
#[must_use]
pub fn sender(parts: &Parts, visible: &str) -> Option<String> {
    let from = parts.from.first()?;
    if NO_REPLY.is_in(&from.address) {
        return Some(format!("the sender {}", from.address));
    }
    if from.name.as_deref().is_some_and(|name| CRON.is_in(name)) {
        return Some("a program's name as sender".to_owned());
    }
    (PERHAPS_PROGRAM.is_in(&from.address) && SAYS_SO.is_in(&beginning(visible)))
        .then(|| format!("the sender {}, and words of a program", from.address))
}

/// The evidence that the subject and the text give together.
#[must_use]
pub fn content(parts: &Parts, subject: &str, visible: &str) -> Option<String> {
    let beginning = beginning(visible);
    let says_so = || SAYS_SO.is_in(&beginning) || TICKET.is_in(&beginning);
    let answers = || parts.header.get("in-reply-to").is_some() || parts.header.get("references").is_some();
    let calendar = || parts.attachments.iter().any(|file| file.content_type.starts_with("text/calendar"));
    let shown = READ_SUBJECT.is_in(subject) && READ_WORDS.is_in(&self::beginning(&parts.text).replace('\n', " "))
        || CALENDAR.is_in(subject) && calendar()
        || LABEL.is_in(subject) && says_so()
        || LABELLED_AUTOMATIC.is_in(subject) && (says_so() || answers())
        || CONFIRM.is_in(subject) && CONFIRM_WORDS.is_in(&beginning);
    shown.then(|| format!("the subject \"{}\", and words of a program", short(subject)))
}

fn beginning(visible: &str) -> String {
    visible.chars().take(1_500).collect()
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![
        &DAEMON,
        &DAEMON_NAME,
        &PERHAPS_DAEMON,
        &PERHAPS_DAEMON_NAME,
        &NO_REPLY,
        &PERHAPS_PROGRAM,
        &PRECEDENCE,
        &CRON,
        &LOOP,
        &LABEL,
        &SAYS_SO,
        &READ_SUBJECT,
        &READ_WORDS,
        &CALENDAR,
        &CONFIRM,
        &CONFIRM_WORDS,
    ]
}
