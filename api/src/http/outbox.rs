//! Limits the memory of responses that wait to be read, so that slow readers of large responses cannot exhaust it. When
//! the limit is reached, the response that has waited longest is dropped if it has waited too long. If none has,
//! nothing more is executed until some are read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use tokio::time::Instant;

use super::connections::Busy;

/// Smaller responses are not counted, because every connection has a buffer of about this size.
const SMALL: usize = 16 * 1024;

/// The responses that wait to be read.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    most: usize,
    patience: Duration,
    table: Mutex<OutboxTable>,
}

#[derive(Default)]
struct OutboxTable {
    next: u64,
    bytes: usize,
    waiting: BTreeMap<u64, Waiting>,
}

struct Waiting {
    bytes: usize,
    since: Instant,
    connection: Option<Busy>,
}

/// A response extension that marks bytes which are shared by several responses, so that they are not counted.
#[derive(Clone)]
pub struct Shared;

impl Outbox {
    /// An empty outbox with a limit of `most` bytes. A response that has waited longer than `patience` may be dropped.
    #[must_use]
    pub fn new(most: usize, patience: Duration) -> Self {
        Self(Arc::new(Inner { most, patience, table: Mutex::default() }))
    }

    /// Whether there is room for another response. Drops responses that have waited too long if the limit is reached.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let mut ended = Vec::new();
        let mut table = self.table();
        while table.bytes >= self.0.most {
            let Some(oldest) = table.waiting.first_entry() else { break };
            if oldest.get().since.elapsed() < self.0.patience {
                break;
            }
            let oldest = oldest.remove();
            table.bytes = table.bytes.saturating_sub(oldest.bytes);
            ended.extend(oldest.connection);
        }
        let room = table.bytes < self.0.most;
        drop(table);
        for connection in &ended {
            connection.end();
        }
        room
    }

    /// The number of bytes that wait to be read.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.table().bytes
    }

    /// Counts this response until it is sent, or its connection is gone.
    pub async fn bound(&self, mut response: Response, connection: Option<Busy>) -> Response {
        let shared = response.extensions_mut().remove::<Shared>().is_some();
        let length = response.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
        let Some(length) = length.filter(|length| *length > SMALL && !shared) else { return response };
        let (head, body) = response.into_parts();
        let counted = self.add(length, connection);
        let body = match axum::body::to_bytes(body, length).await {
            Ok(bytes) => Body::from(Bytes::from_owner(Carried { bytes, _counted: counted })),
            Err(error) => {
                tracing::error!(%error, "an answer of a known length is not there");
                Body::empty()
            }
        };
        Response::from_parts(head, body)
    }

    fn add(&self, bytes: usize, connection: Option<Busy>) -> Counted {
        let mut table = self.table();
        table.next += 1;
        let number = table.next;
        table.bytes += bytes;
        table.waiting.insert(number, Waiting { bytes, since: Instant::now(), connection });
        Counted { outbox: self.clone(), number }
    }

    fn table(&self) -> MutexGuard<'_, OutboxTable> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A guard that counts a response while it exists.
struct Counted {
    outbox: Outbox,
    number: u64,
}

impl Drop for Counted {
    fn drop(&mut self) {
        // The connection in it must not be dropped while the lock is held.
        let mut table = self.outbox.table();
        let removed = table.waiting.remove(&self.number);
        table.bytes = table.bytes.saturating_sub(removed.as_ref().map_or(0, |waiting| waiting.bytes));
        drop(table);
        drop(removed);
    }
}

/// The bytes of a response, with the guard that counts them until the last is sent.
struct Carried {
    bytes: Bytes,
    _counted: Counted,
}

impl AsRef<[u8]> for Carried {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::{Connections, Most};
    use super::*;

    async fn carried(outbox: &Outbox, bytes: usize) -> Bytes {
        let response = outbox.bound(Response::new(Body::from(vec![b'x'; bytes])), None).await;
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_counted_until_its_bytes_are_gone() {
        let outbox = Outbox::new(100_000, Duration::from_mins(1));
        let small = carried(&outbox, SMALL).await;
        assert_eq!(outbox.bytes(), 0, "a small one is not counted");
        let (first, second) = (carried(&outbox, 60_000).await, carried(&outbox, 60_000).await);
        let part = first.slice(59_000..);
        assert!(!outbox.has_room());
        drop(first);
        assert_eq!(outbox.bytes(), 120_000, "its last bytes are still to be written");
        drop(part);
        assert_eq!(outbox.bytes(), 60_000);
        assert!(outbox.has_room());
        drop((small, second));
        let shared = outbox.bound(marked(Response::new(Body::from(vec![b'x'; 60_000]))), None).await;
        assert_eq!(outbox.bytes(), 0, "what many share is not counted for each");
        drop(shared);
    }

    fn marked(mut response: Response) -> Response {
        response.extensions_mut().insert(Shared);
        response
    }

    #[tokio::test]
    async fn who_has_waited_longest_makes_room() {
        let outbox = Outbox::new(100_000, Duration::ZERO);
        let connections = Connections::new(Most { in_all: 2, of_one: None });
        let place = connections.admit([192, 0, 2, 1].into()).unwrap();
        let response = Response::new(Body::from(vec![b'x'; 200_000]));
        let slow = outbox.bound(response, Some(place.busy())).await;
        assert!(outbox.has_room());
        place.ended().await;
        assert_eq!((outbox.bytes(), connections.count()), (0, 0));
        drop(slow);
        assert_eq!(outbox.bytes(), 0);
    }
}
