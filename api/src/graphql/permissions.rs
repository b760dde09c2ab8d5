//! What a viewer may do to a case now.

use async_graphql::SimpleObject;
use entity::case;
use entity::kind::CaseStage;

use crate::access::table::{Action, may, to_case};
use crate::case::decide::CaseAct;
use crate::kit::actor::Actor;

/// What you may do to a case now: which buttons to show.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "one answer per button")]
pub struct CasePermissions {
    /// `acknowledgeCase` is open to you.
    acknowledge: bool,
    /// `sendMessage` is open to you.
    send_message: bool,
    /// `addNote` is open to you.
    add_note: bool,
    /// `requestTask` is open to you.
    request_task: bool,
    /// `closeCase` is open to you.
    close: bool,
    /// `reassignCase` is open to you.
    reassign: bool,
    /// `offerHandover` is open to you.
    offer_handover: bool,
    /// `mergeCases` is open to you.
    merge: bool,
    /// `unmergeCase` is open to you.
    unmerge: bool,
}

impl CasePermissions {
    /// What this actor may do to this case, as it is.
    #[must_use]
    pub fn of(actor: Actor, case: &case::Model) -> Self {
        let standing = to_case(actor, case);
        let open = case.closed_at.is_none();
        let merged = case.stage == CaseStage::Merged;
        CasePermissions {
            acknowledge: may(standing, Action::AcknowledgeCase) && CaseAct::Acknowledge.from(case.stage).is_some(),
            send_message: may(standing, Action::SendMessage),
            add_note: may(standing, Action::AddNote),
            request_task: may(standing, Action::RequestTask) && open,
            close: may(standing, Action::CloseCase) && CaseAct::Close.from(case.stage).is_some(),
            reassign: may(standing, Action::ReassignCase) && !merged,
            offer_handover: may(standing, Action::OfferHandover) && open,
            merge: may(standing, Action::MergeCases) && !merged,
            unmerge: may(standing, Action::MergeCases) && merged,
        }
    }
}
