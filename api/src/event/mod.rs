//! Events: typed payloads, the log to which they are appended, and the bus that wakes those who wait for them.
//!
//! The log in the store is the only source. A case's events are numbered 1, 2, 3 … without gaps. The number of the last
//! one is the version of the case and the cursor of its subscription. Each event also has a number in its seller's
//! feed, given in commit order and without gaps, for clients that follow many cases.

pub mod bus;
pub mod cursor;
pub mod follow;
pub mod log;
pub mod payload;
pub mod reader;
pub mod tail;
