//! Pushes: a customer's or a colleague's device is told that there is news of a case, without words. Browsers get an
//! encrypted message through their push service (RFC 8030, 8291, 8292), apps through a relay of the operator's. A push is
//! a job; one that waits stands for everything that happens to its case meanwhile.

pub mod decide;
pub mod feed;
pub mod seal;
pub mod send;

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::id::{CaseId, CustomerId, DeviceId, PushId, StaffId};
use entity::kind::{JobKind, PushStatus};
use entity::{case, device, merger, push, push_feed, staff};
use reqwest::Url;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use self::decide::{IN_AN_HOUR, WAITS, by_day, spaced};
use crate::access::table::{self, Action};
use crate::event::log;
use crate::hook::{Open, address};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::job::{JobRow, Progress, job_row};
use crate::kit::public_url::PublicUrl;
use crate::kit::work::Work;

job_row!(
    push: PushId,
    PushStatus::Waiting,
    JobKind::Push,
    TimeDelta::minutes(1),
    WAITS,
    "the service ended twice while it was sending this push, so it is not sent again by itself; it may have been sent",
    "what became of it could not be stored, each time it was sent; it may have been sent"
);

/// Whether the operator gave the service a relay for apps.
#[derive(Default)]
pub struct HasRelay(pub std::sync::atomic::AtomicBool);

/// The most devices of a member of staff, and of the customer of a case.
const DEVICES: u64 = 10;
/// The most characters of a relay's token.
const TOKEN: usize = 4_000;

/// How a device is reached.
#[derive(Debug, Clone)]
pub enum Reached {
    /// A browser: the address of its push service, its public key and its secret.
    Browser {
        /// The address of the push service.
        endpoint: String,
        /// The public key, a point of P-256 without compression: 65 bytes.
        public_key: Vec<u8>,
        /// The secret: 16 bytes.
        auth: Vec<u8>,
    },
    /// An app: what the relay knows it by.
    Relay {
        /// The token.
        token: String,
    },
}

/// Registers a device of the actor. A device that is registered again stays the same.
///
/// # Errors
/// `FORBIDDEN` for whoever is neither a customer nor of a seller's staff; a problem with the field when the address or a key
/// is not valid; `INVALID` when there are too many devices, or the service has no relay.
pub async fn register(work: &mut Work, reached: &Reached, open: Open) -> Outcome<device::Model> {
    let mut row = new_device(work).await?;
    match reached {
        Reached::Browser { endpoint, public_key, auth } => {
            let url = address::checked(endpoint, open.0)
                .map_err(|problem| Problem::with(problem.code, "reach.webPush.endpoint", problem.message))?;
            if work.app().part::<PublicUrl>().get().is_none() {
                let en =
                    "This service has no public address, which push services ask for: its operator sets `public_url`.";
                let sv = "Tjänsten saknar en publik adress, som pushtjänster frågar efter: den som driver den anger `public_url`.";
                return Err(Problem::new(ErrorCode::Invalid, "reach.webPush", en, sv).into());
            }
            seal::check_keys(public_key, auth)?;
            row.endpoint = Some(url.to_string());
            (row.public_key, row.auth) = (Some(public_key.clone()), Some(auth.clone()));
        }
        Reached::Relay { token } => {
            if !work.app().part::<HasRelay>().0.load(Ordering::Relaxed) {
                let en = "This service has no relay for apps: its operator sets `push.relay_url`.";
                let sv = "Tjänsten har inget relä för appar: den som driver den anger `push.relay_url`.";
                return Err(Problem::new(ErrorCode::Invalid, "reach.relayToken", en, sv).into());
            }
            row.relay_token = Some(required(token, "reach.relayToken", TOKEN)?);
        }
    }
    let own = of(work.tx()?, work.actor()).await?.ok_or_else(|| table::refused(Action::RegisterDevice))?;
    let own = device::Entity::find().filter(own);
    let same = match &row.endpoint {
        Some(endpoint) => own.clone().filter(device::Column::Endpoint.eq(endpoint.as_str())),
        None => own.clone().filter(device::Column::RelayToken.eq(row.relay_token.as_deref())),
    };
    if let Some(known) = same.lock_exclusive().one(work.tx()?).await? {
        // Browsers renew their keys.
        let row = device::Model { public_key: row.public_key, auth: row.auth, ..known };
        work.save(row.clone());
        return Ok(row);
    }
    if own.count(work.tx()?).await? >= DEVICES {
        let (en, sv) = ("At most 10 devices: remove one first.", "Högst 10 enheter: ta bort en först.");
        return Err(Problem::new(ErrorCode::Invalid, "", en, sv).into());
    }
    if row.case_id.is_some() && push_feed::Entity::find_by_id(row.seller_id).one(work.tx()?).await?.is_none() {
        let read_to = log::head(work.tx()?, row.seller_id).await?;
        work.insert_if_new(push_feed::Model { seller_id: row.seller_id, read_to });
    }
    work.insert(row.clone());
    Ok(row)
}

