//! Events of commitments to the customer.

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::CommitmentId;
use entity::kind::CommitmentState;

use super::super::case::Case;
use super::super::commitment::{Commitment, one};
use super::super::context::{ContextExt, int, required_row};
use super::super::party::Party;

event_types! {
    /// The customer was promised something with a date.
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

    /// A commitment to the customer was kept, broken, renegotiated or withdrawn. One that is broken gets this event again
    /// when what was promised is done afterwards.
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
