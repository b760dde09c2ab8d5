//! Which acts are possible on a case in its present state. The acts themselves ask here before they change anything,
//! and so does `viewerCan`, so that both give the same answer. Pure functions. Who may do an act is the access table's
//! ([`super::table`]).

use entity::case;
use entity::kind::CaseStage;

use super::table::{Action, Standing, may};
use crate::kit::error::{ErrorCode, Problem};
use crate::texts::{self, Text};

/// An act of staff on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its mutation")]
pub enum CaseAct {
    Acknowledge,
    AddNote,
    ChangeCustomer,
    Close,
    CreateTrackingLink,
    MakeCommitment,
    Merge,
    OfferHandover,
    OpenDispute,
    PauseAnswer,
    Reassign,
    RecordEnquiry,
    RequestTask,
    ResumeAnswer,
    RevokeTrackingTokens,
    RouteAgain,
    SendMessage,
    SetPlan,
    Unmerge,
    Update,
}

/// The time for the company's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnswerTime {
    /// There is none: the service level has none, or the case is closed.
    #[default]
    None,
    /// It runs.
    Running,
    /// It has run out.
    Late,
    /// It is paused.
    Paused,
}

/// The state of a case, as far as an act depends on it. What an act does not depend on may be left at its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The stage of the case.
    pub stage: CaseStage,
    /// Whether a hand-over is offered and not answered.
    pub offered: bool,
    /// Whether other cases were merged into it.
    pub absorbs: bool,
    /// Whether a commitment on it, or on a case that was merged into it, is open.
    pub promised: bool,
    /// The time for the company's answer.
    pub answer: AnswerTime,
}

impl Situation {
    /// The situation of a case as far as its own row tells.
    #[must_use]
    pub const fn of(case: &case::Model) -> Self {
        Self { stage: case.stage, offered: false, absorbs: false, promised: false, answer: AnswerTime::None }
    }
}

