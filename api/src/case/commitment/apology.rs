//! Apologies for a broken commitment. After a broken promise the company must try to call before it writes: the message
//! is refused until a call was tried, unless the customer has no telephone number, or the sender says why it is sent
//! anyway.

use chrono::{DateTime, Utc};
use entity::id::CommitmentId;
use entity::kind::{Channel, CommitmentKind, CommitmentState, DueKind, Visibility};
use entity::{case, commitment, report};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::query::group;
use crate::directory::customer;
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

/// The most characters of the reason for sending it without a call.
const LONGEST: usize = 1_000;

/// The apology in a message for a broken commitment.
#[derive(Debug, Clone, Copy)]
pub struct Apology<'a> {
    /// The commitment that was broken.
    pub commitment: CommitmentId,
    /// Why it is sent although nobody has tried to call.
    pub anyway: Option<&'a str>,
}

/// Checks that a message may apologise, and records that no call is due for the commitment any more. The reason for
/// sending it without a call becomes a note on the case.
///
/// # Errors
/// `NOT_FOUND` when it is no commitment of the case; `INVALID_TRANSITION` when it is not broken, or when the customer
/// can be called and nobody has tried.
pub(crate) async fn check(work: &mut Work, case: &mut case::Model, apology: &Apology<'_>) -> Outcome<()> {
    let of_case = group(work.tx()?, case.id).await?;
    let broken = commitment::Entity::find_by_id(apology.commitment)
        .filter(commitment::Column::CaseId.is_in(of_case))
        .filter(commitment::Column::Kind.eq(CommitmentKind::Action))
        .filter(commitment::Column::CustomerId.eq(case.customer_id));
    let mut row = work.lock_one(broken).await?.ok_or_else(|| Problem::not_found("apologizesFor"))?;
    if row.state != CommitmentState::Broken {
        let text = texts::commitment::not_broken();
        return Err(Problem::new(ErrorCode::InvalidTransition, "apologizesFor", text).into());
    }
    if row.called_at.is_some() {
        return Ok(());
    }
    let anyway = apology.anyway.map(|reason| required(reason, "sendAnyway", LONGEST)).transpose()?;
    let reachable = customer::number(work, case.customer_id).await?.is_some();
    if reachable && anyway.is_none() && !was_tried(work, case, row.ended_at.unwrap_or(row.due_at)).await? {
        let text = texts::commitment::call_first();
        return Err(Problem::new(ErrorCode::InvalidTransition, "apologizesFor", text).into());
    }
    if let Some(reason) = anyway {
        crate::message::add(work, case, Visibility::Internal, reason).await?;
    }
    row.called_at = Some(work.now());
    timer::stop_of(work, row.id.0, &[DueKind::CallBy]);
    Ok(())
}

/// Whether somebody has called the customer of this case since then, answered or not.
async fn was_tried(work: &Work, case: &case::Model, since: DateTime<Utc>) -> Outcome<bool> {
    let calls: Vec<serde_json::Value> = report::Entity::find()
        .select_only()
        .column(report::Column::Details)
        .filter(report::Column::CaseId.eq(case.id))
        .filter(report::Column::Channel.eq(Channel::Phone))
        .filter(report::Column::RecordedAt.gte(since))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(calls.iter().any(|details| details.get("direction").and_then(serde_json::Value::as_str) == Some("OUTBOUND")))
}
