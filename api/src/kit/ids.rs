//! New ids: UUID version 7 (RFC 9562, section 5.7), from the injected clock and randomness. The twelve bits after the
//! milliseconds hold the fraction of the millisecond (method 3 of section 6.2), so ids sort by time.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::entropy::Entropy;

/// Makes ids. Ids of one process are in order even within one microsecond (section 6.2, method 2), so that rows written
/// at the same time are listed in the order in which they were written.
#[derive(Debug, Default)]
pub struct Ids(Mutex<Uuid>);

impl Ids {
    /// A new id for this time.
    pub fn next(&self, now: DateTime<Utc>, entropy: &dyn Entropy) -> Uuid {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = new(now, entropy);
        let moment = |id: Uuid| id.as_u128() >> 64;
        // The upper two bits of the random part are fixed, so it would take extremely many additions to reach the time
        // part.
        let next = if moment(*last) == moment(fresh) { Uuid::from_u128(last.as_u128() + 1) } else { fresh };
        *last = next;
        next
    }
}

/// An id for this time. The other bits are random.
fn new(now: DateTime<Utc>, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0_u8; 8];
    entropy.fill(&mut random);
    let millis = u128::try_from(now.timestamp_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    let fraction = u128::from(now.timestamp_subsec_micros() % 1000) * 4096 / 1000;
    let low = (u128::from(u64::from_be_bytes(random)) & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    Uuid::from_u128((millis << 80) | (0x7 << 76) | (fraction << 64) | low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::entropy::SeededEntropy;
    use chrono::TimeDelta;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let entropy = SeededEntropy::new(1);
        let start = DateTime::from_timestamp(1_790_000_000, 999_999_000).unwrap();
        let ids = Ids::default();
        // Three ids in each microsecond.
        let ids: Vec<Uuid> =
            (0..5000).map(|step| ids.next(start + TimeDelta::microseconds(step / 3), &entropy)).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
