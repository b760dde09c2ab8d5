//! How a partner keeps its times.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::context::int;
use crate::task::performance::Counts;

/// Of how many that came to their time, how many were in time.
#[derive(SimpleObject)]
pub struct TimesKept {
    /// How many were in time.
    kept: i32,
    /// Of how many. What still has time counts neither way.
    of: i32,
}

/// How a partner kept its times for one category.
#[derive(SimpleObject)]
pub struct CategoryPerformance {
    /// The seller's word for the kind of complaint; null for cases without one.
    category: Option<String>,
    /// The counts.
    counts: PerformanceCounts,
}

/// How times were kept, counted in tasks. Those that were taken back count nowhere.
#[derive(SimpleObject)]
pub struct PerformanceCounts {
    /// Tasks asked.
    asked: i32,
    /// Refused.
    declined: i32,
    /// Answered by `acceptBy`, a refusal included.
    accepted_in_time: TimesKept,
    /// Never silent past `updateBy`, of those taken on.
    updated_in_time: TimesKept,
    /// Done by `dueAt`, of those done or past it.
    done_in_time: TimesKept,
    /// Done by the first time the partner gave itself (`firstEta`). A new time before the old one has passed does not count
    /// as kept.
    etas_kept: TimesKept,
}

/// How a partner keeps its times, for the partner itself and the seller's staff.
#[derive(SimpleObject)]
pub struct PartnerPerformance {
    /// Tasks asked from this time on, UTC.
    from: DateTime<Utc>,
    /// … and before this one, UTC.
    until: DateTime<Utc>,
    /// All of them together.
    total: PerformanceCounts,
    /// By the seller's word for the kind of complaint.
    by_category: Vec<CategoryPerformance>,
}

impl From<&Counts> for PerformanceCounts {
    fn from(counts: &Counts) -> Self {
        let kept = |kept, of| TimesKept { kept: int(kept), of: int(of) };
        Self {
            asked: int(counts.asked),
            declined: int(counts.declined),
            accepted_in_time: kept(counts.accepted_in_time, counts.to_accept),
            updated_in_time: kept(counts.updated_in_time, counts.to_update),
            done_in_time: kept(counts.done_in_time, counts.to_finish),
            etas_kept: kept(counts.etas_kept, counts.etas),
        }
    }
}

impl PartnerPerformance {
    /// These counts, and their sum.
    #[must_use]
    pub fn new(counts: &[Counts], (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        let by_category =
            counts.iter().map(|one| CategoryPerformance { category: one.category.clone(), counts: one.into() });
        Self { from, until, total: (&Counts::sum(counts)).into(), by_category: by_category.collect() }
    }
}
