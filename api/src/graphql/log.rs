//! What staff and the seller's systems write down: calls, letters, visits.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId};
use entity::kind::{Language, Severity};

use super::context::{id, intake, signed_in};
use super::error::payload;
use super::intake::{IntakeReceipt, intake_receipt};
use super::meter::{for_bytes, pay};
use super::scalar::MoneyInput;
use super::task_acts::FileInput;
use crate::intake::logged::{Person, Told};
use crate::intake::matter::Matter;
use crate::intake::paper::{LetterChannel, Paper};
use crate::intake::phone::{Call, CallDirection, CallOutcome};
use crate::intake::visit::Visit;
use crate::intake::{paper, phone, visit};
use crate::kit::error::Outcome;
use crate::kit::upload::{self, Upload};

/// What is written down of a call, a letter and a visit alike.
#[derive(InputObject)]
pub struct ToldInput {
    /// What the customer reads; the seller's language when left out.
    language: Option<Language>,
    /// In one line, at most 200 characters; the beginning of `words` when left out.
    subject: Option<String>,
    /// The case it belongs to; a new one when left out. A name, a number or an address alone never leads to a case.
    case_id: Option<ID>,
    /// The customer whom you recognised, such as one of `PhoneReport.candidates` of an earlier call. When left out, the case's
    /// customer, else the one known by the e-mail address, else a new one: a name or a number alone leads to nobody.
    customer_id: Option<ID>,
    /// The seller's word for the kind of complaint; at most 100 characters.
    category: Option<String>,
    /// What was bought; at most 200 characters.
    product: Option<String>,
    /// The seller's own number of the order; at most 100 characters.
    order_reference: Option<String>,
    /// What the order cost.
    order_amount: Option<MoneyInput>,
    /// What would make it right, in the customer's words; at most 2,000 characters.
    remedy_sought: Option<String>,
    /// How severe the customer says it is.
    severity: Option<Severity>,
    /// Words to find the case by, at most 20; rules may go by them.
    #[graphql(default)]
    tags: Vec<String>,
}

impl ToldInput {
    fn told(&self, source: &str, external_id: &str, words: Option<String>) -> Outcome<Told> {
        Ok(Told {
            source: source.to_owned(),
            external_id: external_id.to_owned(),
            language: self.language,
            words,
            customer: self.customer_id.as_ref().map(|text| id::<CustomerId>(text, "customerId")).transpose()?,
            case: self.case_id.as_ref().map(|text| id::<CaseId>(text, "caseId")).transpose()?,
            matter: Matter {
                subject: self.subject.clone(),
                category: self.category.clone(),
                product: self.product.clone(),
                order_reference: self.order_reference.clone(),
                order_amount: self.order_amount.as_ref().map(|amount| amount.read("orderAmount")).transpose()?,
                remedy_sought: self.remedy_sought.clone(),
                severity: self.severity,
                tags: self.tags.clone(),
            },
        })
    }
}

/// Who wrote a letter or came.
#[derive(InputObject)]
pub struct PersonInput {
    /// The customer's name, as they say; at most 200 characters.
    name: Option<String>,
    /// Their e-mail address, as they say. A complaint without any way to reach them is taken in too.
    email: Option<String>,
    /// Their telephone number, as they say; read as Swedish when it has no country code.
    phone: Option<String>,
}

impl PersonInput {
    fn person(&self) -> Person {
        Person { name: self.name.clone(), email: self.email.clone(), phone: self.phone.clone() }
    }
}

/// A call that was taken, or that the company made.
#[derive(InputObject)]
pub struct LogPhoneCallInput {
    /// The exchange or system that knows the call; at most 100 characters.
    source: String,
    /// The call's id there (the call's, not a leg's); at most 200 characters. The same call again gives the same
    /// answer, once; with something more or else, such as a transcript that comes later, it is `UPDATED` and both are kept.
    external_id: String,
    /// Who called whom. A call that the company made (`OUTBOUND`) needs `caseId`: it opens no case, and none again.
    #[graphql(default_with = "CallDirection::Inbound")]
    direction: CallDirection,
    /// How far it came. An answered call of the company's is a contact with the customer, another one an attempt.
    #[graphql(default_with = "CallOutcome::Answered")]
    outcome: CallOutcome,
    /// The number that called, as the exchange shows it: the customer's of a call that came in.
    from: Option<String>,
    /// The number that was called.
    to: Option<String>,
    /// When the call began, UTC; now when left out.
    started_at: Option<DateTime<Utc>>,
    /// When it ended, UTC.
    ended_at: Option<DateTime<Utc>>,
    /// Which queue took it.
    queue: Option<String>,
    /// Who called, as they said; at most 200 characters.
    caller_name: Option<String>,
    /// Their e-mail address, as they said.
    caller_email: Option<String>,
    /// Of a call that came in, which needs it: the customer's own words, read back to them, who reads them on the case. Of a
    /// call that the company made: how it went, for colleagues only. At most 20,000 characters.
    words: Option<String>,
    /// Only of a call that the company made: what the customer said, in their own words, read back to them; they read it on the
    /// case. At most 20,000 characters.
    customer_words: Option<String>,
    #[graphql(flatten)]
    told: ToldInput,
}

