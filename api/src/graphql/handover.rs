//! Hand-overs, escalations, and merges of cases.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, HandoverId, StaffId};
use entity::kind::{EscalationReason, HandoverStatus};
use entity::{escalation, handover};

use super::case::Case;
use super::context::{ContextExt, act, id, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_case};
use super::staff::Staff;
use crate::case::merge::Merge;

/// An offer to hand a case over from its owner to a colleague. The owner stays the owner until the colleague accepts.
#[derive(Clone)]
pub struct Handover(pub handover::Model);

impl From<handover::Model> for Handover {
    fn from(row: handover::Model) -> Self {
        Self(row)
    }
}

/// An offer to hand a case over from its owner to a colleague. The owner stays the owner until the colleague accepts.
#[Object]
impl Handover {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The case that was offered.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        required_row(ctx.loaders().cases.one(self.0.case_id).await).map(Case)
    }

    /// The owner of the case when it was offered.
    async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.from_id).await).map(Staff)
    }

    /// The member of staff to whom the case was offered.
    async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.to_id).await).map(Staff)
    }

    /// What the next owner should know.
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// The state of the hand-over.
    async fn status(&self) -> HandoverStatus {
        self.0.status
    }

    /// When the case was offered, UTC.
    async fn offered_at(&self) -> DateTime<Utc> {
        self.0.offered_at
    }

    /// When the offer expires, UTC: the seller's `handoverHours` after `offeredAt`. If it has not been answered by
    /// then, its status becomes `EXPIRED`, and an escalation goes to the lead of a team of the owner who is named in
    /// `from`.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// When the offer was accepted, declined or withdrawn, expired or was overtaken, UTC; null while it waits for an
    /// answer.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The reason why it was declined or withdrawn; null when there is none.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
}

/// A warning to a member of staff that something about a case is late or, for a legal clock, soon will be. An
/// escalation does not move the case and changes no owner.
pub struct Escalation(pub escalation::Model);

/// A warning to a member of staff that something about a case is late or, for a legal clock, soon will be. An
/// escalation does not move the case and changes no owner.
#[Object]
impl Escalation {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What is late, or soon will be.
    async fn why(&self) -> EscalationReason {
        self.0.why
    }

    /// The level of the escalation: how often somebody has been told of this by then. Level 1 goes to the lead of a
    /// team of the owner, and to the seller's accountable person when no such lead exists; that the customer was not
    /// contacted, or that a commitment was broken, goes to the owner too. Level 2 and every further one go to the
    /// accountable person. An accountable person who owns the case is replaced by another manager, if there is one. A
    /// warning of a legal clock may go to the owner, at level 1.
    async fn level(&self) -> i32 {
        self.0.level
    }

    /// The member of staff to whom the escalation went.
    async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.to_id).await).map(Staff)
    }

    /// When the escalation was raised, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
}

