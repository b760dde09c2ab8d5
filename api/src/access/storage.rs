//! The limit on the bytes that each party may store in a day (UTC). Large amounts are counted in the transaction of the
//! act, so that two concurrent acts cannot exceed the limit together. Short texts are never refused, so that a
//! complaint can always be filed. They cost points of the rate limit, and their bytes are collected in memory and
//! counted together, so that acts do not wait for each other at one row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use entity::id::SellerId;
use entity::storage_use;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Statement};
use serde::Deserialize;
use uuid::Uuid;

use super::table::{self, Action};
use crate::kit::actor::Actor;
use crate::kit::db::Db;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// The most bytes of a text that is never refused.
const SHORT: i64 = 10_000;
/// The bytes of short texts that are collected before they are counted.
const COLLECTED: i64 = 100_000;
/// The most parties whose short texts are collected in memory.
const PARTIES: usize = 100_000;
/// How many days are kept.
const DAYS: i64 = 7;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// The most bytes that may be stored in a day, by kind of party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoredBytes {
    /// By a customer.
    pub customer: u32,
    /// Through a form, by all its users together.
    pub form: u32,
    /// By a partner, with its people and systems together.
    pub partner: u32,
    /// By a member of staff.
    pub staff: u32,
    /// By a seller's system, such as one that hands in mail.
    pub system: u32,
}

impl Default for StoredBytes {
    fn default() -> Self {
        Self {
            customer: 100_000_000,
            form: 1_000_000_000,
            partner: 500_000_000,
            staff: 1_000_000_000,
            system: 4_000_000_000,
        }
    }
}

/// The limits, and the bytes of short texts that are not counted yet.
#[derive(Default)]
pub struct Storage {
    limits: RwLock<StoredBytes>,
    collected: Mutex<HashMap<(Uuid, i64), i64>>,
}

impl Storage {
    /// Sets the limits.
    pub fn limit(&self, limits: StoredBytes) {
        *self.limits.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    fn of(&self, actor: Actor) -> Option<Party> {
        let limits = *self.limits.read().unwrap_or_else(PoisonError::into_inner);
        let (id, seller, most) = match actor {
            Actor::Anonymous | Actor::System | Actor::Import { .. } => return None,
            Actor::Widget { id, seller } => (id.0, seller, limits.form),
            Actor::Customer { id, seller, .. } => (id.0, seller, limits.customer),
            Actor::Staff { id, seller, .. } => (id.0, seller, limits.staff),
            Actor::Partner { partner, seller, .. } => (partner.0, seller, limits.partner),
            Actor::Client { id, seller, .. } => (id.0, seller, limits.system),
        };
        Some(Party { id, seller, most: most.into() })
    }

    /// Adds to the collected bytes. When there are `enough`, removes and returns them; otherwise returns 0.
    fn collect(&self, party: Party, day: i64, bytes: i64, enough: i64) -> i64 {
        let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
        if collected.len() >= PARTIES {
            collected.retain(|(_, of), bytes| *of == day && *bytes >= SHORT);
        }
        let sum = collected.get(&(party.id, day)).copied().unwrap_or(0).saturating_add(bytes);
        if sum >= enough {
            collected.remove(&(party.id, day));
            return sum;
        }
        collected.insert((party.id, day), sum);
        0
    }

    fn collected(&self, party: Party, day: i64) -> i64 {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner).get(&(party.id, day)).copied().unwrap_or(0)
    }
}

/// The party that stores.
#[derive(Clone, Copy)]
struct Party {
    id: Uuid,
    seller: SellerId,
    most: i64,
}

/// What a party may still store today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The bytes that the party may store in a day.
    pub limit: i64,
    /// The bytes that are left today.
    pub remaining: i64,
    /// When the next day (UTC) begins.
    pub reset_at: DateTime<Utc>,
}

/// What an act stores: texts, and perhaps files.
#[derive(Debug, Clone, Copy)]
pub struct Stores<'f> {
    /// The bytes of the texts.
    pub text: usize,
    /// The bytes of files and mails.
    pub files: usize,
    /// The input field that an error names.
    pub field: &'f str,
}

