//! The background loops of a running service: they send letters and webhooks, take in mail, handle timers and events,
//! and clean up. The loops can be held, so that none begins a round, and each can be asked for a single round. The
//! service holds them when it stops, so that work in progress is finished. Tests hold them while they examine what a
//! loop would change.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// The loops of a service, kept as a part of the [`App`](super::app::App).
#[derive(Debug, Default)]
pub struct Loops(watch::Sender<LoopsState>);

#[derive(Debug, Default)]
struct LoopsState {
    /// The number of callers that hold the loops.
    holds: usize,
    /// The number of the last round that was requested.
    asked: u64,
    /// The number of pieces of work that were begun in a round and continue after it.
    under_way: usize,
    loops: BTreeMap<u64, Seat>,
    last_id: u64,
}

/// The state of one loop.
#[derive(Debug)]
struct Seat {
    name: &'static str,
    /// The number of the last requested round when the loop's present round began.
    begun: u64,
    /// Whether the loop waits between two rounds.
    resting: bool,
    /// The number of the last requested round when the loop last found something to do.
    found: Option<u64>,
}

impl LoopsState {
    fn rests(&self) -> bool {
        self.under_way == 0 && self.loops.values().all(|seat| seat.resting)
    }
}

impl Loops {
    /// Stops the loops from beginning a round. Returns when the rounds in progress, and the work begun in them, have
    /// ended.
    pub async fn hold(&self) {
        self.0.send_modify(|state| state.holds += 1);
        self.until(LoopsState::rests).await;
    }

    /// Undoes one [`Loops::hold`].
    pub fn release(&self) {
        self.0.send_modify(|state| state.holds = state.holds.saturating_sub(1));
    }

    /// Lets every loop run one round now, even while the loops are held. Returns whether any of them found something to
    /// do. If it returns `false`, nothing that is due is left.
    pub async fn round(&self) -> bool {
        self.until(LoopsState::rests).await;
        let mut number = 0;
        self.0.send_modify(|state| {
            state.asked += 1;
            number = state.asked;
        });
        self.until(|state| state.rests() && state.loops.values().all(|seat| seat.begun >= number)).await;
        self.0.borrow().loops.values().any(|seat| seat.found >= Some(number))
    }

    /// The names of the loops that are in a round or found something to do in their last one.
    #[must_use]
    pub fn busy(&self) -> Vec<&'static str> {
        let state = self.0.borrow();
        let busy = |seat: &&Seat| !seat.resting || seat.found >= Some(state.asked);
        state.loops.values().filter(busy).map(|seat| seat.name).collect()
    }

    /// Adds a loop, which is resting at first. It is removed when its handle is dropped.
    #[must_use]
    pub fn join(self: &Arc<Self>, name: &'static str) -> LoopHandle {
        let mut id = 0;
        self.0.send_modify(|state| {
            state.last_id += 1;
            id = state.last_id;
            let seat = Seat { name, begun: state.asked, resting: true, found: None };
            state.loops.insert(id, seat);
        });
        LoopHandle { loops: Arc::clone(self), id }
    }

    async fn until(&self, holds: impl FnMut(&LoopsState) -> bool) {
        // The wait fails only when the sender is dropped, which is impossible because it is part of `self`.
        drop(self.0.subscribe().wait_for(holds).await.map(|_| ()));
    }
}

/// The handle of one loop among all loops.
#[derive(Debug)]
pub struct LoopHandle {
    loops: Arc<Loops>,
    id: u64,
}

impl LoopHandle {
    /// Begins a round, as soon as nobody holds the loops or a round was requested. If the loop has not rested since its
    /// last round, that round counts as having found something.
    pub async fn begin(&self) {
        self.change(|asked, seat| {
            if !std::mem::replace(&mut seat.resting, true) {
                seat.found = Some(asked);
            }
        });
        let may = |state: &LoopsState, seat: &Seat| state.holds == 0 || state.asked > seat.begun;
        let mut begun = false;
        while !begun {
            self.loops.until(|state| state.loops.get(&self.id).is_none_or(|seat| may(state, seat))).await;
            self.loops.0.send_modify(|state| {
                let mut seat = state.loops.remove(&self.id);
                if let Some(seat) = seat.as_mut().filter(|seat| may(state, seat)) {
                    (seat.begun, seat.resting) = (state.asked, false);
                    begun = true;
                }
                state.loops.extend(seat.map(|seat| (self.id, seat)));
            });
        }
    }

