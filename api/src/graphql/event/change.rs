//! Events of changes that staff make to a case.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{CaseChangeId, MessageId, StaffId};
use entity::json::FieldChange;
use entity::kind::CaseField;

use crate::event::payload::Payload;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, int, part_id, required_row};
use crate::graphql::event::person;
use crate::graphql::message::Message;
use crate::graphql::ownership::RoutingDecision;
use crate::graphql::party::Party;
use crate::graphql::staff::Staff;

/// A field of a case that was changed.
#[derive(SimpleObject)]
pub struct CaseChange {
    /// The field that was changed.
    field: CaseField,
    /// The value before the change, as text: an enum value by its name, tags with commas between them, an amount as
    /// "499.00 SEK". Null when the field had no value.
    before: Option<String>,
    /// The value after the change, written in the same way. Null when the field has no value from then on.
    after: Option<String>,
}

impl From<FieldChange> for CaseChange {
    fn from(FieldChange { field, before, after, .. }: FieldChange) -> Self {
        Self { field, before, after }
    }
}

event_types! {
    /// Staff changed the case with `updateCase` or `updateCases`.
    CaseUpdated { change: CaseChangeId } {
        /// The fields that were changed, each with its values before and after.
        async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<CaseChange>> {
            let row = required_row(ctx.loaders().case_changes.one(self.change).await)?;
            Ok(row.changes.0.into_iter().map(Into::into).collect())
        }
    }

    /// A note mentions a colleague, who is told of it.
    StaffMentioned { message: MessageId, to: StaffId } {
        /// The note.
        async fn message(&self, ctx: &Context<'_>) -> Result<Message> {
            required_row(ctx.loaders().messages.one(self.message).await).map(Message)
        }

        /// The member of staff whom it mentions.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }
    }

    /// The rules decided anew about the owner of the case, because somebody used `routeAgain`. If they chose another
    /// person, `OwnerChanged` came before this event.
    CaseRoutedAgain { from: StaffId, to: StaffId, owner_seq: i64, number: i64 } {
        /// The owner before the decision.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// The person whom the rules chose: the owner after the decision, who may be the same.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }

        /// The decision, with its reasons.
        async fn decision(&self, ctx: &Context<'_>) -> Result<RoutingDecision> {
            let decisions = ctx.loaders().decisions.one(self.row.case_id).await;
            let this = |row: &entity::routing_decision::Model| (row.owner_seq, row.number) == (self.owner_seq, self.number);
            required_row(decisions.map(|rows| rows.unwrap_or_default().into_iter().find(this))).map(Into::into)
        }
    }
}
