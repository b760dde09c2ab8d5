//! What parties say was the cause, and disputes between partners.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, DisputeId, PartnerId, TaskId};
use entity::kind::{Cause, DisputeStatus};
use entity::{dispute, statement};

use super::context::{ContextExt, act, id, ids, int, read_error, there, to_id};
use super::error::payload;
use super::partner::Partner;
use super::party::Party;
use super::staff::Staff;
use super::task::CaseTask;
use crate::task::dispute::Finding;

/// What somebody says was the cause: a claim beside others, whatever was found in the end. The customer does not see it.
#[derive(Clone)]
pub struct Statement(pub statement::Model);

/// What somebody says was the cause: a claim beside others, whatever was found in the end. The customer does not see it.
#[Object]
impl Statement {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Who says it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// Whose fault it was, in one word, as seen by who says it.
    async fn cause(&self) -> Cause {
        self.0.cause
    }

    /// In their own words.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// When, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The task it was said about.
    async fn task_id(&self) -> ID {
        to_id(self.0.task_id)
    }
}

/// Partners who each say that it is not theirs. The owner finds out, by a day of its own; the customer's clocks go on.
#[derive(Clone)]
pub struct Dispute(pub dispute::Model);

impl From<dispute::Model> for Dispute {
    fn from(row: dispute::Model) -> Self {
        Self(row)
    }
}

/// Partners who each say that it is not theirs. The owner finds out, by a day of its own; the customer's clocks go on. No
/// partner sees it.
#[Object]
impl Dispute {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// What is to be found out.
    async fn question(&self) -> &str {
        &self.0.question
    }

    /// Where it stands.
    async fn status(&self) -> DisputeStatus {
        self.0.status
    }

    /// The tasks it is about.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<CaseTask>> {
        let rows = ctx.loaders().disputed.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let tasks = rows.iter().map(|row| async { there(ctx.loaders().tasks.one(row.task_id).await).map(CaseTask) });
        futures_util::future::try_join_all(tasks).await
    }

    /// By when it is to be found out, UTC.
    async fn decide_by(&self) -> DateTime<Utc> {
        self.0.decide_by
    }

    /// Who opened it.
    async fn opened_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.opened_by).await).map(Staff)
    }

    /// When, UTC.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// What was found; null while it is open.
    async fn finding(&self) -> Option<&str> {
        self.0.finding.as_deref()
    }

    /// The partner who is responsible; null while it is open, and where none of them is.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let Some(id) = self.0.responsible_id else { return Ok(None) };
        there(ctx.loaders().partners.one(id).await).map(Partner).map(Some)
    }

    /// When it ended, UTC; null while it is open.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
}

/// Opens a dispute.
#[derive(InputObject)]
pub struct OpenDisputeInput {
    /// On which case.
    case_id: ID,
    /// Between which of its tasks: of at least two partners, at most 20.
    task_ids: Vec<ID>,
    /// What is to be found out; 1 to 2,000 characters.
    question: String,
    /// By when, UTC. Passes without an end: the lead is told.
    decide_by: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Ends a dispute.
#[derive(InputObject)]
pub struct EndDisputeInput {
    /// Which.
    dispute_id: ID,
    /// What was found; 1 to 5,000 characters.
    finding: String,
    /// The partner who is responsible; none of them when left out.
    responsible_partner_id: Option<ID>,
    /// True when it turned out to be no dispute.
    #[graphql(default)]
    dropped: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the dispute has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `openDispute`.
    OpenDisputePayload {
        /// The new dispute.
        dispute: Dispute
    }
}
payload! {
    /// The answer to `endDispute`.
    EndDisputePayload {
        /// The dispute as it is now.
        dispute: Dispute
    }
}

/// Acts on disputes.
#[derive(Default)]
pub struct DisputeMutation;

#[Object]
impl DisputeMutation {
    /// Opens a dispute between partners' tasks, with a day by which you find out. The customer's clocks do not stop for it,
    /// and no partner learns of the other. For the case's owner and managers.
    async fn open_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Between which tasks, about what, by when.")] input: OpenDisputeInput,
    ) -> Result<OpenDisputePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let tasks = ids::<TaskId>(&input.task_ids, "taskIds")?;
            crate::task::dispute::open(work, case, &tasks, (&input.question, input.decide_by)).await
        });
        Ok(done.await?.into())
    }

    /// Ends a dispute with what was found. For the case's owner and managers.
    async fn end_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what was found.")] input: EndDisputeInput,
    ) -> Result<EndDisputePayload> {
        let done = act(ctx, async move |work| {
            let dispute = id::<DisputeId>(&input.dispute_id, "disputeId")?;
            let responsible = input.responsible_partner_id.as_ref();
            let responsible = responsible.map(|text| id::<PartnerId>(text, "responsiblePartnerId")).transpose()?;
            let finding = Finding { text: input.finding.clone(), responsible, dropped: input.dropped };
            crate::task::dispute::end(work, dispute, &finding).await
        });
        Ok(done.await?.into())
    }
}
