//! A limit for every story: one that waits for ever would hold up the whole run, and nobody would learn which it was.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// How long a story may take. The longest take a minute; on a machine with much else to do, some.
const LONGEST: Duration = Duration::from_mins(15);

static RUNNING: LazyLock<Mutex<(u64, BTreeMap<u64, (String, Instant)>)>> = LazyLock::new(Mutex::default);
static WATCH: Once = Once::new();

/// A story that runs; it ends with this value.
#[derive(Debug)]
pub struct Story(u64);

impl Story {
    /// The story of this thread, which the test runner names after it.
    pub fn begins() -> Self {
        WATCH.call_once(|| drop(thread::spawn(watch)));
        let name = thread::current().name().unwrap_or("a story").to_owned();
        let mut running = RUNNING.lock().unwrap();
        running.0 += 1;
        let id = running.0;
        running.1.insert(id, (name, Instant::now()));
        Self(id)
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if let Ok(mut running) = RUNNING.lock() {
            running.1.remove(&self.0);
        }
    }
}

/// Ends the run when a story takes too long, and says which.
fn watch() {
    loop {
        thread::sleep(Duration::from_secs(5));
        let running = RUNNING.lock().unwrap();
        let late: Vec<&String> =
            running.1.values().filter(|(_, since)| since.elapsed() > LONGEST).map(|(name, _)| name).collect();
        if !late.is_empty() {
            eprintln!("given up after {} minutes, for these do not end: {late:?}", LONGEST.as_secs() / 60);
            std::process::exit(101);
        }
    }
}
