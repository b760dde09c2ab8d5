//! The log of calls, letters and visits, written by staff and by the seller's systems.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId, UploadId};
use entity::kind::{Language, Severity};

use crate::graphql::commitment::{CommitmentDueInput, CommitmentInput};
use crate::graphql::context::{id, ids, intake, signed_in};
use crate::graphql::documents::meter::{for_bytes, pay};
use crate::graphql::error::payload;
use crate::graphql::intake::{IntakeReceipt, intake_receipt};
use crate::graphql::scalar::MoneyInput;
use crate::graphql::task::acts::FileInput;
use crate::intake::logged::{ContactPerson, LoggedContact};
use crate::intake::matter::Matter;
use crate::intake::paper::{LetterChannel, Paper};
use crate::intake::phone::{Call, CallDirection, CallOutcome};
use crate::intake::visit::Visit;
use crate::intake::{paper, phone, visit};
use crate::kit::error::Outcome;
use crate::kit::upload::{self, Upload};

/// The fields that a logged call, letter and visit have in common.
#[derive(InputObject)]
pub struct LoggedContactInput {
    /// The language that the customer reads; the seller's language when left out.
    language: Option<Language>,
    /// The subject in one line; at most 200 characters. When left out, the first line of `words` is used, cut after 100
    /// characters.
    subject: Option<String>,
    /// The case that the report belongs to; when left out, a new case is opened. A name, a telephone number or an
    /// address alone never leads to an existing case.
    case_id: Option<ID>,
    /// The customer whom you recognised, such as one of `PhoneReport.candidates` of an earlier call. When left out, it
    /// is the customer of the case, or else the one known by the e-mail address, or else a new customer. A name or a
    /// telephone number alone never leads to a known customer.
    customer_id: Option<ID>,
    /// The category of the complaint, in the seller's own words, such as "broadband"; at most 100 characters. Rules may
    /// use it.
    category: Option<String>,
    /// The product that was bought; at most 200 characters.
    product: Option<String>,
    /// The seller's own number of the order; at most 100 characters.
    order_reference: Option<String>,
    /// What the order cost; left out when it is not known.
    order_amount: Option<MoneyInput>,
    /// What would make it right, in the customer's words; at most 2,000 characters.
    remedy_sought: Option<String>,
    /// How severe the problem is, as the customer says.
    severity: Option<Severity>,
    /// Tags by which the case can be found: at most 20, each of 1 to 50 characters, stored in lower case. Rules may use
    /// them.
    #[graphql(default)]
    tags: Vec<String>,
}

