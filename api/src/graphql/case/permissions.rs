//! What the viewer may do to a case now.

use async_graphql::{Context, Object, Result};
use entity::case;
use entity::id::CaseId;
use entity::kind::{CommitmentKind, CommitmentState, DueKind, HandoverStatus};

use crate::access::acts::{AnswerTime, CaseAct, Situation};
use crate::access::table::to_case;
use crate::case::pause::answer_time;
use crate::graphql::context::{ContextExt, read_error};

/// What you may do to a case now, given your role and the state of the case, so that a client knows which buttons to
/// show. The mutations ask the same question.
pub struct CasePermissions(pub case::Model);

macro_rules! permissions {
    ($($(#[$doc:meta])* $field:ident: $act:ident;)*) => {
        /// What you may do to a case now, given your role and the state of the case, so that a client knows which
        /// buttons to show. The mutations ask the same question.
        #[Object]
        impl CasePermissions {
            $(
                $(#[$doc])*
                async fn $field(&self, ctx: &Context<'_>) -> Result<bool> {
                    Box::pin(self.may(ctx, CaseAct::$act)).await
                }
            )*
        }
    };
}

permissions! {
    /// Whether you may use `acknowledgeCase` on this case now.
    acknowledge: Acknowledge;
    /// Whether you may use `sendMessage` on this case now.
    send_message: SendMessage;
    /// Whether you may use `addNote` on this case now.
    add_note: AddNote;
    /// Whether you may use `makeCommitment` on this case now.
    make_commitment: MakeCommitment;
    /// Whether you may use `setPlan` on this case now.
    set_plan: SetPlan;
    /// Whether you may use `requestTask` on this case now.
    request_task: RequestTask;
    /// Whether you may use `openDispute` on this case now. It also needs tasks of at least two partners.
    open_dispute: OpenDispute;
    /// Whether you may use `closeCase` on this case now.
    close: Close;
    /// Whether you may use `reassignCase` on this case now.
    reassign: Reassign;
    /// Whether you may use `routeAgain` on this case now.
    route_again: RouteAgain;
    /// Whether you may use `updateCase` on this case now.
    update: Update;
    /// Whether you may use `offerHandover` on this case now.
    offer_handover: OfferHandover;
    /// Whether you may use `mergeCases` on this case now.
    merge: Merge;
    /// Whether you may use `unmergeCase` on this case now.
    unmerge: Unmerge;
    /// Whether you may use `changeCustomer` on this case now.
    change_customer: ChangeCustomer;
    /// Whether you may use `createTrackingLink` on this case now.
    create_tracking_link: CreateTrackingLink;
    /// Whether you may use `revokeTrackingTokens` on this case now.
    revoke_tracking_tokens: RevokeTrackingTokens;
    /// Whether you may use `pauseAnswer` on this case now.
    pause_answer: PauseAnswer;
    /// Whether you may use `resumeAnswer` on this case now.
    resume_answer: ResumeAnswer;
    /// Whether you may use `recordEnquiry` on this case now.
    record_enquiry: RecordEnquiry;
}

impl CasePermissions {
    async fn may(&self, ctx: &Context<'_>, act: CaseAct) -> Result<bool> {
        let mut situation = Situation::of(&self.0);
        // Only what the act depends on is read.
        match act {
            CaseAct::OfferHandover => situation.offered = self.is_offered(ctx).await?,
            CaseAct::Merge | CaseAct::ChangeCustomer => situation.absorbs = !self.merged_in(ctx).await?.is_empty(),
            CaseAct::Close => situation.promised = self.is_promised(ctx).await?,
            CaseAct::PauseAnswer | CaseAct::ResumeAnswer => situation.answer = self.answer(ctx).await?,
            _ => {}
        }
        Ok(act.is_open(to_case(ctx.actor(), &self.0), &situation))
    }

    async fn is_offered(&self, ctx: &Context<'_>) -> Result<bool> {
        let offers = ctx.loaders().handovers_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(offers.iter().any(|offer| offer.status == HandoverStatus::Offered))
    }

    async fn merged_in(&self, ctx: &Context<'_>) -> Result<Vec<CaseId>> {
        let cases = ctx.loaders().merged_into.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(cases.iter().map(|case| case.id).collect())
    }

    async fn is_promised(&self, ctx: &Context<'_>) -> Result<bool> {
        for case in self.merged_in(ctx).await?.into_iter().chain([self.0.id]) {
            let rows = ctx.loaders().commitments_of.one(case).await.map_err(read_error)?.unwrap_or_default();
            if rows.iter().any(|row| row.state == CommitmentState::Open && row.kind == CommitmentKind::Action) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn answer(&self, ctx: &Context<'_>) -> Result<AnswerTime> {
        let timers = ctx.loaders().dues_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let pauses = ctx.loaders().pauses_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let timer = timers.iter().find(|timer| timer.kind == DueKind::AnswerBy);
        Ok(answer_time(timer, &pauses, ctx.app().now()))
    }
}
