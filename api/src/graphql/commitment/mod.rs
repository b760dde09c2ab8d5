//! Commitments to customers, as staff and the customer see them, and the acts on them.

pub mod measures;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use chrono::{DateTime, Utc};
use entity::commitment;
use entity::id::{CaseId, CommitmentId};
use entity::kind::{CommitmentKind, CommitmentPlace, CommitmentState};

use super::case::Case;
use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_case};
use super::scalar::Date;
use super::staff::Staff;
use crate::case::commitment as acts;
use crate::case::commitment::decide::Due;
use crate::case::commitment::{MadeAs, Promised};
use crate::texts;

/// A promise to the customer of a case, with a date. It is kept, broken, renegotiated or withdrawn, and its history is
/// never changed. When its time ends before it is kept, it is broken.
pub struct Commitment(pub commitment::Model);

impl From<commitment::Model> for Commitment {
    fn from(row: commitment::Model) -> Self {
        Self(row)
    }
}

/// A promise to the customer of a case, with a date. It is kept, broken, renegotiated or withdrawn, and its history is
/// never changed. When its time ends before it is kept, it is broken.
#[Object]
impl Commitment {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// What the commitment is about: an act of the company, or a contact.
    async fn kind(&self) -> CommitmentKind {
        self.0.kind
    }

    /// What is promised, as the customer reads it. For the kind `CONTACT` it is a fixed sentence in the language of
    /// `Accept-Language`.
    async fn what(&self, ctx: &Context<'_>) -> String {
        what(&self.0, ctx)
    }

    /// When its time ends, UTC. What is done later is late.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// The day by the end of which it is promised, in `timeZone`; null when a time was named.
    async fn due_day(&self) -> Option<Date> {
        self.0.due_day.map(Date)
    }

    /// The time zone in which `dueDay` is read, by its IANA name: the seller's when the promise was made.
    async fn time_zone(&self) -> &str {
        &self.0.zone
    }

    /// How or where the promise was made: in a message, in a call, at a visit.
    async fn place(&self) -> CommitmentPlace {
        self.0.place
    }

    /// When the promise was made, UTC. It may have been before the complaint.
    async fn made_at(&self) -> DateTime<Utc> {
        self.0.made_at
    }

    /// The member of staff who made the promise; null when somebody else did, such as a salesperson, or the service
    /// itself when it acknowledged the complaint.
    async fn made_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.made_by {
            Some(staff) => Ok(ctx.loaders().people.one(staff).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }

    /// When it was recorded in this service, UTC.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// The member of staff who recorded it; null when a system did, or the service itself.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.recorded_by {
            Some(staff) => required_row(ctx.loaders().people.one(staff).await).map(|row| Some(Staff(row))),
            None => Ok(None),
        }
    }

    /// The state of the commitment. Once it is another than `OPEN`, it never changes.
    async fn state(&self) -> CommitmentState {
        self.0.state
    }

    /// When it ended, so that its state is no longer `OPEN`, UTC; null while it is open.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// When what was promised was done, UTC; null until then. A commitment that was done after its time stays `BROKEN`.
    async fn done_at(&self) -> Option<DateTime<Utc>> {
        self.0.done_at
    }

    /// The evidence that it was done, in words, for staff; null until it is done.
    async fn evidence(&self) -> Option<&str> {
        self.0.evidence.as_deref()
    }

    /// Why it was withdrawn, or how the customer agreed to another date; null in every other state.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The commitment that replaces this one; null unless it was renegotiated.
    async fn next(&self, ctx: &Context<'_>) -> Result<Option<Commitment>> {
        match self.0.next_id {
            Some(next) => one(ctx, next).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether the customer must be called because it was broken. One answered outbound call (`logPhoneCall`) after it
    /// settles all broken commitments of the case. False for a commitment to a former customer.
    async fn call_due(&self) -> bool {
        self.0.state == CommitmentState::Broken && self.0.called_at.is_none()
    }

    /// The case on which it was made.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        required_row(ctx.loaders().cases.one(self.0.case_id).await).map(Case)
    }
}

