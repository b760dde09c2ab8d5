//! Enquiries about a case: of an ombudsman, of a data subject, of a regulator.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::enquiry;
use entity::id::EnquiryId;
use entity::kind::EnquiryKind;

use super::case::Case;
use super::context::{ContextExt, act, id, int, there, to_id};
use super::error::payload;
use super::staff::Staff;
use crate::case::enquiry::{NewEnquiry, answer, record};

/// Who asked about a case beside its customer.
pub struct Enquiry(pub enquiry::Model);

impl From<enquiry::Model> for Enquiry {
    fn from(row: enquiry::Model) -> Self {
        Self(row)
    }
}

/// Who asked about a case beside its customer: an ombudsman or a complaints board, a person about their data, a regulator.
#[Object]
impl Enquiry {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// Whose enquiry it is.
    async fn kind(&self) -> EnquiryKind {
        self.0.kind
    }

    /// Who asks: "Allmänna reklamationsnämnden".
    async fn from(&self) -> &str {
        &self.0.from_name
    }

    /// Their own reference; null when they named none.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// When the company received it, UTC: its legal clocks begin then.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// When it was recorded here, UTC.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Who recorded it.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.recorded_by).await).map(Staff)
    }

    /// When they had a first response, UTC; null until then.
    async fn responded_at(&self) -> Option<DateTime<Utc>> {
        self.0.responded_at
    }

    /// When they had the whole answer, UTC; null until then.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The case that it is about.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        there(ctx.loaders().cases.one(self.0.case_id).await).map(Case)
    }
}

/// The enquiry with this id, which there is.
///
/// # Errors
/// When the store cannot be read.
pub async fn one(ctx: &Context<'_>, id: EnquiryId) -> Result<Enquiry> {
    there(ctx.loaders().enquiries.one(id).await).map(Enquiry)
}

/// Records an enquiry.
#[derive(InputObject)]
pub struct RecordEnquiryInput {
    /// About which case.
    case_id: ID,
    /// Whose enquiry it is.
    kind: EnquiryKind,
    /// Who asks; 1 to 200 characters.
    from: String,
    /// Their own reference; at most 200 characters.
    reference: Option<String>,
    /// When the company received it: within the last two years; now when left out.
    received_at: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Notes that an enquiry was answered.
#[derive(InputObject)]
pub struct AnswerEnquiryInput {
    /// Which enquiry.
    enquiry_id: ID,
    /// False for a first response, which a regulator may ask for before the whole answer.
    #[graphql(default = true)]
    in_full: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the enquiry has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `recordEnquiry`.
    RecordEnquiryPayload {
        /// The enquiry.
        enquiry: Enquiry
    }
}
payload! {
    /// The answer to `answerEnquiry`.
    AnswerEnquiryPayload {
        /// The enquiry as it is now.
        enquiry: Enquiry
    }
}

/// Acts on enquiries.
#[derive(Default)]
pub struct EnquiryMutation;

#[Object]
impl EnquiryMutation {
    /// Records that somebody beside the customer asked about a case, with the time at which the company received it, and begins the
    /// legal clocks that the seller chose for it (`setLegalClocks`). For the case's owner and managers.
    async fn record_enquiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asked, about which case.")] input: RecordEnquiryInput,
    ) -> Result<RecordEnquiryPayload> {
        let done = act(ctx, async move |work| {
            let new = NewEnquiry {
                case: id(&input.case_id, "caseId")?,
                kind: input.kind,
                from: input.from.clone(),
                reference: input.reference.clone(),
                received_at: input.received_at,
            };
            record(work, &new).await
        });
        Ok(done.await?.into())
    }

    /// Notes that whoever made an enquiry has had a first response or the whole answer; its legal clocks are met by that, or stay
    /// missed. For the case's owner and managers.
    async fn answer_enquiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enquiry, and how far.")] input: AnswerEnquiryInput,
    ) -> Result<AnswerEnquiryPayload> {
        let done = act(ctx, async move |work| answer(work, id(&input.enquiry_id, "enquiryId")?, input.in_full).await);
        Ok(done.await?.into())
    }
}
