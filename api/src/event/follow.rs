//! A subscriber is a cursor that pulls: it reads the log after its cursor, page by page, and waits for a wake-up when
//! it has read everything. There is no queue per client: a slow one costs its cursor and is skipped nothing.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::select;
use futures_util::{Stream, stream};

use super::bus::{Bus, Topic};
use crate::kit::app::App;

/// Where a subscriber reads. One implementation per kind of viewer.
pub trait Source: Send + 'static {
    /// What the viewer gets.
    type Item: Send;
    /// Why the stream ends.
    type Error: Send;

    /// What is new since the last call, oldest first; empty when the viewer has everything. Checks each time that
    /// the viewer may still see it.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Item>, Self::Error>> + Send;

    /// Whether this error passes: the store is away for a while. The stream waits and reads on from its cursor.
    fn is_temporary(error: &Self::Error) -> bool;

    /// When the viewer's credential ends by itself; looked at again then.
    fn ends_at(&self) -> Option<DateTime<Utc>>;
}

enum State<S: Source> {
    Reading { source: S, listener: super::bus::Listener, page: std::vec::IntoIter<S::Item> },
    Ended,
}

/// How long a stream waits when the store is away, before it reads again.
const AWAY: Duration = Duration::from_secs(1);

/// All of the source's items, from its cursor on and for as long as somebody listens; an error that does not pass is the
/// last item.
pub fn follow<S: Source>(
    app: &App,
    topic: Topic,
    source: S,
) -> impl Stream<Item = Result<S::Item, S::Error>> + Send + use<S> {
    let listener = app.part::<Bus>().listen(topic);
    let page = Vec::new().into_iter();
    let app = app.clone();
    stream::unfold((app, State::Reading { source, listener, page }), |(app, state)| async move {
        let State::Reading { mut source, mut listener, mut page } = state else { return None };
        loop {
            if let Some(item) = page.next() {
                return Some((Ok(item), (app, State::Reading { source, listener, page })));
            }
            // Boxed: what a read needs is given back before the long wait, and a waiting subscriber stays small.
            match Box::pin(source.next()).await {
                Err(error) if S::is_temporary(&error) => tokio::time::sleep(AWAY).await,
                Err(error) => return Some((Err(error), (app, State::Ended))),
                Ok(new) if new.is_empty() => match source.ends_at().map(|end| app.wait_until(end)) {
                    Some(end) => drop(select(pin!(listener.woken()), end).await),
                    None => listener.woken().await,
                },
                Ok(new) => page = new.into_iter(),
            }
        }
    })
}
