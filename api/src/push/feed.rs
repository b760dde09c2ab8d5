//! From the event log to pushes to customers: a seller's feed is read from where it was read last. What members of staff are
//! told comes with their notices.

use entity::id::{CaseId, SellerId};
use entity::{case, device, event, feed, merger, push_feed};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};

use super::decide::{self, by_day};
use super::{add, seller_of};
use crate::directory::calendar::zone;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// The most devices that are told of one event.
const TOLD: u64 = 100;

/// The sellers whose feed was not read to its end, and of whose customers somebody has a device or had one.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
    let own_feed =
        push_feed::Entity::belongs_to(feed::Entity).from(push_feed::Column::SellerId).to(feed::Column::SellerId).into();
    push_feed::Entity::find()
        .select_only()
        .column(push_feed::Column::SellerId)
        .join(JoinType::InnerJoin, own_feed)
        .filter(
            Expr::col((push_feed::Entity, push_feed::Column::ReadTo))
                .lt(Expr::col((feed::Entity, feed::Column::LastSeq))),
        )
        .into_tuple()
        .all(db)
        .await
}

/// Makes pushes of the next events of a seller's feed. Says whether there may be more.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn read(work: &mut Work, id: SellerId) -> Outcome<bool> {
    let row = push_feed::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(mut row) = row else { return Ok(false) };
    // The end of the log is read before the events, so that no event that is numbered in between is skipped.
    let head = log::head(work.tx()?, id).await?;
    let events = log::next(work.tx()?, id, (row.read_to, head)).await?;
    let full = events.len() as u64 == log::PAGE;
    row.read_to = events.last().filter(|_| full).map_or(head, |last| last.feed_seq);
    work.save(row);
    let told: Vec<(event::Model, &'static str)> = events
        .into_iter()
        .filter_map(|event| {
            // An event that a newer version wrote is unknown here, and nobody is told of it.
            let payload = Payload::join(&event.kind, &event.data).ok()?;
            let kind = decide::told(&event, &payload)?;
            Some((event, kind))
        })
        .collect();
    for (event, kind) in told {
        for device in devices(work, event.case_id).await? {
            let Some(seller) = seller_of(work, &device).await? else { continue };
            let send_at = by_day(work.now(), zone(&seller.calendar));
            add(work, &device, (event.case_id, kind), send_at).await?;
        }
    }
    Ok(full)
}

/// The devices of a case's customer: of the case itself, and of those that were merged into it as the same customer's.
async fn devices(work: &Work, id: CaseId) -> Outcome<Vec<device::Model>> {
    let merged: Vec<CaseId> = merger::Entity::find()
        .select_only()
        .column(merger::Column::CaseId)
        .filter(merger::Column::IntoId.eq(id))
        .filter(merger::Column::UndoneAt.is_null())
        .filter(merger::Column::SameCustomer.eq(true))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let own_case = device::Entity::belongs_to(case::Entity).from(device::Column::CaseId).to(case::Column::Id).into();
    let customer = Expr::col((case::Entity, case::Column::CustomerId));
    Ok(device::Entity::find()
        .join(JoinType::InnerJoin, own_case)
        .filter(device::Column::CaseId.is_in(merged.into_iter().chain([id])))
        .filter(device::Column::RemovedAt.is_null())
        .filter(Expr::col((device::Entity, device::Column::CustomerId)).eq(customer))
        .limit(TOLD)
        .all(work.tx()?)
        .await?)
}