/// A device of the actor, without the way in which it is reached. Its owner is locked, so that two acts cannot exceed the
/// maximum together.
async fn new_device(work: &mut Work) -> Outcome<device::Model> {
    let actor = work.actor();
    let (seller_id, staff_id, case_id, customer_id) = match actor {
        Actor::Customer { id, case, seller, .. } => {
            let found = case::Entity::find_by_id(case).lock_exclusive().one(work.tx()?).await?;
            let found = found.ok_or_else(|| Problem::not_found(""))?;
            table::check(table::to_case(actor, &found), Action::RegisterDevice, Action::ReadCustomerCase, "")?;
            (seller, None, Some(case), Some(id))
        }
        Actor::Staff { id, seller, .. } => {
            staff::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
            (seller, Some(id), None, None)
        }
        _ => return Err(table::refused(Action::RegisterDevice).into()),
    };
    Ok(device::Model {
        id: work.new_id(),
        seller_id,
        staff_id,
        case_id,
        customer_id,
        endpoint: None,
        public_key: None,
        auth: None,
        relay_token: None,
        created_at: work.now(),
        removed_at: None,
    })
}

/// The cases whose news is told with this case's: itself, and those that were merged into it as the same customer's.
async fn group(db: &impl ConnectionTrait, id: CaseId) -> Result<Vec<CaseId>, DbErr> {
    let mut all: Vec<CaseId> = merger::Entity::find()
        .select_only()
        .column(merger::Column::CaseId)
        .filter(merger::Column::IntoId.eq(id))
        .filter(merger::Column::UndoneAt.is_null())
        .filter(merger::Column::SameCustomer.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    all.push(id);
    Ok(all)
}

/// The customers of these cases.
async fn customers(db: &impl ConnectionTrait, cases: Vec<CaseId>) -> Result<Vec<CustomerId>, DbErr> {
    let rows = case::Entity::find().select_only().column(case::Column::CustomerId);
    rows.filter(case::Column::Id.is_in(cases)).into_tuple().all(db).await
}

/// The devices of the actor, as a condition; none for whoever can have none.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(db: &impl ConnectionTrait, actor: Actor) -> Result<Option<Condition>, DbErr> {
    let theirs = Condition::all().add(device::Column::RemovedAt.is_null());
    Ok(match actor {
        Actor::Staff { id, .. } => Some(theirs.add(device::Column::StaffId.eq(id))),
        Actor::Customer { id, case, .. } => {
            let cases = group(db, case).await?;
            Some(theirs.add(device::Column::CaseId.is_in(cases)).add(device::Column::CustomerId.eq(id)))
        }
        _ => None,
    })
}

/// Whether a device is the actor's.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_own(db: &impl ConnectionTrait, actor: Actor, row: &device::Model) -> Result<bool, DbErr> {
    Ok(match (actor, row.case_id) {
        (Actor::Staff { id, .. }, _) => row.staff_id == Some(id),
        (Actor::Customer { id, case, .. }, Some(own)) => {
            row.customer_id == Some(id) && group(db, case).await?.contains(&own)
        }
        _ => false,
    })
}

/// Removes a device of the actor. What waits for it is not sent.
///
/// # Errors
/// `NOT_FOUND` when the actor has no such device.
pub async fn remove(work: &mut Work, id: DeviceId) -> Outcome<device::Model> {
    let row = device::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let row = row.ok_or_else(|| Problem::not_found("deviceId"))?;
    if !is_own(work.tx()?, work.actor(), &row).await? {
        return Err(Problem::not_found("deviceId").into());
    }
    if row.removed_at.is_some() {
        return Ok(row);
    }
    let row = forgotten(work, &row);
    work.save(row.clone());
    Ok(row)
}

