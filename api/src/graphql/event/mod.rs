//! Events as the seller's staff see them: one type for each kind of event.

pub mod customer;
pub mod follow;
pub mod source;
pub mod subscription;
pub mod turn;

pub use self::change::{CaseRoutedAgain, CaseUpdated, StaffMentioned};
pub use self::clock::{
    AnswerPaused, AnswerResumed, ClockMoved, EnquiryAnswered, EnquiryRecorded, LegalClockEnded, LegalClockExtended,
};
pub use self::commitment::{CaseChased, CommitmentEnded, CommitmentMade, CommitmentNear, PlanChanged, StepDone};
pub use self::task::{
    TaskAccepted, TaskAssigned, TaskCompleted, TaskDeclined, TaskLate, TaskMessageAdded, TaskRejected, TaskReminded,
    TaskRequested, TaskShared, TaskUpdated, TaskWithdrawn,
};

use async_graphql::{Context, ID, Interface, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{
    CaseId, CustomerId, DisputeId, HandoverId, LetterId, MessageId, PartnerId, ReportId, StaffId, StatementId,
};
use entity::kind::{CaseStage, Channel, DisputeStatus, EscalationReason, HandoverStatus, OwnershipReason};

use super::case::Case;
use super::context::{ContextExt, fault_error, int, part_id, required_row};
use super::customer::Customer;
use super::dispute::{Dispute, Statement};
use super::handover::Handover;
use super::letter::Letter;
use super::message::Message;
use super::partner::Partner;
use super::party::Party;
use super::report::Report;
use super::staff::Staff;
use crate::event::payload::Payload;
use crate::kit::error::Fault;

/// Defines the interface of all events of a case, and how a row of the log becomes one of them.
macro_rules! case_events {
    ($($name:ident)*) => {
        /// An event: something that happened to a case. The events of a case are numbered 1, 2, 3 … without gaps. An event says
        /// what happened then; the objects that it links to are shown as they are at the time of reading.
        #[derive(Interface)]
        #[graphql(
            field(
                name = "id",
                ty = "ID",
                desc = "The id of the event, opaque. Every stream and list shows the same event with the same id."
            ),
            field(
                name = "seq",
                ty = "i32",
                desc = "The number of the event on its case: 1, 2, 3 … without gaps. It is the cursor to resume after."
            ),
            field(name = "at", ty = "DateTime<Utc>", desc = "When it happened, UTC."),
            field(name = "by", ty = "Party", desc = "The party that did it."),
            field(name = "case", ty = "Result<Case>", desc = "The case that it happened to, as it is at the time of reading.")
        )]
        #[expect(missing_docs, reason = "each type says what happened")]
        pub enum CaseEvent {
            $($name($name),)*
        }

        impl CaseEvent {
            /// The event that this row of the event log holds.
            ///
            /// # Errors
            /// When a newer version of the service wrote a kind that this one does not know.
            pub fn read(row: event::Model) -> Result<Self> {
                let payload = payload(&row)?;
                let event = match payload {
                    $(Payload::$name { .. } => $name::of(row, payload).map(Self::$name),)*
                };
                event.ok_or_else(|| fault_error(&Fault::Broken("an event is of its payload's kind")))
            }
        }
    };
}

case_events! {
    CaseOpened
    ReportAttached
    ReportMoved
    SenderConfirmed
    CustomerChanged
    CaseUpdated
    CaseRoutedAgain
    MessageAdded
    StaffMentioned
    OwnerChanged
    HandoverOffered
    HandoverEnded
    CaseEscalated
    CaseMerged
    CaseUnmerged
    CaseAbsorbed
    CaseReleased
    StageChanged
    NextContactChanged
    ClockMoved
    AnswerPaused
    AnswerResumed
    LegalClockExtended
    LegalClockEnded
    EnquiryRecorded
    EnquiryAnswered
    TaskRequested
    TaskAccepted
    TaskUpdated
    TaskCompleted
    TaskDeclined
    TaskWithdrawn
    TaskReminded
    TaskAssigned
    TaskMessageAdded
    TaskRejected
    TaskShared
    TaskLate
    StatementGiven
    DisputeOpened
    DisputeEnded
    PartnerUnreachable
    CommitmentMade
    CommitmentEnded
    CommitmentNear
    CaseChased
    PlanChanged
    StepDone
    CustomerUnreached
}

/// The payload that this row of the event log holds.
///
/// # Errors
/// When a newer version of the service wrote a kind that this one does not know.
pub fn payload(row: &event::Model) -> Result<Payload> {
    Payload::join(&row.kind, &row.data).map_err(|error| fault_error(&Fault::Data(error)))
}