/// A letter that was opened.
#[derive(InputObject)]
pub struct LogLetterInput {
    /// The register or system that numbers letters, such as the company's register of incoming post; at most 100 characters.
    source: String,
    /// The letter's number there; at most 200 characters. The same letter again gives the same answer, once; with
    /// more it is `UPDATED`. Who has no
    /// register sends a UUID of their own, the same with every try.
    external_id: String,
    /// How it came; it is the report's channel, and the case's if it opens one.
    #[graphql(default_with = "LetterChannel::Post")]
    channel: LetterChannel,
    /// When it reached the company, UTC; in the past, within ten years. Now when left out.
    received_at: Option<DateTime<Utc>>,
    #[graphql(flatten)]
    person: PersonInput,
    /// Where the customer lives, as they wrote it, in several lines; at most 500 characters.
    postal_address: Option<String>,
    /// Who passed it on, such as an authority; at most 200 characters. Null when it came from the customer.
    referred_by: Option<String>,
    /// Its pages as they are, scanned: at most 10 files of 20 MB in all.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// The customer's own words, copied from what they wrote; 1 to 20,000 characters.
    words: String,
    #[graphql(flatten)]
    told: ToldInput,
}

/// A visit of the customer.
#[derive(InputObject)]
pub struct LogVisitInput {
    /// The register or system that numbers visits, such as the tickets of the queue; at most 100 characters.
    source: String,
    /// The visit's number there; at most 200 characters. The same visit again gives the same answer, once; with
    /// more it is `UPDATED`. Who has no
    /// register sends a UUID of their own, the same with every try.
    external_id: String,
    /// When the customer came, UTC; in the past, within ten years. Now when left out.
    visited_at: Option<DateTime<Utc>>,
    /// Where to: the shop, the counter; at most 200 characters.
    place: Option<String>,
    #[graphql(flatten)]
    person: PersonInput,
    /// What they showed, as pictures or scans: at most 10 files of 20 MB in all.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// The customer's own words, read back to them; 1 to 20,000 characters.
    words: String,
    #[graphql(flatten)]
    told: ToldInput,
}

payload! {
    /// The answer to `logPhoneCall`.
    LogPhoneCallPayload {
        /// What became of the call.
        receipt: IntakeReceipt
    }
}
payload! {
    /// The answer to `logLetter`.
    LogLetterPayload {
        /// What became of the letter.
        receipt: IntakeReceipt
    }
}
payload! {
    /// The answer to `logVisit`.
    LogVisitPayload {
        /// What became of the visit.
        receipt: IntakeReceipt
    }
}

impl LogPhoneCallInput {
    fn call(&self) -> Outcome<Call> {
        Ok(Call {
            direction: self.direction,
            outcome: self.outcome,
            from: self.from.clone(),
            to: self.to.clone(),
            started_at: self.started_at,
            ended_at: self.ended_at,
            queue: self.queue.clone(),
            caller_name: self.caller_name.clone(),
            caller_email: self.caller_email.clone(),
            customer_words: self.customer_words.clone(),
            told: self.told.told(&self.source, &self.external_id, self.words.clone())?,
        })
    }
}

/// The files that come along, paid for by their bytes.
fn uploads(ctx: &Context<'_>, files: Vec<FileInput>) -> Result<Vec<Upload>> {
    signed_in(ctx)?;
    let files: Vec<Upload> = files.into_iter().map(Upload::from).collect();
    pay(ctx, for_bytes(upload::size(&files)))?;
    Ok(files)
}

/// What is written down.
#[derive(Default)]
pub struct LogMutation;

#[Object]
impl LogMutation {
    /// Logs a telephone call: of one that came in, the customer's own words; of one that the company made, how it went. For
    /// telephone exchanges and staff.
    async fn log_phone_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: LogPhoneCallInput,
    ) -> Result<LogPhoneCallPayload> {
        let done = intake(ctx, async move |work| {
            let received = phone::log(work, &input.call()?).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Logs a letter with the customer's own words: on paper, by fax, or passed on by somebody who had it first. For staff
    /// and for systems that scan post.
    async fn log_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter.")] input: LogLetterInput,
    ) -> Result<LogLetterPayload> {
        let mut input = input;
        let pages = uploads(ctx, std::mem::take(&mut input.attachments))?;
        let done = intake(ctx, async move |work| {
            let letter = Paper {
                channel: input.channel,
                received_at: input.received_at,
                person: input.person.person(),
                postal_address: input.postal_address.clone(),
                referred_by: input.referred_by.clone(),
                told: input.told.told(&input.source, &input.external_id, Some(input.words.clone()))?,
                pages: pages.clone(),
            };
            let received = paper::log(work, &letter).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Logs a visit with the customer's own words. On a case that is open it is a contact: the customer has met you, and
    /// `nextContactDue` counts anew from then. For staff and for systems at the counter.
    async fn log_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit.")] input: LogVisitInput,
    ) -> Result<LogVisitPayload> {
        let mut input = input;
        let shown = uploads(ctx, std::mem::take(&mut input.attachments))?;
        let done = intake(ctx, async move |work| {
            let visit = Visit {
                visited_at: input.visited_at,
                place: input.place.clone(),
                person: input.person.person(),
                told: input.told.told(&input.source, &input.external_id, Some(input.words.clone()))?,
                shown: shown.clone(),
            };
            let received = visit::log(work, &visit).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }
}
