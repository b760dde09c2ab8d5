//! Figures on how well a partner keeps its times.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::context::int;
use crate::task::performance::Counts;

/// How many tasks were in time, out of those whose time has come.
#[derive(SimpleObject)]
pub struct TimesKept {
    /// The number of tasks that were in time.
    kept: i32,
    /// The number of tasks whose time has come. A task that still has time is not counted.
    of: i32,
}

/// How well a partner kept its times for tasks of one category.
#[derive(SimpleObject)]
pub struct CategoryPerformance {
    /// The category of the cases, in the seller's own words; null for cases that have none.
    category: Option<String>,
    /// The counts over the tasks of this category.
    counts: PerformanceCounts,
}

/// How well times were kept, counted in tasks. Withdrawn tasks are not counted anywhere but in `rejected`.
#[derive(SimpleObject)]
pub struct PerformanceCounts {
    /// The number of tasks that were requested.
    asked: i32,
    /// The number of tasks that the partner declined.
    declined: i32,
    /// The number of reported completions that the owner refused (`rejectCompletion`), at most one for each task.
    rejected: i32,
    /// Tasks that were accepted or declined by `acceptBy`, out of those that were answered or whose `acceptBy` has
    /// passed.
    accepted_in_time: TimesKept,
    /// Tasks of which no `updateBy` was missed, out of those that were accepted.
    updated_in_time: TimesKept,
    /// Tasks that were done by `firstDueAt`, out of those that are done, and those not declined whose `firstDueAt` has
    /// passed.
    done_in_time: TimesKept,
    /// Tasks that were done by the first time that the partner expected (`firstEta`), out of those with a `firstEta`
    /// that are done, and those not declined whose `firstEta` has passed. A later estimate does not replace the first.
    etas_kept: TimesKept,
}

/// Figures on how well a partner keeps its times, for the partner's people and the seller's staff.
#[derive(SimpleObject)]
pub struct PartnerPerformance {
    /// The beginning of the period, UTC: tasks requested at or after this time are counted.
    from: DateTime<Utc>,
    /// The end of the period, UTC: tasks requested before this time are counted.
    until: DateTime<Utc>,
    /// The counts over all tasks of the period.
    total: PerformanceCounts,
    /// The counts for each category, ordered by category; cases without a category come last.
    by_category: Vec<CategoryPerformance>,
}

impl From<&Counts> for PerformanceCounts {
    fn from(counts: &Counts) -> Self {
        let kept = |kept, of| TimesKept { kept: int(kept), of: int(of) };
        Self {
            asked: int(counts.asked),
            declined: int(counts.declined),
            rejected: int(counts.rejected),
            accepted_in_time: kept(counts.accepted_in_time, counts.to_accept),
            updated_in_time: kept(counts.updated_in_time, counts.to_update),
            done_in_time: kept(counts.done_in_time, counts.to_finish),
            etas_kept: kept(counts.etas_kept, counts.etas),
        }
    }
}

impl PartnerPerformance {
    /// The figures from these counts by category, with their sum.
    #[must_use]
    pub fn new(counts: &[Counts], (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        let by_category =
            counts.iter().map(|one| CategoryPerformance { category: one.category.clone(), counts: one.into() });
        Self { from, until, total: (&Counts::sum(counts)).into(), by_category: by_category.collect() }
    }
}