impl LoggedContactInput {
    fn logged(&self, source: &str, external_id: &str, words: Option<String>) -> Outcome<LoggedContact> {
        Ok(LoggedContact {
            source: source.to_owned(),
            external_id: external_id.to_owned(),
            language: self.language,
            words,
            customer: self.customer_id.as_ref().map(|text| id::<CustomerId>(text, "customerId")).transpose()?,
            case: self.case_id.as_ref().map(|text| id::<CaseId>(text, "caseId")).transpose()?,
            promised: Vec::new(),
            next_contact: None,
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

/// The customer who wrote a letter or came on a visit.
#[derive(InputObject)]
pub struct PersonInput {
    /// The customer's name; at most 200 characters.
    name: Option<String>,
    /// The customer's e-mail address. A complaint is also taken in without any way to reach the customer.
    email: Option<String>,
    /// The customer's telephone number, read as Swedish when it has no country code.
    phone: Option<String>,
}

impl PersonInput {
    fn person(&self) -> ContactPerson {
        ContactPerson { name: self.name.clone(), email: self.email.clone(), phone: self.phone.clone() }
    }
}

/// A telephone call that came in, or that the company made.
#[derive(InputObject)]
pub struct LogPhoneCallInput {
    /// The name of the telephone exchange or system that numbers the call; 1 to 100 characters.
    source: String,
    /// The call's id in `source` (of the call, not of one of its legs); 1 to 200 characters. The same call with the
    /// same content is taken in once: when it arrives again, the answer is the earlier one with the disposition
    /// `DUPLICATE`. With different content, such as a transcript that comes later, the disposition is `UPDATED`, and
    /// both reports are kept on the same case.
    external_id: String,
    /// Who called whom; `INBOUND` when left out. A call that the company made (`OUTBOUND`) needs `caseId`: it opens no
    /// case and reopens none.
    #[graphql(default_with = "CallDirection::Inbound")]
    direction: CallDirection,
    /// Whether somebody answered; `ANSWERED` when left out. Of the calls that the company made, an answered one is a
    /// contact with the customer, and any other is an attempt. A call that came in cannot be `NO_ANSWER`.
    #[graphql(default_with = "CallOutcome::Answered")]
    outcome: CallOutcome,
    /// The number that called, as the exchange shows it; at most 100 characters. For a call that came in it is the
    /// customer's.
    from: Option<String>,
    /// The number that was called; at most 100 characters.
    to: Option<String>,
    /// When the call began, UTC; in the past, within ten years. Now when left out.
    started_at: Option<DateTime<Utc>>,
    /// When the call ended, UTC; not before `startedAt`, and not in the future.
    ended_at: Option<DateTime<Utc>>,
    /// The queue of the exchange that took the call; at most 100 characters.
    queue: Option<String>,
    /// The customer's name, as they said it; at most 200 characters.
    caller_name: Option<String>,
    /// The customer's e-mail address, as they said it.
    caller_email: Option<String>,
    /// For a call that came in, where it is required: the customer's own words, read back to them; the customer sees
    /// them on the case. For a call that the company made: how it went, for colleagues only. At most 20,000 characters.
    words: Option<String>,
    /// Only for a call that the company made: what the customer said, in their own words, read back to them; the
    /// customer sees them on the case. At most 20,000 characters.
    customer_words: Option<String>,
    /// What was promised to the customer, each with a date; at most 10.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// By when the customer hears from you next: in the future, within 183 days. They see it, and it is a commitment.
    /// Only for a call that the company made and that was answered, which is a contact. When left out, it is the time
    /// of the service level (`nextContact`).
    next_contact_by: Option<CommitmentDueInput>,
    #[graphql(flatten)]
    told: LoggedContactInput,
}

/// A letter that reached the company.
#[derive(InputObject)]
pub struct LogLetterInput {
    /// The name of the register or system that numbers letters, such as the company's register of incoming post; 1 to
    /// 100 characters.
    source: String,
    /// The letter's number in `source`; 1 to 200 characters. The same letter with the same content is taken in once:
    /// when it arrives again, the answer is the earlier one with the disposition `DUPLICATE`. With different content
    /// the disposition is `UPDATED`, and both reports are kept on the same case. If you have no register, send a UUID
    /// of your own, the same with every try.
    external_id: String,
    /// How the letter came; `POST` when left out. It becomes the channel of the report, and of the case if one is
    /// opened.
    #[graphql(default_with = "LetterChannel::Post")]
    channel: LetterChannel,
    /// When the letter reached the company, UTC; in the past, within ten years. Now when left out.
    received_at: Option<DateTime<Utc>>,
    #[graphql(flatten)]
    person: PersonInput,
    /// The customer's postal address, as they wrote it, in several lines; at most 500 characters.
    postal_address: Option<String>,
    /// Who passed the letter on, such as an authority; at most 200 characters. Left out when it came from the customer.
    referred_by: Option<String>,
    /// The scanned pages of the letter: at most 10 files, together at most 20 MiB.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// The customer's own words, copied from what they wrote; 1 to 20,000 characters.
    words: String,
    #[graphql(flatten)]
    told: LoggedContactInput,
}

/// A visit of the customer to the company.
#[derive(InputObject)]
pub struct LogVisitInput {
    /// The name of the register or system that numbers visits, such as the ticket system of the queue; 1 to 100
    /// characters.
    source: String,
    /// The visit's number in `source`; 1 to 200 characters. The same visit with the same content is taken in once: when
    /// it arrives again, the answer is the earlier one with the disposition `DUPLICATE`. With different content the
    /// disposition is `UPDATED`, and both reports are kept on the same case. If you have no register, send a UUID of
    /// your own, the same with every try.
    external_id: String,
    /// When the customer came, UTC; in the past, within ten years. Now when left out.
    visited_at: Option<DateTime<Utc>>,
    /// The place of the visit, such as a shop or a counter; at most 200 characters.
    place: Option<String>,
    #[graphql(flatten)]
    person: PersonInput,
    /// What the customer showed, as pictures or scans: at most 10 files, together at most 20 MiB.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// The customer's own words, read back to them; 1 to 20,000 characters.
    words: String,
    /// What was promised to the customer, each with a date; at most 10.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// By when the customer hears from you next: in the future, within 183 days. They see it, and it is a commitment.
    /// Only for a visit about a known case (`caseId`). When left out, it is the time of the service level
    /// (`nextContact`).
    next_contact_by: Option<CommitmentDueInput>,
    #[graphql(flatten)]
    told: LoggedContactInput,
}

payload! {
    /// The answer to `logPhoneCall`.
    LogPhoneCallPayload {
        /// The receipt for the call; null when the input was refused.
        receipt: IntakeReceipt
    }
}
payload! {
    /// The answer to `logLetter`.
    LogLetterPayload {
        /// The receipt for the letter; null when the input was refused.
        receipt: IntakeReceipt
    }
}
payload! {
    /// The answer to `logVisit`.
    LogVisitPayload {
        /// The receipt for the visit; null when the input was refused.
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
            told: LoggedContact {
                promised: CommitmentInput::promised(&self.commitments),
                next_contact: self.next_contact_by.map(Into::into),
                ..self.told.logged(&self.source, &self.external_id, self.words.clone())?
            },
        })
    }
}

/// The files of an input. Takes the points for their bytes.
fn uploads(ctx: &Context<'_>, files: Vec<FileInput>) -> Result<Vec<Upload>> {
    signed_in(ctx)?;
    let files: Vec<Upload> = files.into_iter().map(Upload::from).collect();
    pay(ctx, for_bytes(upload::size(&files)))?;
    Ok(files)
}

/// Mutations that log calls, letters and visits.
#[derive(Default)]
pub struct LogMutation;

#[Object]
impl LogMutation {
    /// Logs a telephone call. A call that came in has the customer's own words; a call that the company made says how
    /// it went, and is a contact with the customer when it was answered. The receipt has the sentence to read out to
    /// the caller (`readOut`). For telephone exchanges and staff.
    async fn log_phone_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call to log.")] input: LogPhoneCallInput,
    ) -> Result<LogPhoneCallPayload> {
        let done = intake(ctx, async move |work| {
            let received = phone::log(work, &input.call()?).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Logs a letter with the customer's own words: on paper, by fax, or passed on by somebody who received it first.
    /// For staff, and for systems that scan post.
    async fn log_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter to log.")] input: LogLetterInput,
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
                told: input.told.logged(&input.source, &input.external_id, Some(input.words.clone()))?,
                uploads: ids::<UploadId>(&input.upload_ids, "uploadIds")?,
                pages: pages.clone(),
            };
            let received = paper::log(work, &letter).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Logs a visit with the customer's own words. On an open case a visit is a contact with the customer:
    /// `nextContactDue` is set anew. For staff, and for systems at the counter.
    async fn log_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit to log.")] input: LogVisitInput,
    ) -> Result<LogVisitPayload> {
        let mut input = input;
        let shown = uploads(ctx, std::mem::take(&mut input.attachments))?;
        let done = intake(ctx, async move |work| {
            let visit = Visit {
                visited_at: input.visited_at,
                place: input.place.clone(),
                person: input.person.person(),
                told: LoggedContact {
                    promised: CommitmentInput::promised(&input.commitments),
                    next_contact: input.next_contact_by.map(Into::into),
                    ..input.told.logged(&input.source, &input.external_id, Some(input.words.clone()))?
                },
                uploads: ids::<UploadId>(&input.upload_ids, "uploadIds")?,
                shown: shown.clone(),
            };
            let received = visit::log(work, &visit).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }
}
