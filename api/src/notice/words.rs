//! Puts the texts of notices together. A notice names the case and the reason; it quotes the customer only if the
//! seller wants that.

use entity::kind::{EscalationReason, Language, NoticeKind};

use crate::kit::text::truncated;
use crate::letter::template::Template;
use crate::texts::{self, Text};

/// The most characters of a message that are quoted.
const QUOTED: usize = 1_000;
/// The detail of a notice about a message by somebody who is not known to be the customer.
pub(super) const UNVERIFIED: &str = "UNVERIFIED";

/// The sentence of a notice of this kind and detail.
pub(super) fn sentence(kind: NoticeKind, detail: Option<&str>) -> Text {
    match (kind, detail) {
        (NoticeKind::Assigned, _) => texts::notice::assigned(),
        (NoticeKind::Handover, Some("HandoverEnded")) => texts::notice::handover_declined(),
        (NoticeKind::Handover, _) => texts::notice::handover_offered(),
        (NoticeKind::Escalated, detail) => late(detail),
        (NoticeKind::CustomerWrote, Some(UNVERIFIED)) => texts::notice::stranger_wrote(),
        (NoticeKind::CustomerWrote, _) => texts::notice::customer_wrote(),
        (NoticeKind::CallCustomer, _) => texts::notice::call_customer(),
        (NoticeKind::CommitmentTomorrow, _) => texts::notice::commitment_soon(),
        (NoticeKind::Mentioned, _) => texts::notice::mentioned(),
        (NoticeKind::Watched, _) => texts::notice::watched(),
        (NoticeKind::Task, detail) => task(detail),
    }
}

/// What is late, or soon will be.
fn late(detail: Option<&str>) -> Text {
    let reason = EscalationReason::ALL.iter().find(|reason| Some(reason.word()) == detail);
    match reason {
        Some(EscalationReason::NotAcknowledged) => texts::notice::not_acknowledged(),
        Some(EscalationReason::NotContacted) => texts::notice::not_contacted(),
        Some(EscalationReason::OwnerSilent) => texts::notice::owner_silent(),
        Some(EscalationReason::HandoverUnanswered) => texts::notice::handover_unanswered(),
        Some(EscalationReason::PartnerSilent) => texts::notice::partner_late(),
        Some(EscalationReason::PartnerWaits) => texts::notice::partner_waits(),
        Some(EscalationReason::DisputeUndecided) => texts::notice::dispute_undecided(),
        Some(EscalationReason::NotReplied) => texts::notice::not_replied(),
        Some(EscalationReason::NotAnswered) => texts::notice::not_answered(),
        Some(EscalationReason::LegalClock) => texts::notice::legal_clock(),
        Some(EscalationReason::CommitmentBroken) => texts::notice::commitment_broken(),
        None => texts::notice::something_late(),
    }
}

/// What a partner did about a task, or did not do in time.
fn task(detail: Option<&str>) -> Text {
    match detail.unwrap_or_default() {
        "TaskAccepted" => texts::notice::task_accepted(),
        "TaskCompleted" => texts::notice::task_completed(),
        "TaskDeclined" => texts::notice::task_declined(),
        "TaskMessageAdded" => texts::notice::task_message(),
        "PartnerUnreachable" => texts::notice::partner_unreachable(),
        "TaskLate" => texts::notice::partner_late(),
        "StatementGiven" => texts::notice::statement_given(),
        _ => texts::notice::task_updated(),
    }
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

/// The letter to a member of staff whose reply to a notice was not used, with the reason.
pub(super) fn not_used(language: Language) -> Template {
    Template::of(&texts::reply::not_used(), &texts::notice::not_used(), language)
}

/// The letter about one case.
pub(super) fn one(language: Language) -> Template {
    Template::of(&texts::notice::one_subject(), &texts::notice::one(), language)
}

/// The letter about several cases. The subject has the number of cases in the place of a reference.
pub(super) fn several(language: Language) -> Template {
    Template::of(&texts::notice::several_subject(), &texts::notice::several(), language)
}

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
