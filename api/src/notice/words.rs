//! The texts of notices, in English and Swedish. A notice names the case and the reason; it quotes the customer only if
//! the seller wants that.

use entity::kind::{EscalationReason, Language, NoticeKind};

use crate::kit::text::{Text, truncated};
use crate::letter::template::Template;

/// The most characters of a message that are quoted.
const QUOTED: usize = 1_000;
/// The detail of a notice about a message by somebody who is not known to be the customer.
pub(super) const UNVERIFIED: &str = "UNVERIFIED";

/// The sentence of a notice of this kind and detail.
pub(super) fn sentence(kind: NoticeKind, detail: Option<&str>) -> Text {
    let (en, sv) = match (kind, detail) {
        (NoticeKind::Assigned, _) => ("You answer for this case now.", "Du ansvarar för ärendet nu."),
        (NoticeKind::Handover, Some("HandoverEnded")) => (
            "Your colleague has declined to take the case over. You still answer for it.",
            "Din kollega har tackat nej till att ta över ärendet. Du ansvarar fortfarande för det.",
        ),
        (NoticeKind::Handover, _) => (
            "A colleague offers you this case. Please accept or decline it.",
            "En kollega erbjuder dig ärendet. Tacka ja eller nej.",
        ),
        (NoticeKind::Escalated, detail) => late(detail),
        (NoticeKind::CustomerWrote, Some(UNVERIFIED)) => (
            "Somebody has written about the case who is not known to be its customer.",
            "Någon som inte är känd som kund i ärendet har skrivit om det.",
        ),
        (NoticeKind::CustomerWrote, _) => {
            ("The customer has written or asked for news.", "Kunden har skrivit eller bett om besked.")
        }
        (NoticeKind::CallCustomer, _) => {
            ("A letter did not reach the customer. Please call them.", "Ett brev nådde inte kunden. Ring kunden.")
        }
        (NoticeKind::CommitmentTomorrow, _) => (
            "Something that the customer was promised is due soon.",
            "Något som kunden har blivit lovad ska snart vara klart.",
        ),
        (NoticeKind::Task, detail) => task(detail),
    };
    Text::new(en, sv)
}

/// What is late, or soon will be.
fn late(detail: Option<&str>) -> (&'static str, &'static str) {
    let reason = EscalationReason::ALL.iter().find(|reason| Some(reason.word()) == detail);
    match reason {
        Some(EscalationReason::NotAcknowledged) => (
            "The customer has not heard from us for the first time, and the time for it has passed.",
            "Kunden har inte hört något från oss än, och tiden för det har gått ut.",
        ),
        Some(EscalationReason::NotContacted) => (
            "The customer has not heard from us by the time that we said.",
            "Kunden har inte hört något från oss inom den tid som vi har sagt.",
        ),
        Some(EscalationReason::OwnerSilent) => {
            ("Nothing has been done on the case for too long.", "Ingenting har gjorts i ärendet på för länge.")
        }
        Some(EscalationReason::HandoverUnanswered) => (
            "Nobody has answered the offer to take the case over.",
            "Ingen har svarat på erbjudandet att ta över ärendet.",
        ),
        Some(EscalationReason::PartnerSilent) => {
            ("A partner is late with its task.", "En partner är sen med sin uppgift.")
        }
        Some(EscalationReason::PartnerWaits) => (
            "A partner has asked something about its task and has had no answer.",
            "En partner har frågat något om sin uppgift och inte fått svar.",
        ),
        Some(EscalationReason::DisputeUndecided) => {
            ("The dispute between partners is not decided.", "Tvisten mellan partnerna är inte avgjord.")
        }
        Some(EscalationReason::NotReplied) => {
            ("The customer wrote and has had no reply.", "Kunden har skrivit och inte fått svar.")
        }
        Some(EscalationReason::NotAnswered) => {
            ("The time for our answer has passed.", "Tiden för vårt besked har gått ut.")
        }
        Some(EscalationReason::LegalClock) => (
            "The time that a law gives us is running out or has run out.",
            "Tiden som en lag ger oss är snart ute eller har gått ut.",
        ),
        Some(EscalationReason::CommitmentBroken) => (
            "A promise to the customer was broken. Please call them.",
            "Ett löfte till kunden har brutits. Ring kunden.",
        ),
        None => ("Something about the case is late.", "Något i ärendet är försenat."),
    }
}

/// What a partner did about a task, or did not do in time.
fn task(detail: Option<&str>) -> (&'static str, &'static str) {
    match detail.unwrap_or_default() {
        "TaskAccepted" => ("A partner has accepted its task.", "En partner har tagit sig an sin uppgift."),
        "TaskCompleted" => ("A partner reports its task done.", "En partner har rapporterat att uppgiften är klar."),
        "TaskDeclined" => ("A partner has declined its task.", "En partner har tackat nej till sin uppgift."),
        "TaskMessageAdded" => ("There is a message about a task.", "Det finns ett meddelande om en uppgift."),
        "PartnerUnreachable" => (
            "A partner could not be reached by the service. Please call them.",
            "Tjänsten kunde inte nå en partner. Ring dem.",
        ),
        "TaskLate" => ("A partner is late with its task.", "En partner är sen med sin uppgift."),
        "StatementGiven" => {
            ("A partner has said what it thinks was the cause.", "En partner har sagt vad den tror är orsaken.")
        }
        _ => ("A partner has reported on its task.", "En partner har rapporterat om sin uppgift."),
    }
}

