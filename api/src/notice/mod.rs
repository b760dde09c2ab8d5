//! Notices: mails to members of staff about events of their cases. They are made from each seller's event feed after
//! the act, from a stored position on, so that no act waits for them and no event is missed. A notice is a row that
//! waits until its person is at work; then it is mailed in a letter, alone or with others (`docs/notices.md`).

pub mod answer;
pub mod decide;
mod facts;
mod feed;
mod mail;
mod person;
pub mod settings;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{NoticeId, SellerId, StaffId};
use entity::notice;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::old::ended;
use crate::kit::teller::Teller;
use crate::kit::work::Work;

/// How long a notice is kept after its end.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Mails notices to members of staff.
pub struct Notices;

impl Teller for Notices {
    const NAME: &'static str = "notices";
    type Recipient = StaffId;

    async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
        feed::behind(db).await
    }

    fn read(work: &mut Work, seller: SellerId) -> BoxFuture<'_, Outcome<bool>> {
        Box::pin(feed::read(work, seller))
    }

    async fn due(db: &Db, now: DateTime<Utc>) -> Result<BTreeSet<StaffId>, DbErr> {
        mail::due(db, now).await
    }

    fn write(work: &mut Work, reader: StaffId) -> BoxFuture<'_, Outcome<()>> {
        Box::pin(mail::write(work, reader))
    }

    async fn next(db: &Db, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbErr> {
        mail::next(db, now).await
    }
}

/// Deletes notices that ended long ago.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let columns = (notice::Column::Id, notice::Column::EndedAt);
    let old: Vec<NoticeId> = ended::<notice::Entity, _>(work, columns, KEPT).await?;
    if !old.is_empty() {
        notice::Entity::delete_many().filter(notice::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    Ok(())
}
