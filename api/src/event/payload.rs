//! What an event says. Thin on purpose: ids and states, never a customer's words, so that erasing a customer does
//! not have to rewrite history, and so that what a viewer may see is decided when it is read.

#![expect(missing_docs, reason = "a field is named after what it holds")]

use chrono::{DateTime, Utc};
use entity::id::{
    CaseId, CustomerId, DisputeId, EnquiryId, EscalationId, HandoverId, LegalClockId, LetterId, MessageId,
    PartnerContactId, PartnerId, ReportId, StaffId, StatementId, TaskId, TaskUpdateId,
};
use entity::kind::{
    CaseStage, Channel, DisputeStatus, DueKind, EscalationReason, HandoverStatus, LegalClockState, OwnershipReason,
    TaskLateness, Visibility,
};
use serde::{Deserialize, Serialize};

/// One thing that happened to a case. The name of the variant is the `kind` in the store; variants and fields are
/// only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all_fields = "camelCase")]
pub enum Payload {
    /// The case was opened, with its owner.
    CaseOpened { report: ReportId, channel: Channel, owner: StaffId },
    /// Another report arrived for the case.
    ReportAttached { report: ReportId, channel: Channel },
    /// A report was put on another case.
    ReportMoved { report: ReportId, to: CaseId },
    /// Somebody said that whoever sent a report is the customer.
    SenderConfirmed { report: ReportId },
    /// The case is another customer's than was thought.
    CustomerChanged { from: CustomerId, to: CustomerId },
    /// Somebody wrote something.
    MessageAdded { message: MessageId, visibility: Visibility },
    /// Another person answers for the case now.
    OwnerChanged { from: StaffId, to: StaffId, reason: OwnershipReason },
    /// The owner offered the case to a colleague.
    HandoverOffered { handover: HandoverId, from: StaffId, to: StaffId },
    /// An offer was answered, taken back, ran out or was overtaken.
    HandoverEnded { handover: HandoverId, to: StaffId, status: HandoverStatus },
    /// Something is late, and a person above the owner was told.
    CaseEscalated { escalation: EscalationId, why: EscalationReason, level: i32, to: StaffId },
    /// The case was found to be the same as another, which goes on.
    CaseMerged { into: CaseId },
    /// The case was taken apart from the one it was merged into.
    CaseUnmerged { from: CaseId },
    /// Another case was merged into this one.
    CaseAbsorbed { case: CaseId },
    /// A case was taken out of this one again.
    CaseReleased { case: CaseId },
    /// The case moved on.
    StageChanged { from: CaseStage, to: CaseStage },
    /// The time by which the customer hears from us was set anew.
    NextContactChanged { due: DateTime<Utc> },
    /// A time was counted anew, because the calendar or the service level behind it changed.
    ClockMoved { clock: DueKind, due: DateTime<Utc> },
    /// The time for the answer stands still, until this time at the latest.
    AnswerPaused { until: DateTime<Utc> },
    /// The time for the answer goes on.
    AnswerResumed {},
    /// A legal clock was given the longer time that its law allows.
    LegalClockExtended { clock: LegalClockId, due: DateTime<Utc> },
    /// What a legal clock asks for was done, or its time came.
    LegalClockEnded { clock: LegalClockId, state: LegalClockState },
    /// Somebody beside the customer asked about the case.
    EnquiryRecorded { enquiry: EnquiryId },
    /// An enquiry had a first response, or its answer.
    EnquiryAnswered { enquiry: EnquiryId, in_full: bool },
    /// The owner asked a partner for something.
    TaskRequested { task: TaskId, partner: PartnerId },
    /// The partner took it on.
    TaskAccepted { task: TaskId, partner: PartnerId, eta: Option<DateTime<Utc>> },
    /// The partner told how it goes.
    TaskUpdated { task: TaskId, partner: PartnerId, update: TaskUpdateId },
    /// The partner reported it done.
    TaskCompleted { task: TaskId, partner: PartnerId },
    /// The partner refused it.
    TaskDeclined { task: TaskId, partner: PartnerId },
    /// The owner took it back.
    TaskWithdrawn { task: TaskId, partner: PartnerId },
    /// The owner reminded the partner of it.
    TaskReminded { task: TaskId, partner: PartnerId },
    /// The partner said who of its people does it.
    TaskAssigned { task: TaskId, partner: PartnerId, assignee: Option<PartnerContactId> },
    /// The partner is late with it, and the owner was told.
    TaskLate { task: TaskId, partner: PartnerId, late: TaskLateness, owner: StaffId },
    /// The partner said what it takes for the cause.
    StatementGiven { statement: StatementId, task: TaskId, partner: PartnerId },
    /// The owner began to find out which of several partners is responsible.
    DisputeOpened { dispute: DisputeId },
    /// The owner has found out, or it was none.
    DisputeEnded { dispute: DisputeId, status: DisputeStatus },
    /// A partner's systems could not be told anything for days.
    PartnerUnreachable { partner: PartnerId },
    /// A letter did not reach the customer, who does not know that we heard.
    CustomerUnreached { letter: LetterId },
}

