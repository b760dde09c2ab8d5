//! Sellers. A seller and its accountable person are created in one act, because neither can exist without the other.

use entity::id::{SellerId, StaffId};
use entity::json::{CalendarContent, LegalChoice, LegalChoices, ServiceTime, ServiceTimes, WeekHours};
use entity::kind::{Language, Role};
use entity::{feed, notice_feed, seller, staff};
use sea_orm::EntityTrait;

use super::calendar::{self, CalendarShape};
use super::level::{self, TimesChange};
use super::staff::NewPerson;
use super::{NAME, recount};
use crate::access::door;
use crate::event::log;
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, optional, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::legal;
use crate::texts;

/// The maximum hours that a hand-over may wait for an answer: a month (30 days).
const A_MONTH: i32 = 720;
/// The placeholder for the reference of a case in the address of the page where staff see it.
pub const REFERENCE: &str = "{reference}";
/// The maximum number of a seller's choices of legal clocks.
const MOST_CHOICES: usize = 100;

/// The contents of a new seller.
#[derive(Debug, Clone)]
pub struct NewSeller {
    /// Its name.
    pub name: String,
    /// The language of its customers unless they choose another.
    pub language: Language,
    /// Its times and its calendar.
    pub settings: Settings,
    /// The accountable person, who owns the cases for which no rule finds an owner.
    pub accountable: NewPerson,
}

/// A seller's times and calendar.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The times within which customers hear from the seller when no service level applies.
    pub times: ServiceTimes,
    /// Within how many hours an offered hand-over must be answered.
    pub handover_hours: i32,
    /// The seller's calendar.
    pub calendar: CalendarContent,
}

impl Default for Settings {
    fn default() -> Self {
        let clock = |hours| ServiceTime { hours, working: false };
        Self {
            times: ServiceTimes {
                first_contact: clock(24),
                next_contact: None,
                reply: None,
                answer: None,
                owner_acts: clock(72),
                partner_accepts: None,
            },
            handover_hours: 8,
            calendar: calendar::first("Europe/Stockholm", None, None),
        }
    }
}

/// Changes to a seller; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct SellerChange {
    /// Its name.
    pub name: Option<String>,
    /// The language of its customers unless they choose another.
    pub language: Option<Language>,
    /// Changes to the times within which customers hear from the seller.
    pub times: TimesChange,
    /// Within how many hours an offered hand-over must be answered.
    pub handover_hours: Option<i32>,
    /// The IANA name of its time zone.
    pub time_zone: Option<String>,
    /// The hours in which it is open in an ordinary week.
    pub business_hours: Option<WeekHours>,
    /// The accountable person.
    pub accountable: Option<StaffId>,
    /// The address of the page where customers follow their cases; empty to remove it.
    pub tracking_url: Option<String>,
    /// Changes to the notices that its staff get.
    pub notices: NoticesChange,
}

/// Changes to the notices that a seller's staff get; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct NoticesChange {
    /// Whether staff get notices by mail about their cases.
    pub by_mail: Option<bool>,
    /// Whether notices quote what customers wrote.
    pub with_words: Option<bool>,
    /// The address of the page where staff see a case, with `{reference}` in it; empty to remove it.
    pub desk_url: Option<String>,
}

/// Creates a seller with its accountable person.
///
/// # Errors
/// `FORBIDDEN` when the actor is not a platform administrator; a problem with the field when a field is missing or not valid.
pub async fn create(work: &mut Work, new: &NewSeller) -> Outcome<(seller::Model, staff::Model)> {
    if !matches!(work.actor(), Actor::Staff { role: Role::PlatformAdministrator, .. } | Actor::System) {
        return Err(Problem::forbidden(texts::directory::platform_administrators_only()).into());
    }
    let mut problems = Problems::default();
    let name = problems.check(required(&new.name, "name", NAME));
    let settings = check(new.settings.clone(), &mut problems);
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
        times: settings.times,
        handover_hours: settings.handover_hours,
        calendar: settings.calendar,
        calendar_number: 1,
        calendar_since: work.now(),
        legal_clocks: LegalChoices::default(),
        tracking_url: None,
        notices_by_mail: true,
        notices_with_words: false,
        desk_url: None,
        catalogue_version: 0,
        created_at: work.now(),
    };
    work.insert(seller.clone());
    super::staff::add(work, &person);
    work.insert(feed::Model { seller_id: id, last_seq: 0, ends: 0 });
    work.insert(notice_feed::Model { seller_id: id, read_to: 0 });
    Ok((seller, person))
}

/// The seller with this id, which must exist.
///
/// # Errors
/// When the store cannot be read, or there is no such seller.
pub async fn one(work: &Work, id: SellerId) -> Outcome<seller::Model> {
    let row = seller::Entity::find_by_id(id).one(work.tx()?).await?;
    Ok(row.ok_or(Fault::Broken("a row has its seller"))?)
}

