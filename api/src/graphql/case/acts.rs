//! Acts of a case's owner and managers: acknowledge, close, reassign.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{CaseId, StaffId};

use crate::case::OutgoingMessage;
use crate::graphql::case::Case;
use crate::graphql::commitment::{CommitmentDueInput, CommitmentInput};
use crate::graphql::context::{act, id};
use crate::graphql::error::payload;

/// The input of `acknowledgeCase`.
#[derive(InputObject)]
pub struct AcknowledgeCaseInput {
    /// The case to acknowledge.
    case_id: ID,
    /// The message to the customer; 1 to 20,000 characters.
    message: String,
    /// What the message promises, each with a date; at most 10.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// By when the customer hears from you next: in the future, within 183 days. They see it, and it is a commitment.
    /// When left out, it is the time of the service level (`nextContact`). Ignored when the case is closed, and when no
    /// address is known to mail the message to: it is then no contact.
    next_contact_by: Option<CommitmentDueInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `closeCase`.
#[derive(InputObject)]
pub struct CloseCaseInput {
    /// The case to close.
    case_id: ID,
    /// The company's answer, as the customer reads it; 1 to 20,000 characters.
    message: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `reassignCase`.
#[derive(InputObject)]
pub struct ReassignCaseInput {
    /// The case to reassign.
    case_id: ID,
    /// The new owner: an active member of the seller's staff.
    owner_id: ID,
    /// Why the case is reassigned, for its history; 1 to 1,000 characters.
    reason: String,
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

payload! {
    /// The answer to `acknowledgeCase`.
    AcknowledgeCasePayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `closeCase`.
    CloseCasePayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `reassignCase`.
    ReassignCasePayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}

/// Acts on cases.
#[derive(Default)]
pub struct CaseMutation;

#[Object]
impl CaseMutation {
    /// Writes to the customer that somebody is looking after the case, and moves it from `RECEIVED` to `ACKNOWLEDGED`.
    /// `INVALID_TRANSITION` in every other stage. For the case's owner and managers.
    async fn acknowledge_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and the message to the customer.")] input: AcknowledgeCaseInput,
    ) -> Result<AcknowledgeCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let promised = CommitmentInput::promised(&input.commitments);
            let next = input.next_contact_by.map(Into::into);
            crate::case::acknowledge(
                work,
                case,
                &OutgoingMessage { words: &input.message, promised: &promised, next, apology: None, uploads: &[] },
            )
            .await
        });
        Ok(done.await?.into())
    }

    /// Sends the company's answer to the customer and closes the case. A new message from the customer, unless it only
    /// thanks, opens the case again with the same owner. `IN_USE` while a commitment to the customer is open;
    /// `INVALID_TRANSITION` when the case is closed or merged already. For the case's owner and managers.
    async fn close_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and the answer to the customer.")] input: CloseCaseInput,
    ) -> Result<CloseCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::close(work, case, &input.message).await
        });
        Ok(done.await?.into())
    }

    /// Gives a case to another person of the same seller, at once. The reason stays in the history of the case.
    /// `PERSON_AWAY` when that person is away now, unless `evenIfAway` is true. For managers.
    async fn reassign_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, its new owner, and the reason.")] input: ReassignCaseInput,
    ) -> Result<ReassignCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let owner = id::<StaffId>(&input.owner_id, "ownerId")?;
            crate::case::reassign(work, case, (owner, input.even_if_away), &input.reason).await
        });
        Ok(done.await?.into())
    }
}
