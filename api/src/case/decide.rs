//! The acts that are allowed on a hand-over offer in each state. Pure functions.

use entity::kind::HandoverStatus;

use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// An act on a hand-over offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverAct {
    /// The person who was offered the case becomes its owner.
    Accept,
    /// The person who was offered the case says no.
    Decline,
    /// The owner or a manager takes the offer back.
    Withdraw,
}

/// Checks that an offer is open: only an open offer can be accepted, declined or withdrawn.
///
/// # Errors
/// [`ErrorCode::InvalidTransition`], naming the status of the offer.
pub fn after_handover(act: HandoverAct, status: HandoverStatus) -> Result<(), Problem> {
    if status == HandoverStatus::Offered {
        return Ok(());
    }
    let act = match act {
        HandoverAct::Accept => "acceptHandover",
        HandoverAct::Decline => "declineHandover",
        HandoverAct::Withdraw => "withdrawHandover",
    };
    let text = texts::case::offer_ended(act, status.word());
    Err(Problem::new(ErrorCode::InvalidTransition, "handoverId", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_offer_can_be_answered() {
        for status in HandoverStatus::ALL {
            for act in [HandoverAct::Accept, HandoverAct::Decline, HandoverAct::Withdraw] {
                assert_eq!(after_handover(act, *status).is_ok(), *status == HandoverStatus::Offered, "{status:?}");
            }
        }
    }
}