impl Payload {
    /// Whether the customer of the case is told. What partners say goes to the owner, who decides what concerns
    /// the customer.
    #[must_use]
    pub fn for_customer(&self) -> bool {
        match self {
            Self::MessageAdded { visibility, .. } => *visibility == Visibility::Customer,
            Self::CaseOpened { .. }
            | Self::ReportAttached { .. }
            | Self::OwnerChanged { .. }
            | Self::StageChanged { .. }
            | Self::NextContactChanged { .. }
            | Self::AnswerPaused { .. }
            | Self::AnswerResumed {}
            | Self::CaseMerged { .. }
            | Self::CaseUnmerged { .. } => true,
            Self::ReportMoved { .. }
            | Self::SenderConfirmed { .. }
            | Self::CustomerChanged { .. }
            | Self::HandoverOffered { .. }
            | Self::HandoverEnded { .. }
            | Self::CaseEscalated { .. }
            | Self::CaseAbsorbed { .. }
            | Self::CaseReleased { .. }
            | Self::TaskRequested { .. }
            | Self::TaskAccepted { .. }
            | Self::TaskUpdated { .. }
            | Self::TaskCompleted { .. }
            | Self::TaskDeclined { .. }
            | Self::TaskWithdrawn { .. }
            | Self::TaskReminded { .. }
            | Self::TaskAssigned { .. }
            | Self::TaskLate { .. }
            | Self::StatementGiven { .. }
            | Self::DisputeOpened { .. }
            | Self::DisputeEnded { .. }
            | Self::PartnerUnreachable { .. }
            | Self::ClockMoved { .. }
            | Self::LegalClockExtended { .. }
            | Self::LegalClockEnded { .. }
            | Self::EnquiryRecorded { .. }
            | Self::EnquiryAnswered { .. }
            | Self::CustomerUnreached { .. } => false,
        }
    }

    /// The task it is about, and the partner whose task it is, who is told.
    #[must_use]
    pub fn task(&self) -> Option<(TaskId, PartnerId)> {
        match self {
            Self::TaskRequested { task, partner }
            | Self::TaskAccepted { task, partner, .. }
            | Self::TaskUpdated { task, partner, .. }
            | Self::TaskCompleted { task, partner }
            | Self::TaskDeclined { task, partner }
            | Self::TaskWithdrawn { task, partner }
            | Self::TaskReminded { task, partner }
            | Self::TaskAssigned { task, partner, .. }
            | Self::TaskLate { task, partner, .. }
            | Self::StatementGiven { task, partner, .. } => Some((*task, *partner)),
            _ => None,
        }
    }

    /// The member of staff who is told beside the owner: who lost the case, who is offered one, who is told that
    /// something is late.
    #[must_use]
    pub fn staff(&self) -> Option<StaffId> {
        match self {
            Self::OwnerChanged { from, .. } => Some(*from),
            Self::TaskLate { owner, .. } => Some(*owner),
            Self::HandoverOffered { to, .. } | Self::HandoverEnded { to, .. } | Self::CaseEscalated { to, .. } => {
                Some(*to)
            }
            _ => None,
        }
    }

    /// The word for the kind, and the rest, as the store keeps them.
    ///
    /// # Errors
    /// Never for the payloads above; the signature is serde's.
    pub fn split(&self) -> Result<(String, serde_json::Value), serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        let kind = whole.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        Ok((kind, whole.get_mut("data").map(serde_json::Value::take).unwrap_or_default()))
    }

    /// The payload as it was before [`Payload::split`].
    ///
    /// # Errors
    /// When a newer version of the service wrote a kind that this one does not know.
    pub fn join(kind: &str, data: &serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "kind": kind, "data": data }))
    }
}
