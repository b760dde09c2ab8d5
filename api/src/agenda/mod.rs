//! The agenda: what a person, a team or a seller has to do next, and by when. It is computed from existing rows:
//! timers, offered hand-overs, unanswered calls, and mails that could not be taken in. Nothing is stored for it.

pub mod query;
pub mod source;

use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId};
use entity::kind::DueKind;
use entity::{arrival, call_signal, due, handover};
use uuid::Uuid;

pub use entity::kind::WorkKind;

/// The kinds of timers that become work of this kind; none when it comes from other rows.
#[must_use]
pub const fn timers_of(kind: WorkKind) -> &'static [DueKind] {
    match kind {
        WorkKind::Contact => &[DueKind::AcknowledgeBy, DueKind::ContactBy],
        WorkKind::Reply => &[DueKind::ReplyBy],
        WorkKind::Answer => &[DueKind::AnswerBy],
        WorkKind::Commitment => &[DueKind::CommitmentBy],
        WorkKind::CallCustomer => &[DueKind::CallBy],
        WorkKind::PartnerLate => {
            &[DueKind::TaskAcceptBy, DueKind::TaskUpdateBy, DueKind::TaskDoneBy, DueKind::TaskAnswerBy]
        }
        WorkKind::AnswerPartner => &[DueKind::TaskReplyBy],
        WorkKind::OwnerSilent => &[DueKind::OwnerActsBy],
        WorkKind::Dispute => &[DueKind::DisputeDecideBy],
        WorkKind::LegalClock => &[DueKind::LegalClock],
        WorkKind::Handover | WorkKind::Escalation | WorkKind::CallBack | WorkKind::QuarantinedMail => &[],
    }
}

/// Whether it becomes work only when overdue, because somebody else must act before.
#[must_use]
pub const fn only_late(kind: WorkKind) -> bool {
    matches!(kind, WorkKind::PartnerLate | WorkKind::OwnerSilent)
}

/// The mutations that do the work or settle it, the most usual first.
#[must_use]
pub const fn acts(kind: WorkKind) -> &'static [&'static str] {
    match kind {
        WorkKind::Contact => &["sendMessage", "logPhoneCall", "acknowledgeCase", "logVisit", "closeCase"],
        WorkKind::Reply => &["sendMessage", "logPhoneCall", "closeCase"],
        WorkKind::Answer => &["closeCase", "pauseAnswer"],
        WorkKind::Commitment => &["keepCommitment", "renegotiateCommitment", "withdrawCommitment", "completeStep"],
        WorkKind::CallCustomer => &["logPhoneCall", "recordCall"],
        WorkKind::Handover => &["acceptHandover", "declineHandover"],
        WorkKind::Escalation => &["sendMessage", "logPhoneCall", "reassignCase"],
        WorkKind::PartnerLate => &["writeToTask", "remindTask", "withdrawTask", "rejectCompletion", "openDispute"],
        WorkKind::AnswerPartner => &["writeToTask"],
        WorkKind::OwnerSilent => &["sendMessage", "setPlan", "requestTask", "offerHandover"],
        WorkKind::Dispute => &["endDispute"],
        WorkKind::LegalClock => &["closeCase", "explainDelay", "extendLegalClock", "answerEnquiry"],
        WorkKind::CallBack => &["logPhoneCall", "endCallSignal"],
        WorkKind::QuarantinedMail => &["retryQuarantinedReport", "assignQuarantinedReport"],
    }
}

/// Whose work is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The work of one person.
    Person {
        /// The person.
        id: StaffId,
        /// The seller, if the person is its accountable person: then work without an owner is theirs too.
        accountable_for: Option<SellerId>,
    },
    /// The work of these people on their cases.
    Team(Vec<StaffId>),
    /// The work of all people of a seller, and work without an owner.
    Seller(SellerId),
}

/// The row that an item of work comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// A timer.
    Timer(due::Model),
    /// An offer of a hand-over.
    Handover(handover::Model),
    /// Unanswered calls from one number.
    Call(call_signal::Model),
    /// A mail in quarantine.
    Mail(arrival::Model),
}

/// An item of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// The kind of work.
    pub kind: WorkKind,
    /// When the work arose.
    pub since: DateTime<Utc>,
    /// By when it is to be done.
    pub due_at: DateTime<Utc>,
    /// The row from which it was computed.
    pub because: Because,
}

/// The position of an item in the agenda: its time, the id of its row, and a rank that distinguishes items of the same
/// row and time.
pub type AgendaPosition = (DateTime<Utc>, Uuid, u8);

/// The most items of the same row and time.
pub const ALIKE: u64 = 16;

impl WorkItem {
    /// The position in the agenda.
    #[must_use]
    pub fn place(&self) -> AgendaPosition {
        let rank = |timer: DueKind| {
            let place = DueKind::ALL.iter().position(|kind| *kind == timer).unwrap_or_default();
            u8::try_from(place).unwrap_or(u8::MAX)
        };
        let (id, rank) = match &self.because {
            Because::Timer(row) => (row.subject_id, rank(row.kind)),
            Because::Handover(row) => (row.id.0, 0),
            Because::Call(row) => (row.id.0, 0),
            Because::Mail(row) => (row.id.0, 0),
        };
        (self.due_at, id, rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_timer_is_work_of_one_kind_or_of_none() {
        for timer in DueKind::ALL {
            let kinds = WorkKind::ALL.iter().filter(|kind| timers_of(**kind).contains(timer)).count();
            let none = matches!(timer, DueKind::TellCustomer | DueKind::LetterFailed | DueKind::HandoverEnds);
            assert_eq!(kinds, usize::from(!none), "{timer:?}");
        }
    }

    #[test]
    fn every_kind_is_listed_once_and_has_an_act() {
        for (place, kind) in WorkKind::ALL.iter().enumerate() {
            assert!(!WorkKind::ALL[..place].contains(kind) && !acts(*kind).is_empty(), "{kind:?}");
        }
    }
}
