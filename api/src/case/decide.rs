//! The acts that are allowed on a case and on a hand-over offer in each state. Pure functions.

use entity::kind::{CaseStage, HandoverStatus};

use crate::kit::error::{ErrorCode, Problem};

/// An act that changes the stage of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseAct {
    /// Tells the customer that somebody is looking after the case.
    Acknowledge,
    /// Gives the company's answer.
    Close,
}

impl CaseAct {
    const ALL: &'static [Self] = &[Self::Acknowledge, Self::Close];

    const fn mutation(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledgeCase",
            Self::Close => "closeCase",
        }
    }

    /// The stage to which the act moves a case from this stage; none when the act is not allowed.
    #[must_use]
    pub const fn from(self, stage: CaseStage) -> Option<CaseStage> {
        use CaseStage::{Acknowledged, Closed, Investigating, Received};
        match (self, stage) {
            (Self::Acknowledge, Received) => Some(Acknowledged),
            (Self::Close, Received | Acknowledged | Investigating) => Some(Closed),
            _ => None,
        }
    }
}

/// The stage after this act.
///
/// # Errors
/// [`ErrorCode::InvalidTransition`], naming the acts that are allowed.
pub fn after(act: CaseAct, stage: CaseStage) -> Result<CaseStage, Problem> {
    act.from(stage).ok_or_else(|| {
        let open: Vec<_> = CaseAct::ALL
            .iter()
            .filter(|act| act.from(stage).is_some())
            .map(|act| format!("`{}`", act.mutation()))
            .collect();
        let (stage, act) = (stage.word(), act.mutation());
        let (en, sv) = if open.is_empty() {
            let sv = format!("`{act}` går inte: ärendet är {stage}. Ett nytt meddelande från kunden öppnar det igen.");
            (format!("`{act}` is not open: the case is {stage}. A new message from the customer opens it again."), sv)
        } else {
            let open = open.join(", ");
            let sv = format!("`{act}` går inte: ärendet är {stage}. Det som går nu: {open}.");
            (format!("`{act}` is not open: the case is {stage}. Open now: {open}."), sv)
        };
        Problem::new(ErrorCode::InvalidTransition, "caseId", en, sv)
    })
}

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
    let status = status.word();
    let en = format!("`{act}` is not open: the offer is {status}. The case can be offered anew with `offerHandover`.");
    let sv = format!("`{act}` går inte: erbjudandet är {status}. Ärendet kan erbjudas på nytt med `offerHandover`.");
    Err(Problem::new(ErrorCode::InvalidTransition, "handoverId", en, sv))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_follow_what() {
        for (act, stage, expected) in [
            (CaseAct::Acknowledge, CaseStage::Received, Some(CaseStage::Acknowledged)),
            (CaseAct::Acknowledge, CaseStage::Acknowledged, None),
            (CaseAct::Acknowledge, CaseStage::Investigating, None),
            (CaseAct::Acknowledge, CaseStage::Closed, None),
            (CaseAct::Close, CaseStage::Received, Some(CaseStage::Closed)),
            (CaseAct::Close, CaseStage::Acknowledged, Some(CaseStage::Closed)),
            (CaseAct::Close, CaseStage::Investigating, Some(CaseStage::Closed)),
            (CaseAct::Close, CaseStage::Closed, None),
        ] {
            assert_eq!(after(act, stage).ok(), expected, "{act:?} {stage:?}");
        }
    }

    #[test]
    fn only_an_open_offer_can_be_answered() {
        for status in HandoverStatus::ALL {
            for act in [HandoverAct::Accept, HandoverAct::Decline, HandoverAct::Withdraw] {
                assert_eq!(after_handover(act, *status).is_ok(), *status == HandoverStatus::Offered, "{status:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_to_do_instead() {
        let english =
            |act, stage| after(act, stage).unwrap_err().message.read_in(entity::kind::Language::En).to_owned();
        assert!(english(CaseAct::Acknowledge, CaseStage::Investigating).ends_with("Open now: `closeCase`."));
        assert!(english(CaseAct::Close, CaseStage::Closed).ends_with("opens it again."));
    }
}
