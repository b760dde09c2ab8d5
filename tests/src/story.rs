//! A time limit for every test, because a test that never ends would block the whole run without a message.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test may take. The longest take a minute, or several on a busy machine.
const LONGEST: Duration = Duration::from_mins(15);

/// The tests that are running, and how many have begun.
#[derive(Default)]
struct Running {
    begun: u64,
    stories: BTreeMap<u64, (String, Instant)>,
}

static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);
static WATCH: Once = Once::new();

/// A running test; it ends when this value is dropped.
#[derive(Debug)]
pub struct Story(u64);

impl Story {
    /// Registers the test of this thread. The test runner names the thread after the test.
    pub fn begins() -> Self {
        WATCH.call_once(|| drop(thread::spawn(watch)));
        let name = thread::current().name().unwrap_or("a story").to_owned();
        let mut running = RUNNING.lock().unwrap();
        running.begun += 1;
        let id = running.begun;
        running.stories.insert(id, (name, Instant::now()));
        Self(id)
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if let Ok(mut running) = RUNNING.lock() {
            running.stories.remove(&self.0);
        }
    }
}

/// Ends the run when a test takes too long, and names it.
#[expect(clippy::print_stderr, reason = "the run ends here, and nothing else could say why")]
fn watch() {
    loop {
        thread::sleep(Duration::from_secs(5));
        let running = RUNNING.lock().unwrap();
        let late: Vec<&String> =
            running.stories.values().filter(|(_, since)| since.elapsed() > LONGEST).map(|(name, _)| name).collect();
        if !late.is_empty() {
            eprintln!("given up after {} minutes, for these do not end: {late:?}", LONGEST.as_secs() / 60);
            std::process::exit(101);
        }
    }
}