/// What is promised, in words.
fn what(row: &commitment::Model, ctx: &Context<'_>) -> String {
    match row.kind {
        CommitmentKind::Action => row.what.clone(),
        CommitmentKind::Contact => texts::api::you_hear_from_us().read_in(ctx.language()).to_owned(),
    }
}

/// The kinds of commitments that are listed when none are named: contacts are read with `nextContactDue`.
#[must_use]
pub fn actions() -> Vec<CommitmentKind> {
    vec![CommitmentKind::Action]
}

/// The commitment with this id, which must exist.
///
/// # Errors
/// When the store cannot be read.
pub async fn one(ctx: &Context<'_>, id: CommitmentId) -> Result<Commitment> {
    required_row(ctx.loaders().commitments.one(id).await).map(Commitment)
}

/// A promise that we made to you, with its date and its state.
pub struct CustomerCommitment(pub commitment::Model);

/// A promise that we made to you, with its date and its state.
#[Object]
impl CustomerCommitment {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What the promise is about: something that we do, or a date by which you hear from us.
    async fn kind(&self) -> CommitmentKind {
        self.0.kind
    }

    /// What we promised you, in words.
    async fn what(&self, ctx: &Context<'_>) -> String {
        what(&self.0, ctx)
    }

    /// When the time for it ends, UTC.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// The day by the end of which we promised it; null when we named a time.
    async fn due_day(&self) -> Option<Date> {
        self.0.due_day.map(Date)
    }

    /// When we made the promise, UTC.
    async fn made_at(&self) -> DateTime<Utc> {
        self.0.made_at
    }

    /// The state of the promise: open, kept, broken, replaced or taken back.
    async fn state(&self) -> CommitmentState {
        self.0.state
    }

    /// When it was done, UTC; null until then. A promise that was broken stays so.
    async fn done_at(&self) -> Option<DateTime<Utc>> {
        self.0.done_at
    }

    /// Why we took it back; null in every other state than `WITHDRAWN`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref().filter(|_| self.0.state == CommitmentState::Withdrawn)
    }
}

/// The time or the day by which something is promised: give either `at` or `day`.
#[derive(OneofObject, Clone, Copy)]
pub enum CommitmentDueInput {
    /// The time by which it is promised, UTC.
    At(DateTime<Utc>),
    /// The day by the end of which it is promised, in the seller's time zone, whether the company is open on it or not.
    Day(Date),
}

impl From<CommitmentDueInput> for Due {
    fn from(input: CommitmentDueInput) -> Self {
        match input {
            CommitmentDueInput::At(at) => Self::At(at),
            CommitmentDueInput::Day(Date(day)) => Self::Day(day),
        }
    }
}

/// A commitment that is made in a message.
#[derive(InputObject, Clone)]
pub struct CommitmentInput {
    /// What is promised, as the customer reads it: "A new mat is sent"; 1 to 1,000 characters.
    what: String,
    /// By when it is promised: in the future, and within two years.
    due: CommitmentDueInput,
}

impl CommitmentInput {
    /// The commitments of an input, in the form that the acts take.
    #[must_use]
    pub fn promised(all: &[Self]) -> Vec<Promised> {
        all.iter().map(|one| Promised { what: one.what.clone(), due: one.due.into() }).collect()
    }
}