/// Defines the type of an event: the fields of its payload that it needs, and what it shows besides what every event
/// shows.
macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* } { $($own:tt)* })*) => {$(
        $(#[$doc])*
        pub struct $name {
            row: event::Model,
            $($field: $type,)*
        }

        impl $name {
            /// The event of this row and payload; none if the payload is of another kind.
            pub(super) fn of(row: event::Model, payload: Payload) -> Option<Self> {
                let Payload::$name { $($field,)* .. } = payload else { return None };
                Some(Self { row, $($field),* })
            }
        }

        $(#[$doc])*
        #[Object]
        impl $name {
            /// The id of the event, opaque. Every stream and list shows the same event with the same id.
            pub(in crate::graphql) async fn id(&self) -> ID {
                part_id(self.row.case_id, self.row.seq)
            }

            /// The number of the event on its case: 1, 2, 3 … without gaps. It is the cursor to resume after.
            pub(in crate::graphql) async fn seq(&self) -> i32 {
                int(self.row.seq)
            }

            /// When it happened, UTC.
            pub(in crate::graphql) async fn at(&self) -> DateTime<Utc> {
                self.row.at
            }

            /// The party that did it.
            pub(in crate::graphql) async fn by(&self) -> Party {
                Party::new(self.row.by_kind, self.row.by_id)
            }

            /// The case that it happened to, as it is at the time of reading.
            pub(in crate::graphql) async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
                required_row(ctx.loaders().cases.one(self.row.case_id).await).map(Case)
            }

            $($own)*
        }
    )*};
}

async fn report(ctx: &Context<'_>, id: ReportId) -> Result<Report> {
    required_row(ctx.loaders().reports.one(id).await).map(Report::from)
}

async fn person(ctx: &Context<'_>, id: StaffId) -> Result<Staff> {
    required_row(ctx.loaders().people.one(id).await).map(Staff)
}

mod change;
mod clock;
mod commitment;
mod task;

