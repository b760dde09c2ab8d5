//! What arrived before: the same thing again gets the answer it got then, and what is told again with more is kept beside what
//! was told first.

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

/// What the store knows under an arrival's key.
#[derive(Debug)]
pub struct Key {
    /// What was to be alike.
    pub fingerprint: Vec<u8>,
    /// The answer.
    pub result: Value,
    /// Until when the key stands for it; for ever when none.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether something arrived before.
pub enum Seen {
    /// It did not.
    Never,
    /// It did, and this is the answer it got.
    Before(Box<Received>),
    /// This report of the same thing arrived before, and says something else.
    Otherwise(Box<report::Model>),
}

/// Keys are a seller's own: two sellers may use the same.
#[must_use]
pub fn scope(seller: SellerId) -> String {
    seller.to_string()
}

/// Looks whether this arrived before.
///
/// # Errors
/// When its key was used for something else that it cannot add to.
pub async fn look(work: &Work, arrived: &Arrived, key: Option<&Key>) -> Outcome<Seen> {
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
    // It may have been put on another case since.
    let case = case::Entity::find_by_id(report.case_id).one(work.tx()?).await?;
    let case = case.ok_or(Fault::Broken("a report has a case"))?;
    let (disposition, customer) = (Disposition::Duplicate, report.customer_id);
    Ok(Seen::Before(Box::new(Received { disposition, report: report.id, customer, case })))
}

/// The key under which another content of the same thing is known.
fn another(once: &Once) -> (String, String) {
    (format!("{}+", once.operation), format!("{}#{}", once.key, hex(&once.fingerprint)))
}

/// Notes the key with the answer: its own, or that of another content. A twin that runs at the same moment fails on this row,
/// and is run again.
///
/// # Errors
/// When the store cannot be written.
pub async fn remember(
    work: &mut Work,
    arrived: &Arrived,
    key: Option<&Key>,
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
        // It has expired. Taken away and not written over, so that a twin fails on the new one.
        let (scope, name) = (row.scope.clone(), row.key.clone());
        let expired = idempotency::Entity::delete_by_id((scope, row.operation.clone(), name));
        expired.filter(idempotency::Column::ExpiresAt.lte(work.now())).exec(work.tx()?).await?;
    }
    work.insert(row);
    Ok(())
}
