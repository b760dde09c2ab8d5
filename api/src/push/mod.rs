//! Push notifications to devices of customers and staff. A push has no text: it holds the kind of news, the case and
//! the time. Browsers get an encrypted message through their push service (RFC 8030, 8291, 8292), apps through the
//! operator's relay. A push is a job; while it waits, it covers everything that happens to its case.

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
use crate::access::door;
use crate::access::table::{self, Action};
use crate::event::log;
use crate::hook::{AnyAddress, address};
use crate::kit::actor::{Actor, Reach};
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::job::{JobRow, Progress, job_row};
use crate::kit::public_url::PublicUrl;
use crate::kit::work::Work;
use crate::texts;

job_row!(
    push: PushId,
    PushStatus::Waiting,
    JobKind::Push,
    TimeDelta::minutes(1),
    WAITS,
    "the service ended twice while it was sending this push, so it is not sent again by itself; it may have been sent",
    "what became of it could not be stored, each time it was sent; it may have been sent"
);

/// Whether the configuration has a relay for apps (`push.relay_url`).
#[derive(Default)]
pub struct HasRelay(pub std::sync::atomic::AtomicBool);

/// The most devices of a member of staff, and of the customer of a case.
const DEVICES: u64 = 10;
/// The most characters of the token by which the relay knows an app.
const TOKEN: usize = 4_000;

/// The way in which pushes reach a device.
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
    /// An app, through the operator's relay.
    Relay {
        /// The token by which the relay knows the app.
        token: String,
    },
}

/// Registers a device of the actor. Registering a device again updates its keys. A customer's is for the named case, or
/// for that of their token.
///
/// # Errors
/// `FORBIDDEN` for everybody but customers and staff; a problem with the field when the address or a key is not valid;
/// `INVALID` when the actor has too many devices, or the service has no public address or no relay.
pub async fn register(
    work: &mut Work,
    reached: &Reached,
    named: Option<CaseId>,
    open: AnyAddress,
) -> Outcome<device::Model> {
    let mut row = new_device(work, named).await?;
    match reached {
        Reached::Browser { endpoint, public_key, auth } => {
            let url = address::checked(endpoint, open.0)
                .map_err(|problem| Problem::new(problem.code, "reach.webPush.endpoint", problem.message))?;
            if work.app().part::<PublicUrl>().get().is_none() {
                return Err(Problem::new(ErrorCode::Invalid, "reach.webPush", texts::push::no_public_address()).into());
            }
            seal::check_keys(public_key, auth)?;
            row.endpoint = Some(url.to_string());
            (row.public_key, row.auth) = (Some(public_key.clone()), Some(auth.clone()));
        }
        Reached::Relay { token } => {
            if !work.app().part::<HasRelay>().0.load(Ordering::Relaxed) {
                return Err(Problem::new(ErrorCode::Invalid, "reach.relayToken", texts::push::no_relay()).into());
            }
            row.relay_token = Some(required(token, "reach.relayToken", TOKEN)?);
        }
    }
    let own = of(work.tx()?, work.actor(), row.case_id).await?.ok_or_else(|| table::refused(Action::RegisterDevice))?;
    let own = device::Entity::find().filter(own);
    let same = match &row.endpoint {
        Some(endpoint) => own.clone().filter(device::Column::Endpoint.eq(endpoint.as_str())),
        None => own.clone().filter(device::Column::RelayToken.eq(row.relay_token.as_deref())),
    };
    if let Some(mut known) = work.lock_one(same).await? {
        // A browser renews its keys from time to time.
        (known.public_key, known.auth) = (row.public_key, row.auth);
        return Ok(known.done());
    }
    if own.count(work.tx()?).await? >= DEVICES {
        return Err(Problem::new(ErrorCode::Invalid, "", texts::push::too_many()).into());
    }
    if row.case_id.is_some() && push_feed::Entity::find_by_id(row.seller_id).one(work.tx()?).await?.is_none() {
        let read_to = log::head(work.tx()?, row.seller_id).await?;
        work.insert_if_new(push_feed::Model { seller_id: row.seller_id, read_to });
    }
    work.insert(row.clone());
    Ok(row)
}

