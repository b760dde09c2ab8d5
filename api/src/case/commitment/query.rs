//! Reads of commitments.

use entity::id::CaseId;
use entity::{case, commitment, merger};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::kit::db::Db;

/// The most cases merged into one whose commitments its customer sees.
const MERGED: u64 = 50;

/// The commitments of a case, in the order in which they were made.
#[must_use]
pub fn of_case(id: CaseId) -> Select<commitment::Entity> {
    commitment::Entity::find()
        .filter(commitment::Column::CaseId.eq(id))
        .order_by_asc(commitment::Column::MadeAt)
        .order_by_asc(commitment::Column::Id)
}

/// This case and the cases that were merged into it.
///
/// # Errors
/// When the store cannot be read.
pub async fn group(db: &impl ConnectionTrait, id: CaseId) -> Result<Vec<CaseId>, DbErr> {
    let merged = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::MergedInto.eq(id));
    let mut group = merged.into_tuple().all(db).await?;
    group.push(id);
    Ok(group)
}

/// The commitments that the customer of a case may see: those made to them on this case, and on the cases merged into
/// it that are theirs or were confirmed to be of the same person. In the order in which they were made.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_customer(db: &Db, case: &case::Model) -> Result<Vec<commitment::Model>, DbErr> {
    let merged = merger::Entity::find()
        .filter(merger::Column::IntoId.eq(case.id))
        .filter(merger::Column::UndoneAt.is_null())
        .limit(MERGED)
        .all(db)
        .await?;
    let ids: Vec<CaseId> = merged.iter().map(|merger| merger.case_id).collect();
    let mut theirs = vec![(case.id, case.customer_id)];
    if !ids.is_empty() {
        let confirmed = |id| merged.iter().any(|merger| merger.case_id == id && merger.same_customer);
        let others = case::Entity::find().filter(case::Column::Id.is_in(ids)).all(db).await?;
        let own = others.iter().filter(|other| other.customer_id == case.customer_id || confirmed(other.id));
        theirs.extend(own.map(|other| (other.id, other.customer_id)));
    }
    let mut of = Condition::any();
    for (id, customer) in theirs {
        of = of.add(commitment::Column::CaseId.eq(id).and(commitment::Column::CustomerId.eq(customer)));
    }
    let rows = commitment::Entity::find()
        .filter(of)
        .order_by_asc(commitment::Column::MadeAt)
        .order_by_asc(commitment::Column::Id);
    rows.all(db).await
}
