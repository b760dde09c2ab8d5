//! Events of commitments to the customer, of plans, and of customers who ask for news.

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{CommitmentId, StepId};
use entity::kind::{ChaseKind, CommitmentState};

use crate::event::payload::Payload;
use crate::graphql::case::Case;
use crate::graphql::commitment::{Commitment, one};
use crate::graphql::context::{ContextExt, int, part_id, required_row, to_id};
use crate::graphql::party::Party;

event_types! {
    /// A commitment was made: the customer was promised something by a date.
    CommitmentMade { commitment: CommitmentId, due: DateTime<Utc> } {
        /// The commitment that was made.
        async fn commitment(&self, ctx: &Context<'_>) -> Result<Commitment> {
            one(ctx, self.commitment).await
        }

        /// When its time ends, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// A commitment to the customer is due on the next working day and has not been recorded as kept.
    CommitmentNear { commitment: CommitmentId, due: DateTime<Utc> } {
        /// The commitment whose time is near.
        async fn commitment(&self, ctx: &Context<'_>) -> Result<Commitment> {
            one(ctx, self.commitment).await
        }

        /// When its time ends, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// The customer had to ask for news: they wrote or called while an answer was owed or a contact was late, called in
    /// vain, or asked for news without words. Several times on one working day are one event.
    CaseChased { how: ChaseKind, times: i32 } {
        /// The way in which the customer asked for news.
        async fn how(&self) -> ChaseKind {
            self.how
        }

        /// How often the customer had asked for news by then, this time included.
        async fn times(&self) -> i32 {
            self.times
        }
    }

    /// The plan of the case was set or changed.
    PlanChanged { number: i32 } {
        /// The number of the new version, as in `Case.plans`.
        async fn number(&self) -> i32 {
            self.number
        }
    }

    /// A step of the plan that has no date was done.
    StepDone { step: StepId } {
        /// The id of the step, as in `Case.plan`.
        async fn step_id(&self) -> ID {
            to_id(self.step)
        }
    }

    /// A commitment to the customer was kept, broken, renegotiated or withdrawn. One that is broken gets this event
    /// again when what was promised is done afterwards.
    CommitmentEnded { commitment: CommitmentId, state: CommitmentState } {
        /// The commitment that ended.
        async fn commitment(&self, ctx: &Context<'_>) -> Result<Commitment> {
            one(ctx, self.commitment).await
        }

        /// The state of the commitment from then on.
        async fn state(&self) -> CommitmentState {
            self.state
        }
    }
}
