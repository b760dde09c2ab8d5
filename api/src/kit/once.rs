//! Idempotency: an act with an idempotency key is done once, and a repeated request within seven days gets the result
//! of the first. The key is written with the rows of the act. Of two concurrent requests with the same key, the second
//! fails on the key's row, is run again and finds the result (`docs/decisions/0003`).

use chrono::TimeDelta;
use entity::{id, idempotency};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::actor::Actor;
use super::error::{ErrorCode, Fault, Outcome, Problem, required};
use super::work::Work;
use crate::texts;

/// How long a key is kept.
pub const KEPT: TimeDelta = TimeDelta::days(7);
/// The most characters of a key.
pub const KEY: usize = 128;

/// An act that is to be done once.
#[derive(Debug, Clone)]
pub struct Once {
    operation: String,
    key: String,
    fingerprint: Vec<u8>,
}

impl Once {
    /// An act, identified by its actor, its operation, a key and its whole input.
    ///
    /// # Errors
    /// When the key is empty or too long.
    pub fn new(actor: Actor, operation: &str, key: &str, input: &Value) -> Result<Self, Problem> {
        let key = required(key, "idempotencyKey", KEY)?;
        // The keys of JSON objects are sorted, so their order in the request does not matter. The actor's role is part
        // of the fingerprint. A caller whose role has changed gets `KEY_REUSED`, because the former result may contain
        // what they may no longer see.
        let fingerprint = Sha256::digest(format!("{:?}{input}", actor.without_scopes())).to_vec();
        Ok(Self { operation: operation.to_owned(), key, fingerprint })
    }

    /// The name of what the same act did before; `None` when the act is new.
    ///
    /// # Errors
    /// When the key was used with other input.
    #[must_use]
    pub fn before<'a>(&'a self, work: &'a Work) -> BoxFuture<'a, Outcome<Option<String>>> {
        Box::pin(self.look_up(work))
    }

    async fn look_up(&self, work: &Work) -> Outcome<Option<String>> {
        let key = (scope(work.actor()), self.operation.clone(), self.key.clone());
        let Some(row) = idempotency::Entity::find_by_id(key.clone()).one(work.tx()?).await? else { return Ok(None) };
        if row.expires_at.is_some_and(|expires_at| expires_at <= work.now()) {
            // Deleted and not overwritten, so that of two concurrent requests one fails when it inserts the new row.
            let expired = idempotency::Entity::delete_by_id(key);
            expired.filter(idempotency::Column::ExpiresAt.lte(work.now())).exec(work.tx()?).await?;
            return Ok(None);
        }
        if row.fingerprint != self.fingerprint {
            return Err(reused().into());
        }
        Ok(Some(row.result.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()))
    }

    /// Stores the name of what was done, with the act's own rows.
    pub fn remember(&self, work: &mut Work, name: &str) {
        self.remember_for(work, name, KEPT);
    }

    /// As [`Once::remember`], for this long.
    pub fn remember_for(&self, work: &mut Work, name: &str, kept: TimeDelta) {
        work.insert(idempotency::Model {
            scope: scope(work.actor()),
            operation: self.operation.clone(),
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            result: json!({ "id": name }),
            created_at: work.now(),
            expires_at: Some(work.now() + kept),
        });
    }
}

/// Deletes the keys that have expired.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<u64> {
    let expired = idempotency::Entity::delete_many().filter(idempotency::Column::ExpiresAt.lte(work.now()));
    Ok(expired.exec(work.tx()?).await?.rows_affected)
}

/// The problem for a key that was used with other input.
#[must_use]
pub fn reused() -> Problem {
    Problem::new(ErrorCode::KeyReused, "idempotencyKey", texts::input::key_reused())
}

/// The scope within which a key is unique: the caller, or the case for a customer, because a customer's token stands
/// for one case that the input does not name.
fn scope(actor: Actor) -> String {
    let (kind, id) = actor.party();
    let id = match actor {
        Actor::Customer { case, .. } => case.0,
        _ => id.unwrap_or_default(),
    };
    format!("{kind:?}:{id}")
}

/// The result of an act, which can be read again by its id. It is then returned in its present state.
pub trait Reloadable: Sized + Send {
    /// The id.
    fn name(&self) -> String;
    /// Reads the row with this id.
    ///
    /// # Errors
    /// When the row no longer exists.
    fn reload(work: &Work, name: &str) -> impl Future<Output = Outcome<Self>> + Send;
}

macro_rules! reloadable {
    ($($table:ident: $id:ident,)*) => {$(
        impl Reloadable for entity::$table::Model {
            fn name(&self) -> String {
                self.id.to_string()
            }

            async fn reload(work: &Work, name: &str) -> Outcome<Self> {
                let id: id::$id = name.parse().map_err(|_| Fault::Broken("a key's result is an id"))?;
                let row = entity::$table::Entity::find_by_id(id).one(work.tx()?).await?;
                Ok(row.ok_or(Fault::Broken("what was done is still there"))?)
            }
        }
    )*};
}

reloadable! {
    api_client: ApiClientId,
    arrival: ArrivalId,
    call_signal: CallSignalId,
    case: CaseId,
    case_task: TaskId,
    category: CategoryId,
    client_secret: ClientSecretId,
    commitment: CommitmentId,
    customer: CustomerId,
    device: DeviceId,
    dispute: DisputeId,
    enquiry: EnquiryId,
    handover: HandoverId,
    letter: LetterId,
    mailbox: MailboxId,
    message: MessageId,
    partner: PartnerId,
    partner_contact: PartnerContactId,
    product: ProductId,
    push: PushId,
    reply_template: ReplyTemplateId,
    rule_set: RuleSetId,
    seller: SellerId,
    service_level: ServiceLevelId,
    staff: StaffId,
    team: TeamId,
    webhook_delivery: WebhookDeliveryId,
    webhook_endpoint: WebhookEndpointId,
    widget: WidgetId,
}

/// A row, with the number of other rows that the act changed.
impl<T: Reloadable> Reloadable for (T, usize) {
    fn name(&self) -> String {
        format!("{} {}", self.0.name(), self.1)
    }

    async fn reload(work: &Work, name: &str) -> Outcome<Self> {
        let (name, count) = name.split_once(' ').unwrap_or((name, ""));
        Ok((T::reload(work, name).await?, count.parse().unwrap_or_default()))
    }
}
