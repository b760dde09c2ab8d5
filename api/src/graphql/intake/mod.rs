//! Intake: complaints from forms, e-mail and partners.

pub mod log;
pub mod signal;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, ReportId, StaffId, UploadId};
use entity::kind::{Language, Severity};
use entity::staff;
use sea_orm::EntityTrait;

use super::context::{fault_error, ids, intake, signed_in, to_id, user_errors};
use super::documents::meter::{for_bytes, pay};
use super::error::payload;
use super::form::FormAnswerInput;
use super::scalar::{Base64, MoneyInput};
use super::upload::{MailBytes, mail_bytes};
use crate::access::key::TokenOf;
use crate::intake::email::Mail;
use crate::intake::forward::Forward;
use crate::intake::matter::Matter;
use crate::intake::reading;
use crate::intake::receive::{Disposition, Received};
use crate::intake::sender::Senders;
use crate::intake::web::Form;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;
use crate::upload::handed_in;

/// The receipt that a customer gets for a complaint.
#[derive(SimpleObject)]
pub struct ComplaintReceipt {
    /// The reference of the case that people use: "C-2026-000123".
    reference: String,
    /// The token with which the customer follows the case and writes to the company: `Authorization: Bearer trk_…`.
    /// Keep it secret like a password. It is valid for two years (730 days). Never put it into a query string; a link
    /// carries it in its fragment.
    tracking_token: String,
    /// The name of the case's owner, the one person who answers for it.
    owner_name: String,
    /// By when the customer hears from the owner, UTC; null when the case is closed or merged.
    next_contact_due: Option<DateTime<Utc>>,
}

/// The receipt for an e-mail, a call, a letter or a visit that was taken in.
#[derive(SimpleObject)]
pub struct IntakeReceipt {
    /// Whether the report opened a case, joined one, or repeats an earlier report.
    disposition: Disposition,
    /// The case that the report belongs to.
    case_id: ID,
    /// The reference of the case that people use: "C-2026-000123".
    reference: String,
    /// The report that was stored.
    report_id: ID,
    /// The name of the case's owner, the one person who answers for it.
    owner_name: String,
    /// By when the customer hears from the owner, UTC; null when the case is closed or merged.
    next_contact_due: Option<DateTime<Utc>>,
    /// The sentence to read out to the customer, in the language of the case: its reference, who answers for it and by
    /// when they hear more. It replaces the acknowledgement for customers who cannot be written to.
    read_out: String,
}

/// A complaint from a form.
#[derive(InputObject)]
pub struct FileComplaintInput {
    /// A key that the form makes when it opens (a UUID, for example) and sends with every try. The same key files the
    /// complaint once and gives the same answer for seven days; with different input it is refused as `KEY_REUSED`. 1
    /// to 128 characters.
    idempotency_key: String,
    /// What happened, in the customer's words; 1 to 20,000 characters.
    text: String,
    /// The subject in one line; at most 200 characters. When left out, the first line of `text` is used, cut after 100
    /// characters.
    subject: Option<String>,
    /// The customer's name; at most 200 characters.
    name: Option<String>,
    /// The customer's e-mail address. This or `phone` must be given.
    email: Option<String>,
    /// The customer's telephone number, read as Swedish when it has no country code. This or `email` must be given.
    phone: Option<String>,
    /// The language that the customer reads; the seller's language when left out.
    language: Option<Language>,
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
    /// Partners that are involved, at most 20. A partner never becomes the owner, but rules may use this list. Ids that
    /// are not those of the seller's partners are ignored.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this form's key within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Whether the customer tells the company about this for the first time; left out when that is not known.
    first_time_reported: Option<bool>,
    /// The answers to the questions of the category (`form`), at most one for each. Those that are required must be
    /// there.
    #[graphql(default)]
    answers: Vec<FormAnswerInput>,
}