/// Changes a seller.
///
/// # Errors
/// When a field is not valid, or the accountable person is not an active member of the seller's staff.
pub async fn update(work: &mut Work, id: SellerId, change: &SellerChange) -> Outcome<seller::Model> {
    let mut seller = door::seller(work, id, "sellerId").await?;
    work.check_version(seller.version)?;
    if let Some(name) = &change.name {
        seller.name = required(name, "name", NAME)?;
    }
    let wanted = change.clone();
    let mut problems = Problems::default();
    let shape = CalendarShape { time_zone: wanted.time_zone, hours: wanted.business_hours, ..CalendarShape::default() };
    let settings = Settings {
        times: wanted.times.of(&seller.times),
        handover_hours: wanted.handover_hours.unwrap_or(seller.handover_hours),
        calendar: shape.of(&seller.calendar),
    };
    let settings = check(settings, &mut problems);
    let page = wanted.tracking_url.map(|url| problems.check(page(&url, "trackingUrl")).flatten());
    let desk = wanted.notices.desk_url.map(|url| problems.check(desk(&url)).flatten());
    problems.refuse_if_any()?;
    if let Some(page) = page {
        seller.tracking_url = page;
    }
    if let Some(desk) = desk {
        seller.desk_url = desk;
    }
    if wanted.notices.by_mail == Some(true) && !seller.notices_by_mail {
        // Events that happened while notices were off are not mailed later.
        let read = work.lock::<notice_feed::Model>(id).await?.map(Held::done);
        let last = log::head(work.tx()?, id).await?;
        work.save(notice_feed::Model { seller_id: id, read_to: last.max(read.map_or(0, |read| read.read_to)) });
    }
    seller.notices_by_mail = wanted.notices.by_mail.unwrap_or(seller.notices_by_mail);
    seller.notices_with_words = wanted.notices.with_words.unwrap_or(seller.notices_with_words);
    if seller.times != settings.times {
        recount::ask(work, id);
    }
    seller.times = settings.times;
    seller.handover_hours = settings.handover_hours;
    calendar::replace_sellers(work, &mut seller, settings.calendar);
    if let Some(accountable) = change.accountable {
        let person = staff::Entity::find_by_id(accountable).one(work.tx()?).await?;
        if !person.is_some_and(|person| person.seller_id == id && person.active) {
            return Err(Problem::new(ErrorCode::NotFound, "accountableId", texts::directory::must_be_staff()).into());
        }
        seller.accountable_id = accountable;
    }
    seller.language = change.language.unwrap_or(seller.language);
    Ok(seller.done())
}

/// Checks the settings and adds every problem to the list.
fn check(settings: Settings, problems: &mut Problems) -> Settings {
    level::check(&settings.times, problems);
    problems.check(hours(settings.handover_hours, A_MONTH, "handoverHours"));
    let calendar = calendar::checked(settings.calendar, calendar::SELLER, problems);
    Settings { calendar, ..settings }
}

/// Checks the address of a page that letters link to. The tracking token is appended as the fragment, after `#`,
/// because browsers do not send the fragment and it does not end up in a server's log. The address must therefore have
/// no fragment of its own.
fn page(text: &str, field: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let url = address(text).filter(|url| url.fragment().is_none());
    let url = url.ok_or_else(|| Problem::new(ErrorCode::Invalid, field, texts::directory::bad_page()))?;
    Ok(Some(url.to_string().replace('\'', "%27")))
}

/// Checks the address of the page where staff see a case. It contains `{reference}` once.
fn desk(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split(REFERENCE);
    let (before, after, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let filled = after.filter(|_| more.is_none()).and_then(|after| address(&format!("{before}C-2026-000001{after}")));
    if filled.is_some() && !text.contains(['\'', '"', '<', '>', ' ']) {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::new(ErrorCode::Invalid, "deskUrl", texts::directory::bad_desk()))
}

/// An https address, or one of this machine.
fn address(text: &str) -> Option<reqwest::Url> {
    reqwest::Url::parse(text).ok().filter(|url| {
        let local = url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        (url.scheme() == "https" || local) && url.username().is_empty() && text.len() <= 500
    })
}

fn hours(hours: i32, most: i32, field: &str) -> Result<i32, Problem> {
    if (1..=most).contains(&hours) {
        return Ok(hours);
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::directory::hours(most)))
}

/// Chooses the legal clocks of a seller's new cases. Clocks that already run are not changed.
///
/// # Errors
/// When a rule is not known, or is chosen twice for the same category.
pub async fn choose_legal_clocks(work: &mut Work, id: SellerId, choices: &[LegalChoice]) -> Outcome<seller::Model> {
    let mut seller = door::seller(work, id, "sellerId").await?;
    work.check_version(seller.version)?;
    let mut problems = Problems::default();
    if choices.len() > MOST_CHOICES {
        problems.add(Problem::new(ErrorCode::TooLong, "clocks", texts::directory::too_many_clocks(MOST_CHOICES)));
    }
    for (place, choice) in choices.iter().enumerate().take(MOST_CHOICES) {
        if legal::rule(&choice.rule).is_none() {
            let text = texts::directory::unknown_rule();
            problems.add(Problem::new(ErrorCode::NotFound, &format!("clocks.{place}.rule"), text));
        }
        if choices.iter().take(place).any(|before| before == choice) {
            let text = texts::directory::clock_twice();
            problems.add(Problem::new(ErrorCode::Invalid, &format!("clocks.{place}"), text));
        }
        problems.check(optional(choice.category.as_deref(), &format!("clocks.{place}.category"), NAME));
    }
    problems.refuse_if_any()?;
    seller.legal_clocks = LegalChoices(choices.to_vec());
    Ok(seller.done())
}
