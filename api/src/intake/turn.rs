//! Attempts to take in kept mails. Each is counted in the store before the mail is read: a mail that ends the process that
//! reads it has been counted all the same, and after the second time it is not read again by itself.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use entity::id::ArrivalId;
use entity::kind::ArrivalStatus;
use entity::{arrival, mailbox};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::{self, Notice};

/// How long a node has for the mails that it began to read; then they are another's to read.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(2);
/// After how many minutes a mail that could not be taken in is tried again; then somebody must look.
const AGAIN: [i64; 4] = [0, 1, 5, 15];
/// How often a process may end while it reads a mail.
const DEADLY: i32 = 2;
/// What is said of a mail that was being read that often when the process ended.
const KILLED: &str = "The service ended twice while it was reading this mail, so it is not read again by itself. The mail \
                      is kept as it came.";

/// The mails that this process began to read and that it has not noted an end of.
#[derive(Default)]
pub struct InHand(Mutex<Ids>);

/// Ids of mails.
pub type Ids = HashSet<ArrivalId>;

impl InHand {
    /// Which.
    #[must_use]
    pub fn ids(&self) -> Ids {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, ids: impl Iterator<Item = ArrivalId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }

    /// An end was noted.
    pub fn remove(&self, id: ArrivalId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// How often a process ended while it read this mail. This process has not ended, so what it began does not count.
#[must_use]
pub fn ended_with(row: &arrival::Model, in_hand: &Ids) -> i32 {
    if in_hand.contains(&row.id) { 0 } else { row.attempts - row.failures }
}

/// Whether this mail is not read again.
#[must_use]
pub fn is_deadly(row: &arrival::Model, in_hand: &Ids) -> bool {
    ended_with(row, in_hand) >= DEADLY
}

/// Counts an attempt at each of these mails, in one act; gives those that may be read now.
///
/// # Errors
/// When the store cannot be written; then nothing may be read.
pub async fn begin(app: &App, ids: Vec<ArrivalId>) -> Outcome<Vec<arrival::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hand = app.part::<InHand>();
    let known = hand.ids();
    // Noted first: when the store's answer is lost, what it did may be ours.
    let asked: HashSet<ArrivalId> = ids.iter().copied().collect();
    hand.add(asked.iter().copied());
    let act = async move |work: &mut Work| {
        let now = work.now();
        let mut begun = Vec::new();
        for mut row in locked(work, &ids).await? {
            let own = known.contains(&row.id) && row.taken_until.is_some();
            if row.next_at <= now && (own || row.taken_until.is_none_or(|until| until <= now)) {
                // An attempt of this process that it could not note the end of is the same attempt still.
                row.attempts += i32::from(!own);
                row.taken_until = Some(now + TAKEN_FOR);
                work.save(row.clone());
                begun.push(row);
            }
        }
        Ok(begun)
    };
    let begun = app.run(Actor::System, act).await?;
    for id in asked.iter().filter(|id| begun.iter().all(|row| row.id != **id)) {
        hand.remove(*id);
    }
    Ok(begun)
}

/// Gives back what this process began and did not end, uncounted: the service stops, or the store was busy.
pub async fn let_go(app: &App, ids: Ids) {
    if ids.is_empty() {
        return;
    }
    let hand = app.part::<InHand>();
    let all: Vec<ArrivalId> = ids.iter().copied().collect();
    let act = async move |work: &mut Work| {
        for mut row in locked(work, &all).await?.into_iter().filter(|row| row.taken_until.is_some()) {
            row.attempts = std::cmp::max(row.attempts - 1, row.failures);
            row.taken_until = None;
            work.save(row);
        }
        Ok(())
    };
    match app.run(Actor::System, act).await {
        Ok(()) => ids.into_iter().for_each(|id| hand.remove(id)),
        Err(error) => {
            tracing::warn!(%error, "mails that were not read could not be given back; they are taken up later");
        }
    }
}

/// Frees what a process that has ended had begun to read. For a store that only one process uses: there is no other that
/// could be reading it.
///
/// # Errors
/// When the store cannot be written.
pub async fn free(app: &App) -> Outcome<()> {
    if app.store().backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let own = app.part::<InHand>().ids();
    let act = async move |work: &mut Work| {
        let freed = arrival::Entity::update_many()
            .col_expr(arrival::Column::TakenUntil, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
            .filter(arrival::Column::Status.eq(ArrivalStatus::Waiting))
            .filter(arrival::Column::TakenUntil.is_not_null())
            .filter(arrival::Column::Id.is_not_in(own.iter().copied()));
        freed.exec(work.tx()?).await?;
        Ok(())
    };
    app.run(Actor::System, act).await
}

/// Notes that a mail could not be taken in, and when it is tried again.
///
/// # Errors
/// When the store fails.
pub async fn failed(work: &mut Work, id: ArrivalId, reason: &str) -> Outcome<()> {
    let Some(mut row) = locked(work, &[id]).await?.pop() else { return Ok(()) };
    let tried = usize::try_from(row.failures).unwrap_or_default();
    row.failures += 1;
    row.taken_until = None;
    match AGAIN.get(tried) {
        Some(minutes) => {
            row.next_at = work.now() + TimeDelta::minutes(*minutes);
            row.reason = Some(truncated(reason, 500));
            work.save(row);
            Ok(())
        }
        None => quarantined(work, row, reason).await,
    }
}

/// Puts a mail in quarantine that ended the process that read it, without reading it.
///
/// # Errors
/// When the store fails.
pub async fn give_up(work: &mut Work, id: ArrivalId) -> Outcome<()> {
    let now = work.now();
    let row = locked(work, &[id]).await?.pop();
    let given_up = |row: &arrival::Model| {
        row.attempts - row.failures >= DEADLY && row.taken_until.is_none_or(|until| until <= now)
    };
    match row.filter(given_up) {
        Some(row) => quarantined(work, arrival::Model { taken_until: None, ..row }, KILLED).await,
        None => Ok(()),
    }
}

/// Puts a mail in quarantine and tells the accountable person.
async fn quarantined(work: &mut Work, mut row: arrival::Model, reason: &str) -> Outcome<()> {
    row.reason = Some(truncated(reason, 500));
    row.status = ArrivalStatus::Quarantined;
    row.ended_at = Some(work.now());
    if let Some(mailbox) = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await? {
        letter::notify(work, &mailbox, Notice::Quarantine, reason).await?;
    }
    work.save(row);
    Ok(())
}

/// Those of these mails that still wait, locked, always in one order.
async fn locked(work: &Work, ids: &[ArrivalId]) -> Outcome<Vec<arrival::Model>> {
    let rows = arrival::Entity::find()
        .filter(arrival::Column::Id.is_in(ids.iter().copied()))
        .filter(arrival::Column::Status.eq(ArrivalStatus::Waiting))
        .order_by_asc(arrival::Column::Id)
        .lock_exclusive();
    Ok(rows.all(work.tx()?).await?)
}
