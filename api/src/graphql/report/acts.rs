//! Acts on reports: moving one to another case, and confirming who sent it.

use async_graphql::{Context, ID, InputObject, Object, Result};

use crate::case::report::{self, Move};
use crate::graphql::case::Case;
use crate::graphql::context::{act, id};
use crate::graphql::error::payload;

/// The input of `moveReport`.
#[derive(InputObject)]
pub struct MoveReportInput {
    /// The id of the report.
    report_id: ID,
    /// The id of the case that the report belongs to.
    case_id: ID,
    /// Why it is moved, as a note for colleagues; 1 to 1,000 characters.
    reason: String,
    /// True when you know that the sender is the customer of that case. That customer may then read the report, and
    /// both cases if they are merged. The same name on both cases is no proof.
    #[graphql(default)]
    same_customer: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version that you read of the case that the report is on. If it has changed since, nothing is done and the
    /// error's code is `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `confirmSender`.
#[derive(InputObject)]
pub struct ConfirmSenderInput {
    /// The id of the report, which must be `unverified`.
    report_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `moveReport`.
    MoveReportPayload {
        /// The case that the report is on now.
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
    /// Puts a report on another case, with its words and files; `mayBelongTo` suggests such a case. It opens a closed
    /// case again, unless a program sent it or its sender is not that case's customer. That customer may read its words
    /// only if they are the customer's own: because it came from an address of the customer, or because `sameCustomer`
    /// is true. If it is the only report of its case, the two cases are merged as by `mergeCases`, which needs
    /// `sameCustomer` where their customers differ. `moveReport` takes a move back, and `unmergeCase` such a merger.
    /// For the owner of both cases and managers.
    async fn move_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report, the case to put it on, and why.")] input: MoveReportInput,
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

    /// Confirms that the sender of an `unverified` report is the case's customer. The customer may then read its words,
    /// a closed case is opened again, and the sender's address becomes one of the customer's if it is no other
    /// customer's. Ask the sender who they are first. For the case's owner and managers.
    async fn confirm_sender(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report whose sender is confirmed.")] input: ConfirmSenderInput,
    ) -> Result<ConfirmSenderPayload> {
        let done = act(ctx, async move |work| {
            let report = id(&input.report_id, "reportId")?;
            report::confirm(work, report).await
        });
        Ok(done.await?.into())
    }
}
