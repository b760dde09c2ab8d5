//! Hand-overs, what was told upwards, and cases that were found to be one.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, HandoverId, StaffId};
use entity::kind::{EscalationReason, HandoverStatus};
use entity::{escalation, handover};

use super::case::Case;
use super::context::{ContextExt, act, id, there, to_id};
use super::error::payload;
use super::staff::Staff;
use crate::case::merge::Merge;

/// A case offered by its owner to a colleague. Until that one accepts, the owner answers.
#[derive(Clone)]
pub struct Handover(pub handover::Model);

impl From<handover::Model> for Handover {
    fn from(row: handover::Model) -> Self {
        Self(row)
    }
}

/// A case offered by its owner to a colleague. Until that one accepts, the owner answers.
#[Object]
impl Handover {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Which case.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        there(ctx.loaders().cases.one(self.0.case_id).await).map(Case)
    }

    /// Who owned it when it was offered.
    async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.from_id).await).map(Staff)
    }

    /// Whom it was offered to.
    async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.to_id).await).map(Staff)
    }

    /// What the next owner should know.
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// Where it stands.
    async fn status(&self) -> HandoverStatus {
        self.0.status
    }

    /// When it was offered, UTC.
    async fn offered_at(&self) -> DateTime<Utc> {
        self.0.offered_at
    }

    /// By when it must be answered, UTC; then the offerer's lead is told.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// When it came to its end, UTC; null while it waits.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// Why it was declined or taken back, where that was said.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
}

/// Something late that a person above the owner was told. It moves nothing by itself.
pub struct Escalation(pub escalation::Model);

/// Something late that a person above the owner was told. It moves nothing by itself.
#[Object]
impl Escalation {
    /// What was late.
    async fn why(&self) -> EscalationReason {
        self.0.why
    }

    /// 1 for the lead, 2 for the seller's accountable person.
    async fn level(&self) -> i32 {
        self.0.level
    }

    /// Who was told.
    async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.to_id).await).map(Staff)
    }

    /// When, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
}

/// Offers a case to a colleague.
#[derive(InputObject)]
pub struct OfferHandoverInput {
    /// Which.
    case_id: ID,
    /// Whom: an active member of the seller's staff.
    to_id: ID,
    /// What the next owner should know; 1 to 2,000 characters.
    note: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Accepts a case.
#[derive(InputObject)]
pub struct AcceptHandoverInput {
    /// Which offer.
    handover_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when its case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Declines a case.
#[derive(InputObject)]
pub struct DeclineHandoverInput {
    /// Which offer.
    handover_id: ID,
    /// Why; 1 to 2,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when its case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Takes an offer back.
#[derive(InputObject)]
pub struct WithdrawHandoverInput {
    /// Which offer.
    handover_id: ID,
    /// Why; at most 2,000 characters.
    reason: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when its case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Merges one case into another.
#[derive(InputObject)]
pub struct MergeCasesInput {
    /// The case that ends in the other. It stays readable.
    case_id: ID,
    /// The case that goes on, and whose owner answers for both.
    into_id: ID,
    /// Why they are one; 1 to 1,000 characters.
    reason: String,
    /// You know that both cases are the same person's: from now on either tracking token reads both. An address alone is no
    /// proof of that. Needed when the cases have two customers on record.
    #[graphql(default)]
    same_customer: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Takes a merged case out again.
#[derive(InputObject)]
pub struct UnmergeCaseInput {
    /// The case that was merged.
    case_id: ID,
    /// Why; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `offerHandover`.
    OfferHandoverPayload {
        /// The offer.
        handover: Handover
    }
}
payload! {
    /// The answer to `acceptHandover`.
    AcceptHandoverPayload {
        /// The offer, accepted; its case is yours.
        handover: Handover
    }
}
payload! {
    /// The answer to `declineHandover`.
    DeclineHandoverPayload {
        /// The offer, declined; the owner is who it was.
        handover: Handover
    }
}
payload! {
    /// The answer to `withdrawHandover`.
    WithdrawHandoverPayload {
        /// The offer, taken back.
        handover: Handover
    }
}
payload! {
    /// The answer to `mergeCases`.
    MergeCasesPayload {
        /// The case that goes on; its owner answers for both.
        case: Case
    }
}
payload! {
    /// The answer to `unmergeCase`.
    UnmergeCasePayload {
        /// The case that was taken out, as it was.
        case: Case
    }
}

/// Acts that give a case to somebody, or make two cases one.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Offers a case to a colleague. You answer for it until that one accepts; without an answer within the seller's
    /// `handoverHours` your lead is told. For its owner and managers.
    async fn offer_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, to whom, and what they should know.")] input: OfferHandoverInput,
    ) -> Result<OfferHandoverPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let to = id::<StaffId>(&input.to_id, "toId")?;
            crate::case::handover::offer(work, case, to, &input.note).await
        });
        Ok(done.await?.into())
    }

    /// Accepts a case: from now on it is yours, and the customer is told. For whom it was offered to.
    async fn accept_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptHandoverInput,
    ) -> Result<AcceptHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::accept(work, offer).await
        });
        Ok(done.await?.into())
    }

    /// Declines a case, with a reason; its owner stays its owner. For whom it was offered to.
    async fn decline_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer, and why.")] input: DeclineHandoverInput,
    ) -> Result<DeclineHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::decline(work, offer, &input.reason).await
        });
        Ok(done.await?.into())
    }

    /// Takes an offer back. For the case's owner and managers.
    async fn withdraw_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: WithdrawHandoverInput,
    ) -> Result<WithdrawHandoverPayload> {
        let done = act(ctx, async move |work| {
            let offer = id::<HandoverId>(&input.handover_id, "handoverId")?;
            crate::case::handover::withdraw(work, offer, input.reason.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Merges one case into another: the other goes on with its owner, who answers for both; what arrives for the merged
    /// one joins it. For the owner of both and managers.
    async fn merge_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case into which, and why.")] input: MergeCasesInput,
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

    /// Takes a merged case out again: its stage and owner are what they were. What arrived since stays where it arrived.
    /// For its owner and managers.
    async fn unmerge_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: UnmergeCaseInput,
    ) -> Result<UnmergeCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::merge::unmerge(work, case, &input.reason).await
        });
        Ok(done.await?.into())
    }
}
