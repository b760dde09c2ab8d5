//! Mails that could not be taken in: kept, with the reason, until somebody has looked.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::arrival;
use entity::id::{ArrivalId, CaseId, SellerId};
use entity::kind::ArrivalStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::context::{ContextExt, act, fault_error, forbidden, id, int, query_error, read_error, signed_in, to_id};
use super::email::{EmailPreview, kept};
use super::error::payload;
use crate::intake::sender::Senders;
use crate::kit::actor::Actor;

/// Quarantined mails that are listed at most.
const MOST: u64 = 100;

/// A mail that was kept and could not be taken in, though it was tried again and again.
#[derive(Clone)]
pub struct QuarantinedReport(pub arrival::Model);

impl From<arrival::Model> for QuarantinedReport {
    fn from(row: arrival::Model) -> Self {
        Self(row)
    }
}

/// A mail that was kept and could not be taken in, though it was tried again and again.
#[Object]
impl QuarantinedReport {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Why it could not be taken in.
    async fn reason(&self) -> &str {
        self.0.reason.as_deref().unwrap_or_default()
    }

    /// What became of it.
    async fn status(&self) -> ArrivalStatus {
        self.0.status
    }

    /// When it came, UTC.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// The envelope's sender; empty for none.
    async fn envelope_from(&self) -> &str {
        &self.0.envelope_from
    }

    /// The envelope's recipient.
    async fn envelope_to(&self) -> &str {
        &self.0.envelope_to
    }

    /// How many bytes it has.
    async fn size_bytes(&self) -> i32 {
        int(self.0.raw_size)
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
}

/// The seller whose staff asks.
fn staff(ctx: &Context<'_>) -> Result<SellerId> {
    signed_in(ctx)?;
    let Actor::Staff { seller, .. } = ctx.actor() else {
        return Err(forbidden(
            "What could not be taken in is for the seller's staff.",
            "Det som inte kunde tas in är för säljarens personal.",
        ));
    };
    Ok(seller)
}

/// Reads of what could not be taken in.
#[derive(Default)]
pub struct QuarantineQuery;

#[Object]
impl QuarantineQuery {
    /// Mails to your seller that could not be taken in, oldest first; at most 100. For staff.
    async fn quarantined_reports(&self, ctx: &Context<'_>) -> Result<Vec<QuarantinedReport>> {
        let seller = staff(ctx)?;
        let rows = arrival::Entity::find()
            .filter(arrival::Column::SellerId.eq(seller))
            .filter(arrival::Column::Status.eq(ArrivalStatus::Quarantined))
            .order_by_asc(arrival::Column::ReceivedAt)
            .order_by_asc(arrival::Column::Id)
            .limit(MOST)
            .all(ctx.db())
            .await;
        Ok(rows.map_err(read_error)?.into_iter().map(QuarantinedReport).collect())
    }

    /// What a mail in quarantine would be read as, to know where it belongs; null when your seller has no such mail, or
    /// nothing of it is here. For staff.
    #[graphql(complexity = "500 + child_complexity")]
    async fn preview_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<EmailPreview>> {
        let seller = staff(ctx)?;
        let id = self::id::<ArrivalId>(&id, "id").map_err(|problem| query_error(&problem))?;
        let row = arrival::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        let theirs = |row: &arrival::Model| row.seller_id == seller && row.status == ArrivalStatus::Quarantined;
        let Some(row) = row.filter(theirs).filter(|row| row.raw_size > 0) else { return Ok(None) };
        Ok(kept(ctx, row.raw_sha256).await?.map(|mail| EmailPreview(mail, None)))
    }
}

/// Tries anew to take in a mail.
#[derive(InputObject)]
pub struct RetryQuarantinedReportInput {
    /// Which.
    quarantined_report_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Puts a mail that could not be taken in on a case.
#[derive(InputObject)]
pub struct AssignQuarantinedReportInput {
    /// Which.
    quarantined_report_id: ID,
    /// The case it belongs to.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `retryQuarantinedReport`.
    RetryQuarantinedReportPayload {
        /// The mail: it waits to be taken in.
        quarantined_report: QuarantinedReport
    }
}
payload! {
    /// The answer to `assignQuarantinedReport`.
    AssignQuarantinedReportPayload {
        /// The mail: it is a report of the case.
        quarantined_report: QuarantinedReport
    }
}

/// Acts on what could not be taken in.
#[derive(Default)]
pub struct QuarantineMutation;

#[Object]
impl QuarantineMutation {
    /// Tries anew to take in a mail, at once. For staff.
    async fn retry_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RetryQuarantinedReportInput,
    ) -> Result<RetryQuarantinedReportPayload> {
        let done = act(ctx, async move |work| {
            let arrival = id::<ArrivalId>(&input.quarantined_report_id, "quarantinedReportId")?;
            crate::intake::quarantine::retry(work, arrival).await
        });
        Ok(done.await?.into())
    }

    /// Puts a mail that could not be taken in on a case, whatever it says. If its sender is not that case's customer the
    /// report is `unverified` there. For staff.
    async fn assign_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and where to.")] input: AssignQuarantinedReportInput,
    ) -> Result<AssignQuarantinedReportPayload> {
        let mail = match input.quarantined_report_id.parse() {
            Ok(arrival) => {
                crate::intake::quarantine::read(ctx.app(), ctx.data_unchecked::<Senders>(), ctx.actor(), arrival)
                    .await
                    .map_err(|fault| fault_error(&fault))?
            }
            Err(_) => None,
        };
        let done = act(ctx, async move |work| {
            let arrival = id::<ArrivalId>(&input.quarantined_report_id, "quarantinedReportId")?;
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::intake::quarantine::assign(work, arrival, mail.as_ref(), case).await
        });
        Ok(done.await?.into())
    }
}
