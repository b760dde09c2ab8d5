//! Where mails are read: on threads of their own, because reading takes time, and no more at once than their size allows,
//! because it takes memory.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// What all mails that are being read may weigh, in MiB.
const ROOM: u32 = 64;
/// What each weighs beyond its size: it keeps the number of small ones low.
const EACH: usize = 7;
const MIB: usize = 1024 * 1024;

static PLACES: Semaphore = Semaphore::const_new(ROOM as usize);

/// Reads a mail of so many bytes, when there is room for it. None when reading broke off.
pub async fn read<T: Send + 'static>(bytes: usize, read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let weight = u32::try_from(bytes.div_ceil(MIB) + EACH).map_or(ROOM, |weight| weight.min(ROOM));
    let place = PLACES.acquire_many(weight).await.ok()?;
    // Whoever waits for it may go away; the place is taken until it is read.
    let done = spawn_blocking(move || {
        let read = read();
        drop(place);
        read
    });
    done.await.ok()
}
