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

type Topics = Arc<Mutex<HashMap<Topic, Waiting>>>;

/// Who waits for one topic.
#[derive(Debug, Default)]
struct Waiting {
    wakes: watch::Sender<()>,
    /// How often they were woken.
    woken: u64,
    /// How many have read everything and wait, since they were woken last.
    idle: usize,
}

impl Waiting {
    fn wake(&mut self) {
        (self.woken, self.idle) = (self.woken.wrapping_add(1), 0);
        self.wakes.send_replace(());
    }
}

/// Who waits for what, in this process.
#[derive(Debug, Default)]
pub struct Bus(Topics);

impl Bus {
    /// Starts to wait. Begin before the first read of the log, so that nothing falls between.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> Listener {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = topics.entry(topic).or_default().wakes.subscribe();
        Listener { topic, woken: Some(woken), topics: Arc::clone(&self.0) }
    }

    /// Wakes everybody who waits for one of these.
    pub fn wake(&self, woken: impl IntoIterator<Item = Topic>) {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in woken {
            if let Some(waiting) = topics.get_mut(&topic) {
                waiting.wake();
            }
        }
    }

    /// Wakes everybody.
    pub fn wake_all(&self) {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values_mut().for_each(Waiting::wake);
    }

    /// How many topics somebody waits for.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether everybody who waits has read everything since they were woken last.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().all(|waiting| waiting.idle == waiting.wakes.receiver_count())
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
        if let Some(woken) = &mut self.woken {
            let idle = Idle::begin(&self.topics, self.topic, woken);
            let changed = woken.changed().await.is_ok();
            drop(idle);
            if changed {
                return;
            }
        }
        // The bus is gone with its service: nothing will ever happen.
        std::future::pending::<()>().await;
    }
}

/// Counts a listener as one that has read everything, until it is dropped or the topic is woken.
struct Idle<'t> {
    topics: &'t Topics,
    topic: Topic,
    /// How often the topic had been woken; none when a wake-up is waiting for the listener.
    woken: Option<u64>,
}

impl<'t> Idle<'t> {
    fn begin(topics: &'t Topics, topic: Topic, listener: &watch::Receiver<()>) -> Self {
        let mut locked = topics.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = locked.get_mut(&topic).filter(|_| !listener.has_changed().unwrap_or(true));
        let woken = waiting.map(|waiting| {
            waiting.idle += 1;
            waiting.woken
        });
        Self { topics, topic, woken }
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = topics.get_mut(&self.topic).filter(|waiting| Some(waiting.woken) == self.woken) {
            waiting.idle -= 1;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // Dropped under the lock: of two that go at the same time, one is the last.
        drop(self.woken.take());
        if topics.get(&self.topic).is_some_and(|waiting| waiting.wakes.receiver_count() == 0) {
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

    #[tokio::test]
    async fn it_is_quiet_when_everybody_waits_and_nobody_was_woken() {
        let bus = Bus::default();
        let topic = Topic::Seller(SellerId(uuid::Uuid::nil()));
        assert!(bus.is_quiet(), "nobody is there");
        let mut listener = bus.listen(topic);
        assert!(!bus.is_quiet(), "it has not read anything yet");
        // Polls the wait once, and gives it up: what is given up waits no more.
        let mut once = async || {
            let mut wait = std::pin::pin!(listener.woken());
            let ready = futures_util::poll!(&mut wait).is_ready();
            (ready, bus.is_quiet())
        };
        assert_eq!(once().await, (false, true));
        assert!(!bus.is_quiet());
        bus.wake([topic]);
        assert_eq!(once().await, (true, false), "it was woken, and reads");
        assert_eq!(once().await, (false, true));
        let mut wait = std::pin::pin!(listener.woken());
        assert!(futures_util::poll!(&mut wait).is_pending() && bus.is_quiet());
        bus.wake_all();
        assert!(!bus.is_quiet(), "it has not read since");
        assert!(futures_util::poll!(&mut wait).is_ready());
    }
}
