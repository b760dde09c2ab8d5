//! A limit for every story: one that waits for ever would hold up the whole run, and nobody would learn which it was.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// How long a story may take. The longest take a minute; on a machine with much else to do, some.
const LONGEST: Duration = Duration::from_mins(15);

/// The stories that run, and how many have begun.
#[derive(Default)]
struct Running {
    begun: u64,
    stories: BTreeMap<u64, (String, Instant)>,
}

static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);
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

/// Ends the run when a story takes too long, and says which.
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