impl CaseAct {
    /// The entry of the access table that the act needs.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Acknowledge => Action::AcknowledgeCase,
            Self::AddNote => Action::AddNote,
            Self::ChangeCustomer => Action::ChangeCustomer,
            Self::Close => Action::CloseCase,
            Self::CreateTrackingLink => Action::CreateTrackingLink,
            Self::MakeCommitment | Self::SetPlan => Action::ManageCommitments,
            Self::Merge | Self::Unmerge => Action::MergeCases,
            Self::OfferHandover => Action::OfferHandover,
            Self::OpenDispute => Action::SettleDispute,
            Self::PauseAnswer | Self::ResumeAnswer | Self::RecordEnquiry => Action::ManageClocks,
            Self::Reassign => Action::ReassignCase,
            Self::RequestTask => Action::RequestTask,
            Self::RevokeTrackingTokens => Action::RevokeTrackingTokens,
            Self::RouteAgain => Action::RouteAgain,
            Self::Update => Action::UpdateCase,
            Self::SendMessage => Action::SendMessage,
        }
    }

    /// Whether the act is possible in this situation, for somebody with this standing.
    #[must_use]
    pub fn is_open(self, standing: Standing, situation: &Situation) -> bool {
        may(standing, self.action()) && self.obstacle(*situation).is_none()
    }

    /// Refuses the act if the situation does not allow it. `field` names the case in the input.
    ///
    /// # Errors
    /// `IN_USE` when something must be done first, `INVALID_TRANSITION` otherwise; the message says what to do.
    pub fn check(self, situation: &Situation, field: &str) -> Result<(), Problem> {
        match self.obstacle(*situation) {
            None => Ok(()),
            Some((code, message)) => Err(Problem::new(code, field, message)),
        }
    }

    fn obstacle(self, situation: Situation) -> Option<(ErrorCode, Text)> {
        let merged = situation.stage == CaseStage::Merged;
        let closed = merged || situation.stage == CaseStage::Closed;
        let refused = |text: Text| Some((ErrorCode::InvalidTransition, text));
        match self {
            Self::Acknowledge | Self::Close if self.next_stage(situation.stage).is_none() => {
                Some((ErrorCode::InvalidTransition, self.wrong_stage(situation.stage)))
            }
            Self::Close if situation.promised => Some((ErrorCode::InUse, texts::access::still_promised())),
            Self::MakeCommitment | Self::SetPlan if merged => refused(texts::access::merged_do_it_there()),
            Self::MakeCommitment | Self::SetPlan if closed => refused(texts::access::closed_until_message()),
            Self::RequestTask | Self::OpenDispute if closed => refused(texts::access::closed()),
            Self::OfferHandover if closed => refused(texts::access::closed_manager_reassigns()),
            Self::OfferHandover if situation.offered => refused(texts::access::offered_already()),
            Self::Reassign | Self::RouteAgain if merged => refused(texts::access::merged_reassign_there()),
            Self::Merge if merged => refused(texts::access::merged_already()),
            Self::Merge if situation.absorbs => refused(texts::access::others_merged()),
            Self::Unmerge if !merged => refused(texts::access::not_merged()),
            Self::ChangeCustomer | Self::Update if merged => refused(texts::access::merged_name_that()),
            Self::ChangeCustomer if situation.absorbs => refused(texts::access::others_have_customers()),
            Self::PauseAnswer => match situation.answer {
                AnswerTime::Running => None,
                AnswerTime::Paused => refused(texts::access::paused_already()),
                AnswerTime::None => refused(texts::access::no_answer_time()),
                AnswerTime::Late => refused(texts::access::answer_late()),
            },
            Self::ResumeAnswer if situation.answer != AnswerTime::Paused => refused(texts::access::not_paused()),
            _ => None,
        }
    }

    /// The stage to which an act moves a case that is in this stage; `None` when it moves none.
    #[must_use]
    pub const fn next_stage(self, stage: CaseStage) -> Option<CaseStage> {
        use CaseStage::{Acknowledged, Closed, Investigating, Received};
        match (self, stage) {
            (Self::Acknowledge, Received) => Some(Acknowledged),
            (Self::Close, Received | Acknowledged | Investigating) => Some(Closed),
            _ => None,
        }
    }

    fn wrong_stage(self, stage: CaseStage) -> Text {
        if stage == CaseStage::Merged {
            return texts::access::merged_name_that();
        }
        let name = |act| if act == Self::Acknowledge { "acknowledgeCase" } else { "closeCase" };
        let possible = [Self::Acknowledge, Self::Close].into_iter().filter(|act| act.next_stage(stage).is_some());
        let possible: Vec<_> = possible.map(|act| format!("`{}`", name(act))).collect();
        let (stage, act) = (stage.word(), name(self));
        if possible.is_empty() {
            return texts::access::none_open(act, stage);
        }
        texts::access::others_open(act, stage, possible.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stage: CaseStage) -> Situation {
        Situation { stage, offered: false, absorbs: false, promised: false, answer: AnswerTime::None }
    }

    #[test]
    fn what_is_open_in_which_situation() {
        use CaseStage::{Acknowledged, Closed, Investigating, Merged, Received};
        let offered = Situation { offered: true, ..at(Received) };
        let absorbs = Situation { absorbs: true, ..at(Received) };
        let promised = Situation { promised: true, ..at(Investigating) };
        let answer = |answer| Situation { answer, ..at(Received) };
        for (act, situation, expected) in [
            (CaseAct::Acknowledge, at(Received), true),
            (CaseAct::Acknowledge, at(Acknowledged), false),
            (CaseAct::Acknowledge, at(Investigating), false),
            (CaseAct::Acknowledge, at(Closed), false),
            (CaseAct::Close, at(Received), true),
            (CaseAct::Close, at(Investigating), true),
            (CaseAct::Close, promised, false),
            (CaseAct::Close, at(Closed), false),
            (CaseAct::Close, at(Merged), false),
            (CaseAct::OfferHandover, at(Received), true),
            (CaseAct::OfferHandover, offered, false),
            (CaseAct::OfferHandover, at(Closed), false),
            (CaseAct::OfferHandover, at(Merged), false),
            (CaseAct::Reassign, offered, true),
            (CaseAct::Reassign, at(Closed), true),
            (CaseAct::Reassign, at(Merged), false),
            (CaseAct::RequestTask, at(Acknowledged), true),
            (CaseAct::RequestTask, at(Closed), false),
            (CaseAct::OpenDispute, at(Merged), false),
            (CaseAct::MakeCommitment, promised, true),
            (CaseAct::MakeCommitment, at(Closed), false),
            (CaseAct::Merge, at(Closed), true),
            (CaseAct::Merge, absorbs, false),
            (CaseAct::Merge, at(Merged), false),
            (CaseAct::Unmerge, at(Merged), true),
            (CaseAct::Unmerge, at(Closed), false),
            (CaseAct::ChangeCustomer, at(Closed), true),
            (CaseAct::ChangeCustomer, absorbs, false),
            (CaseAct::ChangeCustomer, at(Merged), false),
            (CaseAct::Update, at(Closed), true),
            (CaseAct::Update, absorbs, true),
            (CaseAct::Update, at(Merged), false),
            (CaseAct::RouteAgain, offered, true),
            (CaseAct::RouteAgain, at(Closed), true),
            (CaseAct::RouteAgain, at(Merged), false),
            (CaseAct::PauseAnswer, answer(AnswerTime::Running), true),
            (CaseAct::PauseAnswer, answer(AnswerTime::Late), false),
            (CaseAct::PauseAnswer, answer(AnswerTime::Paused), false),
            (CaseAct::PauseAnswer, answer(AnswerTime::None), false),
            (CaseAct::ResumeAnswer, answer(AnswerTime::Paused), true),
            (CaseAct::ResumeAnswer, answer(AnswerTime::Running), false),
            (CaseAct::SendMessage, at(Closed), true),
            (CaseAct::AddNote, at(Merged), true),
            (CaseAct::RecordEnquiry, at(Closed), true),
            (CaseAct::CreateTrackingLink, at(Closed), true),
            (CaseAct::RevokeTrackingTokens, at(Merged), true),
        ] {
            assert_eq!(act.check(&situation, "caseId").is_ok(), expected, "{act:?} {situation:?}");
            assert_eq!(act.is_open(Standing::Administrator, &situation), expected, "{act:?} {situation:?}");
            assert!(!act.is_open(Standing::Stranger, &situation), "{act:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do_instead() {
        let english = |act: CaseAct, stage| {
            act.check(&at(stage), "caseId").unwrap_err().message.read_in(entity::kind::Language::En).to_owned()
        };
        assert!(english(CaseAct::Acknowledge, CaseStage::Investigating).ends_with("Open now: `closeCase`."));
        assert!(english(CaseAct::Close, CaseStage::Closed).ends_with("opens it again."));
    }
}
