//! Who or what wrote a mail: a person, a program, a mail system that could not deliver, somebody's absence. With the
//! evidence, because what follows from it (no answer, no reopening) must be explained.

use super::bounce::Bounce;
use super::parse::Parts;
use super::pattern::{Pattern, any, compile};

/// What a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[graphql(name = "EmailKind")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A person wrote it.
    Human,
    /// A program sent it: an acknowledgement, a newsletter, a notification, a list.
    Machine,
    /// A mail system says that a mail of ours did not reach somebody, or not yet.
    Bounce,
    /// An automatic answer says that somebody is away.
    OutOfOffice,
    /// A person passes on another's mail.
    Forward,
}

impl Kind {
    /// Whether no person wrote it: it is answered by nothing, reopens nothing and sets no clock.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Machine | Self::Bounce | Self::OutOfOffice)
    }
}

static DAEMON: Pattern = Pattern::new(|| {
    compile(
        r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mailerdaemon|mdaemon|mail-?delivery|bounces?|bounce-.*|mail\.?delivery\.?(?:subsystem|system)|mailsystem|microsoftexchange[0-9a-f]{16,}|delivery-?status|noreply-bounce|root|mailadmin|mmdf|uucp|maildelivery|daemon)@|^(?:mailer-daemon|postmaster)$",
    )
});
static DAEMON_NAME: Pattern = Pattern::new(|| {
    any(&[
        "mail delivery (?:sub)?system",
        "mail delivery service",
        "mailer[- ]daemon",
        "^postmaster",
        "system administrator",
        "systemadministrator",
        "mail system",
        "microsoft (?:outlook|exchange)$",
        "internet mail delivery",
        "mail router",
        "delivery notification",
        "delivery subsystem",
        "mail administrator",
        "mailserver",
        "mail server",
    ])
});
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
static AWAY: Pattern = Pattern::new(|| {
    any(&[
        r"^(?:automatic reply|automatiskt svar|automatisk svar|automatisches? antwort|automatische antwort|automatisch antwoord|réponse automatique|respuesta automática|risposta automatica|resposta automática|odpowiedź automatyczna|autosvar|automaattinen vastaus|automatisk svar)\s?(?::|$|-)",
        r"^(?:auto|autoreply|auto-reply|auto reply|auto response|autoresponse|autosvar)\b\s?:",
        r"\bout[- ]of[- ](?:the[- ])?office\b",
        r"\booo\b",
        r"\bfrånvaro(?:meddelande)?\s?(?::|$)",
        r"\bikke til stede\b",
        r"\bikke på kontoret\b",
        r"\bfraværende\b|\bfravær\s?(?::|$)",
        r"\bpoissa\b",
        r"\bpoissaolo",
        r"\babwesen(?:d|heit)",
        r"\bnicht im (?:büro|hause?)\b",
        r"\baußer haus\b",
        r"\babsent(?:e)?\b",
        r"\babsence\b",
        r"\bausente\b",
        r"\bausencia\b",
        r"\bfuera de (?:la )?oficina\b",
        r"\bfora do escritório\b",
        r"\bausência\b",
        r"\bfuori (?:ufficio|sede)\b",
        r"\bassente\b",
        r"\bafwezig",
        r"\bniet op kantoor\b",
        r"\bnieobecn",
        r"\bpoza biurem\b",
        r"\bvacation\b",
        r"\bon (?:annual |parental |sick )?leave\b",
        r"\bsemester(?:svar|meddelande)\b",
        r"\bpå semester\b",
        r"\bbortrest\b",
        r"\burlaub",
        r"\blomalla\b",
        r"\bholiday (?:message|reply)",
        r"\baway from (?:the|my) (?:office|desk)",
    ])
});
static AWAY_WORDS: Pattern = Pattern::new(|| {
    any(&[
        r"out of (?:the )?office",
        r"away (?:from|until|on|till)",
        r"on (?:annual |parental |sick |maternity )?(?:leave|vacation|holiday)",
        r"limited access to (?:my )?(?:e-?mail|mail)",
        r"back (?:in the office|on|at)",
        r"i (?:will|shall) (?:be back|return)",
        r"return(?:ing)? (?:to the office )?on",
        r"på resande fot",
        r"kan inte läsa (?:mejl|mail|e-post)",
        r"semester",
        r"tillbaka (?:den|på|igen|i)",
        r"är (?:inte )?(?:på (?:kontoret|plats|jobbet)|ledig|bortrest|tjänstledig|föräldraledig)",
        r"föräldraledig",
        r"frånvarande",
        r"ferie",
        r"ikke på (?:kontoret|jobb|plass)",
        r"tilbake (?:den|på|igjen|i|mandag)",
        r"tilbage",
        r"(?:er|på) (?:ferie|orlov|permisjon)",
        r"lomalla|poissa|tavoitettavissa|palaan",
        r"urlaub|abwesend|nicht im (?:büro|haus)|wieder (?:für sie )?(?:da|erreichbar)|außer haus|rückkehr",
        r"absente?\b|en congés?|de retour|vacances",
        r"ausente|vacaciones|de vuelta|regreso|fuera de la oficina|de baja",
        r"assente|in ferie|fuori (?:ufficio|sede)|rientr",
        r"afwezig|vakantie|niet (?:op kantoor|aanwezig|bereikbaar)|weer (?:aanwezig|bereikbaar|terug)|met verlof",
        r"ausente|férias|regresso|retorno",
        r"nieobecn|urlop|wracam|poza biurem|na zwolnieniu",
    ])
});
static MACHINE_SUBJECT: Pattern = Pattern::new(|| {
    any(&[
        r"^\[?(?:autoreply|auto-reply|auto reply|request received|ticket received|ärende mottaget|autosvar)\b",
        r"\bautoreply\b\s?:",
        r"^(?:read|läst|lest|læst|luettu|gelesen|lu|leído|letto|gelezen|lida|przeczytano|not read|oläst|deleted without reading)\s?: ",
        r"^(?:accepted|accepterat|declined|avböjt|tentative|preliminärt|godtatt|accepteret|hyväksytty|zugesagt|abgesagt|accepté|aceptado|accettato|geaccepteerd|aceite|zaakceptowano)\s?: ",
        r"^cron <",
        r"^\*\* (?:problem|recovery)",
        r"^report domain:",
        r"^(?:test )?(?:alert|alarm)\b.{0,20}:",
    ])
});
static NO_REPLY: Pattern = Pattern::new(|| {
    compile(
        r"^(?:[^@]*[-_.+])?(?:no|not|do-?not|dont|ne-?pas|nicht|ej|svara-ej|inte)[-_.]?(?:reply|respond|svara|svar|repondre|antworten)[^@]*@|^(?:noreply|donotreply|ingensvar|svarainte|autoreply|auto-?reply|auto-?confirm|auto-?response|notifications?|notify|newsletter|nyhetsbrev|mailings?|alerts?|nagios|zabbix|cron|listserv|majordomo|mailman|fbl|abuse-?reports?)(?:[-+_.][^@]*)?@",
    )
});
static FIELDS_IN_TEXT: [Pattern; 2] =
    [Pattern::new(|| compile("final-recipient:")), Pattern::new(|| compile("reporting-mta:"))];
