//! Changes of a case by its owner and managers: what it says, and whom the rules choose for it now.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use entity::id::CaseId;
use entity::kind::{Language, Priority, Severity};

use crate::case::update::decide::{CaseUpdate, To};
use crate::graphql::case::Case;
use crate::graphql::context::{act, id};
use crate::graphql::error::payload;
use crate::graphql::scalar::MoneyInput;
use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// The input of `updateCase`. A field that is left out keeps its value.
#[derive(InputObject)]
pub struct UpdateCaseInput {
    /// The case to change.
    case_id: ID,
    /// What the case is about, in one line of 1 to 200 characters. The customer sees it. Null is refused.
    subject: MaybeUndefined<String>,
    /// The category: one of the seller's, or words of your own; at most 100 characters. Null takes it away.
    category: MaybeUndefined<String>,
    /// The product that was bought: one of the seller's, or words of your own; at most 200 characters. Null takes it
    /// away. If the case has no category, it gets that of the product.
    product: MaybeUndefined<String>,
    /// How soon the case should be looked at. Null is refused.
    priority: MaybeUndefined<Priority>,
    /// How severe the problem is. Null takes it away.
    severity: MaybeUndefined<Severity>,
    /// All tags of the case: at most 20, of 1 to 50 characters each; they are stored in lower case. Null removes all.
    tags: MaybeUndefined<Vec<String>>,
    /// The language that the customer reads: that of letters and pages. Null is refused.
    language: MaybeUndefined<Language>,
    /// The seller's own number of the order; at most 100 characters. Null takes it away.
    order_reference: MaybeUndefined<String>,
    /// What the order cost. Null takes it away.
    order_amount: MaybeUndefined<MoneyInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

impl UpdateCaseInput {
    fn update(&self) -> std::result::Result<CaseUpdate, Problem> {
        let amount = match &self.order_amount {
            MaybeUndefined::Undefined => To::Same,
            MaybeUndefined::Null => To::Value(None),
            MaybeUndefined::Value(amount) => To::Value(Some(amount.read("orderAmount")?)),
        };
        Ok(CaseUpdate {
            subject: required(&self.subject, "subject")?,
            category: optional(&self.category),
            product: optional(&self.product),
            priority: required(&self.priority, "priority")?,
            severity: optional(&self.severity),
            tags: optional(&self.tags).map(Option::unwrap_or_default),
            language: required(&self.language, "language")?,
            order_reference: optional(&self.order_reference),
            order_amount: amount,
            ..CaseUpdate::default()
        })
    }
}

/// The change of a field that can have no value.
pub(super) fn optional<T: Clone>(given: &MaybeUndefined<T>) -> To<Option<T>> {
    match given {
        MaybeUndefined::Undefined => To::Same,
        MaybeUndefined::Null => To::Value(None),
        MaybeUndefined::Value(value) => To::Value(Some(value.clone())),
    }
}

/// The change of a field that always has a value.
pub(super) fn required<T: Clone>(given: &MaybeUndefined<T>, field: &str) -> std::result::Result<To<T>, Problem> {
    match given {
        MaybeUndefined::Undefined => Ok(To::Same),
        MaybeUndefined::Null => Err(Problem::new(ErrorCode::Required, field, texts::input::fill_in())),
        MaybeUndefined::Value(value) => Ok(To::Value(value.clone())),
    }
}

/// The input of `routeAgain`.
#[derive(InputObject)]
pub struct RouteAgainInput {
    /// The case to route again.
    case_id: ID,
    /// Why it is routed again, for its history; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `updateCase`.
    UpdateCasePayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `routeAgain`.
    RouteAgainPayload {
        /// The case as it is now, with the new decision in `routing`; null when nothing was changed.
        case: Case
    }
}

/// Acts that change what a case says, or let the rules decide anew.
#[derive(Default)]
pub struct CaseUpdateMutation;

#[Object]
impl CaseUpdateMutation {
    /// Changes what a case says. The history keeps the values before and after (`CaseUpdated`); values that are the same
    /// as before are no change and cause no event. The owner stays the owner: use `routeAgain` to let the rules decide
    /// anew. With category and product the suggested partners change. If the service level of the case was the one for
    /// its former priority and category, and was not named by a rule, the one for the new ones applies, and the timers
    /// that run are recalculated; the time by which the customer hears from you never becomes later. The legal clocks of
    /// a new category begin with the receipt of the complaint, on an open case; those that run go on. `INVALID_TRANSITION` when the case
    /// was merged into another. For the case's owner and managers.
    async fn update_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and the fields to change.")] input: UpdateCaseInput,
    ) -> Result<UpdateCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::update::update(work, case, &input.update()?).await
        });
        Ok(done.await?.into())
    }

    /// Lets the rules in force decide anew who owns a case, on the facts as they are now. The decision and its reasons
    /// are stored: `Case.routing` has them, and `whyThisOwner` explains them. If the rules choose the present owner,
    /// nothing else changes; among people with the same load they do. Priority, tags, service level and tasks of a rule
    /// are not applied again. A closed case can be routed again; a case that was merged cannot (`INVALID_TRANSITION`):
    /// route the one that it went into. A hand-over that waits for an answer ends when the owner changes, and stays open
    /// otherwise. For managers.
    async fn route_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and the reason.")] input: RouteAgainInput,
    ) -> Result<RouteAgainPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            Box::pin(crate::case::again::route_again(work, case, &input.reason)).await
        });
        Ok(done.await?.into())
    }
}