/// Offers a case to a colleague.
#[derive(InputObject)]
pub struct OfferHandoverInput {
    /// The case to offer.
    case_id: ID,
    /// The member of staff to whom the case is offered: an active member of the seller's staff who does not own the
    /// case.
    to_id: ID,
    /// What the next owner should know; 1 to 2,000 characters.
    note: String,
    /// Whether to do it even if the person is away now. Otherwise it is refused then with `PERSON_AWAY`, and the message
    /// names the day of their return.
    #[graphql(default)]
    even_if_away: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Accepts an offered case.
#[derive(InputObject)]
pub struct AcceptHandoverInput {
    /// The hand-over to accept.
    handover_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Declines an offered case.
#[derive(InputObject)]
pub struct DeclineHandoverInput {
    /// The hand-over to decline.
    handover_id: ID,
    /// The reason for declining; 1 to 2,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Withdraws an offer of a case.
#[derive(InputObject)]
pub struct WithdrawHandoverInput {
    /// The hand-over to withdraw.
    handover_id: ID,
    /// The reason for withdrawing; at most 2,000 characters.
    reason: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Merges one case into another.
#[derive(InputObject)]
pub struct MergeCasesInput {
    /// The case that is merged into the other one. It stays readable under its own reference.
    case_id: ID,
    /// The case that goes on. Its owner becomes the owner of both.
    into_id: ID,
    /// The reason why both are one case; 1 to 1,000 characters.
    reason: String,
    /// True when you know that both cases are the same person's. From then on, the tracking token of either case reads
    /// both. Required when the cases have different customers on record. The same e-mail address on both cases does not
    /// prove that it is the same person.
    #[graphql(default)]
    same_customer: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Takes a merged case out of the other case again.
#[derive(InputObject)]
pub struct UnmergeCaseInput {
    /// The case that was merged into another.
    case_id: ID,
    /// The reason for taking it out; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `offerHandover`.
    OfferHandoverPayload {
        /// The hand-over that was offered; null when nothing was changed.
        handover: Handover
    }
}
payload! {
    /// The answer to `acceptHandover`.
    AcceptHandoverPayload {
        /// The accepted hand-over, whose case you now own; null when nothing was changed.
        handover: Handover
    }
}
payload! {
    /// The answer to `declineHandover`.
    DeclineHandoverPayload {
        /// The declined hand-over, whose case keeps its owner; null when nothing was changed.
        handover: Handover
    }
}
payload! {
    /// The answer to `withdrawHandover`.
    WithdrawHandoverPayload {
        /// The withdrawn hand-over; null when nothing was changed.
        handover: Handover
    }
}
payload! {
    /// The answer to `mergeCases`.
    MergeCasesPayload {
        /// The case that goes on, whose owner is now the owner of both; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `unmergeCase`.
    UnmergeCasePayload {
        /// The case that was taken out, with the stage that it had before the merge; null when nothing was changed.
        case: Case
    }
}

/// Mutations that hand cases over and merge them.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Offers a case to a colleague. The owner stays the owner until the colleague accepts. If the colleague does not
    /// answer within the seller's `handoverHours`, the offer expires and an escalation goes to the owner's lead. For
    /// the case's owner and managers. `INVALID_TRANSITION` when the case is closed or offered already, or when the
    /// colleague owns it; `PERSON_AWAY` when the colleague is away now, unless `evenIfAway` is true.
    async fn offer_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, the colleague, and what the colleague should know.")] input: OfferHandoverInput,
    ) -> Result<OfferHandoverPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let to = id::<StaffId>(&input.to_id, "toId")?;
            crate::case::handover::offer(work, case, (to, input.even_if_away), &input.note).await
        });
        Ok(done.await?.into())
    }

    /// Accepts an offered case: you become its owner at once, and the customer sees the new owner. For the person to
    /// whom it was offered. `INVALID_TRANSITION` when the offer has ended or expired.
    async fn accept_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hand-over to accept.")] input: AcceptHandoverInput,
    ) -> Result<AcceptHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::accept(work, offer).await
        });
        Ok(done.await?.into())
    }

    /// Declines an offered case, with a reason. The owner of the case does not change. For the person to whom it was
    /// offered. `INVALID_TRANSITION` when the offer has ended or expired.
    async fn decline_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hand-over to decline, and the reason.")] input: DeclineHandoverInput,
    ) -> Result<DeclineHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::decline(work, offer, &input.reason).await
        });
        Ok(done.await?.into())
    }

    /// Withdraws an offer that was not answered. For the case's owner and managers. `INVALID_TRANSITION` when the offer
    /// has ended.
    async fn withdraw_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hand-over to withdraw.")] input: WithdrawHandoverInput,
    ) -> Result<WithdrawHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::withdraw(work, offer, input.reason.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Merges one case into another. The other case goes on, and its owner becomes the owner of both. What arrives
    /// later for the merged case is added to the one that goes on. For the owner of both cases, and managers.
    async fn merge_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two cases, and the reason.")] input: MergeCasesInput,
    ) -> Result<MergeCasesPayload> {
        let done = act(ctx, async move |work| {
            let ask = Merge {
                case: id(&input.case_id, "caseId")?,
                into: id(&input.into_id, "intoId")?,
                reason: input.reason.clone(),
                same_customer: input.same_customer,
            };
            crate::case::merge::merge(work, &ask).await
        });
        Ok(done.await?.into())
    }

    /// Takes a merged case out of the other case again. It gets back the stage that it had, and the owner that it had
    /// if that person is still active; otherwise its owner stays the owner of the other case. What arrived since the
    /// merge stays where it is. For the owner of both cases, and managers.
    async fn unmerge_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The merged case, and the reason.")] input: UnmergeCaseInput,
    ) -> Result<UnmergeCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::merge::unmerge(work, case, &input.reason).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for HandoverId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().handovers.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_case(ctx, row.case_id, Node::Handover(Handover(row))).await
    }
}
