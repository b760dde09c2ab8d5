//! After a calendar or a service level changed, the timers of the seller's open cases are recomputed. The act that
//! makes the change requests it here; `case/recount.rs` does it afterwards, in batches.

use entity::id::SellerId;
use entity::recount;

use crate::kit::work::Work;

/// Requests that the times of a seller's open cases are recomputed.
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