/// An e-mail to take in.
#[derive(InputObject)]
pub struct ReceiveEmailInput {
    /// The message as it arrived (RFC 5322); at most 30 MiB. The same message is taken in once: when it arrives again,
    /// also at another address, the answer is the earlier one with the disposition `DUPLICATE`.
    /// This or `uploadId` must be given.
    raw: Option<Base64>,
    /// The message as a complete upload (`createUpload`) of this credential, instead of `raw`: for large messages.
    /// Repeating the request with the same upload is harmless. It is removed a day after it was created.
    upload_id: Option<ID>,
    /// When the message was received, UTC; in the past, within ten years. Now when left out.
    received_at: Option<DateTime<Utc>>,
}

/// A complaint that reached a partner before it reached the seller.
#[derive(InputObject)]
pub struct ForwardComplaintInput {
    /// Your own number of the complaint; 1 to 200 characters. The same number is taken in once: when it arrives again,
    /// the answer is the earlier one with the disposition `DUPLICATE`, and with different content it is refused as
    /// `KEY_REUSED`.
    external_id: String,
    /// When you received the complaint, UTC; in the past, within three years (1,098 days). The seller's service level
    /// and legal clocks are counted from then.
    received_at: DateTime<Utc>,
    /// What happened, in the customer's own words; 1 to 20,000 characters.
    words: String,
    /// The subject in one line; at most 200 characters. When left out, the first line of `words` is used, cut after 100
    /// characters.
    subject: Option<String>,
    /// The customer's name; at most 200 characters.
    name: Option<String>,
    /// The customer's e-mail address. This or `phone` must be given.
    email: Option<String>,
    /// The customer's telephone number, read as Swedish when it has no country code. This or `email` must be given.
    phone: Option<String>,
    /// The language that the customer reads; the seller's language when left out.
    language: Option<Language>,
    /// The category of the complaint, in the seller's own words, such as "broadband"; at most 100 characters. Rules may
    /// use it.
    category: Option<String>,
    /// The product that was bought; at most 200 characters.
    product: Option<String>,
    /// The seller's own number of the order; at most 100 characters.
    order_reference: Option<String>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
}

/// The receipt that a partner gets for a complaint that it forwarded. From now on the seller answers the customer.
#[derive(SimpleObject)]
pub struct ForwardReceipt {
    /// Whether the report opened a case, joined one, or repeats an earlier report.
    disposition: Disposition,
    /// The reference of the case that people use: "C-2026-000123".
    reference: String,
    /// The name of the case's owner, the one person at the seller who answers for it.
    owner_name: String,
}

payload! {
    /// The answer to `forwardComplaint`.
    ForwardComplaintPayload {
        /// The receipt for the complaint; null when the input was refused.
        receipt: ForwardReceipt
    }
}
payload! {
    /// The answer to `fileComplaint`.
    FileComplaintPayload {
        /// The receipt for the complaint; null when the input was refused.
        receipt: ComplaintReceipt
    }
}
payload! {
    /// The answer to `receiveEmail`.
    ReceiveEmailPayload {
        /// The receipt for the e-mail; null when the input was refused.
        receipt: IntakeReceipt
    }
}
async fn owner_name(work: &Work, owner: StaffId) -> Outcome<String> {
    let person = staff::Entity::find_by_id(owner).one(work.tx()?).await?;
    Ok(person.ok_or(Fault::Broken("an owner is a member of staff"))?.name)
}

pub(super) async fn intake_receipt(work: &Work, received: Received) -> Outcome<IntakeReceipt> {
    let Received { disposition, report, case, .. } = received;
    let owner_name = owner_name(work, case.owner_id).await?;
    let read_out = crate::letter::words::read_out(work, &case, &owner_name).await?;
    Ok(IntakeReceipt {
        read_out,
        disposition,
        case_id: to_id(case.id),
        reference: case.reference,
        report_id: to_id::<ReportId>(report),
        owner_name,
        next_contact_due: case.next_contact_due,
    })
}

