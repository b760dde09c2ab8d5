//! Subscriptions pull: a subscriber reads the event log after its cursor, page by page, and waits for a wake-up when it
//! has read everything. There is no queue per client. A slow client therefore needs no memory but its cursor, and
//! misses no event.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{select, select_all};
use futures_util::{Stream, stream};

use super::bus::{Bus, Topic, TopicListener};
use crate::kit::app::App;

/// What a subscriber reads from. There is one implementation for each kind of viewer.
pub trait EventSource: Send + 'static {
    /// The items that the viewer gets.
    type Item: Send;
    /// The reason why the stream ends.
    type Error: Send;

    /// The items that are new since the last call, oldest first; empty when there are none. Each call checks that the
    /// viewer may still see them.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Item>, Self::Error>> + Send;

    /// Whether this error is temporary, because the store is unavailable. The stream then waits and continues from its
    /// cursor.
    fn is_temporary(error: &Self::Error) -> bool;

    /// When the viewer's credential expires. The source is read again at that time.
    fn ends_at(&self) -> Option<DateTime<Utc>>;
}

enum FollowState<S: EventSource> {
    Reading { source: S, listeners: Vec<TopicListener>, page: std::vec::IntoIter<S::Item> },
    Ended,
}

/// How long a stream waits before it reads again when the store is unavailable.
const AWAY: Duration = Duration::from_secs(1);

/// A stream of all items of the source, from its cursor on, for as long as somebody listens. An error that is not
/// temporary is the last item.
pub fn follow<S: EventSource>(
    app: &App,
    topic: Topic,
    source: S,
) -> impl Stream<Item = Result<S::Item, S::Error>> + Send + use<S> {
    follow_all(app, [topic], source)
}

/// As [`follow`], for a source that any of these topics wakes.
pub fn follow_all<S: EventSource, const N: usize>(
    app: &App,
    topics: [Topic; N],
    source: S,
) -> impl Stream<Item = Result<S::Item, S::Error>> + Send + use<S, N> {
    let bus = app.part::<Bus>();
    let listeners = topics.into_iter().map(|topic| bus.listen(topic)).collect();
    let page = Vec::new().into_iter();
    let app = app.clone();
    stream::unfold((app, FollowState::Reading { source, listeners, page }), |(app, state)| async move {
        let FollowState::Reading { mut source, mut listeners, mut page } = state else { return None };
        loop {
            if let Some(item) = page.next() {
                return Some((Ok(item), (app, FollowState::Reading { source, listeners, page })));
            }
            // Boxed, so that the memory of a read is freed before the long wait and a waiting subscriber stays small.
            match Box::pin(source.next()).await {
                Err(error) if S::is_temporary(&error) => tokio::time::sleep(AWAY).await,
                Err(error) => return Some((Err(error), (app, FollowState::Ended))),
                Ok(new) if new.is_empty() => match source.ends_at().map(|end| app.wait_until(end)) {
                    Some(end) => drop(select(pin!(woken(&mut listeners)), end).await),
                    None => woken(&mut listeners).await,
                },
                Ok(new) => page = new.into_iter(),
            }
        }
    })
}

/// Returns when one of these listeners is woken.
async fn woken(listeners: &mut [TopicListener]) {
    match listeners {
        [] => std::future::pending().await,
        [only] => only.woken().await,
        several => drop(select_all(several.iter_mut().map(|listener| Box::pin(listener.woken()))).await),
    }
}