static PRECEDENCE: Pattern = Pattern::new(|| compile(r"^(?:bulk|list|junk|auto_reply|auto-reply)"));
static READ_WORDS: Pattern = Pattern::new(|| compile(r"^\s*(?:your message|ditt meddelande)\b"));
static CRON: Pattern = Pattern::new(|| compile(r"cron daemon|asterisk pbx|anacron"));
static CONFIRM: Pattern = Pattern::new(|| {
    compile(
        r"please confirm (?:your|that your) message|bekräfta (?:ditt|att ditt) meddelande|sender verification|confirm that you are (?:a )?human",
    )
});

/// Fields that only programs write; the first of each that is there is evidence.
const MACHINE_FIELDS: &[&str] = &[
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "x-loop",
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply",
    "x-autoresponder",
    "x-autogenerated",
    "x-auto-generated",
    "x-mailer-daemon",
    "x-cron-env",
    "x-jira-fingerprint",
    "x-otrs-loop",
    "x-rt-loop-prevention",
    "x-mailman-version",
    "x-asterisk-callerid",
    "x-vacation",
    "x-ms-exchange-calendar-series-instance-id",
];
/// Those that an absence's answer has.
const AWAY_FIELDS: &[&str] =
    &["x-autoreply", "x-autorespond", "x-ms-exchange-inbox-rules-loop", "x-vacation", "x-auto-reply"];

