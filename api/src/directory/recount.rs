//! A seller's open times are counted anew after its calendar, a team's or a service level changed: asked for in the act that
//! changes them, done in portions afterwards (`case/recount.rs`).

use entity::id::SellerId;
use entity::recount;

use crate::kit::work::Work;

/// Asks for the open times of a seller's cases to be counted anew.
pub fn ask(work: &mut Work, seller: SellerId) {
    work.insert(recount::Model {
        id: work.new_id(),
        seller_id: seller,
        asked_at: work.now(),
        after_opened_at: None,
        after_id: None,
        cases: 0,
        moved: 0,
        finished_at: None,
    });
}
