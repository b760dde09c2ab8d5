//! Deduplication. The same report received again gets the earlier answer. The same report with other content is kept
//! beside the first one.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, ReportId, SellerId};
use entity::{case, idempotency, report};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::receive::{Disposition, Received};
use super::report::{Arrived, Changed, Once};
use crate::kit::error::{Fault, Outcome};
use crate::kit::once;
use crate::kit::text::hex;
use crate::kit::work::Work;

/// What the store holds under a report's idempotency key.
#[derive(Debug)]
pub struct StoredKey {
    /// The digest of the content that the key was used with.
    pub fingerprint: Vec<u8>,
    /// The ids of the report and the case that resulted.
    pub result: Value,
    /// When the key expires; never when none.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether, and how, a report was received before.
pub enum Seen {
    /// It was not received before.
    Never,
    /// It was received before with the same content. This is the answer.
    Before(Box<Received>),
    /// It was received before with other content. This is the first report.
    Otherwise(Box<report::Model>),
}

/// The scope of a seller's keys, so that two sellers may use the same key.
#[must_use]
pub fn scope(seller: SellerId) -> String {
    seller.to_string()
}

/// Looks up whether a report was received before.
///
/// # Errors
/// `KEY_REUSED` when the key was used with other content and the channel does not add to reports.
pub async fn look(work: &Work, arrived: &Arrived, key: Option<&StoredKey>) -> Outcome<Seen> {
    let Some(key) = key else { return Ok(Seen::Never) };
    if key.expires_at.is_some_and(|expires_at| expires_at <= work.now()) {
        return Ok(Seen::Never);
    }
    if key.fingerprint == arrived.once.fingerprint {
        return before(work, &key.result).await;
    }
    match arrived.once.changed {
        Changed::IsRefused => Err(once::reused().into()),
        Changed::IsAdded => {
            let (operation, another) = another(&arrived.once);
            let known = idempotency::Entity::find_by_id((scope(arrived.seller), operation, another));
            match known.one(work.tx()?).await? {
                Some(row) => before(work, &row.result).await,
                None => Ok(Seen::Otherwise(Box::new(report_of(work, &key.result).await?))),
            }
        }
    }
}

async fn report_of(work: &Work, result: &Value) -> Outcome<report::Model> {
    let id = result.get("report").and_then(Value::as_str).unwrap_or_default();
    let id = id.parse::<ReportId>().map_err(|_| Fault::Broken("a key's result names a report"))?;
    let row = report::Entity::find_by_id(id).one(work.tx()?).await?;
    Ok(row.ok_or(Fault::Broken("a key has a report"))?)
}

async fn before(work: &Work, result: &Value) -> Outcome<Seen> {
    let report = report_of(work, result).await?;
    // The report may have been moved to another case since.
    let case = case::Entity::find_by_id(report.case_id).one(work.tx()?).await?;
    let case = case.ok_or(Fault::Broken("a report has a case"))?;
    let (disposition, customer) = (Disposition::Duplicate, report.customer_id);
    Ok(Seen::Before(Box::new(Received { disposition, report: report.id, customer, case })))
}

/// The key under which other content of the same report is remembered.
fn another(once: &Once) -> (String, String) {
    (format!("{}+", once.operation), format!("{}#{}", once.key, hex(&once.fingerprint)))
}

/// Stores the report's key with the answer, or for an addition the key of its content. A concurrent transaction with
/// the same key fails on this row and is run again.
///
/// # Errors
/// When the store cannot be written.
pub async fn remember(
    work: &mut Work,
    arrived: &Arrived,
    key: Option<&StoredKey>,
    adds: bool,
    (report, case): (ReportId, CaseId),
) -> Outcome<()> {
    let Once { operation, key: name, fingerprint, expires_at, .. } = arrived.once.clone();
    let (operation, name) = if adds { another(&arrived.once) } else { (operation.to_owned(), name) };
    let row = idempotency::Model {
        scope: scope(arrived.seller),
        operation,
        key: name,
        fingerprint,
        result: json!({ "report": report, "case": case }),
        created_at: work.now(),
        expires_at,
    };
    if key.is_some() && !adds {
        // The old key has expired. It is deleted and not overwritten, so that a concurrent transaction fails on the new
        // row.
        let (scope, name) = (row.scope.clone(), row.key.clone());
        let expired = idempotency::Entity::delete_by_id((scope, row.operation.clone(), name));
        expired.filter(idempotency::Column::ExpiresAt.lte(work.now())).exec(work.tx()?).await?;
    }
    work.insert(row);
    Ok(())
}