/// The input of `makeCommitment`.
#[derive(InputObject)]
pub struct MakeCommitmentInput {
    /// The case on which it was made.
    case_id: ID,
    /// What is promised, as the customer reads it: "A new mat is sent"; 1 to 1,000 characters.
    what: String,
    /// By when it is promised: later than `madeAt`, and within two years of it. A commitment whose time has ended when
    /// it is recorded is broken at once.
    due: CommitmentDueInput,
    /// How or where the promise was made: in a message, in a call, at a visit.
    place: CommitmentPlace,
    /// When the promise was made, UTC: within the last ten years; now when left out.
    made_at: Option<DateTime<Utc>>,
    /// Whether you made the promise yourself. False when somebody else did, such as a salesperson before the complaint.
    #[graphql(default = true)]
    own: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `keepCommitment`.
#[derive(InputObject)]
pub struct KeepCommitmentInput {
    /// The commitment that was done.
    commitment_id: ID,
    /// What shows that it was done: "Parcel 00373 was delivered on Friday"; 1 to 1,000 characters, for staff.
    evidence: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the commitment that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `renegotiateCommitment`.
#[derive(InputObject)]
pub struct RenegotiateCommitmentInput {
    /// The commitment to replace. Its time has not ended.
    commitment_id: ID,
    /// By when it is promised from now on: in the future, and within two years.
    due: CommitmentDueInput,
    /// How the customer agreed to it: "By telephone this morning"; 1 to 1,000 characters, for staff.
    agreed: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the commitment that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `withdrawCommitment`.
#[derive(InputObject)]
pub struct WithdrawCommitmentInput {
    /// The commitment to withdraw. Its time has not ended.
    commitment_id: ID,
    /// Why it is withdrawn, as the customer is told; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the commitment that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `makeCommitment`.
    MakeCommitmentPayload {
        /// The commitment that was recorded; null when nothing was changed.
        commitment: Commitment
    }
}
payload! {
    /// The answer to `keepCommitment`.
    KeepCommitmentPayload {
        /// The commitment as it is now; null when nothing was changed.
        commitment: Commitment
    }
}
payload! {
    /// The answer to `renegotiateCommitment`.
    RenegotiateCommitmentPayload {
        /// The commitment that replaces the former one; null when nothing was changed.
        commitment: Commitment
    }
}
payload! {
    /// The answer to `withdrawCommitment`.
    WithdrawCommitmentPayload {
        /// The commitment as it is now; null when nothing was changed.
        commitment: Commitment
    }
}

/// Acts on commitments.
#[derive(Default)]
pub struct CommitmentMutation;

#[Object]
impl CommitmentMutation {
    /// Records what the customer of a case was promised, wherever it was said. The customer sees it. While it is open,
    /// the case cannot be closed. When its time ends before it is kept, it is broken: the owner is told, from the third
    /// on a case also the seller's accountable person, and the customer must be called. For the case's owner and
    /// managers.
    async fn make_commitment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is promised, and by when.")] input: MakeCommitmentInput,
    ) -> Result<MakeCommitmentPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let promised = Promised { what: input.what.clone(), due: input.due.into() };
            acts::make(work, case, &promised, MadeAs { place: input.place, at: input.made_at, own: input.own }).await
        });
        Ok(done.await?.into())
    }

    /// Notes that what was promised was done, and what shows it. In time, the commitment is `KEPT`; after its time, it
    /// stays `BROKEN`, and `doneAt` says when it was done. `INVALID_TRANSITION` when it was renegotiated, withdrawn or
    /// done already. For the case's owner and managers.
    async fn keep_commitment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The commitment, and what shows that it was done.")] input: KeepCommitmentInput,
    ) -> Result<KeepCommitmentPayload> {
        let done = act(ctx, async move |work| {
            acts::keep(work, id(&input.commitment_id, "commitmentId")?, &input.evidence).await
        });
        Ok(done.await?.into())
    }

    /// Replaces a commitment by another one with another date, to which the customer has agreed. The customer gets a
    /// message with both dates. `INVALID_TRANSITION` when its time has ended. For the case's owner and managers.
    async fn renegotiate_commitment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The commitment, its new date, and how the customer agreed.")]
        input: RenegotiateCommitmentInput,
    ) -> Result<RenegotiateCommitmentPayload> {
        let done = act(ctx, async move |work| {
            let commitment = id(&input.commitment_id, "commitmentId")?;
            acts::renegotiate(work, commitment, (input.due.into(), &input.agreed)).await
        });
        Ok(done.await?.into())
    }

    /// Takes a commitment back. The customer gets a message with the reason, unless the case has another customer by
    /// now. `INVALID_TRANSITION` when its time has ended. For the case's owner and managers.
    async fn withdraw_commitment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The commitment, and the reason.")] input: WithdrawCommitmentInput,
    ) -> Result<WithdrawCommitmentPayload> {
        let done = act(ctx, async move |work| {
            acts::withdraw(work, id(&input.commitment_id, "commitmentId")?, &input.reason).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for CommitmentId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().commitments.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_case(ctx, row.case_id, Node::Commitment(Commitment(row))).await
    }
}
