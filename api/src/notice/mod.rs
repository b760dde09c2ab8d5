//! Notices: what members of staff are told by mail. They are made from the event log, which is read seller by seller
//! from where it was read last, so that no act waits for them and none is forgotten. A notice is a row that waits until
//! its person is at work; then it is told in a letter, alone or with others (`docs/notices.md`).

pub mod answer;
pub mod decide;
mod facts;
mod feed;
mod mail;
mod person;
pub mod settings;
mod words;

use std::time::Duration;

use chrono::TimeDelta;
use entity::id::NoticeId;
use entity::notice;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::work::Work;

/// How often the store is asked. A mail may be a second late.
const POLL: Duration = Duration::from_secs(1);
/// How long a notice is kept after its end.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Runs the loop until the task is dropped.
pub fn watch(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::every(&app, "notices", POLL);
    async move {
        loop {
            rounds.begin().await;
            let round = round(&app).await.unwrap_or_else(|error| {
                warn_once_a_minute("notices to staff could not be made; trying again every second", &error);
                Round::FAILED
            });
            rounds.rest(round).await;
        }
    }
}

/// Makes notices of the events since the last round, and then letters of the notices that are due. A seller or a person
/// for whom that fails holds up nobody else.
async fn round(app: &App) -> Outcome<Round> {
    let (mut found, mut failed) = (false, false);
    for seller in feed::behind(app.reader().db()).await? {
        found = true;
        loop {
            match app.run(Actor::System, async move |work: &mut Work| feed::read(work, seller).await).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    warn_once_a_minute("notices could not be made of a seller's events; trying again", &error);
                    failed = true;
                    break;
                }
            }
        }
    }
    for person in mail::due(app.reader().db(), app.now()).await? {
        found = true;
        let done = app.run(Actor::System, async move |work: &mut Work| mail::write(work, person).await).await;
        if let Err(error) = done {
            warn_once_a_minute("a person's notices could not be mailed; trying again", &error);
            failed = true;
        }
    }
    if failed {
        return Ok(Round::FAILED);
    }
    Ok(Round { found, next: mail::next(app.reader().db(), app.now()).await? })
}

/// Deletes notices that ended long ago.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let old = notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::EndedAt.lte(work.now() - KEPT))
        .order_by_asc(notice::Column::EndedAt)
        .limit(1_000)
        .into_tuple::<NoticeId>()
        .all(work.tx()?)
        .await?;
    if !old.is_empty() {
        notice::Entity::delete_many().filter(notice::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    Ok(())
}
