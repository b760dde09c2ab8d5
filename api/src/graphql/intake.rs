//! The ways in.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, ReportId, StaffId};
use entity::kind::{Language, Severity};
use entity::staff;
use sea_orm::EntityTrait;

use super::context::{fault_error, intake, signed_in, to_id};
use super::error::payload;
use super::meter::{for_bytes, pay};
use super::scalar::{Base64, MoneyInput};
use crate::access::key;
use crate::intake::email::Mail;
use crate::intake::forward::Forward;
use crate::intake::matter::Matter;
use crate::intake::reading;
use crate::intake::receive::{Disposition, Received};
use crate::intake::sender::Senders;
use crate::intake::web::Form;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// What a customer gets for a complaint: who answers, and when they hear from us.
#[derive(SimpleObject)]
pub struct ComplaintReceipt {
    /// To name the case by: "C-2026-000123".
    reference: String,
    /// Lets the customer follow the case and write to the company: `Authorization: Bearer trk_…`. Keep it like a
    /// password; it is valid for two years. Never put it in a query string: a link carries it in its fragment.
    tracking_token: String,
    /// The name of the one person who answers for the case.
    owner_name: String,
    /// By when the customer hears from that person, UTC.
    next_contact_due: Option<DateTime<Utc>>,
}

/// What became of a mail, a call, a letter or a visit.
#[derive(SimpleObject)]
pub struct IntakeReceipt {
    /// What became of it.
    disposition: Disposition,
    /// The case it is in.
    case_id: ID,
    /// The case's reference for people.
    reference: String,
    /// What was stored.
    report_id: ID,
    /// The name of the one person who answers for the case.
    owner_name: String,
    /// By when the customer hears from that person, UTC; null when the case is closed.
    next_contact_due: Option<DateTime<Utc>>,
}

/// A complaint by a form.
#[derive(InputObject)]
pub struct FileComplaintInput {
    /// Made when the form opens (a UUID, say) and sent with every try: the same key gives the same answer, once. 1 to 128
    /// characters; kept for 7 days.
    idempotency_key: String,
    /// What happened, in the customer's words; 1 to 20,000 characters.
    text: String,
    /// In one line, at most 200 characters; the beginning of `text` when left out.
    subject: Option<String>,
    /// Who complains; at most 200 characters.
    name: Option<String>,
    /// How to reach them. This or `phone` must be given.
    email: Option<String>,
    /// How to reach them; read as Swedish when it has no country code. This or `email` must be given.
    phone: Option<String>,
    /// What they read; the seller's language when left out.
    language: Option<Language>,
    /// The seller's word for the kind of complaint, such as "broadband"; rules may go by it. At most 100 characters.
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
    /// Partners involved, at most 20. They change nothing about who answers; those that are not the seller's are
    /// left out.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Whether this is the first time they tell the company.
    first_time_reported: Option<bool>,
}

/// A mail that arrived.
#[derive(InputObject)]
pub struct ReceiveEmailInput {
    /// The message as it came (RFC 5322), at most 30 MiB. The same message again gives the same answer, once, also
    /// when it was delivered to two addresses.
    raw: Base64,
    /// When it was received, UTC, not in the future; now when left out.
    received_at: Option<DateTime<Utc>>,
}

/// A complaint that reached a partner first.
#[derive(InputObject)]
pub struct ForwardComplaintInput {
    /// Your own number of it; at most 200 characters. The same number again gives the same answer, once.
    external_id: String,
    /// When you got it, UTC: the seller's clocks run from then. In the past, within three years.
    received_at: DateTime<Utc>,
    /// What happened, in the customer's own words; 1 to 20,000 characters.
    words: String,
    /// In one line, at most 200 characters; the beginning of `words` when left out.
    subject: Option<String>,
    /// Who complains; at most 200 characters.
    name: Option<String>,
    /// How to reach them. This or `phone` must be given.
    email: Option<String>,
    /// How to reach them; read as Swedish when it has no country code. This or `email` must be given.
    phone: Option<String>,
    /// What they read; the seller's language when left out.
    language: Option<Language>,
    /// The seller's word for the kind of complaint; at most 100 characters.
    category: Option<String>,
    /// What was bought; at most 200 characters.
    product: Option<String>,
    /// The seller's own number of the order; at most 100 characters.
    order_reference: Option<String>,
}