/// A device without the way in which it was reached.
fn forgotten(work: &Work, row: &device::Model) -> device::Model {
    let removed_at = Some(work.now());
    device::Model { endpoint: None, public_key: None, auth: None, relay_token: None, removed_at, ..row.clone() }
}

/// Tells the devices of a member of staff now that something happened to a case.
///
/// # Errors
/// When the store cannot be read.
pub async fn tell_staff(work: &mut Work, person: StaffId, told: (CaseId, &str)) -> Outcome<()> {
    let devices = device::Entity::find().filter(device::Column::StaffId.eq(person));
    let devices = devices.filter(device::Column::RemovedAt.is_null()).limit(DEVICES);
    for device in devices.all(work.tx()?).await? {
        add(work, &device, told, None).await?;
    }
    Ok(())
}

/// Adds a push to a device, unless one waits for the same case already, which then stands for both. A device is silent in
/// the night of this zone, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn add(
    work: &mut Work,
    device: &device::Model,
    (case_id, kind): (CaseId, &str),
    night: Option<Tz>,
) -> Outcome<()> {
    let now = work.now();
    let theirs = || push::Entity::find().filter(push::Column::DeviceId.eq(device.id));
    let waiting = theirs()
        .filter(push::Column::CaseId.eq(case_id))
        .filter(push::Column::Status.eq(PushStatus::Waiting))
        .filter(push::Column::LeasedUntil.is_null());
    if waiting.limit(1).one(work.tx()?).await?.is_some() {
        return Ok(());
    }
    let by_day = |at| night.map_or(at, |zone| by_day(at, zone));
    let ready_at = by_day(now);
    let latest: Vec<DateTime<Utc>> = theirs()
        .select_only()
        .column(push::Column::NextAt)
        .filter(push::Column::NextAt.gt(ready_at - TimeDelta::hours(1)))
        .order_by_desc(push::Column::NextAt)
        .limit(IN_AN_HOUR as u64)
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let row = push::Model {
        id: work.new_id(),
        seller_id: device.seller_id,
        device_id: device.id,
        case_id,
        host: host(device),
        kind: kind.to_owned(),
        status: PushStatus::Waiting,
        reason: None,
        attempts: 0,
        failures: 0,
        next_at: by_day(spaced(ready_at, &latest)),
        leased_until: None,
        created_at: now,
        ended_at: None,
    };
    // At once, so that further events of the same page find it.
    Ok(work.save_now(vec![row]).await?)
}

/// The host that pushes to a device are sent to.
fn host(device: &device::Model) -> String {
    let url = device.endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "relay".to_owned())
}

/// Whether a device is still to be told of a case: its owner works at the seller; or it is the device of a customer of the
/// case, or of one that was merged into it as the same customer's.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn is_wanted(work: &Work, device: &device::Model, case: CaseId) -> Outcome<bool> {
    if device.removed_at.is_some() {
        return Ok(false);
    }
    if let Some(id) = device.staff_id {
        let person = staff::Entity::find_by_id(id).one(work.tx()?).await?;
        return Ok(person.is_some_and(|person| person.active));
    }
    let (Some(own), Some(customer)) = (device.case_id, device.customer_id) else { return Ok(false) };
    let cases = group(work.tx()?, case).await?;
    Ok(cases.contains(&own) && customers(work.tx()?, cases).await?.contains(&customer))
}

/// Sends a push that was given up once more, as if it had not been tried.
///
/// # Errors
/// `NOT_FOUND` when there is no such push whose jobs the actor manages; `INVALID_TRANSITION` when it was not given up.
pub async fn retry(work: &mut Work, id: PushId, field: &str) -> Outcome<push::Model> {
    let row = push::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut row = row.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::at_seller(work.actor(), row.seller_id), Action::ManageJobs, Action::ManageJobs, field)?;
    if row.status != PushStatus::Failed {
        let en = "Only a push that was given up can be sent again.";
        return Err(Problem::new(
            ErrorCode::InvalidTransition,
            field,
            en,
            "Bara en pushnotis som gavs upp kan skickas igen.",
        )
        .into());
    }
    row.set(Progress::due(work.now()));
    (row.status, row.reason, row.ended_at) = (PushStatus::Waiting, None, None);
    work.save(row.clone());
    Ok(row)
}
