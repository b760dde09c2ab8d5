//! Acts on clocks: which legal ones a seller has, the longer time, the letter that says why it is late, the pause.

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

/// A legal clock that a seller's new cases shall have.
#[derive(InputObject, Clone)]
pub struct LegalClockInput {
    /// The code of the rule: see `legalPacks`.
    rule: String,
    /// Cases of this category, or of one under it, have it; all cases when left out.
    category: Option<String>,
}

/// Chooses the legal clocks of a seller.
#[derive(InputObject)]
pub struct SetLegalClocksInput {
    /// Whose.
    seller_id: ID,
    /// All of them: they replace those that were chosen before; at most 100.
    clocks: Vec<LegalClockInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the seller has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Gives a legal clock the longer time that its rule allows.
#[derive(InputObject)]
pub struct ExtendLegalClockInput {
    /// Which clock: see `Case.clocks`.
    legal_clock_id: ID,
    /// Why, as the rule asks for (`LegalRule.extension`); 1 to 2,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you act on: when it has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Tells the customer why the answer is late.
#[derive(InputObject)]
pub struct ExplainDelayInput {
    /// Which clock: see `Case.clocks`.
    legal_clock_id: ID,
    /// The words to the customer, as the rule asks for (`LegalRule.whenMissedLetter`); 1 to 20,000 characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you act on: when it has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Pauses the time in which the company answers.
#[derive(InputObject)]
pub struct PauseAnswerInput {
    /// Of which case.
    case_id: ID,
    /// What is waited for, in words that the customer reads; 1 to 1,000 characters.
    reason: String,
    /// When it goes on at the latest: in the future, within 60 days.
    until: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Lets the time in which the company answers go on.
#[derive(InputObject)]
pub struct ResumeAnswerInput {
    /// Of which case.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setLegalClocks`.
    SetLegalClocksPayload {
        /// The seller as it is now.
        seller: Seller
    }
}
payload! {
    /// The answer to `extendLegalClock`.
    ExtendLegalClockPayload {
        /// The case whose clock it is.
        case: Case
    }
}
payload! {
    /// The answer to `explainDelay`.
    ExplainDelayPayload {
        /// What was written to the customer.
        message: Message
    }
}
payload! {
    /// The answer to `pauseAnswer`.
    PauseAnswerPayload {
        /// The case as it is now.
        case: Case
    }
}
payload! {
    /// The answer to `resumeAnswer`.
    ResumeAnswerPayload {
        /// The case as it is now.
        case: Case
    }
}

/// Acts on clocks.
#[derive(Default)]
pub struct ClockMutation;

#[Object]
impl ClockMutation {
    /// Chooses the legal clocks of a seller's new cases; those that run already go on. A rule begins no clock before the day on
    /// which it is in force. For administrators.
    async fn set_legal_clocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: SetLegalClocksInput,
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

    /// Gives a legal clock that runs the longer time that its rule allows, once, with the reason that the rule asks for. Nothing
    /// else moves a legal clock. For the case's owner and managers.
    async fn extend_legal_clock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clock, and why.")] input: ExtendLegalClockInput,
    ) -> Result<ExtendLegalClockPayload> {
        let done = act(ctx, async move |work| {
            legal::extend(work, id::<LegalClockId>(&input.legal_clock_id, "legalClockId")?, &input.reason).await
        });
        Ok(done.await?.into())
    }

    /// Writes to the customer why the answer is late and when it will come, where the rule of a legal clock takes that letter, sent in
    /// time, instead of the answer (`LegalRule.delayLetterMeetsIt`): the clock is met. For the case's owner and managers.
    async fn explain_delay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clock, and the words.")] input: ExplainDelayInput,
    ) -> Result<ExplainDelayPayload> {
        let done = act(ctx, async move |work| {
            let clock = id::<LegalClockId>(&input.legal_clock_id, "legalClockId")?;
            legal::explain_delay(work, clock, &input.text).await
        });
        Ok(done.await?.into())
    }

    /// Lets the time for the company's answer stand still while the customer owes it something; the customer sees why, and until
    /// when. It goes on by itself then, or when the customer writes. No other clock pauses. For the case's owner and managers.
    async fn pause_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case, why, and until when.")] input: PauseAnswerInput,
    ) -> Result<PauseAnswerPayload> {
        let done = act(ctx, async move |work| -> Outcome<case::Model> {
            pause::pause(work, id(&input.case_id, "caseId")?, &input.reason, input.until).await
        });
        Ok(done.await?.into())
    }

    /// Lets the time for the company's answer go on before its pause ends. For the case's owner and managers.
    async fn resume_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case.")] input: ResumeAnswerInput,
    ) -> Result<ResumeAnswerPayload> {
        let done = act(ctx, async move |work| pause::resume(work, id(&input.case_id, "caseId")?).await);
        Ok(done.await?.into())
    }
}
