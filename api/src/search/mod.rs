//! Search: a text becomes terms ([`ask`]), the index finds the newest documents that have all of them ([`query`]), these
//! are ranked ([`rank`]), and the place that matched is shown ([`excerpt`]). The index is written by `kit/search`.

pub mod ask;
pub mod excerpt;
pub mod query;
pub mod rank;