/// Counts what the actor stores. Files and longer texts are refused when they exceed what is left of the actor's limit
/// today.
///
/// # Errors
/// [`ErrorCode::StorageUsedUp`] when too little is left.
pub async fn take(work: &Work, Stores { text, files, field }: Stores<'_>) -> Outcome<()> {
    let storage = work.app().part::<Storage>();
    let Some(party) = storage.of(work.actor()) else { return Ok(()) };
    let day = day_of(work.now());
    let bytes = i64::try_from(text.saturating_add(files)).unwrap_or(i64::MAX);
    if files == 0 && bytes <= SHORT {
        let due = storage.collect(party, day, bytes, COLLECTED);
        if due > 0 {
            count(work, Party { most: i64::MAX, ..party }, day, due).await?;
        }
        return Ok(());
    }
    let before = storage.collect(party, day, 0, 1);
    if count(work, party, day, before.saturating_add(bytes)).await? {
        return Ok(());
    }
    storage.collect(party, day, before, i64::MAX);
    Err(Problem::new(ErrorCode::StorageUsedUp, field, texts::access::storage_used_up(party.most, SHORT)).into())
}

/// Counts the bytes of a file that the actor will send. Returns the party whose bytes they are.
///
/// # Errors
/// As [`take`]; [`ErrorCode::Forbidden`] for an actor without a share.
pub async fn reserve(work: &Work, bytes: i64, field: &str) -> Outcome<Uuid> {
    let party = work.app().part::<Storage>().of(work.actor()).ok_or_else(|| table::refused(Action::SendFile))?;
    take(work, Stores { text: 0, files: usize::try_from(bytes).unwrap_or(usize::MAX), field }).await?;
    Ok(party.id)
}

/// Gives back what was reserved at this time and not used. On another day it changes nothing that is left today.
///
/// # Errors
/// When the store cannot be written.
pub async fn give_back(work: &Work, party: Uuid, reserved_at: DateTime<Utc>, bytes: i64) -> Outcome<()> {
    let sql = "UPDATE storage_use SET bytes = CASE WHEN bytes > $3 THEN bytes - $3 ELSE 0 END
        WHERE party_id = $1 AND day = $2";
    let values = [party.into(), day_of(reserved_at).into(), bytes.into()];
    let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, values);
    work.tx()?.execute_raw(statement).await?;
    Ok(())
}

/// Adds to the bytes of a party on this day. Returns false, and adds nothing, if that would exceed the party's limit.
async fn count(work: &Work, party: Party, day: i64, bytes: i64) -> Result<bool, DbErr> {
    if bytes > party.most {
        return Ok(false);
    }
    let sql = "INSERT INTO storage_use (party_id, day, seller_id, bytes) VALUES ($1, $2, $3, $4)
        ON CONFLICT (party_id, day) DO UPDATE SET bytes = storage_use.bytes + excluded.bytes
        WHERE storage_use.bytes <= $5
        RETURNING bytes";
    let room = party.most - bytes;
    let values = [party.id.into(), day.into(), party.seller.into(), bytes.into(), room.into()];
    let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, values);
    Ok(work.tx()?.query_one_raw(statement).await?.is_some())
}

/// What is left today for this actor; none for actors without a limit.
///
/// # Errors
/// When the store cannot be read.
pub async fn left(db: &Db, storage: &Storage, actor: Actor, now: DateTime<Utc>) -> Result<Option<Left>, DbErr> {
    let Some(party) = storage.of(actor) else { return Ok(None) };
    let day = day_of(now);
    let row = storage_use::Entity::find_by_id((party.id, day)).one(db).await?;
    let used = row.map_or(0, |row| row.bytes).saturating_add(storage.collected(party, day));
    let reset_at = DateTime::from_timestamp((day + 1) * SECONDS_OF_A_DAY, 0).unwrap_or(now);
    Ok(Some(Left { limit: party.most, remaining: (party.most - used).max(0), reset_at }))
}

/// Deletes the counts of past days.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &Work) -> Outcome<()> {
    let over = storage_use::Entity::delete_many().filter(storage_use::Column::Day.lt(day_of(work.now()) - DAYS));
    over.exec(work.tx()?).await?;
    Ok(())
}

fn day_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(SECONDS_OF_A_DAY)
}
