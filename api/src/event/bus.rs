//! The bus: it wakes the subscribers that wait for events of a case, a partner or a seller. It carries no data and may
//! lose a wake-up. A subscriber that is woken reads the event log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{CaseId, CustomerId, PartnerId, SellerId};
use tokio::sync::watch;

/// What a subscriber can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Events of this case.
    Case(CaseId),
    /// Events of this customer's cases.
    Customer(CustomerId),
    /// Events of this partner's tasks.
    Partner(PartnerId),
    /// Events of this seller's cases.
    Seller(SellerId),
}

type Topics = Arc<Mutex<HashMap<Topic, Waiting>>>;

/// The subscribers that wait for one topic.
#[derive(Debug, Default)]
struct Waiting {
    wakes: watch::Sender<()>,
    /// How often they were woken.
    woken: u64,
    /// How many of them have read all events since the last wake-up and wait for the next one.
    idle: usize,
}

impl Waiting {
    fn wake(&mut self) {
        (self.woken, self.idle) = (self.woken.wrapping_add(1), 0);
        self.wakes.send_replace(());
    }
}

/// All waiting subscribers of this process, by topic.
#[derive(Debug, Default)]
pub struct Bus(Topics);

impl Bus {
    /// Starts to listen to a topic. Call this before the first read of the log, so that no event is missed in between.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> TopicListener {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = topics.entry(topic).or_default().wakes.subscribe();
        TopicListener { topic, woken: Some(woken), topics: Arc::clone(&self.0) }
    }

    /// Wakes everybody who listens to one of these topics.
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

    /// The number of topics that somebody listens to.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether all listeners have read everything since they were last woken.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().all(|waiting| waiting.idle == waiting.wakes.receiver_count())
    }
}

/// A listener to one topic.
pub struct TopicListener {
    topic: Topic,
    /// Present until the listener is dropped.
    woken: Option<watch::Receiver<()>>,
    topics: Topics,
}

impl TopicListener {
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
        // The bus was dropped with its service, so there will be no more wake-ups.
        std::future::pending::<()>().await;
    }
}

/// Counts a listener as idle (it has read everything) until this is dropped or the topic is woken.
struct Idle<'t> {
    topics: &'t Topics,
    topic: Topic,
    /// The topic's count of wake-ups when this began; none when a wake-up is already waiting for the listener.
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

impl Drop for TopicListener {
    fn drop(&mut self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // Dropped under the lock, so that of two listeners that end at the same time exactly one sees that it is the
        // last.
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
        // Polls the wait once and then drops it. A dropped wait no longer counts as idle.
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
