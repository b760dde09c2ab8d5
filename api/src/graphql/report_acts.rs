//! Acts on reports: which case they belong to, and who sent them.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::case::Case;
use super::context::{act, id};
use super::error::payload;
use crate::case::report::{self, Move};

/// Puts a report on the case it belongs to.
#[derive(InputObject)]
pub struct MoveReportInput {
    /// Which report.
    report_id: ID,
    /// The case it belongs to.
    case_id: ID,
    /// Why, for colleagues; 1 to 1,000 characters.
    reason: String,
    /// True when you know that whoever sent it is that case's customer, who may then read both. The same name on both is no
    /// proof.
    #[graphql(default)]
    same_customer: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case it is on: when that has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Takes whoever sent a report for the case's customer.
#[derive(InputObject)]
pub struct ConfirmSenderInput {
    /// Which report, one that is `unverified`.
    report_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `moveReport`.
    MoveReportPayload {
        /// The case it is on now.
        case: Case
    }
}
payload! {
    /// The answer to `confirmSender`.
    ConfirmSenderPayload {
        /// The case as it is now.
        case: Case
    }
}

/// Acts on reports.
#[derive(Default)]
pub struct ReportMutation;

#[Object]
impl ReportMutation {
    /// Puts a report on the case it belongs to, with its words and files, such as one that `mayBelongTo` another. A closed
    /// case is open again, unless a program sent the report. Its words are for the customer to read only if they are the
    /// customer's: by their address, or because you say so. The only report of a case takes the case with it: the two
    /// are merged, as by `mergeCases`, which needs `sameCustomer` where they have different customers. Taken back by `moveReport`, or by `unmergeCase`. For the owner of both cases and managers.
    async fn move_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, where to, and why.")] input: MoveReportInput,
    ) -> Result<MoveReportPayload> {
        let done = act(ctx, async move |work| {
            let ask = Move {
                report: id(&input.report_id, "reportId")?,
                to: id(&input.case_id, "caseId")?,
                reason: input.reason.clone(),
                same_customer: input.same_customer,
            };
            report::move_to(work, &ask).await
        });
        Ok(done.await?.into())
    }

    /// Says that whoever sent an `unverified` report is the case's customer: its words are the customer's from now on, a
    /// closed case is open again, and the address is one of theirs if it is nobody else's. For the case's owner and
    /// managers, who asked.
    async fn confirm_sender(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ConfirmSenderInput,
    ) -> Result<ConfirmSenderPayload> {
        let done = act(ctx, async move |work| {
            let report = id(&input.report_id, "reportId")?;
            report::confirm(work, report).await
        });
        Ok(done.await?.into())
    }
}
