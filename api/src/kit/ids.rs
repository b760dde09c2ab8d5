//! New ids: UUID version 7 (RFC 9562, section 5.7) from the injected clock and randomness. The twelve bits after
//! the milliseconds hold the fraction of the millisecond (method 3 of section 6.2), so ids sort by their time.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::entropy::Entropy;

/// A new id for this moment.
pub fn new(now: DateTime<Utc>, entropy: &dyn Entropy) -> Uuid {
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
        let ids: Vec<Uuid> = (0..5000).map(|step| new(start + TimeDelta::microseconds(step), &entropy)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
