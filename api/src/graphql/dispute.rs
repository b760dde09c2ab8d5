//! Statements of parties about the cause, and disputes between partners.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, DisputeId, PartnerId, StatementId, TaskId};
use entity::kind::{Cause, DisputeStatus};
use entity::{dispute, statement};

use super::context::{ContextExt, act, id, ids, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_case};
use super::partner::Partner;
use super::party::Party;
use super::staff::Staff;
use super::task::CaseTask;
use super::task::node::of_task;
use crate::task::dispute::Finding;

/// A party's statement about the cause. It is a claim, and stays as it is whatever is found in the end. The customer
/// does not see it.
#[derive(Clone)]
pub struct Statement(pub statement::Model);

/// A party's statement about the cause. It is a claim, and stays as it is whatever is found in the end. The customer
/// does not see it.
#[Object]
impl Statement {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The party that made the statement.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// Who or what caused it, according to the party.
    async fn cause(&self) -> Cause {
        self.0.cause
    }

    /// The statement in the party's own words.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// When the statement was made, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The task that the statement was made about.
    async fn task_id(&self) -> ID {
        to_id(self.0.task_id)
    }
}

/// A dispute: several partners each say that a problem is not theirs. The owner of the case finds out by a set time;
/// the customer's clocks keep running. Partners do not see it.
#[derive(Clone)]
pub struct Dispute(pub dispute::Model);

impl From<dispute::Model> for Dispute {
    fn from(row: dispute::Model) -> Self {
        Self(row)
    }
}

/// A dispute: several partners each say that a problem is not theirs. The owner of the case finds out by a set time;
/// the customer's clocks keep running. Partners do not see it.
#[Object]
impl Dispute {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The question that the owner is to answer.
    async fn question(&self) -> &str {
        &self.0.question
    }

    /// The status of the dispute.
    async fn status(&self) -> DisputeStatus {
        self.0.status
    }

    /// The tasks that the dispute is about.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<CaseTask>> {
        let rows = ctx.loaders().disputed.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let tasks =
            rows.iter().map(|row| async { required_row(ctx.loaders().tasks.one(row.task_id).await).map(CaseTask) });
        futures_util::future::try_join_all(tasks).await
    }

    /// By when the question is to be answered, UTC. When that time passes, the dispute is escalated.
    async fn decide_by(&self) -> DateTime<Utc> {
        self.0.decide_by
    }

    /// The member of staff who opened the dispute.
    async fn opened_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.opened_by).await).map(Staff)
    }

    /// When the dispute was opened, UTC.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// What was found; null while the dispute is open.
    async fn finding(&self) -> Option<&str> {
        self.0.finding.as_deref()
    }

    /// The partner that is responsible; null while the dispute is open, and when none of them is.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let Some(id) = self.0.responsible_id else { return Ok(None) };
        required_row(ctx.loaders().partners.one(id).await).map(Partner).map(Some)
    }

    /// When the dispute ended, UTC; null while it is open.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
}

/// The input of `openDispute`.
#[derive(InputObject)]
pub struct OpenDisputeInput {
    /// The case that the tasks belong to.
    case_id: ID,
    /// The tasks that the dispute is about: at most 20, of at least two partners.
    task_ids: Vec<ID>,
    /// The question to be answered; 1 to 2,000 characters.
    question: String,
    /// By when it is to be answered, UTC: in the future, within two years. When that time passes and the dispute is
    /// open, it is escalated to the lead and then to the accountable person.
    decide_by: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `endDispute`.
#[derive(InputObject)]
pub struct EndDisputeInput {
    /// The dispute to end.
    dispute_id: ID,
    /// What was found; 1 to 5,000 characters.
    finding: String,
    /// The partner that is responsible, one of those in the dispute; none of them when left out.
    responsible_partner_id: Option<ID>,
    /// True when it turned out that there is no dispute; the status is then `DROPPED` instead of `DECIDED`.
    #[graphql(default)]
    dropped: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the dispute that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `openDispute`.
    OpenDisputePayload {
        /// The new dispute; null when nothing was changed.
        dispute: Dispute
    }
}
payload! {
    /// The answer to `endDispute`.
    EndDisputePayload {
        /// The dispute as it is now; null when nothing was changed.
        dispute: Dispute
    }
}

/// Acts on disputes.
#[derive(Default)]
pub struct DisputeMutation;

#[Object]
impl DisputeMutation {
    /// Opens a dispute between the tasks of at least two partners, with a time by which you find out. The customer's
    /// clocks keep running, and no partner learns of the others. `INVALID_TRANSITION` when the case is closed. For the
    /// case's owner and managers.
    async fn open_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tasks, the question, and by when it is to be answered.")] input: OpenDisputeInput,
    ) -> Result<OpenDisputePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let tasks = ids::<TaskId>(&input.task_ids, "taskIds")?;
            crate::task::dispute::open(work, case, &tasks, (&input.question, input.decide_by)).await
        });
        Ok(done.await?.into())
    }

    /// Ends a dispute with what was found. `INVALID_TRANSITION` when it has ended already. For the case's owner and
    /// managers.
    async fn end_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dispute, and what was found.")] input: EndDisputeInput,
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

impl Lookup for DisputeId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().disputes.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_case(ctx, row.case_id, Node::Dispute(Dispute(row))).await
    }
}

/// A statement, for the seller's staff and for the partner whose task it is about.
impl Lookup for StatementId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().statements.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_task(ctx, row.task_id, Node::Statement(Statement(row))).await
    }
}