event_types! {
    /// The case was opened, with its owner.
    CaseOpened { report: ReportId, channel: Channel, owner: StaffId } {
        /// The report that opened the case.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// The channel through which the report came.
        async fn channel(&self) -> Channel {
            self.channel
        }

        /// The first owner of the case.
        async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.owner).await
        }
    }

    /// Another report arrived for the case.
    ReportAttached { report: ReportId, channel: Channel } {
        /// The report that arrived.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// The channel through which the report came.
        async fn channel(&self) -> Channel {
            self.channel
        }
    }

    /// A report was moved from this case to another.
    ReportMoved { report: ReportId, to: CaseId } {
        /// The report that was moved.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// The case that it was moved to.
        async fn to(&self, ctx: &Context<'_>) -> Result<Case> {
            required_row(ctx.loaders().cases.one(self.to).await).map(Case)
        }
    }

    /// A member of staff confirmed that the sender of a report is the customer of the case.
    SenderConfirmed { report: ReportId } {
        /// The report whose sender was confirmed.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }
    }

    /// The case was given to another customer.
    CustomerChanged { from: CustomerId, to: CustomerId } {
        /// The customer of the case before the change.
        async fn from(&self, ctx: &Context<'_>) -> Result<Customer> {
            required_row(ctx.loaders().customers.one(self.from).await).map(Customer)
        }

        /// The customer of the case after the change.
        async fn to(&self, ctx: &Context<'_>) -> Result<Customer> {
            required_row(ctx.loaders().customers.one(self.to).await).map(Customer)
        }
    }

    /// A message or a note was written.
    MessageAdded { message: MessageId } {
        /// The message or note that was written.
        async fn message(&self, ctx: &Context<'_>) -> Result<Message> {
            required_row(ctx.loaders().messages.one(self.message).await).map(Message)
        }
    }

    /// The case got another owner.
    OwnerChanged { from: StaffId, to: StaffId, reason: OwnershipReason } {
        /// The owner before the change.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// The owner after the change.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }

        /// The reason for the change of owner.
        async fn reason(&self) -> OwnershipReason {
            self.reason
        }
    }

    /// The case was offered to a colleague. The owner stays the owner until that colleague accepts.
    HandoverOffered { handover: HandoverId, from: StaffId, to: StaffId } {
        /// The hand-over that was offered.
        async fn handover(&self, ctx: &Context<'_>) -> Result<Handover> {
            required_row(ctx.loaders().handovers.one(self.handover).await).map(Handover)
        }

        /// The owner of the case at that time.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// The colleague to whom the case was offered.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }
    }

    /// An offered hand-over ended: it was accepted, declined, withdrawn, or expired, or something else made it
    /// obsolete.
    HandoverEnded { handover: HandoverId, status: HandoverStatus } {
        /// The hand-over that ended.
        async fn handover(&self, ctx: &Context<'_>) -> Result<Handover> {
            required_row(ctx.loaders().handovers.one(self.handover).await).map(Handover)
        }

        /// The status of the hand-over from then on: any but `OFFERED`.
        async fn status(&self) -> HandoverStatus {
            self.status
        }
    }

    /// An escalation was raised: something is late, or a legal clock is about to run out, and a member of staff was
    /// told. The owner stays the owner until a person decides otherwise.
    CaseEscalated { why: EscalationReason, level: i32, to: StaffId } {
        /// What is late, or running out.
        async fn why(&self) -> EscalationReason {
            self.why
        }

        /// The level of the escalation: 1 for the lead, 2 for the seller's accountable person. A warning of a legal
        /// clock to the owner is 1 too.
        async fn level(&self) -> i32 {
            self.level
        }

        /// The member of staff to whom the escalation went.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }
    }

    /// The case was merged into another case, whose owner owns both.
    CaseMerged { into: CaseId } {
        /// The case that this one was merged into.
        async fn into(&self, ctx: &Context<'_>) -> Result<Case> {
            required_row(ctx.loaders().cases.one(self.into).await).map(Case)
        }
    }

    /// The case was taken out of the case that it had been merged into.
    CaseUnmerged { from: CaseId } {
        /// The case that this one had been merged into.
        async fn from(&self, ctx: &Context<'_>) -> Result<Case> {
            required_row(ctx.loaders().cases.one(self.from).await).map(Case)
        }
    }

    /// Another case was merged into this one.
    CaseAbsorbed { case: CaseId } {
        /// The case that was merged into this one.
        async fn other(&self, ctx: &Context<'_>) -> Result<Case> {
            required_row(ctx.loaders().cases.one(self.case).await).map(Case)
        }
    }

    /// A case that had been merged into this one was taken out again.
    CaseReleased { case: CaseId } {
        /// The case that was taken out.
        async fn other(&self, ctx: &Context<'_>) -> Result<Case> {
            required_row(ctx.loaders().cases.one(self.case).await).map(Case)
        }
    }

    /// The case moved from one stage to another.
    StageChanged { from: CaseStage, to: CaseStage } {
        /// The stage of the case before the change.
        async fn from(&self) -> CaseStage {
            self.from
        }

        /// The stage of the case after the change.
        async fn to(&self) -> CaseStage {
            self.to
        }
    }

    /// The time by which the customer is to hear from the owner was changed.
    NextContactChanged { due: DateTime<Utc> } {
        /// The new time by which the customer hears from the owner, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// A partner made a statement about the cause. The statement is a claim.
    StatementGiven { statement: StatementId } {
        /// The statement of the partner.
        async fn statement(&self, ctx: &Context<'_>) -> Result<Statement> {
            required_row(ctx.loaders().statements.one(self.statement).await).map(Statement)
        }
    }

    /// A dispute between partners was opened: the owner is to find out which of them is responsible.
    DisputeOpened { dispute: DisputeId } {
        /// The dispute that was opened.
        async fn dispute(&self, ctx: &Context<'_>) -> Result<Dispute> {
            required_row(ctx.loaders().disputes.one(self.dispute).await).map(Dispute)
        }
    }

    /// A dispute between partners ended: it was decided or dropped.
    DisputeEnded { dispute: DisputeId, status: DisputeStatus } {
        /// The dispute that ended.
        async fn dispute(&self, ctx: &Context<'_>) -> Result<Dispute> {
            required_row(ctx.loaders().disputes.one(self.dispute).await).map(Dispute)
        }

        /// The status of the dispute from then on: `DECIDED` or `DROPPED`.
        async fn status(&self) -> DisputeStatus {
            self.status
        }
    }

    /// A partner could not be reached. Either webhook deliveries to its system failed for three days, and its endpoint
    /// was turned off and gets nothing more until somebody turns it on again; or a mail about its task did not arrive
    /// (`CaseTask.mails` says which). Call the partner.
    PartnerUnreachable { partner: PartnerId } {
        /// The partner that cannot be reached.
        async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
            required_row(ctx.loaders().partners.one(self.partner).await).map(Partner)
        }
    }

    /// A letter did not reach the customer. Call the customer (`recordCall`).
    CustomerUnreached { letter: LetterId } {
        /// The letter that did not reach the customer.
        async fn letter(&self, ctx: &Context<'_>) -> Result<Letter> {
            required_row(ctx.loaders().letters.one(self.letter).await).map(Letter)
        }
    }
}
