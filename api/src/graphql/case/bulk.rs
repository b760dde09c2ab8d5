//! Many acts in one request. Each is an act of its own with an idempotency key of its own, and one that fails does not
//! stop the others. `updateCases` changes, reassigns and closes many cases in this way.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, OneofObject, Result, SimpleObject};
use entity::case;
use entity::id::{CaseId, StaffId};
use entity::kind::Priority;
use serde_json::Value;

use super::update::{optional, required};
use crate::case::update::decide::CaseUpdate;
use crate::graphql::case::Case;
use crate::graphql::context::{act_on, id, user_errors};
use crate::graphql::documents::meter;
use crate::graphql::error::UserError;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// The highest number of acts in one request.
const MOST: usize = 100;

/// One act of several in one request.
pub trait Item {
    /// The idempotency key of this act alone.
    fn key(&self) -> Option<String>;
}

/// One act of a request, with its part of the input as the client sent it, and its key.
pub struct Part<I> {
    /// What to do.
    pub item: I,
    /// The item as JSON.
    pub sent: Value,
    /// The key of this act: its own, or that of the whole request with its place; none when neither was given.
    pub key: Option<String>,
}

/// The acts of a request, in their order, after all of them were charged. User errors say why none may be tried.
///
/// # Errors
/// When the caller's share is used up.
pub fn parts<I: Item>(
    ctx: &Context<'_>,
    items: Vec<I>,
    whole: Option<&str>,
) -> Result<std::result::Result<Vec<Part<I>>, Vec<UserError>>> {
    if items.len() > MOST {
        let problem = Problem::new(ErrorCode::TooLong, "items", texts::api::too_many_items());
        return Ok(Err(user_errors(ctx, vec![problem])));
    }
    // Each is charged as an act. The price of the operation itself already includes one act.
    let more = u32::try_from(items.len()).unwrap_or(u32::MAX).saturating_sub(1);
    meter::pay(ctx, more.saturating_mul(meter::ACT))?;
    let mut sent = crate::graphql::context::input(ctx)?.get_mut("items").map(Value::take).unwrap_or_default();
    let part = |(place, item): (usize, I)| Part {
        key: item.key().or_else(|| whole.map(|key| format!("{key}/{place}"))),
        sent: sent.get_mut(place).map(Value::take).unwrap_or_default(),
        item,
    };
    Ok(Ok(items.into_iter().enumerate().map(part).collect()))
}

/// Reassigns a case, as with `reassignCase`. For managers.
#[derive(InputObject, Clone)]
pub struct CaseReassignInput {
    /// The new owner: an active member of the seller's staff.
    owner_id: ID,
    /// Why the case is reassigned, for its history; 1 to 1,000 characters.
    reason: String,
    /// Whether to do it even if the person is away now. Otherwise it is refused then with `PERSON_AWAY`, and the message
    /// names the day of their return.
    #[graphql(default)]
    even_if_away: bool,
}

/// Changes a case, as with `updateCase`. A field that is left out keeps its value. For the case's owner and managers.
#[derive(InputObject, Clone)]
pub struct CaseFieldsInput {
    /// Tags to add: at most 20, of 1 to 50 characters each. The case has at most 20 afterwards.
    #[graphql(default)]
    add_tags: Vec<String>,
    /// Tags to remove; those that the case does not have are ignored.
    #[graphql(default)]
    remove_tags: Vec<String>,
    /// How soon the case should be looked at. Null is refused.
    priority: MaybeUndefined<Priority>,
    /// The category: one of the seller's, or words of your own; at most 100 characters. Null takes it away.
    category: MaybeUndefined<String>,
}

/// Closes a case with the company's answer, as with `closeCase`, if that is possible for this case. For the case's owner
/// and managers.
#[derive(InputObject, Clone)]
pub struct CaseCloseInput {
    /// The company's answer, as the customer reads it; 1 to 20,000 characters.
    message: String,
}

/// What to do to a case.
#[derive(OneofObject, Clone)]
pub enum CaseActInput {
    /// Give the case to another person.
    Reassign(CaseReassignInput),
    /// Change tags, priority or category.
    Update(CaseFieldsInput),
    /// Give the company's answer and close the case.
    Close(CaseCloseInput),
}

