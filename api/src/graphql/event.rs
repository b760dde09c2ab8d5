//! Events as staff see them: one type per kind.

mod read;

pub use self::clock::{
    AnswerPaused, AnswerResumed, ClockMoved, EnquiryAnswered, EnquiryRecorded, LegalClockEnded, LegalClockExtended,
};
pub use self::read::payload;
pub use self::task::{
    TaskAccepted, TaskAssigned, TaskCompleted, TaskDeclined, TaskLate, TaskReminded, TaskRequested, TaskUpdated,
    TaskWithdrawn,
};

use async_graphql::{Context, Interface, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{
    CaseId, CustomerId, DisputeId, HandoverId, LetterId, MessageId, PartnerId, ReportId, StaffId, StatementId,
};
use entity::kind::{CaseStage, Channel, DisputeStatus, EscalationReason, HandoverStatus, OwnershipReason};

use super::case::Case;
use super::context::{ContextExt, int, there};
use super::customer::Customer;
use super::dispute::{Dispute, Statement};
use super::handover::Handover;
use super::letter::Letter;
use super::message::Message;
use super::partner::Partner;
use super::party::Party;
use super::report::Report;
use super::staff::Staff;

/// Something that happened to a case. Numbered 1, 2, 3 … per case, without holes. It says what happened; what it links
/// to is as it is when you read it.
#[derive(Interface)]
#[graphql(
    field(name = "seq", ty = "i32", desc = "Its number on its case: 1, 2, 3 … The cursor to resume after."),
    field(name = "at", ty = "DateTime<Utc>", desc = "When it happened, UTC."),
    field(name = "by", ty = "Party", desc = "Who did it."),
    field(name = "case", ty = "Result<Case>", desc = "The case, as it is when you read this.")
)]
pub enum CaseEvent {
    /// The case was opened.
    CaseOpened(CaseOpened),
    /// Another report arrived.
    ReportAttached(ReportAttached),
    /// A report was put on another case.
    ReportMoved(ReportMoved),
    /// Whoever sent a report is the customer.
    SenderConfirmed(SenderConfirmed),
    /// The case is another customer's.
    CustomerChanged(CustomerChanged),
    /// Somebody wrote something.
    MessageAdded(MessageAdded),
    /// Another person answers now.
    OwnerChanged(OwnerChanged),
    /// The case was offered to a colleague.
    HandoverOffered(HandoverOffered),
    /// An offer came to its end.
    HandoverEnded(HandoverEnded),
    /// Something is late and was told upwards.
    CaseEscalated(CaseEscalated),
    /// The case was merged into another.
    CaseMerged(CaseMerged),
    /// The case was taken apart again.
    CaseUnmerged(CaseUnmerged),
    /// Another case was merged into this one.
    CaseAbsorbed(CaseAbsorbed),
    /// A case was taken out of this one.
    CaseReleased(CaseReleased),
    /// The case moved on.
    StageChanged(StageChanged),
    /// The customer hears from us by another time.
    NextContactChanged(NextContactChanged),
    /// A time was counted anew.
    ClockMoved(ClockMoved),
    /// The time for the answer stands still.
    AnswerPaused(AnswerPaused),
    /// The time for the answer goes on.
    AnswerResumed(AnswerResumed),
    /// A legal clock has a longer time.
    LegalClockExtended(LegalClockExtended),
    /// A legal clock was met or missed.
    LegalClockEnded(LegalClockEnded),
    /// Somebody beside the customer asked about the case.
    EnquiryRecorded(EnquiryRecorded),
    /// An enquiry was answered.
    EnquiryAnswered(EnquiryAnswered),
    /// A partner was asked.
    TaskRequested(TaskRequested),
    /// A partner took it on.
    TaskAccepted(TaskAccepted),
    /// A partner told how it goes.
    TaskUpdated(TaskUpdated),
    /// A partner reported it done.
    TaskCompleted(TaskCompleted),
    /// A partner refused.
    TaskDeclined(TaskDeclined),
    /// The owner took it back.
    TaskWithdrawn(TaskWithdrawn),
    /// The owner reminded the partner.
    TaskReminded(TaskReminded),
    /// The partner said who does it.
    TaskAssigned(TaskAssigned),
    /// The partner is late.
    TaskLate(TaskLate),
    /// A partner said what it takes for the cause.
    StatementGiven(StatementGiven),
    /// A dispute between partners began.
    DisputeOpened(DisputeOpened),
    /// A dispute came to its end.
    DisputeEnded(DisputeEnded),
    /// A partner's systems cannot be told anything.
    PartnerUnreachable(PartnerUnreachable),
    /// A letter did not reach the customer.
    CustomerUnreached(CustomerUnreached),
}

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* } { $($own:tt)* })*) => {$(
        $(#[$doc])*
        pub struct $name {
            pub(super) row: event::Model,
            $(pub(super) $field: $type,)*
        }

        $(#[$doc])*
        #[Object]
        impl $name {
            /// Its number on its case: 1, 2, 3 … The cursor to resume after.
            pub(in crate::graphql) async fn seq(&self) -> i32 {
                int(self.row.seq)
            }

            /// When it happened, UTC.
            pub(in crate::graphql) async fn at(&self) -> DateTime<Utc> {
                self.row.at
            }

            /// Who did it.
            pub(in crate::graphql) async fn by(&self) -> Party {
                Party::new(self.row.by_kind, self.row.by_id)
            }

            /// The case, as it is when you read this.
            pub(in crate::graphql) async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
                there(ctx.loaders().cases.one(self.row.case_id).await).map(Case)
            }

            $($own)*
        }
    )*};
}

