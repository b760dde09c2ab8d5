//! What happened: typed payloads, the log they are appended to, and the bus that wakes who waits for them.
//!
//! The log in the store is the truth. A case's events are numbered 1, 2, 3 … without holes; the number of the last
//! is the case's version and the cursor of its subscription. Each event also has a number in its seller's feed,
//! given in commit order and without holes, for whoever follows many cases.

pub mod bus;
pub mod cursor;
pub mod follow;
pub mod log;
pub mod payload;
pub mod tail;
