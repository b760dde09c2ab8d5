//! How a report becomes a case, or joins one.

use chrono::{DateTime, Datelike, Utc};
use entity::id::{CaseId, PartnerId, ServiceLevelId};
use entity::json::Texts;
use entity::kind::{CaseStage, Channel, ChaseKind, CommitmentPlace, Language, Priority, Severity};
use entity::{case, case_partner, report, tracking_token};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::chase;
use super::commitment::decide::Due;
use super::contact::{self, Contact};
use crate::access::key::{self, TRACKING_LIFETIME};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::text;
use crate::kit::work::Work;
use crate::ownership::period;
use crate::ownership::route::Routed;
use crate::timer::{self, CaseTimes};

/// What a new case is about, as the report says.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// The customer's name as given in this report, which may differ from the name on record.
    pub customer_name: Option<String>,
    /// The subject, in one line.
    pub subject: String,
    /// The category: the seller's word for the kind of complaint.
    pub category: Option<String>,
    /// The product that was bought.
    pub product: Option<String>,
    /// The language that the customer reads.
    pub language: Language,
    /// The seller's order number.
    pub order_reference: Option<String>,
    /// The amount of the order.
    pub order_amount: Option<crate::kit::money::Money>,
    /// The remedy that the customer asks for, in their own words.
    pub remedy_sought: Option<String>,
    /// How severe the problem is, according to the customer.
    pub severity: Option<Severity>,
    /// Tags to find the case by.
    pub tags: Vec<String>,
}

/// Opens a case for a report, with its owner, and returns it. The caller adds the report's words and inserts the case.
///
/// # Errors
/// When the store cannot be read.
pub async fn open(
    work: &mut Work,
    id: CaseId,
    about: NewCase,
    report: &report::Model,
    (routed, level): (&Routed, Option<ServiceLevelId>),
    (times, promised_from): (&CaseTimes, DateTime<Utc>),
) -> Outcome<case::Model> {
    let now = work.now();
    let mut tags = about.tags;
    tags.extend(routed.then.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect::<Vec<_>>());
    let mut case = case::Model {
        id,
        seller_id: report.seller_id,
        reference: next_reference(work).await?,
        version: 0,
        owner_id: routed.choice.owner,
        owner_seq: 1,
        owner_open: true,
        owner_active: true,
        customer_id: report.customer_id,
        customer_name: about.customer_name,
        channel: report.channel,
        subject: about.subject,
        category_key: about.category.as_deref().map(|name| text::folded(name.trim())),
        category: about.category,
        product: about.product,
        language: about.language,
        order_key: about.order_reference.as_deref().map(text::folded),
        order_reference: about.order_reference,
        order_amount_minor: about.order_amount.as_ref().map(|money| money.minor),
        order_currency: about.order_amount.map(|money| money.currency),
        remedy_sought: about.remedy_sought,
        priority: routed.then.priority.unwrap_or(Priority::Normal),
        stage: CaseStage::Received,
        severity: about.severity,
        tags: Texts(tags),
        service_level_id: level,
        merged_into: None,
        not_understood: !report.understood,
        received_at: report.received_at,
        opened_at: now,
        closed_at: None,
        next_contact_due: None,
        last_message_id: None,
        last_event_at: work.now(),
        times_chased: 0,
        last_chased_at: None,
    };
    let opened = Payload::CaseOpened { report: report.id, channel: report.channel, owner: case.owner_id };
    log::append(work, &mut case, &opened)?;
    work.add_open_cases(case.owner_id, 1);
    timer::start(work, &case, times, promised_from);
    contact::promise(work, &mut case, times, promised_from);
    Ok(case)
}

/// Inserts the rows that belong to a new case. The case's own row and its report are inserted before them.
///
/// # Errors
/// When a value cannot be serialised as JSON, which no value here can cause.
pub fn insert_beside(
    work: &mut Work,
    case: &case::Model,
    named: &[PartnerId],
    suggested: &[PartnerId],
    routed: &Routed,
) -> Outcome<()> {
    period::begin(work, case);
    routed.record(work, case.id, case.owner_seq)?;
    let partners = named.iter().map(|id| (*id, false)).chain(suggested.iter().map(|id| (*id, true)));
    for (partner_id, suggested) in partners {
        work.insert(case_partner::Model { case_id: case.id, partner_id, seller_id: case.seller_id, suggested });
    }
    work.insert(tracking(work, case, key::TokenOf::new_case(case)));
    Ok(())
}

/// The token with which the customer of this case follows it.
pub(super) fn tracking(work: &Work, case: &case::Model, token: key::TokenOf) -> tracking_token::Model {
    tracking_token::Model {
        hash: key::hash(&token.receipt(work.app().secret())),
        case_id: case.id,
        customer_id: case.customer_id,
        address: None,
        used_at: None,
        shown_to: None,
        created_at: work.now(),
        expires_at: work.now() + TRACKING_LIFETIME,
        revoked_at: None,
        ended_seq: None,
    }
}