/// A new device of the actor, still without an address or keys. Locks the person or the case, so that two registrations
/// at the same time cannot exceed the maximum together.
async fn new_device(work: &mut Work, named: Option<CaseId>) -> Outcome<device::Model> {
    let actor = work.actor();
    let (seller_id, staff_id, case_id, customer_id) = match actor {
        Actor::Customer { id, case, seller, .. } => {
            let (case, field) = named.map_or((case, ""), |named| (named, "caseId"));
            let found = door::lock(work, case).await?.ok_or_else(|| Problem::not_found(field))?;
            table::check(table::to_case(actor, &found), Action::RegisterDevice, Action::ReadCustomerCase, field)?;
            (seller, None, Some(case), Some(id))
        }
        _ if named.is_some() => return Err(Problem::not_found("caseId").into()),
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

/// The cases whose events are pushed together with this case's: itself, and those merged into it of the same customer.
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

/// The condition that selects the actor's devices; none for actors who cannot have any. A customer's are those for the
/// named case, or for that of their token.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(db: &impl ConnectionTrait, actor: Actor, named: Option<CaseId>) -> Result<Option<Condition>, DbErr> {
    let theirs = Condition::all().add(device::Column::RemovedAt.is_null());
    Ok(match actor {
        Actor::Staff { id, .. } => Some(theirs.add(device::Column::StaffId.eq(id))),
        Actor::Customer { id, case, .. } => {
            let cases = group(db, named.unwrap_or(case)).await?;
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
            let all = matches!(actor, Actor::Customer { reach: Reach::Customer, .. });
            row.customer_id == Some(id) && (all || group(db, case).await?.contains(&own))
        }
        _ => false,
    })
}

/// Removes a device of the actor. Pending pushes to it are not sent.
///
/// # Errors
/// `NOT_FOUND` when the actor has no such device.
pub async fn remove(work: &mut Work, id: DeviceId) -> Outcome<device::Model> {
    let row = work.lock::<device::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("deviceId"))?;
    if !is_own(work.tx()?, work.actor(), &row).await? {
        return Err(Problem::not_found("deviceId").into());
    }
    if row.removed_at.is_some() {
        return Ok(row.done());
    }
    clear(work, &mut row);
    Ok(row.done())
}

/// Removes a device, and deletes its address and keys.
fn clear(work: &Work, row: &mut device::Model) {
    row.removed_at = Some(work.now());
    (row.endpoint, row.public_key, row.auth, row.relay_token) = (None, None, None, None);
}

/// Adds a push to each device of a member of staff, also at night.
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

/// Adds a push to a device, unless one about the same case waits already, which then covers both. Given a time zone,
/// the push waits until the night there has ended.
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
    work.insert(row);
    // Written at once, so that a later event of the same page of the feed finds this push waiting and adds no second
    // one.
    work.write_rows().await
}

/// The host to which pushes to a device are sent; `relay` for an app.
fn host(device: &device::Model) -> String {
    let url = device.endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "relay".to_owned())
}

/// Whether a device should still get pushes about a case: its owner is an active member of staff, or still the customer
/// of the case or of one merged into it of the same customer.
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

/// Makes a push that was given up due again, without its earlier attempts.
///
/// # Errors
/// `NOT_FOUND` when there is no such push whose jobs the actor manages; `INVALID_TRANSITION` when it was not given up.
pub async fn retry(work: &mut Work, id: PushId, field: &str) -> Outcome<push::Model> {
    let row = work.lock::<push::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::at_seller(work.actor(), row.seller_id), Action::ManageJobs, Action::ManageJobs, field)?;
    if row.status != PushStatus::Failed {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::push::not_given_up()).into());
    }
    row.set(Progress::due(work.now()));
    (row.status, row.reason, row.ended_at) = (PushStatus::Waiting, None, None);
    Ok(row.done())
}
