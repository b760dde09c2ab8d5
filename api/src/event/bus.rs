//! The bus wakes who waits for a case or a partner's tasks. It carries no data and may lose a wake-up; who is woken
//! reads the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{CaseId, PartnerId, SellerId};
use tokio::sync::watch;

/// What can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Something happened to this case.
    Case(CaseId),
    /// Something happened to a task of this partner.
    Partner(PartnerId),
    /// Something happened to a case of this seller.
    Seller(SellerId),
}

type Topics = Arc<Mutex<HashMap<Topic, watch::Sender<()>>>>;

/// Who waits for what, in this process.
#[derive(Debug, Default)]
pub struct Bus(Topics);

impl Bus {
    /// Starts to wait. Begin before the first read of the log, so that nothing falls between.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> Listener {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = topics.entry(topic).or_default().subscribe();
        Listener { topic, woken: Some(woken), topics: Arc::clone(&self.0) }
    }

    /// Wakes everybody who waits for one of these.
    pub fn wake(&self, woken: impl IntoIterator<Item = Topic>) {
        let topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in woken {
            if let Some(sender) = topics.get(&topic) {
                sender.send_replace(());
            }
        }
    }

    /// Wakes everybody.
    pub fn wake_all(&self) {
        let topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().for_each(|sender| sender.send_replace(()));
    }

    /// How many topics somebody waits for.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Waits for one topic.
pub struct Listener {
    topic: Topic,
    /// There until it is dropped.
    woken: Option<watch::Receiver<()>>,
    topics: Topics,
}

impl Listener {
    /// Returns at the next wake-up, or at once when there was one since the last call.
    pub async fn woken(&mut self) {
        if let Some(woken) = &mut self.woken
            && woken.changed().await.is_ok()
        {
            return;
        }
        // The bus is gone with its service: nothing will ever happen.
        std::future::pending::<()>().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // Dropped under the lock: of two that go at the same time, one is the last.
        drop(self.woken.take());
        if topics.get(&self.topic).is_some_and(|sender| sender.receiver_count() == 0) {
            topics.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_up_between_two_waits_is_not_lost_and_topics_are_cleared_away() {
        let bus = Bus::default();
        let topic = Topic::Case(CaseId(uuid::Uuid::nil()));
        let mut first = bus.listen(topic);
        let second = bus.listen(topic);
        bus.wake([topic]);
        first.woken().await;
        drop(first);
        assert_eq!(bus.topics(), 1);
        drop(second);
        assert_eq!(bus.topics(), 0);
    }
}
