//! Parses mails on threads of their own, because parsing takes time. Their size limits how many are parsed at once,
//! because parsing takes memory.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The weight of all mails that may be parsed at the same time, in MiB.
const ROOM: u32 = 64;
/// The number of MiB that is added to each mail's size, so that only a few small mails are parsed at the same time.
const EACH: usize = 7;
const MIB: usize = 1024 * 1024;

static PLACES: Semaphore = Semaphore::const_new(ROOM as usize);

/// Runs `read` on a mail of this many bytes, as soon as the limit allows. None when `read` panicked.
pub async fn read<T: Send + 'static>(bytes: usize, read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let weight = u32::try_from(bytes.div_ceil(MIB) + EACH).map_or(ROOM, |weight| weight.min(ROOM));
    let place = PLACES.acquire_many(weight).await.ok()?;
    // The caller may stop waiting at any time. The permit is held until the parsing itself has ended.
    let done = spawn_blocking(move || {
        let read = read();
        drop(place);
        read
    });
    done.await.ok()
}