/// One of the acts of `updateCases`.
#[derive(InputObject)]
pub struct UpdateCasesItemInput {
    /// The case.
    case_id: ID,
    /// What to do to it.
    act: CaseActInput,
    /// An idempotency key for this act alone; 1 to 128 characters. When left out, the key of the whole request together
    /// with the place of the act in `items` is used.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, this act changes nothing and its error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

impl Item for UpdateCasesItemInput {
    fn key(&self) -> Option<String> {
        self.idempotency_key.clone()
    }
}

/// The input of `updateCases`: acts on up to 100 cases.
#[derive(InputObject)]
pub struct UpdateCasesInput {
    /// The acts, at most 100. They are carried out in this order. Several may be on the same case.
    items: Vec<UpdateCasesItemInput>,
    /// Makes a repeated request harmless: the same key gives the same answers for seven days; 1 to 120 characters.
    idempotency_key: Option<String>,
}

/// The result of one of the acts of `updateCases`.
#[derive(SimpleObject)]
pub struct UpdateCasesResult {
    /// The case that the act was on.
    case_id: ID,
    /// The case as it is now; null when nothing was changed.
    case: Option<Case>,
    /// The reasons why this act changed nothing, with paths from the root of its item; empty when it took effect.
    user_errors: Vec<UserError>,
}

/// The answer to `updateCases`.
#[derive(SimpleObject)]
pub struct UpdateCasesPayload {
    /// The result of each act, in the order of `items`. Null when no act was tried.
    results: Option<Vec<UpdateCasesResult>>,
    /// The reasons why no act was tried; empty when they were tried. The errors of one act are in its result.
    user_errors: Vec<UserError>,
}

impl CaseActInput {
    async fn done(&self, work: &mut Work, case: CaseId) -> Outcome<case::Model> {
        match self {
            Self::Reassign(CaseReassignInput { owner_id, reason, even_if_away }) => {
                let owner = id::<StaffId>(owner_id, "ownerId")?;
                Box::pin(crate::case::reassign(work, case, (owner, *even_if_away), reason)).await
            }
            Self::Update(fields) => {
                let update = CaseUpdate {
                    priority: required(&fields.priority, "priority")?,
                    category: optional(&fields.category),
                    add_tags: fields.add_tags.clone(),
                    remove_tags: fields.remove_tags.clone(),
                    ..CaseUpdate::default()
                };
                Box::pin(crate::case::update::update(work, case, &update)).await
            }
            Self::Close(CaseCloseInput { message }) => Box::pin(crate::case::close(work, case, message)).await,
        }
    }

    /// The path of this act's fields in its item.
    const fn path(&self) -> &'static str {
        match self {
            Self::Reassign(_) => "act.reassign",
            Self::Update(_) => "act.update",
            Self::Close(_) => "act.close",
        }
    }
}

/// Mutations that act on many cases at once.
#[derive(Default)]
pub struct BulkMutation;

#[Object]
impl BulkMutation {
    /// Reassigns, changes or closes up to 100 cases, one after the other. Each act is refused when it would be refused
    /// alone, with the same message, and one that fails does not stop the others. If the request itself fails half-way,
    /// repeat it with the same key: an act that took effect is not carried out again. For staff, who may do to each case
    /// what they may do to it alone.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn update_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cases, and what to do to each.")] input: UpdateCasesInput,
    ) -> Result<UpdateCasesPayload> {
        let parts = match parts(ctx, input.items, input.idempotency_key.as_deref())? {
            Ok(parts) => parts,
            Err(user_errors) => return Ok(UpdateCasesPayload { results: None, user_errors }),
        };
        let mut results = Vec::with_capacity(parts.len());
        for Part { item, sent, key } in parts {
            let (case_id, act) = (item.case_id.clone(), item.act);
            let done = act_on(ctx, sent, key.as_deref(), async move |work| {
                let case = id::<CaseId>(&case_id, "caseId")?;
                act.done(work, case).await.map_err(|refusal| refusal.below(act.path(), &["caseId", "expectedVersion"]))
            });
            let (case, user_errors) = match done.await? {
                Ok(case) => (Some(Case(case)), Vec::new()),
                Err(errors) => (None, errors),
            };
            results.push(UpdateCasesResult { case_id: item.case_id, case, user_errors });
        }
        Ok(UpdateCasesPayload { results: Some(results), user_errors: Vec::new() })
    }
}