impl FileComplaintInput {
    fn form(&self) -> Outcome<Form> {
        Ok(Form {
            idempotency_key: self.idempotency_key.clone(),
            text: self.text.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            language: self.language,
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
            // Malformed ids are ignored, as those of other sellers' partners are, so that no complaint is refused
            // because of them.
            partners: self.partner_ids.iter().filter_map(|text| text.parse::<PartnerId>().ok()).collect(),
            uploads: ids::<UploadId>(&self.upload_ids, "uploadIds")?,
            first_time_reported: self.first_time_reported,
            answers: self.answers.iter().take(100).map(FormAnswerInput::read).collect(),
        })
    }
}

/// Mutations by which complaints come in: forms, e-mail and partners.
#[derive(Default)]
pub struct IntakeMutation;

#[Object]
impl IntakeMutation {
    /// Files a complaint from a form. The case has its owner before the answer is sent. For forms, by publishable key.
    async fn file_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complaint from the form.")] input: FileComplaintInput,
    ) -> Result<FileComplaintPayload> {
        pay(ctx, for_bytes(input.text.len()).saturating_sub(1))?;
        let done = intake(ctx, async move |work| {
            let Received { case, customer, .. } = crate::intake::web::file(work, &input.form()?).await?;
            Ok(ComplaintReceipt {
                tracking_token: TokenOf { case: case.id, customer, generation: 0 }.receipt(work.app().secret()),
                owner_name: owner_name(work, case.owner_id).await?,
                reference: case.reference,
                next_contact_due: case.next_contact_due,
            })
        });
        Ok(done.await?.into())
    }

    /// Takes in an e-mail that arrived. A message that cannot be understood still opens a case: the case is marked, and
    /// its owner is the seller's accountable person. For mail gateways and staff.
    async fn receive_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail that arrived.")] input: ReceiveEmailInput,
    ) -> Result<ReceiveEmailPayload> {
        signed_in(ctx)?;
        let MailBytes { raw, upload } = match mail_bytes(ctx, input.raw, input.upload_id.as_ref()).await? {
            Ok(bytes) => bytes,
            Err(problem) => return Ok(Err::<IntakeReceipt, _>(user_errors(ctx, vec![problem])).into()),
        };
        pay(ctx, for_bytes(raw.len()))?;
        let mail = reading::read(raw.len(), move || Mail::read(raw)).await;
        let mail = mail.ok_or_else(|| fault_error(&Fault::Broken("reading a mail never panics")))?;
        let told = ctx.data::<Senders>()?.finding(mail.header());
        let done = intake(ctx, async move |work| {
            if let Some(upload) = upload {
                handed_in(work, upload).await?;
            }
            let received = crate::intake::email::receive(work, &mail, input.received_at, told).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Forwards a complaint that reached a partner before it reached the seller. The seller's service level and legal
    /// clocks are counted from when the partner received it. The case belongs to the seller; the partner sees no more
    /// of it unless it gets a task. For people and systems of partners.
    async fn forward_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complaint to forward.")] input: ForwardComplaintInput,
    ) -> Result<ForwardComplaintPayload> {
        let uploads = match ids::<UploadId>(&input.upload_ids, "uploadIds") {
            Ok(uploads) => uploads,
            Err(problem) => return Ok(Err::<ForwardReceipt, _>(user_errors(ctx, vec![problem])).into()),
        };
        let forward = Forward {
            uploads,
            external_id: input.external_id,
            received_at: input.received_at,
            words: input.words,
            name: input.name,
            email: input.email,
            phone: input.phone,
            language: input.language,
            matter: Matter {
                subject: input.subject,
                category: input.category,
                product: input.product,
                order_reference: input.order_reference,
                ..Matter::default()
            },
        };
        let done = intake(ctx, async move |work| {
            let Received { disposition, case, .. } = crate::intake::forward::forward(work, &forward).await?;
            let owner_name = owner_name(work, case.owner_id).await?;
            Ok(ForwardReceipt { disposition, reference: case.reference, owner_name })
        });
        Ok(done.await?.into())
    }
}
