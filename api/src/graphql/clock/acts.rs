//! Acts on clocks: choosing the legal clocks of a seller, extending one, the letter that explains a delay, and pausing
//! the time for the answer.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::case;
use entity::id::{LegalClockId, SellerId};
use entity::json::LegalChoice;

use crate::case::{legal, pause};
use crate::directory::seller::choose_legal_clocks;
use crate::graphql::case::Case;
use crate::graphql::context::{act, id};
use crate::graphql::error::payload;
use crate::graphql::message::Message;
use crate::graphql::seller::Seller;
use crate::kit::error::Outcome;

/// A legal clock that the new cases of a seller get.
#[derive(InputObject, Clone)]
pub struct LegalClockInput {
    /// The code of the rule, as in `legalPacks`.
    rule: String,
    /// Only cases of this category, or of one below it, get the clock; all cases when left out. At most 200 characters.
    category: Option<String>,
}

/// The input of `setLegalClocks`.
#[derive(InputObject)]
pub struct SetLegalClocksInput {
    /// The seller whose legal clocks are chosen.
    seller_id: ID,
    /// All legal clocks of the seller, at most 100. They replace those that were chosen before.
    clocks: Vec<LegalClockInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the seller that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `extendLegalClock`.
#[derive(InputObject)]
pub struct ExtendLegalClockInput {
    /// The legal clock to extend (`CaseClock.legalClockId`).
    legal_clock_id: ID,
    /// Why the time is extended, as the rule demands (`LegalRule.extension`); 1 to 2,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `explainDelay`.
#[derive(InputObject)]
pub struct ExplainDelayInput {
    /// The legal clock whose time will not be met (`CaseClock.legalClockId`).
    legal_clock_id: ID,
    /// The text of the letter to the customer, as the rule demands (`LegalRule.whenMissedLetter`); 1 to 20,000
    /// characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `pauseAnswer`.
#[derive(InputObject)]
pub struct PauseAnswerInput {
    /// The case whose time for the answer is paused.
    case_id: ID,
    /// What the company waits for, in words for the customer, who reads them; 1 to 1,000 characters.
    reason: String,
    /// When the pause ends at the latest, UTC: in the future, within 60 days.
    until: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `resumeAnswer`.
#[derive(InputObject)]
pub struct ResumeAnswerInput {
    /// The case whose pause is ended.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setLegalClocks`.
    SetLegalClocksPayload {
        /// The seller as it is now; null when nothing was changed.
        seller: Seller
    }
}
payload! {
    /// The answer to `extendLegalClock`.
    ExtendLegalClockPayload {
        /// The case that the clock belongs to; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `explainDelay`.
    ExplainDelayPayload {
        /// The message that was written to the customer; null when nothing was changed.
        message: Message
    }
}
payload! {
    /// The answer to `pauseAnswer`.
    PauseAnswerPayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `resumeAnswer`.
    ResumeAnswerPayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}

/// Acts on clocks.
#[derive(Default)]
pub struct ClockMutation;

#[Object]
impl ClockMutation {
    /// Chooses the legal clocks that the new cases of a seller get. Clocks that have started already are not affected.
    /// A rule starts no clock on a day on which it is not in force. For administrators.
    async fn set_legal_clocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller, and all its legal clocks.")] input: SetLegalClocksInput,
    ) -> Result<SetLegalClocksPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let choice = |clock: &LegalClockInput| LegalChoice {
                rule: clock.rule.clone(),
                category: clock.category.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned),
            };
            let choices: Vec<LegalChoice> = input.clocks.iter().map(choice).collect();
            choose_legal_clocks(work, seller, &choices).await
        });
        Ok(done.await?.into())
    }

    /// Gives a running legal clock the longer time that its rule allows, with the reason that the rule demands. A clock
    /// can be extended once. Apart from this, a legal clock only moves when the complaint turns out to have been
    /// received earlier. `INVALID_TRANSITION` when the rule allows no longer time, the clock was extended before, or
    /// its time has come. For the case's owner and managers.
    async fn extend_legal_clock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The clock, and the reason.")] input: ExtendLegalClockInput,
    ) -> Result<ExtendLegalClockPayload> {
        let done = act(ctx, async move |work| {
            legal::extend(work, id::<LegalClockId>(&input.legal_clock_id, "legalClockId")?, &input.reason).await
        });
        Ok(done.await?.into())
    }

    /// Writes to the customer why the answer is late and when it will come. It is for legal clocks whose rule accepts
    /// such a letter, sent in time, instead of the answer (`LegalRule.delayLetterMeetsIt`), and the clock is then met.
    /// `INVALID_TRANSITION` for other clocks, and when the clock no longer runs. For the case's owner and managers.
    async fn explain_delay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The clock, and the text of the letter.")] input: ExplainDelayInput,
    ) -> Result<ExplainDelayPayload> {
        let done = act(ctx, async move |work| {
            let clock = id::<LegalClockId>(&input.legal_clock_id, "legalClockId")?;
            legal::explain_delay(work, clock, &input.text).await
        });
        Ok(done.await?.into())
    }

    /// Pauses the time for the company's answer while the company waits for something from the customer, who sees the
    /// reason and the end of the pause. The pause ends at `until`, or earlier when the customer writes. No other clock
    /// is paused. `INVALID_TRANSITION` when no such time runs, it is paused already, or it has run out. For the case's
    /// owner and managers.
    async fn pause_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, the reason, and the end of the pause.")] input: PauseAnswerInput,
    ) -> Result<PauseAnswerPayload> {
        let done = act(ctx, async move |work| -> Outcome<case::Model> {
            pause::pause(work, id(&input.case_id, "caseId")?, &input.reason, input.until).await
        });
        Ok(done.await?.into())
    }

    /// Ends the pause of the time for the company's answer early. `INVALID_TRANSITION` when it is not paused. For the
    /// case's owner and managers.
    async fn resume_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case whose pause is ended.")] input: ResumeAnswerInput,
    ) -> Result<ResumeAnswerPayload> {
        let done = act(ctx, async move |work| pause::resume(work, id(&input.case_id, "caseId")?).await);
        Ok(done.await?.into())
    }
}
