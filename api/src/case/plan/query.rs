//! Reads of plans.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, StepId};
use entity::{case, plan, plan_step};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A version of a plan, with its steps in order. Without a plan, the version is `None` and there are no steps.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// The version.
    pub version: Option<plan::Model>,
    /// Its steps.
    pub steps: Vec<plan_step::Model>,
}

/// The present plan of a case, as far as its present customer was shown it.
///
/// # Errors
/// When the store cannot be read.
pub async fn present(db: &impl ConnectionTrait, case: &case::Model) -> Result<Present, DbErr> {
    let last = plan::Entity::find()
        .filter(plan::Column::CaseId.eq(case.id))
        .order_by_desc(plan::Column::Number)
        .one(db)
        .await?;
    let Some(version) = last.filter(|last| last.customer_id == case.customer_id) else { return Ok(Present::default()) };
    let steps = steps(db, case.id, version.number).await?;
    Ok(Present { version: Some(version), steps })
}

/// The steps of a version, in order.
///
/// # Errors
/// When the store cannot be read.
pub async fn steps(db: &impl ConnectionTrait, id: CaseId, number: i32) -> Result<Vec<plan_step::Model>, DbErr> {
    let rows = plan_step::Entity::find()
        .filter(plan_step::Column::CaseId.eq(id))
        .filter(plan_step::Column::Number.eq(number))
        .order_by_asc(plan_step::Column::Position);
    rows.all(db).await
}

/// The number of the last version of a case's plan; 0 when it has none.
///
/// # Errors
/// When the store cannot be read.
pub async fn last_number(db: &impl ConnectionTrait, id: CaseId) -> Result<i32, DbErr> {
    let last = plan::Entity::find()
        .select_only()
        .column(plan::Column::Number)
        .filter(plan::Column::CaseId.eq(id))
        .order_by_desc(plan::Column::Number)
        .into_tuple();
    Ok(last.one(db).await?.unwrap_or_default())
}

/// All versions of a case's plan, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn versions(db: &impl ConnectionTrait, id: CaseId) -> Result<Vec<plan::Model>, DbErr> {
    plan::Entity::find().filter(plan::Column::CaseId.eq(id)).order_by_asc(plan::Column::Number).all(db).await
}

/// The versions that the present customer of a case was shown from this time on, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn since(
    db: &impl ConnectionTrait,
    case: &case::Model,
    since: DateTime<Utc>,
) -> Result<Vec<plan::Model>, DbErr> {
    let rows = plan::Entity::find()
        .filter(plan::Column::CaseId.eq(case.id))
        .filter(plan::Column::CustomerId.eq(case.customer_id))
        .filter(plan::Column::MadeAt.gte(since))
        .order_by_asc(plan::Column::Number);
    rows.all(db).await
}

/// The step with this id, in the last version that has it.
///
/// # Errors
/// When the store cannot be read.
pub async fn by_step(db: &impl ConnectionTrait, id: StepId) -> Result<Option<plan_step::Model>, DbErr> {
    plan_step::Entity::find()
        .filter(plan_step::Column::Id.eq(id))
        .order_by_desc(plan_step::Column::Number)
        .one(db)
        .await
}
