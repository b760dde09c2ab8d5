//! The order of rows. Many rows are taken in at the same time, but rows with the same id one after the other, in the
//! table's order.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::oneshot;

/// How many queues there are. Two ids that share a queue wait for each other needlessly, which costs little.
const APART: usize = 128;

/// The end of the last turn in each queue.
pub struct RowTurns(Vec<Option<oneshot::Receiver<()>>>);

/// The turn of a row. It lasts until this is dropped.
pub struct RowTurn {
    before: Option<oneshot::Receiver<()>>,
    _lasts: oneshot::Sender<()>,
}

impl Default for RowTurns {
    fn default() -> Self {
        Self((0..APART).map(|_| None).collect())
    }
}

impl RowTurns {
    /// A turn after all turns that were taken for this id before.
    pub fn take(&mut self, id: &str) -> RowTurn {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % APART as u64).unwrap_or(0);
        let (lasts, ends) = oneshot::channel();
        let before = self.0.get_mut(place).and_then(|last| last.replace(ends));
        RowTurn { before, _lasts: lasts }
    }
}

impl RowTurn {
    /// Waits until the turn has come.
    pub async fn comes(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent. The receiver ends when the turn before is dropped.
            drop(before.await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn who_has_the_same_id_waits_for_its_turn_and_nobody_else_does() {
        let mut turns = RowTurns::default();
        let (mut first, mut second, mut third) = (turns.take("1"), turns.take("1"), turns.take("1"));
        let mut other = turns.take("another");
        assert!(first.comes().now_or_never().is_some() && other.comes().now_or_never().is_some());
        assert!(second.comes().now_or_never().is_none());
        drop(first);
        assert!(third.comes().now_or_never().is_none(), "the second has not been");
        drop(second);
    }
}
