//! Which acts are possible on a case in its present state. The acts themselves ask here before they change anything,
//! and so does `viewerCan`, so that both give the same answer. Pure functions. Who may do an act is the access table's
//! ([`super::table`]).

use entity::case;
use entity::kind::CaseStage;

use super::table::{Action, Standing, may};
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::text::Text;

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
    SendMessage,
    SetPlan,
    Unmerge,
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
            Some((code, message)) => Err(Problem::with(code, field, message)),
        }
    }

    fn obstacle(self, situation: Situation) -> Option<(ErrorCode, Text)> {
        let merged = situation.stage == CaseStage::Merged;
        let closed = merged || situation.stage == CaseStage::Closed;
        let refused = |en: &str, sv: &str| Some((ErrorCode::InvalidTransition, Text::new(en, sv)));
        match self {
            Self::Acknowledge | Self::Close if self.next_stage(situation.stage).is_none() => {
                Some((ErrorCode::InvalidTransition, self.wrong_stage(situation.stage)))
            }
            Self::Close if situation.promised => Some((ErrorCode::InUse, still_promised())),
            Self::MakeCommitment | Self::SetPlan if merged => refused(
                "It was merged into another case: do it on that one.",
                "Det är sammanfört med ett annat ärende: gör det i det ärendet.",
            ),
            Self::MakeCommitment | Self::SetPlan if closed => refused(
                "The case is closed. A new message from the customer opens it again.",
                "Ärendet är avslutat. Ett nytt meddelande från kunden öppnar det igen.",
            ),
            Self::RequestTask | Self::OpenDispute if closed => refused("The case is closed.", "Ärendet är avslutat."),
            Self::OfferHandover if closed => refused(
                "The case is closed; a manager can still reassign it.",
                "Ärendet är avslutat; en chef kan flytta det.",
            ),
            Self::OfferHandover if situation.offered => refused(
                "It is offered to somebody already: wait for the answer, or `withdrawHandover` first.",
                "Det är redan erbjudet någon: vänta på svaret, eller gör `withdrawHandover` först.",
            ),
            Self::Reassign if merged => refused(
                "It was merged into another case, whose owner answers for both: reassign that one.",
                "Det är sammanfört med ett annat ärende, vars ägare svarar för båda: flytta det ärendet.",
            ),
            Self::Merge if merged => refused(
                "It is merged already; `unmergeCase` first.",
                "Det är redan sammanfört; gör `unmergeCase` först.",
            ),
            Self::Merge if situation.absorbs => refused(
                "Other cases were merged into it: merge each of them, or `unmergeCase` them first.",
                "Andra ärenden har sammanförts med det: gör `unmergeCase` på dem först.",
            ),
            Self::Unmerge if !merged => {
                refused("It is not merged into another case.", "Det är inte sammanfört med något annat ärende.")
            }
            Self::ChangeCustomer if merged => refused(
                "It was merged into another case: name that one, or `unmergeCase` first.",
                "Det är sammanfört med ett annat ärende: ange det, eller gör `unmergeCase` först.",
            ),
            Self::ChangeCustomer if situation.absorbs => refused(
                "Other cases were merged into it, and may have other customers: `unmergeCase` them first.",
                "Andra ärenden har sammanförts med det och kan ha andra kunder: gör `unmergeCase` på dem först.",
            ),
            Self::PauseAnswer => match situation.answer {
                AnswerTime::Running => None,
                AnswerTime::Paused => refused(
                    "It is paused already: `resumeAnswer` first.",
                    "Den är redan pausad: gör `resumeAnswer` först.",
                ),
                AnswerTime::None => refused(
                    "No time for an answer runs: its service level has none, or the case is closed.",
                    "Ingen svarstid löper: servicenivån har ingen, eller så är ärendet avslutat.",
                ),
                AnswerTime::Late => refused(
                    "The time for an answer has run out: what is late cannot be paused.",
                    "Svarstiden har gått ut: det som är sent kan inte pausas.",
                ),
            },
            Self::ResumeAnswer if situation.answer != AnswerTime::Paused => {
                refused("The time for an answer is not paused.", "Svarstiden är inte pausad.")
            }
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
            return Text::new(
                "It was merged into another case: name that one, or `unmergeCase` first.",
                "Det är sammanfört med ett annat ärende: ange det, eller gör `unmergeCase` först.",
            );
        }
        let name = |act| if act == Self::Acknowledge { "acknowledgeCase" } else { "closeCase" };
        let possible = [Self::Acknowledge, Self::Close].into_iter().filter(|act| act.next_stage(stage).is_some());
        let possible: Vec<_> = possible.map(|act| format!("`{}`", name(act))).collect();
        let (stage, act) = (stage.word(), name(self));
        if possible.is_empty() {
            return Text::new(
                format!("`{act}` is not open: the case is {stage}. A new message from the customer opens it again."),
                format!("`{act}` går inte: ärendet är {stage}. Ett nytt meddelande från kunden öppnar det igen."),
            );
        }
        let possible = possible.join(", ");
        Text::new(
            format!("`{act}` is not open: the case is {stage}. Open now: {possible}."),
            format!("`{act}` går inte: ärendet är {stage}. Det som går nu: {possible}."),
        )
    }
}

fn still_promised() -> Text {
    Text::new(
        "A commitment to the customer is still open, on this case or on one that was merged into it. Keep it \
         (`keepCommitment`), agree on another date (`renegotiateCommitment`) or withdraw it (`withdrawCommitment`) first, \
         or wait until its time has ended.",
        "Ett löfte till kunden är inte uppfyllt, i detta ärende eller i ett som är sammanfört med det. Markera det som gjort \
         (`keepCommitment`), kom överens om ett annat datum (`renegotiateCommitment`) eller ta tillbaka det \
         (`withdrawCommitment`) först, eller vänta tills tiden har gått ut.",
    )
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
