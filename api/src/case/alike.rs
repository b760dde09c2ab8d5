//! Hints for staff: cases that may be about the same thing, and customers that a caller may be. A person decides about
//! each hint; nothing is merged automatically.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use entity::id::{CaseId, CustomerId, SellerId};
use entity::{case, customer, customer_phone};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::kit::db::Db;
use crate::kit::text::folded;

/// The most hints of one kind.
const MOST: u64 = 20;
/// Only cases that were opened within this time before or after a case are compared with it.
const LAST_DAYS: TimeDelta = TimeDelta::days(30);

pub use entity::kind::CaseAlikeReason;

pub use entity::kind::CustomerCandidateReason;

fn newest(cases: Select<case::Entity>) -> Select<case::Entity> {
    cases
        .filter(case::Column::MergedInto.is_null())
        .order_by_desc(case::Column::OpenedAt)
        .order_by_desc(case::Column::Id)
        .limit(MOST)
}

/// The other open cases of a case's customer, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn other_open(db: &Db, of: &case::Model) -> Result<Vec<case::Model>, DbErr> {
    let open = case::Entity::find()
        .filter(case::Column::CustomerId.eq(of.customer_id))
        .filter(case::Column::ClosedAt.is_null())
        .filter(case::Column::Id.ne(of.id));
    newest(open).all(db).await
}

/// The cases opened within 30 days of this one that may be about the same thing, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(db: &Db, of: &case::Model) -> Result<Vec<(case::Model, Vec<CaseAlikeReason>)>, DbErr> {
    let around = case::Entity::find()
        .filter(case::Column::SellerId.eq(of.seller_id))
        .filter(case::Column::Id.ne(of.id))
        .filter(case::Column::OpenedAt.between(of.opened_at - LAST_DAYS, of.opened_at + LAST_DAYS));
    let mut found: HashMap<CaseId, (case::Model, Vec<CaseAlikeReason>)> = HashMap::new();
    let mut note = |rows: Vec<case::Model>, because: CaseAlikeReason| {
        for row in rows {
            found.entry(row.id).or_insert_with(|| (row, Vec::new())).1.push(because);
        }
    };
    let theirs = around.clone().filter(case::Column::CustomerId.eq(of.customer_id));
    note(newest(theirs).all(db).await?, CaseAlikeReason::SameCustomer);
    if let Some(key) = &of.order_key {
        let same = around.clone().filter(case::Column::OrderKey.eq(key.clone()));
        note(newest(same).all(db).await?, CaseAlikeReason::SameOrder);
    }
    let others = same_number(db, of.seller_id, of.customer_id).await?;
    if !others.is_empty() {
        let same = around.filter(case::Column::CustomerId.is_in(others));
        note(newest(same).all(db).await?, CaseAlikeReason::SameNumber);
    }
    let mut all: Vec<_> = found.into_values().collect();
    all.sort_by_key(|(case, _)| Reverse((case.opened_at, case.id)));
    Ok(all)
}

/// Other customers who gave one of this customer's telephone numbers.
async fn same_number(db: &Db, seller: SellerId, customer: CustomerId) -> Result<Vec<CustomerId>, DbErr> {
    let own = customer_phone::Entity::find()
        .select_only()
        .column(customer_phone::Column::E164)
        .filter(customer_phone::Column::CustomerId.eq(customer))
        .limit(MOST);
    let numbers: Vec<String> = own.into_tuple().all(db).await?;
    let mut others = HashSet::new();
    for number in numbers {
        others.extend(who_gave(db, seller, &number).await?);
    }
    others.remove(&customer);
    Ok(others.into_iter().collect())
}

/// Customers who gave this telephone number, the newest first.
async fn who_gave(db: &Db, seller: SellerId, e164: &str) -> Result<Vec<CustomerId>, DbErr> {
    customer_phone::Entity::find()
        .select_only()
        .column(customer_phone::Column::CustomerId)
        .filter(customer_phone::Column::SellerId.eq(seller))
        .filter(customer_phone::Column::E164.eq(e164))
        .order_by_desc(customer_phone::Column::CustomerId)
        .limit(MOST)
        .into_tuple()
        .all(db)
        .await
}

/// The customers who gave this telephone number, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn who_may_call(db: &Db, seller: SellerId, e164: &str) -> Result<Vec<customer::Model>, DbErr> {
    let ids = who_gave(db, seller, e164).await?;
    let rows = customer::Entity::find().filter(customer::Column::Id.is_in(ids)).order_by_desc(customer::Column::Id);
    rows.all(db).await
}

/// The customers that a caller may be, except the customer for whom the call was logged.
///
/// # Errors
/// When the store cannot be read.
pub async fn callers(
    db: &Db,
    (seller, but): (SellerId, CustomerId),
    e164: &str,
    name: Option<&str>,
) -> Result<Vec<(customer::Model, Vec<CustomerCandidateReason>)>, DbErr> {
    let ids: Vec<CustomerId> = who_gave(db, seller, e164).await?.into_iter().filter(|id| *id != but).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = customer::Entity::find().filter(customer::Column::Id.is_in(ids)).all(db).await?;
    let name = name.map(folded);
    let mut candidates: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let same_name = name.is_some() && row.name.as_deref().map(folded) == name;
            let reasons = [(true, CustomerCandidateReason::SameNumber), (same_name, CustomerCandidateReason::SameName)];
            (row, reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect::<Vec<_>>())
        })
        .collect();
    // Customers with the same name come first, then the newest.
    candidates.sort_by(|(one, a), (other, b)| b.len().cmp(&a.len()).then(other.id.cmp(&one.id)));
    Ok(candidates)
}
