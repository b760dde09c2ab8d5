//! Mails in quarantine: they could not be taken in, and are kept with the reason until a member of staff acts.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::arrival;
use entity::id::{ArrivalId, CaseId, SellerId};
use entity::kind::ArrivalStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::table::Action;
use crate::graphql::context::{
    ContextExt, act, fault_error, forbidden, id, int, query_error, read_error, signed_in, to_id,
};
use crate::graphql::error::payload;
use crate::graphql::report::email::{EmailPreview, kept};
use crate::intake::sender::Senders;
use crate::kit::actor::Actor;
use crate::texts;

/// The maximum number of mails in one list.
const MOST: u64 = 100;

/// A mail in quarantine: it could not be taken in, and a member of staff has to look at it.
#[derive(Clone)]
pub struct QuarantinedReport(pub arrival::Model);

impl From<arrival::Model> for QuarantinedReport {
    fn from(row: arrival::Model) -> Self {
        Self(row)
    }
}

/// A mail in quarantine: it could not be taken in, and a member of staff has to look at it.
#[Object]
impl QuarantinedReport {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Why it could not be taken in, in English.
    async fn reason(&self) -> &str {
        self.0.reason.as_deref().unwrap_or_default()
    }

    /// The status of the mail: `QUARANTINED` until it is retried or assigned.
    async fn status(&self) -> ArrivalStatus {
        self.0.status
    }

    /// When it was received, UTC.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// The envelope's sender; empty when the envelope names none, as for bounces.
    async fn envelope_from(&self) -> &str {
        &self.0.envelope_from
    }

    /// The recipient's address in the envelope of the mail.
    async fn envelope_to(&self) -> &str {
        &self.0.envelope_to
    }

    /// The size of the mail in bytes; 0 when a mail service never handed it over.
    async fn size_bytes(&self) -> i32 {
        int(self.0.raw_size)
    }

    /// How many attempts were made to take it in. `retryQuarantinedReport` starts the count again at 0.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
}

/// The seller of the viewer, who must be staff.
fn staff(ctx: &Context<'_>) -> Result<SellerId> {
    signed_in(ctx)?;
    let Actor::Staff { seller, .. } = ctx.actor() else {
        return Err(forbidden(texts::api::quarantine_for_staff()));
    };
    Ok(seller)
}

/// Queries on the quarantine.
#[derive(Default)]
pub struct QuarantineQuery;

#[Object]
impl QuarantineQuery {
    /// The mails to your seller that are in quarantine, oldest first; at most 100. For staff.
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

    /// How a mail in quarantine would be read, to find out which case it belongs to. Null when your seller has no such
    /// mail in quarantine, or when nothing of it was stored (`sizeBytes` is 0). For staff.
    #[graphql(complexity = "500 + child_complexity")]
    async fn preview_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the mail in quarantine.")] id: ID,
    ) -> Result<Option<EmailPreview>> {
        let seller = staff(ctx)?;
        let id = self::id::<ArrivalId>(&id, "id").map_err(|problem| query_error(&problem))?;
        let row = arrival::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        let theirs = |row: &arrival::Model| row.seller_id == seller && row.status == ArrivalStatus::Quarantined;
        let Some(row) = row.filter(theirs).filter(|row| row.raw_size > 0) else { return Ok(None) };
        Ok(kept(ctx, row.raw_sha256).await?.map(|mail| EmailPreview(mail, None)))
    }
}

/// The input of `retryQuarantinedReport`.
#[derive(InputObject)]
pub struct RetryQuarantinedReportInput {
    /// The id of the mail in quarantine.
    quarantined_report_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `assignQuarantinedReport`.
#[derive(InputObject)]
pub struct AssignQuarantinedReportInput {
    /// The id of the mail in quarantine.
    quarantined_report_id: ID,
    /// The id of the case that the mail belongs to.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `retryQuarantinedReport`.
    RetryQuarantinedReportPayload {
        /// The mail, which now waits to be taken in.
        quarantined_report: QuarantinedReport
    }
}
payload! {
    /// The answer to `assignQuarantinedReport`.
    AssignQuarantinedReportPayload {
        /// The mail, which is now a report of the case.
        quarantined_report: QuarantinedReport
    }
}

/// Acts on mails in quarantine.
#[derive(Default)]
pub struct QuarantineMutation;

#[Object]
impl QuarantineMutation {
    /// Takes a mail out of quarantine and tries at once to take it in again. Fails with `INVALID_TRANSITION` when it is
    /// not in quarantine, or when nothing of it was stored (`sizeBytes` is 0). For staff.
    async fn retry_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mail to take in again.")] input: RetryQuarantinedReportInput,
    ) -> Result<RetryQuarantinedReportPayload> {
        let done = act(ctx, async move |work| {
            let arrival = id::<ArrivalId>(&input.quarantined_report_id, "quarantinedReportId")?;
            crate::intake::quarantine::retry(work, arrival, Action::ReadCase, "quarantinedReportId").await
        });
        Ok(done.await?.into())
    }

    /// Puts a mail in quarantine on a case, whatever the mail says. If its sender is not that case's customer, the
    /// report is `unverified` there. A reply by staff or by a person at a partner to a letter becomes a note instead
    /// (`STAFF_REPLY`, `PARTNER_REPLY`), which names its files; they are not kept. Fails with `INVALID_TRANSITION` when
    /// the mail is not in quarantine. For staff.
    async fn assign_quarantined_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mail, and the case to put it on.")] input: AssignQuarantinedReportInput,
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