/// How to answer a notice about one case.
pub(super) fn how_to_answer(to_customer: &str, language: Language) -> String {
    let text = Text::new(
        format!(
            "Reply to this mail to leave a note on the case, which only colleagues read. To write to the customer, send a \
             mail from this address to {to_customer} instead."
        ),
        format!(
            "Svara på det här mejlet för att lämna en anteckning i ärendet, som bara kollegor läser. Vill du skriva till \
             kunden, skicka i stället ett mejl från den här adressen till {to_customer}."
        ),
    );
    text.read_in(language).to_owned()
}

/// The line of a summary that counts the cases for which there was no room.
pub(super) fn more(count: usize, language: Language) -> String {
    let text = Text::new(
        format!("Further cases: {count}. They are in your agenda."),
        format!("Ytterligare ärenden: {count}. De finns i din agenda."),
    );
    text.read_in(language).to_owned()
}

/// Each sentence once, with its number of occurrences.
pub(super) fn counted(sentences: Vec<String>) -> Vec<String> {
    let mut all: Vec<(String, usize)> = Vec::new();
    for said in sentences {
        match all.iter_mut().find(|(known, _)| *known == said) {
            Some((_, count)) => *count += 1,
            None => all.push((said, 1)),
        }
    }
    let counted = |(said, count): (String, usize)| if count == 1 { said } else { format!("{said} ({count})") };
    all.into_iter().map(counted).collect()
}

/// The beginning of a message, with `>` before each line.
pub(super) fn quoted(body: &str) -> String {
    let end = if body.chars().count() > QUOTED { " …" } else { "" };
    format!("> {}{end}", truncated(body, QUOTED).replace('\n', "\n> "))
}

/// The sentence that a commitment is due soon, at this time.
pub(super) fn near(by: &str, language: Language) -> String {
    let text = Text::new(
        format!("Something that the customer was promised is due by {by}."),
        format!("Något som kunden har blivit lovad ska vara klart senast {by}."),
    );
    text.read_in(language).to_owned()
}

/// The letter to a member of staff whose reply to a notice was not used, with the reason.
pub(super) fn not_used(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("Ditt svar har inte använts", NOT_USED_SV),
        Language::En => ("Your answer was not used", NOT_USED_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

/// The letter about one case.
pub(super) fn one(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("[{{reference}}] Ärende hos {{seller}}", ONE_SV),
        Language::En => ("[{{reference}}] Case at {{seller}}", ONE_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

/// The letter about several cases. The subject has the number of cases in the place of a reference.
pub(super) fn several(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("Nytt i {{reference}} ärenden hos {{seller}}", SEVERAL_SV),
        Language::En => ("News of {{reference}} cases at {{seller}}", SEVERAL_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

const NOT_USED_SV: &str = "\
Hej {{owner}}!

Ditt svar på ett meddelande om ett ärende har inte sparats i ärendet, och kunden har inte fått det.

{{reason}}

Öppna ärendet och skriv där i stället.
";

const NOT_USED_EN: &str = "\
Hello {{owner}},

Your answer to a notice about a case was not kept on the case, and the customer has not had it.

{{reason}}

Please open the case and write there instead.
";

const ONE_SV: &str = "\
Hej {{owner}}!

{{message}}

{{#due}}Kunden ska höra från oss senast {{due}}.{{/due}}

{{#link}}Öppna ärende {{reference}}: {{link}}{{/link}}

{{reason}}
";

const ONE_EN: &str = "\
Hello {{owner}},

{{message}}

{{#due}}The customer is to hear from us no later than {{due}}.{{/due}}

{{#link}}Open case {{reference}}: {{link}}{{/link}}

{{reason}}
";

const SEVERAL_SV: &str = "\
Hej {{owner}}!

{{message}}

Det här mejlet kan inte besvaras. Öppna ett ärende för att skriva i det.
";

const SEVERAL_EN: &str = "\
Hello {{owner}},

{{message}}

This mail cannot be answered. Open a case to write on it.
";

#[cfg(test)]
mod tests {
    use super::*;

    /// The details that a notice of this kind may have.
    fn details(kind: NoticeKind) -> Vec<Option<&'static str>> {
        match kind {
            NoticeKind::Escalated => EscalationReason::ALL.iter().map(|reason| Some(reason.word())).collect(),
            NoticeKind::Handover => vec![Some("HandoverOffered"), Some("HandoverEnded")],
            NoticeKind::CustomerWrote => vec![None, Some(UNVERIFIED)],
            NoticeKind::Task => [
                "TaskAccepted",
                "TaskUpdated",
                "TaskCompleted",
                "TaskDeclined",
                "TaskLate",
                "TaskMessageAdded",
                "StatementGiven",
                "PartnerUnreachable",
            ]
            .map(Some)
            .to_vec(),
            _ => vec![None],
        }
    }

    #[test]
    fn every_notice_has_words_of_its_own_in_both_languages() {
        for language in [Language::En, Language::Sv] {
            let mut said: Vec<String> = Vec::new();
            for kind in NoticeKind::ALL {
                for detail in details(*kind).into_iter().filter(|detail| *detail != Some("TaskLate")) {
                    let words = sentence(*kind, detail).read_in(language).to_owned();
                    // The sentence that a partner is late is the same for everybody.
                    assert!(!said.contains(&words), "{kind:?} {detail:?}: {words}");
                    said.push(words);
                }
            }
        }
    }
}