/// Says what a mail is, and why.
#[must_use]
pub fn tell(parts: &Parts, bounce: &Bounce, visible: &str) -> (Kind, Vec<String>) {
    let clues = Clues::read(parts);
    if let Some(evidence) = bounced(parts, bounce, &clues) {
        return (Kind::Bounce, evidence);
    }
    if let Some(evidence) = clues.report.clone() {
        return (Kind::Machine, vec![evidence]);
    }
    // The sender says that a person wrote it (RFC 3834, 5).
    if clues.auto_submitted.as_deref() == Some("no") {
        return (Kind::Human, vec!["Auto-Submitted: no".to_owned()]);
    }
    if let Some(evidence) = away(parts, &clues, visible) {
        return (Kind::OutOfOffice, evidence);
    }
    let mut evidence = clues.evidence;
    if MACHINE_SUBJECT.is_in(&clues.subject)
        && (!clues.subject.to_lowercase().starts_with("read") || READ_WORDS.is_in(&parts.text))
    {
        evidence.push(format!("the subject \"{}\"", short(&clues.subject)));
    }
    if let Some(from) = parts.from.first() {
        if NO_REPLY.is_in(&from.address) {
            evidence.push(format!("the sender {}", from.address));
        } else if from.name.as_deref().is_some_and(|name| CRON.is_in(name)) {
            evidence.push("a program's name as sender".to_owned());
        }
    }
    if CONFIRM.is_in(&clues.subject) {
        evidence.push("it asks for a confirmation".to_owned());
    }
    if evidence.is_empty() { (Kind::Human, Vec::new()) } else { (Kind::Machine, evidence) }
}

/// What the header shows.
struct Clues {
    subject: String,
    auto_submitted: Option<String>,
    /// Sent back by nobody (RFC 5321, 4.5.5).
    null_sender: bool,
    daemon: bool,
    report: Option<String>,
    evidence: Vec<String>,
}

impl Clues {
    fn read(parts: &Parts) -> Self {
        let header = &parts.header;
        let subject = header.get("subject").unwrap_or_default().to_owned();
        let auto_submitted = header
            .get("auto-submitted")
            .map(|value| value.split([';', ' ', '(']).next().unwrap_or_default().to_ascii_lowercase());
        let null_sender =
            header.get("return-path").is_some_and(|path| path.split_whitespace().collect::<String>() == "<>");
        let from = parts.from.first();
        let daemon = from.is_some_and(|from| {
            DAEMON.is_in(&from.address) || from.name.as_deref().is_some_and(|name| DAEMON_NAME.is_in(name))
        });
        let mut evidence = Vec::new();
        if let Some(value) = auto_submitted.as_deref().filter(|value| !matches!(*value, "no" | "")) {
            evidence.push(format!("Auto-Submitted: {value}"));
        }
        if let Some(value) = header.get("precedence").filter(|value| PRECEDENCE.is_in(value)) {
            evidence.push(format!("Precedence: {}", short(value)));
        }
        if null_sender {
            evidence.push("Return-Path: <>".to_owned());
        }
        evidence.extend(
            MACHINE_FIELDS.iter().filter(|name| header.get(name).is_some()).map(|name| format!("a {name} field")),
        );
        if daemon {
            evidence.push(format!("the sender {}", from.map_or("", |from| from.address.as_str())));
        }
        let report = parts.reports.iter().find_map(|(kind, _)| match kind.as_str() {
            "message/disposition-notification" => Some("a receipt (RFC 8098)".to_owned()),
            "message/feedback-report" => Some("a feedback report (RFC 5965)".to_owned()),
            _ => None,
        });
        let report = report.or_else(|| {
            (parts.kind.contains("disposition-notification") || parts.kind.contains("feedback-report"))
                .then(|| parts.kind.clone())
        });
        Self { subject, auto_submitted, null_sender, daemon, report, evidence }
    }
}

