//! Whether the store accepts writes, as seen by the last acts. `/readyz` reports it. Also limits log messages to one
//! per cause and minute, instead of one per request.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;

use super::away::{Away, away};

/// How often one cause is logged.
const SAID_EVERY: Duration = Duration::from_mins(1);
/// The most causes that are remembered. They are texts in the code, so there are few.
const CAUSES: usize = 64;

/// The outcome of the last writes.
#[derive(Debug, Default)]
pub struct Health(Mutex<HealthState>);

#[derive(Debug, Default)]
struct HealthState {
    trouble: Option<Away>,
    confirmed: Option<Instant>,
}

impl Health {
    fn state(&self) -> std::sync::MutexGuard<'_, HealthState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a commit was durable.
    pub fn confirmed(&self) {
        *self.state() = HealthState { trouble: None, confirmed: Some(Instant::now()) };
    }

    /// Records that a write failed, if the error says something about the state of the store.
    pub fn failed(&self, error: &DbErr) {
        // Too many writers at once are no failure of the store.
        if let Some(why) = away(error).filter(|why| *why != Away::Crowded) {
            self.state().trouble = Some(why);
        }
    }

    /// Why the last write failed; none when it succeeded.
    #[must_use]
    pub fn trouble(&self) -> Option<Away> {
        self.state().trouble
    }

    /// Whether a write was confirmed within this time and none has failed since.
    #[must_use]
    pub fn is_confirmed_within(&self, time: Duration) -> bool {
        let state = self.state();
        state.trouble.is_none() && state.confirmed.is_some_and(|at| at.elapsed() < time)
    }
}

struct LogLimit {
    at: Instant,
    unsaid: u64,
}

static SAID: LazyLock<Mutex<HashMap<String, LogLimit>>> = LazyLock::new(Mutex::default);

/// Logs a warning, at most once a minute for each cause, with the number of times that it was suppressed. `what` says
/// what could not be done and what happens now; it identifies the cause.
pub fn warn_once_a_minute(what: &str, error: &impl Display) {
    if let Some(unsaid) = is_to_be_said(what) {
        tracing::warn!(%error, unsaid, "{what}");
    }
}

/// How often this cause was suppressed since it was last logged; none when it must be suppressed now.
fn is_to_be_said(cause: &str) -> Option<u64> {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = said.get_mut(cause) {
        if known.at.elapsed() < SAID_EVERY {
            known.unsaid += 1;
            return None;
        }
        let unsaid = known.unsaid;
        *known = LogLimit { at: Instant::now(), unsaid: 0 };
        return Some(unsaid);
    }
    if said.len() < CAUSES {
        said.insert(cause.to_owned(), LogLimit { at: Instant::now(), unsaid: 0 });
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::db::no_answer;
    use sea_orm::ConnAcquireErr;

    #[test]
    fn a_cause_is_said_once() {
        assert_eq!(is_to_be_said("a cause of this test"), Some(0));
        assert_eq!(is_to_be_said("a cause of this test"), None);
        assert_eq!(is_to_be_said("another cause of this test"), Some(0));
    }

    #[test]
    fn trouble_ends_with_a_confirmed_write_and_a_crowd_is_none() {
        let health = Health::default();
        assert!(!health.is_confirmed_within(Duration::MAX), "nothing was written yet");
        health.confirmed();
        assert!(health.is_confirmed_within(Duration::MAX));
        health.failed(&DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        assert_eq!(health.trouble(), None);
        health.failed(&no_answer());
        assert_eq!(health.trouble(), Some(Away::Silent));
        assert!(!health.is_confirmed_within(Duration::MAX));
        health.confirmed();
        assert_eq!(health.trouble(), None);
    }
}
