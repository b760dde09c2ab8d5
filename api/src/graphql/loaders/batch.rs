//! Loads many rows by key in one statement. The first field that asks for a key is the leader: it yields until the
//! other fields of the same request have added their keys (it does not wait for a timer), and then reads all of them.
//! Nothing is cached beyond that, because the next event of a subscription must see the row as it is then.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::DbErr;
use tokio::sync::watch;

use crate::kit::db::Db;

/// How to read the values of many keys.
pub trait Load: 'static {
    /// The key of a value.
    type Key: Copy + Eq + Hash + Send + Sync + 'static;
    /// The value that is found.
    type Value: Clone + Send + Sync + 'static;

    /// Reads the values of all keys, in as many statements as one key would take.
    fn load(
        db: &Db,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>, DbErr>> + Send;
}

type Loaded<L> = Result<Arc<HashMap<<L as Load>::Key, <L as Load>::Value>>, DbErr>;

/// Keys that wait for the leader to read them.
struct Pending<L: Load> {
    keys: HashSet<L::Key>,
    answer: watch::Receiver<Option<Loaded<L>>>,
}

/// Collects keys of one kind and reads their values together.
pub struct Loader<L: Load> {
    db: Db,
    pending: Mutex<Option<Pending<L>>>,
}

enum LoaderRole<L: Load> {
    Lead(watch::Sender<Option<Loaded<L>>>),
    Wait(watch::Receiver<Option<Loaded<L>>>),
}

impl<L: Load> Loader<L> {
    /// A loader that reads from this store.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, pending: Mutex::new(None) }
    }

    /// The value of this key, read together with all keys that are asked for at the same time. None when there is no
    /// such row.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn one(&self, key: L::Key) -> Result<Option<L::Value>, DbErr> {
        loop {
            match self.join(key) {
                LoaderRole::Lead(tell) => {
                    let answer = self.lead().await;
                    let value = answer.clone().map(|values| values.get(&key).cloned());
                    tell.send_replace(Some(answer));
                    return value;
                }
                LoaderRole::Wait(mut told) => {
                    // When the leader's field was cancelled there is no answer, and another field becomes the leader.
                    if let Ok(answer) = told.wait_for(Option::is_some).await
                        && let Some(answer) = answer.as_ref()
                    {
                        return answer.clone().map(|values| values.get(&key).cloned());
                    }
                }
            }
        }
    }

    fn join(&self, key: L::Key) -> LoaderRole<L> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pending) = pending.as_mut().filter(|pending| pending.answer.has_changed().is_ok()) {
            pending.keys.insert(key);
            return LoaderRole::Wait(pending.answer.clone());
        }
        let (tell, answer) = watch::channel(None);
        *pending = Some(Pending { keys: HashSet::from([key]), answer });
        LoaderRole::Lead(tell)
    }

    async fn lead(&self) -> Loaded<L> {
        // Long lists are polled in portions, so the leader waits until two rounds have brought no new key.
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