async fn report(ctx: &Context<'_>, id: ReportId) -> Result<Report> {
    there(ctx.loaders().reports.one(id).await).map(Report::from)
}

async fn person(ctx: &Context<'_>, id: StaffId) -> Result<Staff> {
    there(ctx.loaders().people.one(id).await).map(Staff)
}

mod clock;
mod task;

event_types! {
    /// The case was opened, with its owner.
    CaseOpened { report: ReportId, channel: Channel, owner: StaffId } {
        /// What arrived.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// How it came.
        async fn channel(&self) -> Channel {
            self.channel
        }

        /// Who answered for it from the first moment.
        async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.owner).await
        }
    }

    /// Another report arrived for the case.
    ReportAttached { report: ReportId, channel: Channel } {
        /// What arrived.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// How it came.
        async fn channel(&self) -> Channel {
            self.channel
        }
    }

    /// A report was put on another case.
    ReportMoved { report: ReportId, to: CaseId } {
        /// The report.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// The case it was put on.
        async fn to(&self, ctx: &Context<'_>) -> Result<Case> {
            there(ctx.loaders().cases.one(self.to).await).map(Case)
        }
    }

    /// Somebody said that whoever sent a report is the customer.
    SenderConfirmed { report: ReportId } {
        /// The report.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }
    }

    /// The case is another customer's than was thought.
    CustomerChanged { from: CustomerId, to: CustomerId } {
        /// Who was taken for the customer.
        async fn from(&self, ctx: &Context<'_>) -> Result<Customer> {
            there(ctx.loaders().customers.one(self.from).await).map(Customer)
        }

        /// Who the customer is.
        async fn to(&self, ctx: &Context<'_>) -> Result<Customer> {
            there(ctx.loaders().customers.one(self.to).await).map(Customer)
        }
    }

    /// Somebody wrote a message or a note.
    MessageAdded { message: MessageId } {
        /// What was written.
        async fn message(&self, ctx: &Context<'_>) -> Result<Message> {
            there(ctx.loaders().messages.one(self.message).await).map(Message)
        }
    }

    /// Another person answers for the case now.
    OwnerChanged { from: StaffId, to: StaffId, reason: OwnershipReason } {
        /// Who answered before.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// Who answers now.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }

        /// Why.
        async fn reason(&self) -> OwnershipReason {
            self.reason
        }
    }

    /// The owner offered the case to a colleague; until that one accepts, the owner answers.
    HandoverOffered { handover: HandoverId, from: StaffId, to: StaffId } {
        /// The offer.
        async fn handover(&self, ctx: &Context<'_>) -> Result<Handover> {
            there(ctx.loaders().handovers.one(self.handover).await).map(Handover)
        }

        /// Who owned the case then.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// Whom it was offered to.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }
    }

    /// An offer was answered, taken back, ran out, or was overtaken by something else.
    HandoverEnded { handover: HandoverId, status: HandoverStatus } {
        /// The offer.
        async fn handover(&self, ctx: &Context<'_>) -> Result<Handover> {
            there(ctx.loaders().handovers.one(self.handover).await).map(Handover)
        }

        /// How it ended.
        async fn status(&self) -> HandoverStatus {
            self.status
        }
    }

    /// Something is late, and a person above the owner was told. The owner stays the owner until somebody decides
    /// otherwise.
    CaseEscalated { why: EscalationReason, level: i32, to: StaffId } {
        /// What is late.
        async fn why(&self) -> EscalationReason {
            self.why
        }

        /// 1 for the lead, 2 for the seller's accountable person.
        async fn level(&self) -> i32 {
            self.level
        }

        /// Who was told.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }
    }

    /// The case was found to be the same as another, whose owner answers for both.
    CaseMerged { into: CaseId } {
        /// The case that goes on.
        async fn into(&self, ctx: &Context<'_>) -> Result<Case> {
            there(ctx.loaders().cases.one(self.into).await).map(Case)
        }
    }

    /// The case was taken apart from the one it had been merged into.
    CaseUnmerged { from: CaseId } {
        /// The case it had been merged into.
        async fn from(&self, ctx: &Context<'_>) -> Result<Case> {
            there(ctx.loaders().cases.one(self.from).await).map(Case)
        }
    }

    /// Another case was merged into this one.
    CaseAbsorbed { other: CaseId } {
        /// The case that was merged.
        async fn other(&self, ctx: &Context<'_>) -> Result<Case> {
            there(ctx.loaders().cases.one(self.other).await).map(Case)
        }
    }

    /// A case that had been merged into this one was taken out again.
    CaseReleased { other: CaseId } {
        /// The case that was taken out.
        async fn other(&self, ctx: &Context<'_>) -> Result<Case> {
            there(ctx.loaders().cases.one(self.other).await).map(Case)
        }
    }

    /// The case moved from one stage to another.
    StageChanged { from: CaseStage, to: CaseStage } {
        /// The stage before.
        async fn from(&self) -> CaseStage {
            self.from
        }

        /// The stage now.
        async fn to(&self) -> CaseStage {
            self.to
        }
    }

    /// The time by which the customer hears from us was set anew.
    NextContactChanged { due: DateTime<Utc> } {
        /// The new time, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// A partner said what it takes for the cause: a claim beside others.
    StatementGiven { statement: StatementId } {
        /// What it said.
        async fn statement(&self, ctx: &Context<'_>) -> Result<Statement> {
            there(ctx.loaders().statements.one(self.statement).await).map(Statement)
        }
    }

    /// The owner began to find out which of several partners is responsible.
    DisputeOpened { dispute: DisputeId } {
        /// The dispute.
        async fn dispute(&self, ctx: &Context<'_>) -> Result<Dispute> {
            there(ctx.loaders().disputes.one(self.dispute).await).map(Dispute)
        }
    }

    /// The owner has found out who is responsible, or that it was no dispute.
    DisputeEnded { dispute: DisputeId, status: DisputeStatus } {
        /// The dispute.
        async fn dispute(&self, ctx: &Context<'_>) -> Result<Dispute> {
            there(ctx.loaders().disputes.one(self.dispute).await).map(Dispute)
        }

        /// How it ended.
        async fn status(&self) -> DisputeStatus {
            self.status
        }
    }

    /// A partner's system could not be told anything for three days, and is told no more until somebody turns it on again:
    /// call them.
    PartnerUnreachable { partner: PartnerId } {
        /// Which partner.
        async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
            there(ctx.loaders().partners.one(self.partner).await).map(Partner)
        }
    }

    /// A letter did not reach the customer, who does not know that we heard: call them.
    CustomerUnreached { letter: LetterId } {
        /// The letter.
        async fn letter(&self, ctx: &Context<'_>) -> Result<Letter> {
            there(ctx.loaders().letters.one(self.letter).await).map(Letter)
        }
    }

}
