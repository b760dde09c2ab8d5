//! Mails about events, to staff and to partners' people. A loop reads each seller's feed from its stored position and
//! inserts a row for each message; rows that are due become letters, alone or with others. No act waits for it, and no
//! event is missed. The loop is the same for every kind of reader.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::SellerId;
use futures_util::future::BoxFuture;
use sea_orm::DbErr;

use super::actor::Actor;
use super::app::App;
use super::db::Db;
use super::error::Outcome;
use super::health::warn_once_a_minute;
use super::rounds::{Round, Rounds};
use super::work::Work;

/// How often the loop reads the store. A mail may be delayed by a second.
const POLL: Duration = Duration::from_secs(1);

/// The mails to one kind of reader.
pub trait Teller: Send + Sync + 'static {
    /// The name of the loop.
    const NAME: &'static str;
    /// The id of a person who is mailed.
    type Recipient: Copy + Ord + Send + Sync;

    /// The sellers with events after the stored position.
    fn behind(db: &Db) -> impl Future<Output = Result<Vec<SellerId>, DbErr>> + Send;
    /// Reads the next events of a seller's feed and inserts the rows that follow. Returns whether more events may be
    /// waiting.
    fn read(work: &mut Work, seller: SellerId) -> BoxFuture<'_, Outcome<bool>>;
    /// The readers who have a due row.
    fn due(db: &Db, now: DateTime<Utc>) -> impl Future<Output = Result<BTreeSet<Self::Recipient>, DbErr>> + Send;
    /// Writes the letters for a reader's due rows.
    fn write(work: &mut Work, reader: Self::Recipient) -> BoxFuture<'_, Outcome<()>>;
    /// When the next row becomes due; none when no row waits.
    fn next(db: &Db, now: DateTime<Utc>) -> impl Future<Output = Result<Option<DateTime<Utc>>, DbErr>> + Send;
}

/// Runs the loop until the task is dropped.
pub fn watch<T: Teller>(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::every(&app, T::NAME, POLL);
    async move {
        loop {
            rounds.begin().await;
            let round = round::<T>(&app).await.unwrap_or_else(|error| {
                warn_once_a_minute(
                    "what somebody is told by mail could not be read; trying again every second",
                    &error,
                );
                Round::FAILED
            });
            rounds.rest(round).await;
        }
    }
}

/// Inserts rows for the events since the last round, then writes letters for the rows that are due. A failure of one
/// seller or reader does not delay the others.
async fn round<T: Teller>(app: &App) -> Outcome<Round> {
    let (mut found, mut failed) = (false, false);
    for seller in T::behind(app.reader().db()).await? {
        found = true;
        loop {
            match app.run(Actor::System, async move |work: &mut Work| T::read(work, seller).await).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    warn_once_a_minute(
                        "a seller's events could not be read for mails about them; trying again",
                        &error,
                    );
                    failed = true;
                    break;
                }
            }
        }
    }
    for reader in T::due(app.reader().db(), app.now()).await? {
        found = true;
        let done = app.run(Actor::System, async move |work: &mut Work| T::write(work, reader).await).await;
        if let Err(error) = done {
            warn_once_a_minute("what a person is told could not be mailed; trying again", &error);
            failed = true;
        }
    }
    if failed {
        return Ok(Round::FAILED);
    }
    Ok(Round { found, next: T::next(app.reader().db(), app.now()).await? })
}
