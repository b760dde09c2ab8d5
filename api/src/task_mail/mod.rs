//! Tasks by mail, for partners without a system: events of a task are mailed to the partner's people who want that,
//! with a link to the task's page. The mails contain nothing about the customer or the content of the task
//! (`docs/partners.md`).

pub mod decide;
pub mod feed;
pub mod link;
mod mail;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerContactId, SellerId, TaskMailId};
use entity::task_mail;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::old::ended;
use crate::kit::teller::Teller;
use crate::kit::work::Work;

/// How long a row is kept after its end.
const KEPT: TimeDelta = TimeDelta::days(365);

/// Mails the people of partners about tasks.
pub struct TaskMails;

impl Teller for TaskMails {
    const NAME: &'static str = "task_mails";
    type Recipient = PartnerContactId;

    async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
        feed::behind(db).await
    }

    fn read(work: &mut Work, seller: SellerId) -> BoxFuture<'_, Outcome<bool>> {
        Box::pin(feed::read(work, seller))
    }

    async fn due(db: &Db, now: DateTime<Utc>) -> Result<BTreeSet<PartnerContactId>, DbErr> {
        mail::due(db, now).await
    }

    fn write(work: &mut Work, reader: PartnerContactId) -> BoxFuture<'_, Outcome<()>> {
        Box::pin(mail::write(work, reader))
    }

    async fn next(db: &Db, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbErr> {
        mail::next(db, now).await
    }
}

/// Deletes rows that ended long ago. The links in their letters expired long before.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let columns = (task_mail::Column::Id, task_mail::Column::EndedAt);
    let old: Vec<TaskMailId> = ended::<task_mail::Entity, _>(work, columns, KEPT).await?;
    if !old.is_empty() {
        task_mail::Entity::delete_many().filter(task_mail::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    Ok(())
}
