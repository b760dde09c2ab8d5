//! The latest message of each of several cases.

use std::collections::HashMap;

use entity::id::CaseId;
use entity::kind::Visibility;
use entity::{case, message};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::batch::Load;
use crate::kit::db::Db;

/// The latest message of a case that its customer may read.
pub struct LastMessageOf;

impl Load for LastMessageOf {
    type Key = CaseId;
    type Value = message::Model;
    async fn load(db: &Db, keys: Vec<CaseId>) -> Result<HashMap<CaseId, message::Model>, DbErr> {
        let (of, each) = (Alias::new("of"), Alias::new("each"));
        // One subquery for each case, which reads the end of that case's part of an index.
        let latest = Query::select()
            .column((of.clone(), message::Column::Id))
            .from_as(message::Entity, of.clone())
            .and_where(Expr::col((of.clone(), message::Column::CaseId)).equals((each.clone(), case::Column::Id)))
            .and_where(Expr::col((of.clone(), message::Column::Visibility)).eq(Visibility::Customer))
            .order_by((of.clone(), message::Column::At), Order::Desc)
            .order_by((of, message::Column::Id), Order::Desc)
            .limit(1)
            .to_owned();
        let ids = Query::select()
            .expr(Expr::SubQuery(None, Box::new(latest.into())))
            .from_as(case::Entity, each.clone())
            .and_where(Expr::col((each, case::Column::Id)).is_in(keys))
            .to_owned();
        let rows = message::Entity::find().filter(message::Column::Id.in_subquery(ids)).all(db).await?;
        Ok(rows.into_iter().map(|row| (row.case_id, row)).collect())
    }
}
