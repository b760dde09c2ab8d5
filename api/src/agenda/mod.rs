//! The agenda: what a person, a team or a seller has to do next, and by when. It is computed from existing rows:
//! timers, offered hand-overs, unanswered calls, and mails that could not be taken in. Nothing is stored for it.

pub mod query;
pub mod source;

use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId};
use entity::kind::DueKind;
use entity::{arrival, call_signal, due, handover};
use uuid::Uuid;

/// The kind of an item of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
pub enum WorkKind {
    /// You are to contact the customer: for the first time, or again by the time that they were told.
    Contact,
    /// The customer wrote, called in vain or used `askForNews`, and waits for a reply.
    Reply,
    /// The company's final answer is due (`closeCase`).
    Answer,
    /// A commitment to the customer is to be kept.
    Commitment,
    /// The customer must be called: a commitment was broken, a letter did not arrive, or they called and nobody
    /// answered.
    CallCustomer,
    /// A colleague has offered you the case, which you accept or decline.
    Handover,
    /// An escalation about a colleague's case was addressed to you. Only with the scope `MINE`.
    Escalation,
    /// A partner is late with a task.
    PartnerLate,
    /// A partner has asked something about its task and waits for the answer.
    AnswerPartner,
    /// Nothing has been done on the case for longer than the service level allows.
    OwnerSilent,
    /// A dispute between partners is to be decided by the owner (`endDispute`).
    Dispute,
    /// What a legal clock requires is to be done before it runs out.
    LegalClock,
    /// Somebody called, nobody answered, and the service does not know about which case. Due four hours after the first
    /// call.
    CallBack,
    /// A mail could not be taken in, and somebody must look at it. Due four hours after it came.
    QuarantinedMail,
}

impl WorkKind {
    /// Every kind, in the order in which work of the same time is listed.
    pub const ALL: &'static [Self] = &[
        Self::Contact,
        Self::Reply,
        Self::Answer,
        Self::Commitment,
        Self::CallCustomer,
        Self::Handover,
        Self::Escalation,
        Self::PartnerLate,
        Self::AnswerPartner,
        Self::OwnerSilent,
        Self::Dispute,
        Self::LegalClock,
        Self::CallBack,
        Self::QuarantinedMail,
    ];

    /// The kinds of timers that become work of this kind; none when it comes from other rows.
    #[must_use]
    pub const fn timers(self) -> &'static [DueKind] {
        match self {
            Self::Contact => &[DueKind::AcknowledgeBy, DueKind::ContactBy],
            Self::Reply => &[DueKind::ReplyBy],
            Self::Answer => &[DueKind::AnswerBy],
            Self::Commitment => &[DueKind::CommitmentBy],
            Self::CallCustomer => &[DueKind::CallBy],
            Self::PartnerLate => {
                &[DueKind::TaskAcceptBy, DueKind::TaskUpdateBy, DueKind::TaskDoneBy, DueKind::TaskAnswerBy]
            }
            Self::AnswerPartner => &[DueKind::TaskReplyBy],
            Self::OwnerSilent => &[DueKind::OwnerActsBy],
            Self::Dispute => &[DueKind::DisputeDecideBy],
            Self::LegalClock => &[DueKind::LegalClock],
            Self::Handover | Self::Escalation | Self::CallBack | Self::QuarantinedMail => &[],
        }
    }

    /// Whether it becomes work only when overdue, because somebody else must act before.
    #[must_use]
    pub const fn only_late(self) -> bool {
        matches!(self, Self::PartnerLate | Self::OwnerSilent)
    }

    /// The mutations that do the work or settle it, the most usual first.
    #[must_use]
    pub const fn acts(self) -> &'static [&'static str] {
        match self {
            Self::Contact => &["sendMessage", "logPhoneCall", "acknowledgeCase", "logVisit", "closeCase"],
            Self::Reply => &["sendMessage", "logPhoneCall", "closeCase"],
            Self::Answer => &["closeCase", "pauseAnswer"],
            Self::Commitment => &["keepCommitment", "renegotiateCommitment", "withdrawCommitment", "completeStep"],
            Self::CallCustomer => &["logPhoneCall", "recordCall"],
            Self::Handover => &["acceptHandover", "declineHandover"],
            Self::Escalation => &["sendMessage", "logPhoneCall", "reassignCase"],
            Self::PartnerLate => &["writeToTask", "remindTask", "withdrawTask", "rejectCompletion", "openDispute"],
            Self::AnswerPartner => &["writeToTask"],
            Self::OwnerSilent => &["sendMessage", "setPlan", "requestTask", "offerHandover"],
            Self::Dispute => &["endDispute"],
            Self::LegalClock => &["closeCase", "explainDelay", "extendLegalClock", "answerEnquiry"],
            Self::CallBack => &["logPhoneCall", "endCallSignal"],
            Self::QuarantinedMail => &["retryQuarantinedReport", "assignQuarantinedReport"],
        }
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
            let kinds = WorkKind::ALL.iter().filter(|kind| kind.timers().contains(timer)).count();
            let none = matches!(timer, DueKind::TellCustomer | DueKind::LetterFailed | DueKind::HandoverEnds);
            assert_eq!(kinds, usize::from(!none), "{timer:?}");
        }
    }

    #[test]
    fn every_kind_is_listed_once_and_has_an_act() {
        for (place, kind) in WorkKind::ALL.iter().enumerate() {
            assert!(!WorkKind::ALL[..place].contains(kind) && !kind.acts().is_empty(), "{kind:?}");
        }
    }
}
