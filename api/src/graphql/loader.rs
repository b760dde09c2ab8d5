//! Loads many rows by key in one statement. The first field that asks for a key leads: it lets the other fields of the
//! same request name theirs (by yielding, not by waiting for a timer), then reads for all. Nothing is kept beyond
//! that: a subscription's next event must see the row as it is then.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::DbErr;
use tokio::sync::watch;

use crate::kit::db::Db;

/// How to read the values of many keys.
pub trait Load: 'static {
    /// What is asked by.
    type Key: Copy + Eq + Hash + Send + Sync + 'static;
    /// What is found.
    type Value: Clone + Send + Sync + 'static;

    /// Reads all of them in as many statements as it takes for one.
    fn load(
        db: &Db,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>, DbErr>> + Send;
}

type Answer<L> = Result<Arc<HashMap<<L as Load>::Key, <L as Load>::Value>>, DbErr>;

/// Keys that wait for their leader.
struct Pending<L: Load> {
    keys: HashSet<L::Key>,
    answer: watch::Receiver<Option<Answer<L>>>,
}

/// Gathers keys of one kind.
pub struct Loader<L: Load> {
    db: Db,
    pending: Mutex<Option<Pending<L>>>,
}

enum Part<L: Load> {
    Lead(watch::Sender<Option<Answer<L>>>),
    Wait(watch::Receiver<Option<Answer<L>>>),
}

impl<L: Load> Loader<L> {
    /// A loader that reads from here.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, pending: Mutex::new(None) }
    }

    /// The value of this key, read together with all that are asked for at the same time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn one(&self, key: L::Key) -> Result<Option<L::Value>, DbErr> {
        loop {
            match self.join(key) {
                Part::Lead(tell) => {
                    let answer = self.lead().await;
                    let value = answer.clone().map(|values| values.get(&key).cloned());
                    tell.send_replace(Some(answer));
                    return value;
                }
                Part::Wait(mut told) => {
                    // The leader may be gone without an answer, its field cancelled: then somebody else leads.
                    if let Ok(answer) = told.wait_for(Option::is_some).await
                        && let Some(answer) = answer.as_ref()
                    {
                        return answer.clone().map(|values| values.get(&key).cloned());
                    }
                }
            }
        }
    }

    fn join(&self, key: L::Key) -> Part<L> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pending) = pending.as_mut().filter(|pending| pending.answer.has_changed().is_ok()) {
            pending.keys.insert(key);
            return Part::Wait(pending.answer.clone());
        }
        let (tell, answer) = watch::channel(None);
        *pending = Some(Pending { keys: HashSet::from([key]), answer });
        Part::Lead(tell)
    }

    async fn lead(&self) -> Answer<L> {
        // Long lists are polled in portions: it is quiet once two rounds have brought no new key.
        let (mut known, mut quiet) = (0, 0);
        while quiet < 2 {
            tokio::task::yield_now().await;
            let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            let count = pending.as_ref().map_or(0, |pending| pending.keys.len());
            quiet = if count == known { quiet + 1 } else { 0 };
            known = count;
        }
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let keys = pending.map(|pending| pending.keys.into_iter().collect()).unwrap_or_default();
        L::load(&self.db, keys).await.map(Arc::new)
    }
}
