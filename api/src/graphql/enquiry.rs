//! Enquiries about a case: from an ombudsman, a data subject or a regulator.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::enquiry;
use entity::id::EnquiryId;
use entity::kind::EnquiryKind;

use super::case::Case;
use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_case};
use super::staff::Staff;
use crate::case::enquiry::{NewEnquiry, answer, record};

/// An enquiry about a case from somebody other than its customer: an ombudsman or a complaints board, a person about
/// their data, or a regulator.
pub struct Enquiry(pub enquiry::Model);

impl From<enquiry::Model> for Enquiry {
    fn from(row: enquiry::Model) -> Self {
        Self(row)
    }
}

/// An enquiry about a case from somebody other than its customer: an ombudsman or a complaints board, a person about
/// their data, or a regulator.
#[Object]
impl Enquiry {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The kind of the enquiry, by who asks.
    async fn kind(&self) -> EnquiryKind {
        self.0.kind
    }

    /// The name of the body or person who asks: "Allmänna reklamationsnämnden".
    async fn from(&self) -> &str {
        &self.0.from_name
    }

    /// The reference of the body or person who asks; null when they gave none.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// When the company received the enquiry, UTC. Its legal clocks start at this time.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// When it was recorded in this service, UTC.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// The member of staff who recorded it.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.recorded_by).await).map(Staff)
    }

    /// When a first response was given, UTC; null until then. A full answer without a first response sets it too.
    async fn responded_at(&self) -> Option<DateTime<Utc>> {
        self.0.responded_at
    }

    /// When the full answer was given, UTC; null until then.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The case that the enquiry is about.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        required_row(ctx.loaders().cases.one(self.0.case_id).await).map(Case)
    }
}

/// The enquiry with this id, which must exist.
///
/// # Errors
/// When the store cannot be read.
pub async fn one(ctx: &Context<'_>, id: EnquiryId) -> Result<Enquiry> {
    required_row(ctx.loaders().enquiries.one(id).await).map(Enquiry)
}

/// The input of `recordEnquiry`.
#[derive(InputObject)]
pub struct RecordEnquiryInput {
    /// The case that the enquiry is about.
    case_id: ID,
    /// The kind of the enquiry, by who asks.
    kind: EnquiryKind,
    /// The name of the body or person who asks; 1 to 200 characters.
    from: String,
    /// The reference of the body or person who asks; at most 200 characters.
    reference: Option<String>,
    /// When the company received the enquiry, UTC: within the last two years, and not in the future. Now when left out.
    received_at: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `answerEnquiry`.
#[derive(InputObject)]
pub struct AnswerEnquiryInput {
    /// The enquiry that was answered.
    enquiry_id: ID,
    /// True for the full answer; false for a first response, which a regulator may ask for before the full answer.
    #[graphql(default = true)]
    in_full: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the enquiry that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `recordEnquiry`.
    RecordEnquiryPayload {
        /// The new enquiry; null when nothing was changed.
        enquiry: Enquiry
    }
}
payload! {
    /// The answer to `answerEnquiry`.
    AnswerEnquiryPayload {
        /// The enquiry as it is now; null when nothing was changed.
        enquiry: Enquiry
    }
}

/// Acts on enquiries.
#[derive(Default)]
pub struct EnquiryMutation;

#[Object]
impl EnquiryMutation {
    /// Records that somebody other than the customer asked about a case, and when the company received the enquiry. It
    /// starts the legal clocks that the seller chose for such an enquiry (`setLegalClocks`). For the case's owner and
    /// managers.
    async fn record_enquiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and who asked about it.")] input: RecordEnquiryInput,
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

    /// Records that a first response or the full answer to an enquiry was given. The legal clocks of the enquiry that
    /// wait for it are then met, or stay missed when their time has passed. `INVALID_TRANSITION` when it was answered
    /// already. For the case's owner and managers.
    async fn answer_enquiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The enquiry, and whether the answer is a full one.")] input: AnswerEnquiryInput,
    ) -> Result<AnswerEnquiryPayload> {
        let done = act(ctx, async move |work| answer(work, id(&input.enquiry_id, "enquiryId")?, input.in_full).await);
        Ok(done.await?.into())
    }
}

impl Lookup for EnquiryId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().enquiries.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_case(ctx, row.case_id, Node::Enquiry(Enquiry(row))).await
    }
}
