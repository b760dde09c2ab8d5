//! Limits the memory of request bodies. A body occupies places for the bytes that have arrived, so that a body that is
//! announced and never sent occupies none. The number of large bodies per credential is limited too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::id::{MailboxId, UploadId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::access::session::Caller;

/// The holder whose large bodies are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A caller, identified by credential, from any address.
    Caller(Caller),
    /// A mailbox whose key was presented.
    Mailbox(MailboxId),
    /// An upload whose bytes are sent, by whoever has its address.
    Upload(UploadId),
}

/// The limits for bodies.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The maximum size of a small body in bytes, which every caller may send.
    pub small: usize,
    /// The maximum number of bytes in all large bodies together, not counting the small part of each.
    pub large_in_all: usize,
    /// The maximum number of large bodies that are processed at the same time after they have arrived.
    pub at_once: usize,
    /// The maximum number of large bodies of one credential that arrive or are processed at the same time.
    pub of_one: usize,
    /// The maximum time to wait for a place.
    pub patience: Duration,
}

/// The error when no place was free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The first bytes of a body need no place, because every connection has a buffer of this size.
const FREE: usize = 16 * 1024;
/// The maximum number of bytes in all small bodies together, not counting the free bytes of each.
const SMALL_IN_ALL: usize = 64 * 1024 * 1024;
/// The size of one place in bytes.
const UNIT: usize = 1024;
/// When this many holders are known, those without a large body are removed from memory.
const HOLDERS: usize = 64;

/// The table of all places.
pub struct Places {
    sizes: Sizes,
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    work: Arc<Semaphore>,
    holders: Mutex<HashMap<Holder, Arc<Semaphore>>>,
}

/// The places that one body occupies until this is dropped.
#[derive(Default)]
pub struct OccupiedPlaces {
    small: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
    own: Option<OwnedSemaphorePermit>,
    work: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// All places, free.
    #[must_use]
    pub fn new(sizes: Sizes) -> Self {
        let places = |bytes: usize| Arc::new(Semaphore::new((bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS)));
        Self {
            small: places(SMALL_IN_ALL),
            large: places(sizes.large_in_all),
            work: Arc::new(Semaphore::new(sizes.at_once.max(1))),
            holders: Mutex::default(),
            sizes,
        }
    }

    /// Takes places for a body of which this many bytes have arrived.
    ///
    /// # Errors
    /// When no places are free in time.
    pub async fn grow(&self, held: &mut OccupiedPlaces, holder: Option<&Holder>, arrived: usize) -> Result<(), Full> {
        let Sizes { small, patience, .. } = self.sizes;
        let units = |bytes: usize| bytes.div_ceil(UNIT);
        take(&self.small, &mut held.small, units(arrived.min(small).saturating_sub(FREE)), patience).await?;
        if arrived <= small {
            return Ok(());
        }
        if let (None, Some(holder)) = (&held.own, holder) {
            take(&self.of(holder), &mut held.own, 1, patience).await?;
        }
        take(&self.large, &mut held.large, units(arrived - small), patience).await
    }

    /// Takes a place for processing a large body that has arrived completely.
    ///
    /// # Errors
    /// When none is free in time.
    pub async fn work_on(&self, held: &mut OccupiedPlaces, arrived: usize) -> Result<(), Full> {
        if arrived <= self.sizes.small {
            return Ok(());
        }
        take(&self.work, &mut held.work, 1, self.sizes.patience).await
    }

    fn of(&self, holder: &Holder) -> Arc<Semaphore> {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if holders.len() >= HOLDERS {
            holders.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = || Arc::new(Semaphore::new(self.sizes.of_one.max(1)));
        Arc::clone(holders.entry(holder.clone()).or_insert_with(places))
    }
}

/// Increases the permits that are held to the wanted number.
async fn take(
    from: &Arc<Semaphore>,
    held: &mut Option<OwnedSemaphorePermit>,
    wanted: usize,
    patience: Duration,
) -> Result<(), Full> {
    let more = wanted.saturating_sub(held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
    let more = u32::try_from(more).map_err(|_| Full)?;
    if more == 0 {
        return Ok(());
    }
    let taken = timeout(patience, Arc::clone(from).acquire_many_owned(more)).await;
    let taken = taken.ok().and_then(Result::ok).ok_or(Full)?;
    match held {
        Some(held) => held.merge(taken),
        None => *held = Some(taken),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn places() -> Places {
        Places::new(Sizes {
            small: 100 * KIB,
            large_in_all: 1000 * KIB,
            at_once: 1,
            of_one: 2,
            patience: Duration::from_millis(1),
        })
    }

    fn mailbox(number: u128) -> Holder {
        Holder::Mailbox(sea_orm::prelude::Uuid::from_u128(number).into())
    }

    #[tokio::test]
    async fn a_body_takes_places_for_what_has_arrived_and_gives_them_back() {
        let (places, one, other) = (places(), mailbox(1), mailbox(2));
        let mut slow = Vec::new();
        for holder in [&one, &one, &other, &other] {
            let mut held = OccupiedPlaces::default();
            places.grow(&mut held, Some(holder), 150 * KIB).await.unwrap();
            slow.push(held);
        }
        let third_of_one = places.grow(&mut OccupiedPlaces::default(), Some(&one), 150 * KIB).await;
        assert_eq!(third_of_one, Err(Full));
        let third = mailbox(3);
        let mut held = OccupiedPlaces::default();
        places.grow(&mut held, Some(&third), 500 * KIB).await.unwrap();
        places.grow(&mut held, Some(&third), 900 * KIB).await.unwrap();
        assert_eq!(places.grow(&mut held, Some(&third), 950 * KIB).await, Err(Full), "800 and four times 50 of 1000");
        slow.clear();
        places.grow(&mut held, Some(&third), 1100 * KIB).await.unwrap();
        drop(held);
        assert_eq!(places.large.available_permits(), 1000);
        assert_eq!(places.small.available_permits(), SMALL_IN_ALL / UNIT);
    }

    #[tokio::test]
    async fn only_what_has_arrived_as_a_whole_is_worked_on() {
        let places = places();
        let (mut first, mut second) = (OccupiedPlaces::default(), OccupiedPlaces::default());
        places.work_on(&mut first, 200 * KIB).await.unwrap();
        assert_eq!(places.work_on(&mut second, 200 * KIB).await, Err(Full));
        places.work_on(&mut second, 100 * KIB).await.unwrap();
        drop(first);
        places.work_on(&mut second, 200 * KIB).await.unwrap();
    }
}
