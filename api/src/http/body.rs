//! Reads a request's body with limits for its size, its speed and the memory of what has arrived.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::places::{Full, Holder, OccupiedPlaces, Places};

/// The minimum speed of a body.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The maximum time for the whole body.
    pub time: Duration,
    /// How long it may be slower than the minimum speed.
    pub grace: Duration,
    /// The minimum speed in bytes per second, on average, after the grace time.
    pub per_second: u32,
}

impl Pace {
    /// How long after its beginning more of the body must have arrived, given the bytes that have arrived so far.
    #[must_use]
    pub fn until(self, arrived: usize) -> Duration {
        let arrived = u32::try_from(arrived).unwrap_or(u32::MAX);
        let earned = Duration::from_secs_f64(f64::from(arrived) / f64::from(self.per_second.max(1)));
        self.time.min(self.grace.saturating_add(earned))
    }
}

/// A body that has been read completely.
pub struct ReceivedBody {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The memory places that it occupies until it is answered.
    pub held: OccupiedPlaces,
}

/// Why a body was not read completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than allowed.
    TooLarge,
    /// It arrives too slowly.
    Slow,
    /// The connection ended before the end of the body.
    Cut,
    /// There is no memory place for it.
    Full,
}

impl From<Full> for BodyError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

/// Reads a body of at most `most` bytes. `holder` says whose share it counts towards if it is large.
///
/// # Errors
/// When it cannot be read completely.
pub async fn read(
    body: Body,
    most: usize,
    pace: Pace,
    (places, holder): (&Places, Option<&Holder>),
) -> Result<ReceivedBody, BodyError> {
    let mut started = Instant::now();
    let (mut pieces, mut held, mut stream) = (Pieces::default(), OccupiedPlaces::default(), body.into_data_stream());
    while let Some(piece) =
        timeout_at(started + pace.until(pieces.length), stream.next()).await.map_err(|_| BodyError::Slow)?
    {
        let piece = piece.map_err(|_| BodyError::Cut)?;
        let arrived = pieces.length + piece.len();
        if arrived > most {
            return Err(BodyError::TooLarge);
        }
        let asked = Instant::now();
        places.grow(&mut held, holder, arrived).await?;
        // The time of waiting for a place does not count against the sender.
        started += asked.elapsed();
        pieces.add(&piece);
    }
    places.work_on(&mut held, pieces.length).await?;
    Ok(ReceivedBody { bytes: pieces.join(), held })
}

/// The bytes that have arrived, copied into larger parts, so that many tiny pieces do not need more memory.
#[derive(Default)]
struct Pieces {
    length: usize,
    parts: Vec<Vec<u8>>,
}

/// The size of a part in bytes.
const PART: usize = 256 * 1024;

impl Pieces {
    fn add(&mut self, piece: &[u8]) {
        self.length += piece.len();
        if let Some(part) = self.parts.last_mut().filter(|part| part.len() + piece.len() <= PART) {
            part.extend_from_slice(piece);
        } else {
            // Most bodies arrive as one small piece.
            let room = if self.parts.is_empty() { piece.len() } else { PART.max(piece.len()) };
            let mut part = Vec::with_capacity(room);
            part.extend_from_slice(piece);
            self.parts.push(part);
        }
    }

    /// Joins the parts. Each is freed as soon as it is copied.
    fn join(mut self) -> Vec<u8> {
        if self.parts.len() <= 1 {
            return self.parts.pop().unwrap_or_default();
        }
        let mut whole = Vec::with_capacity(self.length);
        for part in self.parts {
            whole.extend_from_slice(&part);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::super::places::Sizes;
    use super::*;
    use axum::body::Bytes;
    use futures_util::stream;

    const PACE: Pace = Pace { time: Duration::from_mins(1), grace: Duration::from_secs(10), per_second: 1024 };

    fn places() -> Places {
        Places::new(Sizes {
            small: 100_000,
            large_in_all: 10_000_000,
            at_once: 4,
            of_one: 2,
            patience: Duration::from_secs(1),
        })
    }

    #[test]
    fn a_body_keeps_a_pace_and_a_time() {
        for (arrived, seconds) in [(0, 10), (1024, 11), (20 * 1024, 30), (50 * 1024, 60), (1_000_000, 60)] {
            assert_eq!(PACE.until(arrived), Duration::from_secs(seconds), "{arrived}");
        }
        assert_eq!(Pace { per_second: 0, ..PACE }.until(5), Duration::from_secs(15), "no division by nought");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let hasty = Pace { grace: Duration::from_millis(5), ..PACE };
        let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]).chain(stream::pending());
        let read = read(Body::from_stream(begun), 10, hasty, (&places(), None)).await;
        assert_eq!(read.err(), Some(BodyError::Slow));
    }

    #[tokio::test]
    async fn a_body_has_a_bound() {
        for (size, expected) in [(400, None), (401, Some(BodyError::TooLarge))] {
            let read = read(Body::from(vec![b'x'; size]), 400, PACE, (&places(), None)).await;
            assert_eq!(read.err(), expected);
        }
    }

    #[tokio::test]
    async fn the_bytes_are_those_that_came() {
        for (count, size) in [(0, 1), (1, 1), (1, 1_000_000), (5_000, 100), (3, 300_000), (700_000, 1)] {
            let pieces = (0..count).map(move |number| {
                Ok::<_, std::io::Error>(Bytes::from(vec![u8::try_from(number % 251).unwrap(); size]))
            });
            let expected: Vec<u8> =
                (0..count).flat_map(|number| vec![u8::try_from(number % 251).unwrap(); size]).collect();
            let arrived = read(Body::from_stream(stream::iter(pieces)), 2_000_000, PACE, (&places(), None)).await;
            assert!(arrived.unwrap().bytes == expected, "{count} times {size}");
        }
    }
}
