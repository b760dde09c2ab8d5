//! A cache of responses about the schema (introspection). They are the same for everybody, and large. The cache is
//! limited in number and bytes. Only one response is made at a time, because this needs many times its size.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use lru::LruCache;

use crate::graphql::documents::Hash;

/// The key of a response: the document, and the name of the operation in it.
pub type ResponseKey = (Hash, Option<String>);

/// The maximum number of cached responses.
const COUNT: usize = 64;
/// The maximum number of bytes in all cached responses.
const BYTES: usize = 16 * 1024 * 1024;

/// The cache of responses.
pub struct Prepared {
    kept: Mutex<KeptResponses>,
    making: tokio::sync::Mutex<()>,
}

struct KeptResponses {
    answers: LruCache<ResponseKey, Bytes>,
    bytes: usize,
}

impl Default for Prepared {
    fn default() -> Self {
        let kept = KeptResponses { answers: LruCache::unbounded(), bytes: 0 };
        Self { kept: Mutex::new(kept), making: tokio::sync::Mutex::default() }
    }
}

impl Prepared {
    /// The cached response for this key.
    #[must_use]
    pub fn get(&self, key: &ResponseKey) -> Option<Bytes> {
        self.kept().answers.get(key).cloned()
    }

    /// Adds a response to the cache.
    pub fn keep(&self, key: ResponseKey, answer: Bytes) {
        let mut kept = self.kept();
        kept.bytes += answer.len();
        if let Some((_, replaced)) = kept.answers.push(key, answer) {
            kept.bytes -= replaced.len();
        }
        while kept.bytes > BYTES || kept.answers.len() > COUNT {
            let Some((_, oldest)) = kept.answers.pop_lru() else { return };
            kept.bytes -= oldest.len();
        }
    }

    /// Waits until this task may make a response.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.making.lock().await
    }

    fn kept(&self) -> MutexGuard<'_, KeptResponses> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> ResponseKey {
        ([number; 32], None)
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes_and_in_number() {
        let prepared = Prepared::default();
        for number in 0..40 {
            prepared.keep(key(number), Bytes::from(vec![b'x'; 1024 * 1024]));
        }
        assert_eq!(prepared.kept().bytes, BYTES);
        assert!(prepared.get(&key(39)).is_some());
        assert!(prepared.get(&key(0)).is_none());
        for number in 0..200 {
            prepared.keep(key(number), Bytes::from_static(b"x"));
        }
        assert_eq!(prepared.kept().answers.len(), COUNT);
        assert_eq!(prepared.kept().bytes, COUNT);
        prepared.keep(key(199), Bytes::from_static(b"xx"));
        assert_eq!(prepared.kept().bytes, COUNT + 1);
    }
}
