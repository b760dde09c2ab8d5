//! Sellers. A seller is created with its accountable person, in one act: neither is ever without the other.

use entity::id::{SellerId, StaffId};
use entity::json::WeekHours;
use entity::kind::{Language, Role};
use entity::{feed, seller, staff};
use sea_orm::EntityTrait;

use super::NAME;
use super::staff::NewPerson;
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::hours::{checked_hours, checked_zone, office};
use crate::kit::work::Work;

/// How many hours a customer may wait for a first contact, and a hand-over for an answer: a month.
const A_MONTH: i32 = 720;
/// How many hours an owner may be silent: three months.
const A_QUARTER: i32 = 2_160;

/// A seller to be.
#[derive(Debug, Clone)]
pub struct NewSeller {
    /// Its name.
    pub name: String,
    /// What its customers read unless they say otherwise.
    pub language: Language,
    /// Its hours and promises.
    pub settings: Settings,
    /// Who answers when no rule names anybody.
    pub accountable: NewPerson,
}

/// A seller's hours and promises.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Within how many hours a customer hears from it.
    pub first_contact_hours: i32,
    /// After how many hours without an act of the owner the lead is told.
    pub owner_idle_hours: i32,
    /// Within how many hours an offered hand-over must be answered.
    pub handover_hours: i32,
    /// Where its clocks hang, by IANA name.
    pub time_zone: String,
    /// When it is open.
    pub business_hours: WeekHours,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            first_contact_hours: 24,
            owner_idle_hours: 72,
            handover_hours: 8,
            time_zone: "Europe/Stockholm".to_owned(),
            business_hours: office(),
        }
    }
}

/// What may change about a seller; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct SellerChange {
    /// Its name.
    pub name: Option<String>,
    /// What its customers read unless they say otherwise.
    pub language: Option<Language>,
    /// Within how many hours a customer hears from it.
    pub first_contact_hours: Option<i32>,
    /// After how many hours without an act of the owner the lead is told.
    pub owner_idle_hours: Option<i32>,
    /// Within how many hours an offered hand-over must be answered.
    pub handover_hours: Option<i32>,
    /// Where its clocks hang, by IANA name.
    pub time_zone: Option<String>,
    /// When it is open.
    pub business_hours: Option<WeekHours>,
    /// Who answers when no rule names anybody.
    pub accountable: Option<StaffId>,
    /// The page where customers follow their cases; empty for none.
    pub tracking_url: Option<String>,
}

/// Creates a seller with its accountable person.
///
/// # Errors
/// When the actor is no administrator, or a field is missing or senseless.
pub async fn create(work: &mut Work, new: &NewSeller) -> Outcome<(seller::Model, staff::Model)> {
    if !matches!(work.actor(), Actor::Staff { role: Role::Administrator, .. } | Actor::System) {
        return Err(refused(Action::Administer).into());
    }
    let mut problems = Problems::default();
    let name = problems.check(required(&new.name, "name", NAME));
    let settings = check(&new.settings, &mut problems);
    let id = work.new_id();
    let person = super::staff::check(work, id, &new.accountable, "accountable.", &mut problems).await?;
    problems.refuse_if_any()?;
    let seller = seller::Model {
        id,
        version: 1,
        name: name.unwrap_or_default(),
        language: new.language,
        accountable_id: person.id,
        accountable_active: true,
        first_contact_hours: settings.first_contact_hours,
        owner_idle_hours: settings.owner_idle_hours,
        handover_hours: settings.handover_hours,
        time_zone: settings.time_zone,
        business_hours: settings.business_hours,
        tracking_url: None,
        catalogue_version: 0,
        created_at: work.now(),
    };
    work.insert(seller.clone());
    super::staff::add(work, &person);
    work.insert(feed::Model { seller_id: id, last_seq: 0, ends: 0 });
    Ok((seller, person))
}

