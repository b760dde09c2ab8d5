//! The acts of a case's owner and managers.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{CaseId, StaffId};

use super::case::Case;
use super::context::{act, id};
use super::error::payload;

/// Tells the customer that the case is being looked after.
#[derive(InputObject)]
pub struct AcknowledgeCaseInput {
    /// Which.
    case_id: ID,
    /// What the customer reads; 1 to 20,000 characters.
    message: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Gives the company's answer.
#[derive(InputObject)]
pub struct CloseCaseInput {
    /// Which.
    case_id: ID,
    /// The answer, as the customer reads it; 1 to 20,000 characters.
    message: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Gives a case to another person.
#[derive(InputObject)]
pub struct ReassignCaseInput {
    /// Which.
    case_id: ID,
    /// Who answers from now on: an active member of the seller's staff.
    owner_id: ID,
    /// Why, for the history; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `acknowledgeCase`.
    AcknowledgeCasePayload {
        /// The case as it is now.
        case: Case
    }
}
payload! {
    /// The answer to `closeCase`.
    CloseCasePayload {
        /// The case as it is now.
        case: Case
    }
}
payload! {
    /// The answer to `reassignCase`.
    ReassignCasePayload {
        /// The case as it is now.
        case: Case
    }
}

/// Acts on cases.
#[derive(Default)]
pub struct CaseMutation;

#[Object]
impl CaseMutation {
    /// Tells the customer, in your words, that the case is being looked after. For its owner and managers.
    async fn acknowledge_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and in what words.")] input: AcknowledgeCaseInput,
    ) -> Result<AcknowledgeCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::acknowledge(work, case, &input.message).await
        });
        Ok(done.await?.into())
    }

    /// Gives the company's answer and closes the case; a new message from the customer opens it again, and its owner
    /// stays its owner. For its owner and managers.
    async fn close_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what answer.")] input: CloseCaseInput,
    ) -> Result<CloseCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::close(work, case, &input.message).await
        });
        Ok(done.await?.into())
    }

    /// Gives a case to another person of the same seller, at once and with a reason that stays in its history. For
    /// managers.
    async fn reassign_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, to whom, and why.")] input: ReassignCaseInput,
    ) -> Result<ReassignCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let owner = id::<StaffId>(&input.owner_id, "ownerId")?;
            crate::case::reassign(work, case, owner, &input.reason).await
        });
        Ok(done.await?.into())
    }
}
