//! What the viewer may do to a case now.

use async_graphql::SimpleObject;
use entity::case;
use entity::kind::CaseStage;

use crate::access::table::{Action, may, to_case};
use crate::case::decide::CaseAct;
use crate::kit::actor::Actor;

/// What you may do to a case now, given your role and the state of the case, so that a client knows which buttons to
/// show.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "one answer per button")]
pub struct CasePermissions {
    /// Whether you may use `acknowledgeCase` on this case now.
    acknowledge: bool,
    /// Whether you may use `sendMessage` on this case now.
    send_message: bool,
    /// Whether you may use `addNote` on this case now.
    add_note: bool,
    /// Whether you may use `requestTask` on this case now.
    request_task: bool,
    /// Whether you may use `closeCase` on this case now.
    close: bool,
    /// Whether you may use `reassignCase` on this case now.
    reassign: bool,
    /// Whether you may use `offerHandover` on this case now.
    offer_handover: bool,
    /// Whether you may use `mergeCases` on this case now.
    merge: bool,
    /// Whether you may use `unmergeCase` on this case now.
    unmerge: bool,
}

impl CasePermissions {
    /// What this actor may do to this case in its present state.
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