/// The effect of a report on the case that it joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// None: the sender is a program or not verified, the report belongs to one that was recorded before, or it records
    /// a contact that the company made.
    Nothing,
    /// The report counts as received, but a closed case stays closed, because the customer only thanks.
    Heard,
    /// The report reopens a closed case.
    Reopens,
    /// It reopens a closed case, but was received on another case before: it is neither a contact nor a request for
    /// news.
    Moved,
}

/// Joins a report to a locked case. `next` is the next contact that was announced at a visit.
///
/// # Errors
/// When a value cannot be serialised as JSON, which no value here can cause.
pub async fn attach(
    work: &mut Work,
    case: &mut case::Model,
    report: &report::Model,
    (effect, next): (Effect, Option<Due>),
) -> Outcome<()> {
    log::append(work, case, &Payload::ReportAttached { report: report.id, channel: report.channel })?;
    if effect == Effect::Nothing {
        return Ok(());
    }
    // A partner may have received the complaint before the seller. The earliest receipt by anybody starts the legal
    // clocks.
    if report.received_at < case.received_at {
        case.received_at = report.received_at;
        Box::pin(super::legal::received_earlier(work, case)).await?;
    }
    let times = CaseTimes::of(work, case).await?;
    if effect == Effect::Reopens {
        chase::count(work, case, &times, chase_of(report.channel)).await?;
    }
    if report.channel == Channel::Visit && case.closed_at.is_none() && effect != Effect::Moved {
        met(work, case, &times, (report.received_at, CommitmentPlace::Visit, next)).await?;
    }
    if effect == Effect::Heard {
        return Ok(());
    }
    reopen_if_closed(work, case, &times)?;
    // A customer who was met or spoken with already has a reply, so no timer for a reply is started.
    if !matches!(report.channel, Channel::Visit | Channel::Phone) {
        Box::pin(super::pause::end(work, case)).await?;
        timer::asked(work, case, &times).await?;
    }
    Ok(())
}

const fn chase_of(channel: Channel) -> ChaseKind {
    match channel {
        Channel::Phone => ChaseKind::Call,
        Channel::Visit => ChaseKind::Visit,
        _ => ChaseKind::Written,
    }
}

/// Records that the customer was met or spoken with at this time, which is a contact.
///
/// # Errors
/// As [`contact::made`].
pub async fn met(
    work: &mut Work,
    case: &mut case::Model,
    times: &CaseTimes,
    (at, place, next): (DateTime<Utc>, CommitmentPlace, Option<Due>),
) -> Outcome<()> {
    // A contact before the case was opened told the customer nothing about the case.
    if at < case.opened_at {
        return Ok(());
    }
    // Only the owner's own contact restarts the owner's timer. A contact by a colleague at the counter does not.
    if work.actor().staff() == Some(case.owner_id) {
        timer::acted_by(work, case, times);
    }
    contact::made(work, case, times, &Contact { at, place, message: None, next }).await
}

/// Reopens a closed case: it is under investigation again, its timers start again, and the customer is promised a
/// contact.
///
/// # Errors
/// As [`log::append`].
pub fn reopen_if_closed(work: &mut Work, case: &mut case::Model, times: &CaseTimes) -> Outcome<()> {
    reopen_until(work, case, times, times.first_contact(work.now()))
}

/// As [`reopen_if_closed`], with the time by which the customer hears from the company.
///
/// # Errors
/// As [`log::append`].
pub fn reopen_until(work: &mut Work, case: &mut case::Model, times: &CaseTimes, due: DateTime<Utc>) -> Outcome<()> {
    if case.stage != CaseStage::Closed {
        return Ok(());
    }
    case.closed_at = None;
    work.add_open_cases(case.owner_id, 1);
    timer::start(work, case, times, work.now());
    contact::promise_until(work, case, times, (work.now(), due));
    super::move_to(work, case, CaseStage::Investigating)?;
    log::append(work, case, &Payload::NextContactChanged { due })
}

/// The next case reference, such as "C-2026-000123". The year is the current year in UTC.
async fn next_reference(work: &Work) -> Outcome<String> {
    let backend = work.app().store().backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT nextval('case_reference') AS number",
        _ => "UPDATE case_reference SET last = last + 1 RETURNING last AS number",
    };
    let row = work.tx()?.query_one_raw(Statement::from_string(backend, sql)).await?;
    let number: i64 = row.ok_or(Fault::Broken("there is a next reference"))?.try_get("", "number")?;
    Ok(format!("C-{}-{number:06}", work.now().year()))
}