/// Changes a seller.
///
/// # Errors
/// When a field is senseless, or the accountable person is not an active member of the seller's staff.
pub async fn update(work: &mut Work, id: SellerId, change: &SellerChange) -> Outcome<seller::Model> {
    let mut seller = door::seller(work, id, "sellerId").await?;
    work.check_version(seller.version)?;
    if let Some(name) = &change.name {
        seller.name = required(name, "name", NAME)?;
    }
    let wanted = change.clone();
    let mut problems = Problems::default();
    let settings = Settings {
        first_contact_hours: wanted.first_contact_hours.unwrap_or(seller.first_contact_hours),
        owner_idle_hours: wanted.owner_idle_hours.unwrap_or(seller.owner_idle_hours),
        handover_hours: wanted.handover_hours.unwrap_or(seller.handover_hours),
        time_zone: wanted.time_zone.unwrap_or_else(|| seller.time_zone.clone()),
        business_hours: wanted.business_hours.unwrap_or_else(|| seller.business_hours.clone()),
    };
    let settings = check(&settings, &mut problems);
    let page = wanted.tracking_url.map(|url| problems.check(page(&url)).flatten());
    problems.refuse_if_any()?;
    if let Some(page) = page {
        seller.tracking_url = page;
    }
    seller.first_contact_hours = settings.first_contact_hours;
    seller.owner_idle_hours = settings.owner_idle_hours;
    seller.handover_hours = settings.handover_hours;
    seller.time_zone = settings.time_zone;
    seller.business_hours = settings.business_hours;
    if let Some(accountable) = change.accountable {
        let person = staff::Entity::find_by_id(accountable).one(work.tx()?).await?;
        if !person.is_some_and(|person| person.seller_id == id && person.active) {
            let en = "Must be an active member of the seller's staff.";
            let sv = "Måste vara en aktiv person hos säljaren.";
            return Err(Problem::new(ErrorCode::NotFound, "accountableId", en, sv).into());
        }
        seller.accountable_id = accountable;
    }
    seller.language = change.language.unwrap_or(seller.language);
    Ok(work.changed(seller))
}

/// Settings that make sense; each that does not is noted.
fn check(settings: &Settings, problems: &mut Problems) -> Settings {
    problems.check(first_contact(settings.first_contact_hours));
    problems.check(owner_idle(settings.owner_idle_hours));
    problems.check(hours(settings.handover_hours, A_MONTH, "handoverHours"));
    let zone = problems.check(checked_zone(&settings.time_zone, "timeZone"));
    let open = problems.check(checked_hours(settings.business_hours.clone(), "businessHours"));
    Settings { time_zone: zone.unwrap_or_default(), business_hours: open.unwrap_or_default(), ..settings.clone() }
}

/// A page that letters link to. What follows `#` never reaches a server's log, so the token can stand there, and nothing
/// else may.
fn page(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let url = reqwest::Url::parse(text).ok().filter(|url| {
        let local = url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        (url.scheme() == "https" || local) && url.fragment().is_none() && url.username().is_empty() && text.len() <= 500
    });
    let url = url.ok_or_else(|| {
        let en = "An https address without #, at most 500 characters, such as https://shop.example/case.";
        let sv = "En https-adress utan #, högst 500 tecken, till exempel https://butik.example/arende.";
        Problem::new(ErrorCode::Invalid, "trackingUrl", en, sv)
    })?;
    Ok(Some(url.to_string().replace('\'', "%27")))
}

/// Hours within which a customer hears from a seller.
pub(super) fn first_contact(wanted: i32) -> Result<i32, Problem> {
    hours(wanted, A_MONTH, "firstContactHours")
}

/// Hours an owner may be silent.
pub(super) fn owner_idle(wanted: i32) -> Result<i32, Problem> {
    hours(wanted, A_QUARTER, "ownerIdleHours")
}

fn hours(hours: i32, most: i32, field: &str) -> Result<i32, Problem> {
    if (1..=most).contains(&hours) {
        return Ok(hours);
    }
    let (en, sv) = (format!("Between 1 and {most} hours."), format!("Mellan 1 och {most} timmar."));
    Err(Problem::new(ErrorCode::Invalid, field, en, sv))
}
