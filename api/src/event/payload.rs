//! The payloads of events. They hold only ids and states and never a customer's words. Erasing a customer therefore
//! rewrites no events, and what a viewer may see is decided when the event is read.

#![expect(missing_docs, reason = "a field is named after what it holds")]

use chrono::{DateTime, Utc};
use entity::id::{
    CaseChangeId, CaseId, CommitmentId, CustomerId, DisputeId, EnquiryId, EscalationId, HandoverId, LegalClockId,
    LetterId, MessageId, PartnerContactId, PartnerId, ReportId, StaffId, StatementId, StepId, TaskId, TaskMessageId,
    TaskUpdateId,
};
use entity::kind::{
    CaseField, CaseStage, Channel, ChaseKind, CommitmentState, DisputeStatus, DueKind, EscalationReason,
    HandoverStatus, LegalClockState, OwnershipReason, TaskLateness, Visibility,
};
use serde::{Deserialize, Serialize};

/// Defines the events. `to` names who gets an event besides the people at the seller who may see the case:
/// - `customer`: the customer of the case; with `visibility`, only if that is theirs. Events of tasks are not for them:
///   the owner decides what to tell the customer about them.
/// - `partner`: the partner, about its task.
/// - `staff`: a member of staff besides the owner: the former owner, the person who is offered the case, or the person to
///   whom an escalation went.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* }
        $(to $($audience:ident $(($($key:ident),+))?),+)?;)*) => {
        /// An event of a case. The name of the variant is stored as the event's `kind`. Variants and fields are only
        /// ever added.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "data", rename_all_fields = "camelCase")]
        pub enum Payload {
            $($(#[$doc])* $name { $($field: $type),* },)*
        }

        #[expect(unused_variables, reason = "each of these functions looks at one audience")]
        impl Payload {
            /// Whether the event is published to the customer of the case.
            #[must_use]
            pub fn for_customer(&self) -> bool {
                match self {
                    $(Self::$name { $($($($($key,)+)?)+)? .. } => {
                        false $($(|| audience!(customer: $audience $(($($key),+))?))+)?
                    })*
                }
            }

            /// The task of the event and its partner, to whom the event is published.
            #[must_use]
            pub fn task(&self) -> Option<(TaskId, PartnerId)> {
                match self {
                    $(Self::$name { $($($($($key,)+)?)+)? .. } => {
                        None $($(.or(audience!(partner: $audience $(($($key),+))?)))+)?
                    })*
                }
            }

            /// The member of staff to whom the event is published in addition to the owner.
            #[must_use]
            pub fn staff(&self) -> Option<StaffId> {
                match self {
                    $(Self::$name { $($($($($key,)+)?)+)? .. } => {
                        None $($(.or(audience!(staff: $audience $(($($key),+))?)))+)?
                    })*
                }
            }
        }
    };
}

/// What an audience of an event means to one of the functions above.
macro_rules! audience {
    (customer: customer) => {
        true
    };
    (customer: customer($visibility:ident)) => {
        *$visibility == Visibility::Customer
    };
    (partner: partner($task:ident, $partner:ident)) => {
        Some((*$task, *$partner))
    };
    (staff: staff($person:ident)) => {
        Some(*$person)
    };
    // The function asks for another audience.
    (customer: $($other:tt)+) => {
        false
    };
    (partner: $($other:tt)+) => {
        None::<(TaskId, PartnerId)>
    };
    (staff: $($other:tt)+) => {
        None::<StaffId>
    };
}

events! {
    /// The case was opened, with its first owner.
    CaseOpened { report: ReportId, channel: Channel, owner: StaffId } to customer;
    /// A report joined the case.
    ReportAttached { report: ReportId, channel: Channel } to customer;
    /// A report was moved to another case.
    ReportMoved { report: ReportId, to: CaseId };
    /// A member of staff confirmed that the sender of a report is the customer.
    SenderConfirmed { report: ReportId };
    /// The case got another customer, because the former one was wrong.
    CustomerChanged { from: CustomerId, to: CustomerId };
    /// Staff changed the case. The visibility says whether the customer sees one of the fields.
    CaseUpdated { change: CaseChangeId, fields: Vec<CaseField>, visibility: Visibility } to customer(visibility);
    /// The rules decided anew about the owner of the case, because somebody asked for it.
    CaseRoutedAgain { from: StaffId, to: StaffId, owner_seq: i64, number: i64 } to staff(from);
    /// A message was added.
    MessageAdded { message: MessageId, visibility: Visibility } to customer(visibility);
    /// A note mentions a colleague.
    StaffMentioned { message: MessageId, to: StaffId } to staff(to);
    /// The case got another owner.
    OwnerChanged { from: StaffId, to: StaffId, reason: OwnershipReason } to customer, staff(from);
    /// The owner offered the case to a colleague.
    HandoverOffered { handover: HandoverId, from: StaffId, to: StaffId } to staff(to);
    /// An offer was accepted, declined or withdrawn, expired, or was overtaken by another change.
    HandoverEnded { handover: HandoverId, to: StaffId, status: HandoverStatus } to staff(to);
    /// Something is late or soon will be, and a person above the owner was informed.
    CaseEscalated { escalation: EscalationId, why: EscalationReason, level: i32, to: StaffId } to staff(to);
    /// The case was merged into another case, which continues.
    CaseMerged { into: CaseId } to customer;
    /// The case was unmerged from the other case.
    CaseUnmerged { from: CaseId } to customer;
    /// Another case was merged into this one.
    CaseAbsorbed { case: CaseId };
    /// A case that had been merged into this one was unmerged.
    CaseReleased { case: CaseId };
    /// The case moved to another stage.
    StageChanged { from: CaseStage, to: CaseStage } to customer;
    /// The time of the next contact with the customer changed.
    NextContactChanged { due: DateTime<Utc> } to customer;
    /// A timer was recalculated, because a calendar or a service level changed.
    ClockMoved { clock: DueKind, due: DateTime<Utc> };
    /// The timer for the company's answer was paused, until this time at the latest.
    AnswerPaused { until: DateTime<Utc> } to customer;
    /// The pause of the timer for the company's answer ended.
    AnswerResumed {} to customer;
    /// A legal clock was extended to the longest time that its law allows.
    LegalClockExtended { clock: LegalClockId, due: DateTime<Utc> };
    /// What a legal clock requires was done, or its time passed.
    LegalClockEnded { clock: LegalClockId, state: LegalClockState };
    /// An enquiry by somebody other than the customer was recorded.
    EnquiryRecorded { enquiry: EnquiryId };
    /// An enquiry got a first response or its full answer.
    EnquiryAnswered { enquiry: EnquiryId, in_full: bool };
    /// The owner requested a task from a partner.
    TaskRequested { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The partner accepted the task.
    TaskAccepted { task: TaskId, partner: PartnerId, eta: Option<DateTime<Utc>> } to partner(task, partner);
    /// The partner reported progress on the task.
    TaskUpdated { task: TaskId, partner: PartnerId, update: TaskUpdateId } to partner(task, partner);
    /// The partner reported the task as done.
    TaskCompleted { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The partner declined the task.
    TaskDeclined { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The owner withdrew the task, or the case was closed.
    TaskWithdrawn { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The owner reminded the partner of the task.
    TaskReminded { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The owner or the partner wrote to the other about the task.
    TaskMessageAdded { task: TaskId, partner: PartnerId, message: TaskMessageId } to partner(task, partner);
    /// The owner refused a completion that the partner had reported, and set a new time.
    TaskRejected { task: TaskId, partner: PartnerId, message: TaskMessageId, due: DateTime<Utc> } to partner(task, partner);
    /// The owner shared more of the customer's data or more files with the partner.
    TaskShared { task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The partner said which of its people works on the task.
    TaskAssigned { task: TaskId, partner: PartnerId, assignee: Option<PartnerContactId> } to partner(task, partner);
    /// The partner is late with the task, and the owner was informed.
    TaskLate { task: TaskId, partner: PartnerId, late: TaskLateness, owner: StaffId } to partner(task, partner), staff(owner);
    /// The partner made a statement about the cause.
    StatementGiven { statement: StatementId, task: TaskId, partner: PartnerId } to partner(task, partner);
    /// The owner opened a dispute, to find out which of several partners is responsible.
    DisputeOpened { dispute: DisputeId };
    /// The dispute was decided, or dropped.
    DisputeEnded { dispute: DisputeId, status: DisputeStatus };
    /// The webhooks of a partner have failed for days, or a mail about a task did not reach its person.
    PartnerUnreachable { partner: PartnerId };
    /// A commitment was made: the customer was promised something by this time.
    CommitmentMade { commitment: CommitmentId, due: DateTime<Utc> } to customer;
    /// A commitment was kept, broken, renegotiated or withdrawn, or one that was broken was done afterwards.
    CommitmentEnded { commitment: CommitmentId, state: CommitmentState } to customer;
    /// A commitment is due on the next working day.
    CommitmentNear { commitment: CommitmentId, due: DateTime<Utc> };
    /// The customer had to ask for news; `times` counts how often by then.
    CaseChased { how: ChaseKind, times: i32 };
    /// The plan of the case was set or changed.
    PlanChanged { number: i32 } to customer;
    /// A step without a date was done.
    StepDone { step: StepId } to customer;
    /// A letter did not reach the customer, who must be called.
    CustomerUnreached { letter: LetterId };
}

impl Payload {
    /// The commitment that the event is about.
    #[must_use]
    pub const fn commitment(&self) -> Option<CommitmentId> {
        match self {
            Self::CommitmentMade { commitment, .. }
            | Self::CommitmentEnded { commitment, .. }
            | Self::CommitmentNear { commitment, .. } => Some(*commitment),
            _ => None,
        }
    }

    /// Splits the payload into its kind and its data, which are stored separately.
    ///
    /// # Errors
    /// Never for these payloads; the signature is that of `serde_json`.
    pub fn split(&self) -> Result<(String, serde_json::Value), serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        let kind = whole.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        Ok((kind, whole.get_mut("data").map(serde_json::Value::take).unwrap_or_default()))
    }

    /// Joins what [`Payload::split`] has split.
    ///
    /// # Errors
    /// When the kind is unknown, because a newer version of the service wrote it.
    pub fn join(kind: &str, data: &serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "kind": kind, "data": data }))
    }
}
