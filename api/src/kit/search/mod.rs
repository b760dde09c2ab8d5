//! What search finds: each act writes the words of its rows together with the rows ([`document`]). The words are made
//! here ([`words`], [`numbers`], [`terms`]) and not by the stores, so that both stores find the same, and the reader's
//! words are made in the same way as those of the rows.

pub(super) mod document;
pub mod numbers;
pub mod terms;
pub mod words;