    /// Marks the loop as resting. `found` says whether its last round found something to do.
    pub fn rest(&self, found: bool) {
        self.change(|asked, seat| {
            seat.resting = true;
            if found {
                seat.found = Some(asked);
            }
        });
    }

    /// Counts the requested round as one with nothing to do, while the loop continues to rest.
    pub fn pass(&self) {
        self.change(|asked, seat| seat.begun = asked);
    }

    /// Returns when a round was requested that this loop has not begun.
    pub async fn asked(&self) {
        self.loops.until(|state| state.loops.get(&self.id).is_some_and(|seat| state.asked > seat.begun)).await;
    }

    /// Registers work that continues after its round. The work has ended when the returned value is dropped.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        self.loops.0.send_modify(|state| state.under_way += 1);
        UnderWay(Arc::clone(&self.loops))
    }

    fn change(&self, change: impl FnOnce(u64, &mut Seat)) {
        self.loops.0.send_modify(|state| {
            let asked = state.asked;
            if let Some(seat) = state.loops.get_mut(&self.id) {
                change(asked, seat);
            }
        });
    }
}

impl Drop for LoopHandle {
    fn drop(&mut self) {
        self.loops.0.send_modify(|state| {
            state.loops.remove(&self.id);
        });
    }
}

/// Work that continues after the round in which it began.
#[derive(Debug)]
pub struct UnderWay(Arc<Loops>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.under_way = state.under_way.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A loop that finds something while `todo` is not zero, and rests until a round is requested.
    fn spawn(loops: &Arc<Loops>, todo: &Arc<AtomicUsize>) -> tokio::task::JoinHandle<()> {
        let (place, todo) = (loops.join("test"), Arc::clone(todo));
        tokio::spawn(async move {
            loop {
                place.begin().await;
                let take = |left: usize| left.checked_sub(1);
                let found = todo.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
                tokio::task::yield_now().await;
                place.rest(found);
                place.asked().await;
            }
        })
    }

    #[tokio::test]
    async fn held_loops_begin_no_round_but_those_that_are_asked_for() {
        let (loops, todo) = (Arc::new(Loops::default()), Arc::new(AtomicUsize::new(0)));
        let one = spawn(&loops, &todo);
        let other = spawn(&loops, &Arc::default());
        loops.hold().await;
        todo.store(3, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(todo.load(Ordering::SeqCst), 3);
        for left in [2, 1, 0] {
            assert!(loops.round().await);
            assert_eq!(todo.load(Ordering::SeqCst), left);
        }
        assert!(!loops.round().await, "nothing is left");
        // Nobody waits for a loop that has ended.
        one.abort();
        assert!(one.await.unwrap_err().is_cancelled());
        loops.release();
        assert!(!loops.round().await);
        other.abort();
    }

    #[tokio::test]
    async fn what_a_round_began_is_waited_for() {
        let loops = Arc::new(Loops::default());
        let place = loops.join("test");
        let work = place.under_way();
        let (holding, done) = (Arc::clone(&loops), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&done);
        let held = tokio::spawn(async move {
            holding.hold().await;
            seen.load(Ordering::SeqCst)
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!held.is_finished());
        done.store(1, Ordering::SeqCst);
        drop(work);
        assert_eq!(held.await.unwrap(), 1);
        assert_eq!(loops.busy(), Vec::<&str>::new());
    }

    #[tokio::test]
    async fn a_round_that_follows_another_at_once_waits_while_the_loops_are_held() {
        let loops = Arc::new(Loops::default());
        let place = loops.join("test");
        place.begin().await;
        assert_eq!(loops.busy(), ["test"]);
        let holding = Arc::clone(&loops);
        let held = tokio::spawn(async move { holding.hold().await });
        tokio::task::yield_now().await;
        assert!(!held.is_finished(), "its round is under way");
        let again = async { place.begin().await };
        let released = async {
            held.await.unwrap();
            loops.release();
        };
        tokio::join!(again, released);
        assert_eq!(loops.busy(), ["test"]);
    }
}
