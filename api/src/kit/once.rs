//! The same act once: a caller's key stands for what the act did, for a week. The key is written with the act's own rows;
//! a twin at the same moment fails on it, is run again, and finds the answer (`docs/decisions/0003`).

use chrono::TimeDelta;
use entity::{id, idempotency};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::actor::Actor;
use super::error::{ErrorCode, Fault, Outcome, Problem, required};
use super::work::Work;

/// How long a key stands for what was done.
pub const KEPT: TimeDelta = TimeDelta::days(7);
/// Characters of a key at most.
pub const KEY: usize = 128;

/// An act that is to happen once.
#[derive(Debug, Clone)]
pub struct Once {
    operation: String,
    key: String,
    fingerprint: Vec<u8>,
}

impl Once {
    /// An act named by who does it, its mutation, a key and all its input.
    ///
    /// # Errors
    /// When the key is empty or too long.
    pub fn new(actor: Actor, operation: &str, key: &str, input: &Value) -> Result<Self, Problem> {
        let key = required(key, "idempotencyKey", KEY)?;
        // Keys of JSON objects are sorted, so the order in which a client writes them does not matter. Who has another role
        // by now has not done this: the answer might hold what they may see no more.
        let fingerprint = Sha256::digest(format!("{:?}{input}", actor.whatever_it_may())).to_vec();
        Ok(Self { operation: operation.to_owned(), key, fingerprint })
    }

    /// The name of what the same act did before; `None` when the act is new.
    ///
    /// # Errors
    /// When the key was used with other input.
    pub fn before<'a>(&'a self, work: &'a Work) -> BoxFuture<'a, Outcome<Option<String>>> {
        Box::pin(self.look_up(work))
    }

    async fn look_up(&self, work: &Work) -> Outcome<Option<String>> {
        let key = (scope(work.actor()), self.operation.clone(), self.key.clone());
        let Some(row) = idempotency::Entity::find_by_id(key.clone()).one(work.tx()?).await? else { return Ok(None) };
        if row.expires_at.is_some_and(|expires_at| expires_at <= work.now()) {
            // Taken away and not written over, so that a twin fails on the new one.
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
        work.insert(idempotency::Model {
            scope: scope(work.actor()),
            operation: self.operation.clone(),
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            result: json!({ "id": name }),
            created_at: work.now(),
            expires_at: Some(work.now() + KEPT),
        });
    }
}

/// Forgets keys that stand for nothing any more.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<u64> {
    let expired = idempotency::Entity::delete_many().filter(idempotency::Column::ExpiresAt.lte(work.now()));
    Ok(expired.exec(work.tx()?).await?.rows_affected)
}

/// "This key was used for something else."
#[must_use]
pub fn reused() -> Problem {
    let en = "This idempotency key was used before with other input. Use a new key for something new.";
    let sv = "Den här nyckeln har använts förut med annat innehåll. Använd en ny nyckel för något nytt.";
    Problem::new(ErrorCode::KeyReused, "idempotencyKey", en, sv)
}

/// Keys are a caller's own; a customer's are of one case, which the token names and the input does not.
fn scope(actor: Actor) -> String {
    let (kind, id) = actor.party();
    let id = match actor {
        Actor::Customer { case, .. } => case.0,
        _ => id.unwrap_or_default(),
    };
    format!("{kind:?}:{id}")
}

/// What an act returns and can be found again: a row by its id, as it is by then.
pub trait Again: Sized + Send {
    /// The id.
    fn name(&self) -> String;
    /// The row with this id.
    ///
    /// # Errors
    /// When it is gone.
    fn again(work: &Work, name: &str) -> impl Future<Output = Outcome<Self>> + Send;
}

macro_rules! found_again {
    ($($table:ident: $id:ident,)*) => {$(
        impl Again for entity::$table::Model {
            fn name(&self) -> String {
                self.id.to_string()
            }

            async fn again(work: &Work, name: &str) -> Outcome<Self> {
                let id: id::$id = name.parse().map_err(|_| Fault::Broken("a key's result is an id"))?;
                let row = entity::$table::Entity::find_by_id(id).one(work.tx()?).await?;
                Ok(row.ok_or(Fault::Broken("what was done is still there"))?)
            }
        }
    )*};
}

found_again! {
    api_client: ApiClientId,
    arrival: ArrivalId,
    case: CaseId,
    case_task: TaskId,
    category: CategoryId,
    client_secret: ClientSecretId,
    customer: CustomerId,
    dispute: DisputeId,
    enquiry: EnquiryId,
    handover: HandoverId,
    letter: LetterId,
    mailbox: MailboxId,
    message: MessageId,
    partner: PartnerId,
    partner_contact: PartnerContactId,
    product: ProductId,
    rule_set: RuleSetId,
    seller: SellerId,
    service_level: ServiceLevelId,
    staff: StaffId,
    team: TeamId,
    webhook_delivery: WebhookDeliveryId,
    webhook_endpoint: WebhookEndpointId,
    widget: WidgetId,
}

/// A row, and how many others an act has moved.
impl<T: Again> Again for (T, usize) {
    fn name(&self) -> String {
        format!("{} {}", self.0.name(), self.1)
    }

    async fn again(work: &Work, name: &str) -> Outcome<Self> {
        let (name, count) = name.split_once(' ').unwrap_or((name, ""));
        Ok((T::again(work, name).await?, count.parse().unwrap_or_default()))
    }
}