/// What a partner gets for a complaint that it forwarded: the customer is the seller's to answer now.
#[derive(SimpleObject)]
pub struct ForwardReceipt {
    /// What became of it.
    disposition: Disposition,
    /// To name the case by: "C-2026-000123".
    reference: String,
    /// The name of the one person at the seller who answers for it.
    owner_name: String,
}

payload! {
    /// The answer to `forwardComplaint`.
    ForwardComplaintPayload {
        /// What became of it.
        receipt: ForwardReceipt
    }
}
payload! {
    /// The answer to `fileComplaint`.
    FileComplaintPayload {
        /// What the customer gets for it.
        receipt: ComplaintReceipt
    }
}
payload! {
    /// The answer to `receiveEmail`.
    ReceiveEmailPayload {
        /// What became of the mail.
        receipt: IntakeReceipt
    }
}
async fn owner_name(work: &Work, owner: StaffId) -> Outcome<String> {
    let person = staff::Entity::find_by_id(owner).one(work.tx()?).await?;
    Ok(person.ok_or(Fault::Broken("an owner is a member of staff"))?.name)
}

pub(super) async fn intake_receipt(work: &Work, received: Received) -> Outcome<IntakeReceipt> {
    let Received { disposition, report, case, .. } = received;
    Ok(IntakeReceipt {
        disposition,
        case_id: to_id(case.id),
        reference: case.reference,
        report_id: to_id::<ReportId>(report),
        owner_name: owner_name(work, case.owner_id).await?,
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
            // Ids of nothing are left out like those of other sellers: a complaint is not refused for them.
            partners: self.partner_ids.iter().filter_map(|text| text.parse::<PartnerId>().ok()).collect(),
            first_time_reported: self.first_time_reported,
        })
    }
}

/// The ways in.
#[derive(Default)]
pub struct IntakeMutation;

#[Object]
impl IntakeMutation {
    /// Files a complaint by a form. The case has its owner before you get the answer. For forms, by publishable key.
    async fn file_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form.")] input: FileComplaintInput,
    ) -> Result<FileComplaintPayload> {
        pay(ctx, for_bytes(input.text.len()).saturating_sub(1))?;
        let done = intake(ctx, async move |work| {
            let Received { case, customer, .. } = crate::intake::web::file(work, &input.form()?).await?;
            Ok(ComplaintReceipt {
                tracking_token: key::tracking_token(work.app().secret(), case.id, customer),
                owner_name: owner_name(work, case.owner_id).await?,
                reference: case.reference,
                next_contact_due: case.next_contact_due,
            })
        });
        Ok(done.await?.into())
    }

    /// Takes in a mail that arrived. What cannot be understood still becomes a case, marked, for the seller's
    /// accountable person. For mail gateways and staff.
    async fn receive_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mail.")] input: ReceiveEmailInput,
    ) -> Result<ReceiveEmailPayload> {
        signed_in(ctx)?;
        pay(ctx, for_bytes(input.raw.0.len()))?;
        let mail = reading::read(input.raw.0.len(), move || Mail::read(input.raw.0)).await;
        let mail = mail.ok_or_else(|| fault_error(&Fault::Broken("reading a mail never panics")))?;
        let told = ctx.data::<Senders>()?.told(mail.header());
        let done = intake(ctx, async move |work| {
            let received = crate::intake::email::receive(work, &mail, input.received_at, told).await?;
            intake_receipt(work, received).await
        });
        Ok(done.await?.into())
    }

    /// Forwards a complaint that reached a partner first. The seller's clocks run from when the partner got it; the case is
    /// the seller's, and the partner sees no more of it unless it gets a task. For partners' people and systems.
    async fn forward_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complaint.")] input: ForwardComplaintInput,
    ) -> Result<ForwardComplaintPayload> {
        let forward = Forward {
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