/// Why it is a bounce, if it is.
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
    if machine && (subject || words) && !bounce.recipients.is_empty() || clues.daemon && subject {
        evidence.push(format!("the subject \"{}\"", short(&clues.subject)));
        evidence.extend(clues.evidence.iter().take(2).cloned());
    }
    // A notification that was sent on as a person's mail would: its fields are in the text.
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

/// Why it is the answer of somebody's absence, if it is.
fn away(parts: &Parts, clues: &Clues, visible: &str) -> Option<Vec<String>> {
    let subject = clues.subject.trim();
    let says_so = AWAY.is_in(subject);
    let beginning: String = visible.chars().take(1_500).collect();
    let words = AWAY_WORDS.is_in(&beginning);
    let replied =
        clues.auto_submitted.as_deref().is_some_and(|value| value == "auto-replied" || value == "auto-generated");
    let field = AWAY_FIELDS.iter().find(|name| parts.header.get(name).is_some());
    let automatic = replied || field.is_some() || clues.null_sender || !clues.evidence.is_empty();
    let listed = parts.header.has_any("list-");
    if listed || clues.daemon || ANSWERED.is_in(subject) && !automatic {
        return None;
    }
    let begins = AWAY_BEGINS.is_in(subject);
    let told = match (automatic, says_so, words, begins) {
        (true, true, _, _) if words || begins => !TICKET.is_in(&beginning) || words,
        (true, _, true, _) => !TICKET.is_in(&beginning),
        (false, _, _, true) => words || !TICKET.is_in(&beginning),
        _ => false,
    };
    told.then(|| {
        let mut evidence = vec![format!("the subject \"{}\"", short(subject))];
        evidence.extend(clues.auto_submitted.iter().map(|value| format!("Auto-Submitted: {value}")));
        evidence.extend(field.map(|name| format!("an {name} field")));
        if words {
            evidence.push("it says that somebody is away".to_owned());
        }
        evidence
    })
}

/// A person answers an automatic mail: "Sv: Automatiskt svar: …".
static ANSWERED: Pattern = Pattern::new(|| compile(r"^(?:re|sv|aw|vs|antw|odp|res|rif|r)\s?:"));
static AWAY_BEGINS: Pattern = Pattern::new(|| {
    compile(
        r"^(?:auto(?:matic)?[- ]?(?:reply|response)|automatiskt svar|automatisk svar|automatische antwort|automatisch antwoord|réponse automatique|respuesta automática|risposta automatica|resposta automática|odpowiedź automatyczna|autosvar|auto|automaattinen vastaus|frånvaro(?:meddelande)?|out of (?:the )?office(?: autoreply)?|abwesenheitsnotiz|abwesenheit|ikke til stede|fravær|poissa|poissaoloilmoitus|absence|absent|ausente|fuori ufficio|afwezig(?:heid)?|nieobecność)\b",
    )
});
/// A ticket system's words.
static TICKET: Pattern = Pattern::new(|| {
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

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![
        &DAEMON,
        &DAEMON_NAME,
        &UNDELIVERED,
        &UNDELIVERED_WORDS,
        &AWAY,
        &AWAY_WORDS,
        &MACHINE_SUBJECT,
        &NO_REPLY,
        &PRECEDENCE,
        &READ_WORDS,
        &CRON,
        &CONFIRM,
        &ANSWERED,
        &AWAY_BEGINS,
        &TICKET,
    ]
}
