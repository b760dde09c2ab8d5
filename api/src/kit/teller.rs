//! Mails about what happens. What somebody is to be told is made from the event log, seller by seller, from where it was
//! read last, so that no act waits for it and nothing is forgotten. It is a row that waits until its reader may be
//! mailed; then it becomes a letter, alone or with others. The loop is the same for every kind of reader.

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

/// How often the store is asked. A mail may be a second late.
const POLL: Duration = Duration::from_secs(1);

/// What tells one kind of reader.
pub trait Teller: Send + Sync + 'static {
    /// The name of the loop.
    const NAME: &'static str;
    /// Who is told.
    type Reader: Copy + Ord + Send + Sync;

    /// The sellers whose feed was not read to its end.
    fn behind(db: &Db) -> impl Future<Output = Result<Vec<SellerId>, DbErr>> + Send;
    /// Makes rows of the next events of a seller's feed. Says whether there may be more.
    fn read(work: &mut Work, seller: SellerId) -> BoxFuture<'_, Outcome<bool>>;
    /// The readers for whom a row is due.
    fn due(db: &Db, now: DateTime<Utc>) -> impl Future<Output = Result<BTreeSet<Self::Reader>, DbErr>> + Send;
    /// Writes the letters of what a reader is due to be told.
    fn write(work: &mut Work, reader: Self::Reader) -> BoxFuture<'_, Outcome<()>>;
    /// When the next row is due; none when none waits.
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

/// Makes rows of the events since the last round, and then letters of the rows that are due. A seller or a reader for whom
/// that fails holds up nobody else.
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
