//! The one path of intake: everything that arrives becomes, exactly once, a case with an owner, or joins a case. It
//! never fails because a rule or a parser fails: what cannot be understood or routed goes to the seller's accountable
//! person.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId, PartnerId, ReportId, RuleSetId, SellerId, ServiceLevelId, StaffId};
use entity::json::{CalendarContent, LegalChoices, ServiceTimes};
use entity::kind::{Channel, CommitmentPlace, Language, Priority, Visibility};
use entity::{attachment, blob, case, partner, report};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::complainant::{self, Complainant};
use super::join::{self, Joining};
use super::known::{self, Seen, StoredKey};
use super::report::{Arrived, File, Returned};
use super::thread;
use crate::access::storage::{self, Stores};
use crate::calendar::stored;
use crate::case::commitment;
use crate::case::legal::{self, Beginning};
use crate::case::open::{self, NewCase};
use crate::directory::catalogue;
use crate::directory::{customer, level};
use crate::kit::error::{Fault, Outcome};
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::legal::Starts;
use crate::letter::{self, Answered};
use crate::mail::facts;
use crate::message::from_report;
use crate::ownership::decide::FallbackReason;
use crate::ownership::people::People;
use crate::ownership::route::{self, Answers, Routed};
use crate::ownership::rule_set;
use crate::ownership::rules::Facts;
use crate::timer::CaseTimes;
use crate::upload::{self, Holder};

pub use entity::kind::Disposition;

/// The result of receiving something.
#[derive(Debug, Clone)]
pub struct Received {
    /// What was done with the report.
    pub disposition: Disposition,
    /// The report that was stored, or the earlier one of a duplicate.
    pub report: ReportId,
    /// The customer whom the report is from.
    pub customer: CustomerId,
    /// The case that the report is on.
    pub case: case::Model,
}

/// What intake needs to know first, read in one statement.
#[derive(Debug, FromQueryResult)]
struct Context {
    accountable_id: StaffId,
    language: Language,
    by_email: Option<CustomerId>,
    tier_by_email: Option<String>,
    open_by_email: i64,
    open_owner: Option<StaffId>,
    fingerprint: Option<Vec<u8>>,
    result: Option<Value>,
    key_expires_at: Option<DateTime<Utc>>,
    rule_set_id: Option<RuleSetId>,
    rule_set_version: Option<i64>,
    times: ServiceTimes,
    calendar: CalendarContent,
    legal_clocks: LegalChoices,
    /// Whether any team of the seller has a calendar of its own.
    team_calendars: bool,
    /// Whether any service level of the seller is for one priority or category.
    chosen_levels: bool,
    catalogue_version: i64,
}

/// Stores what arrived, and opens a case for it or joins it to one.
///
/// # Errors
/// `KEY_REUSED` when the idempotency key was used with other content; `STORAGE_USED_UP` when too many bytes were
/// stored; the errors of [`complainant::check_chosen`] and [`thread::find`].
pub async fn receive(work: &mut Work, arrived: &Arrived) -> Outcome<Received> {
    let context = context(work, arrived).await?;
    let key = context.key();
    let first = match known::look(work, arrived, key.as_ref()).await? {
        Seen::Before(received) => return Ok(*received),
        Seen::Otherwise(first) => Some(*first),
        Seen::Never => {
            complainant::check_chosen(work, arrived).await?;
            None
        }
    };
    let files = arrived.attachments.iter().map(|file| file.bytes.len()).sum::<usize>();
    let stores = match arrived.channel {
        Channel::Email => Stores { text: 0, files: arrived.raw.bytes.len() + files, field: "raw" },
        Channel::Web => Stores { text: arrived.raw.bytes.len(), files, field: "text" },
        _ => Stores { text: arrived.raw.bytes.len(), files, field: "words" },
    };
    storage::take(work, stores).await?;
    let thread::Thread { case, unverified, perhaps } = if let Some(first) = &first {
        thread::of_report(work, first).await?
    } else {
        // Where the sender's domain says that it did not send the mail, the sender is not the customer, whatever From
        // says.
        let sender = context.by_email.filter(|_| !arrived.answer.doubted);
        thread::find(work, arrived, sender).await?
    };
    let complainant = match (&first, &case) {
        (Some(first), _) => Complainant::only(first.customer_id),
        (None, Some(case)) => Complainant::only(case.customer_id),
        (None, None) => complainant::find_or_create(work, arrived, context.by_email(), context.language).await?,
    };
    let case_id = case.as_ref().map_or_else(|| work.new_id(), |case| case.id);
    let (mut blobs, mut report, attachments) = store_raw(work, arrived, case_id, complainant.id);
    // Sorted, so that two transactions that store the same files cannot deadlock.
    blobs.sort_by(|one, other| one.sha256.cmp(&other.sha256));
    if unverified || perhaps.is_some() {
        facts::mark(&mut report.details, unverified, perhaps);
    }
    if let (Some(first), Some(details)) = (&first, report.details.as_object_mut()) {
        details.insert("adds".to_owned(), json!(first.id));
    }
    known::remember(work, arrived, key.as_ref(), first.is_some(), (report.id, case_id)).await?;
    for blob in blobs {
        work.insert_if_new(blob);
    }
    let (mut thanked, report_id) = (false, report.id);
    let (case, disposition) = if let Some(mut case) = case {
        let joining = Joining { report: &report, first: first.as_ref(), unverified };
        thanked = join::join(work, arrived, &mut case, &joining).await?;
        if first.is_none() {
            promised(work, arrived, &mut case).await?;
        }
        (case.done(), if first.is_some() { Disposition::Updated } else { Disposition::Attached })
    } else {
        note_returned(work, arrived, None).await?;
        (open_case(work, arrived, &context, &report, &complainant).await?, Disposition::CreatedCase)
    };
    let sent = upload::take(work, &arrived.uploads, "uploadIds").await?;
    upload::attach(work, case.id, Holder::Report(report_id), attachments.len(), sent);
    for attachment in attachments {
        work.insert(attachment);
    }
    // An unverified sender may have nothing to do with the case, and somebody who only thanks needs no acknowledgement.
    if !unverified && !thanked {
        answer(work, arrived, &case, &report, disposition).await?;
    }
    Ok(Received { disposition, report: report.id, customer: report.customer_id, case })
}

/// Records what was promised to the customer in a call or at a visit.
async fn promised(work: &mut Work, arrived: &Arrived, case: &mut case::Model) -> Outcome<()> {
    let place = match arrived.channel {
        Channel::Phone => CommitmentPlace::Call,
        _ => CommitmentPlace::Visit,
    };
    commitment::make_all(work, case, &arrived.promised, (place, "commitments")).await
}

/// Notes that a letter came back undelivered.
pub(super) async fn note_returned(work: &mut Work, arrived: &Arrived, case: Option<&mut case::Model>) -> Outcome<()> {
    let Some(Returned { letter, reason }) = arrived.returned.clone() else { return Ok(()) };
    letter::returned::bounced(work, letter, &reason, case).await
}

/// Acknowledges the report by letter. There is no letter for a program's mail, an imported report, a contact that the
/// company made, a report received again, or an addition by another channel than e-mail.
async fn answer(
    work: &mut Work,
    arrived: &Arrived,
    case: &case::Model,
    report: &report::Model,
    disposition: Disposition,
) -> Outcome<()> {
    let added = disposition == Disposition::Attached;
    let by_mail = arrived.channel == Channel::Email;
    let told_again = disposition == Disposition::Updated;
    if arrived.automatic || arrived.imported || arrived.ours.is_some() || told_again || added && !by_mail {
        return Ok(());
    }
    let answered = Answered {
        report,
        name: arrived.sender.name.as_deref(),
        to: arrived.sender.email.as_deref(),
        mailbox: arrived.answer.mailbox,
        doubted: arrived.answer.doubted,
        added,
    };
    letter::acknowledge(work, case, &answered).await
}

impl Context {
    fn key(&self) -> Option<StoredKey> {
        let (fingerprint, result) = (self.fingerprint.clone()?, self.result.clone()?);
        Some(StoredKey { fingerprint, result, expires_at: self.key_expires_at })
    }

    /// The customer who is known by the sender's e-mail address.
    fn by_email(&self) -> Option<Complainant> {
        Some(Complainant {
            id: self.by_email?,
            tier: self.tier_by_email.clone(),
            open_cases: self.open_by_email,
            open_owner: self.open_owner,
        })
    }
}

async fn context(work: &Work, arrived: &Arrived) -> Outcome<Context> {
    let sql = "SELECT s.accountable_id, s.language, e.customer_id AS by_email,
            (SELECT k.tier FROM customer k WHERE k.id = e.customer_id) AS tier_by_email,
            (SELECT count(*) FROM (SELECT 1 FROM \"case\" k
                WHERE k.customer_id = e.customer_id AND k.closed_at IS NULL LIMIT $6) o) AS open_by_email,
            (SELECT k.owner_id FROM \"case\" k WHERE k.customer_id = e.customer_id AND k.closed_at IS NULL
                ORDER BY k.opened_at DESC, k.id DESC LIMIT 1) AS open_owner,
            i.fingerprint, i.result, i.expires_at AS key_expires_at,
            r.id AS rule_set_id, r.version AS rule_set_version,
            s.times, s.calendar, s.legal_clocks, s.catalogue_version,
            EXISTS (SELECT 1 FROM team t WHERE t.seller_id = s.id AND t.calendar IS NOT NULL) AS team_calendars,
            EXISTS (SELECT 1 FROM service_level l WHERE l.seller_id = s.id
                AND (l.priority IS NOT NULL OR l.category IS NOT NULL)) AS chosen_levels
        FROM seller s
        LEFT JOIN customer_email e ON e.seller_id = s.id AND e.address = $2
        LEFT JOIN idempotency i ON i.scope = $3 AND i.operation = $4 AND i.key = $5
        LEFT JOIN (SELECT id, version, seller_id FROM rule_set WHERE seller_id = $1 ORDER BY version DESC LIMIT 1) r
            ON r.seller_id = s.id
        WHERE s.id = $1";
    let values = [
        arrived.seller.into(),
        arrived.sender.email.clone().unwrap_or_default().into(),
        known::scope(arrived.seller).into(),
        arrived.once.operation.into(),
        arrived.once.key.clone().into(),
        customer::OPEN_COUNTED.into(),
    ];
    let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, values);
    let found = Context::find_by_statement(statement).one(work.tx()?).await?;
    Ok(found.ok_or(Fault::Broken("an actor has a seller"))?)
}

/// The service level and the times of a new case. The rule that routed it may name the level; otherwise category
/// and priority decide.
async fn times_of(
    work: &Work,
    seller: SellerId,
    context: &Context,
    routed: &Routed,
    categories: &[String],
) -> Outcome<(Option<ServiceLevelId>, CaseTimes)> {
    let priority = routed.then.priority.unwrap_or(Priority::Normal);
    let level = match routed.then.service_level {
        None if context.chosen_levels => level::chosen(work.tx()?, seller, priority, categories).await?,
        given => given,
    };
    if level.is_none() && !context.team_calendars {
        return Ok((level, CaseTimes::new(context.times.clone(), &context.calendar)));
    }
    let found = CaseTimes::read(work.tx()?, seller, routed.choice.owner, level).await?;
    Ok((level, found.ok_or(Fault::Broken("an actor has a seller"))?))
}

fn begin_legal_clocks(work: &mut Work, case: &case::Model, context: &Context, categories: &[String], imported: bool) {
    let beginning =
        Beginning { starts: Starts::Received, at: case.received_at, enquiry: None, categories, quiet: imported };
    legal::begin(work, case, (&context.legal_clocks, &context.calendar), beginning);
}

async fn open_case(
    work: &mut Work,
    arrived: &Arrived,
    context: &Context,
    report: &report::Model,
    complainant: &Complainant,
) -> Outcome<case::Model> {
    let language = arrived.sender.language.unwrap_or(context.language);
    let partners = own_partners(work, arrived).await?;
    let shown = arrived.shown.as_ref().unwrap_or(&arrived.words);
    let subject = arrived.subject.clone().unwrap_or_else(|| first_line(shown));
    let calendar = stored::calendar(&context.calendar);
    let answers = Answers { id: arrived.seller, accountable: context.accountable_id, calendar };
    let catalogue = catalogue::at(work, arrived.seller, context.catalogue_version).await?;
    let place = catalogue.place(arrived.about.category.as_deref(), arrived.about.product.as_deref());
    let suggested: Vec<PartnerId> = place.partners.into_iter().filter(|id| !partners.contains(id)).collect();
    let categories: Vec<String> = place.category.iter().chain(&place.above).cloned().collect();
    let facts = Facts {
        channel: arrived.channel,
        category: place.category.clone(),
        above_category: place.above,
        product: arrived.about.product.clone(),
        language,
        amount: arrived.about.order_amount.clone(),
        partners: partners.iter().chain(&suggested).copied().collect(),
        severity: arrived.about.severity,
        customer_tier: complainant.tier.clone(),
        customer_open_cases: i32::try_from(complainant.open_cases).unwrap_or(i32::MAX),
        times_chased: 0,
        open_case_owner: complainant.open_owner,
        tags: arrived.about.tags.clone(),
        business_hours: answers.open(arrived.received_at),
        subject: subject.clone(),
        // Rules read only the beginning of a very long text. The report keeps all of it.
        words: truncated(shown, crate::message::LONGEST),
    };
    let routed = if arrived.understood {
        let rules = match context.rule_set_id.zip(context.rule_set_version) {
            Some((id, version)) => Some(rule_set::load(work, arrived.seller, id, version).await?),
            None => None,
        };
        route::by_rules(work, &answers, rules.as_ref(), facts, &mut People::default()).await?
    } else {
        let rule_set = context.rule_set_id.zip(context.rule_set_version);
        route::fallback(&answers, rule_set, facts, FallbackReason::NotUnderstood)
    };
    let about = NewCase {
        customer_name: arrived.sender.name.clone(),
        subject,
        category: place.category,
        product: arrived.about.product.clone(),
        language,
        order_reference: arrived.about.order_reference.clone(),
        order_amount: arrived.about.order_amount.clone(),
        remedy_sought: arrived.about.remedy_sought.clone(),
        severity: arrived.about.severity,
        tags: arrived.about.tags.clone(),
    };
    let (level, times) = times_of(work, arrived.seller, context, &routed, &categories).await?;
    let promised = (&times, arrived.promised_from.unwrap_or(work.now()));
    let mut case = open::open(work, report.case_id, about, report, (&routed, level), promised).await?;
    self::promised(work, arrived, &mut case).await?;
    let message = from_report(work, &mut case, report, (Visibility::Customer, None), arrived.shown.as_deref())?;
    // A rule asks no partner about an imported case, because the case is an old one.
    let asked = routed.then.task.as_ref().filter(|_| !arrived.imported);
    let task = crate::task::ask_by_rule(work, &mut case, asked).await?;
    // In the order of the foreign keys: each row after those that it references.
    work.insert(case.clone());
    work.insert(report.clone());
    work.insert(message);
    open::insert_beside(work, &case, &partners, &suggested, &routed)?;
    begin_legal_clocks(work, &case, context, &categories, arrived.imported);
    if let Some(task) = task {
        work.insert(task);
    }
    Ok(case)
}

/// Those of the named partners that belong to this seller. Others are left out.
async fn own_partners(work: &Work, arrived: &Arrived) -> Outcome<Vec<PartnerId>> {
    if arrived.about.partners.is_empty() {
        return Ok(Vec::new());
    }
    Ok(partner::Entity::find()
        .select_only()
        .column(partner::Column::Id)
        .filter(partner::Column::SellerId.eq(arrived.seller))
        .filter(partner::Column::Id.is_in(arrived.about.partners.clone()))
        .into_tuple()
        .all(work.tx()?)
        .await?)
}

fn first_line(words: &str) -> String {
    let line = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("—");
    let short = truncated(line, 100);
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// The rows that keep what arrived, unchanged. The same bytes are stored only once.
fn store_raw(
    work: &Work,
    arrived: &Arrived,
    case_id: CaseId,
    customer_id: CustomerId,
) -> (Vec<blob::Model>, report::Model, Vec<attachment::Model>) {
    let mut blobs = Vec::new();
    let mut known = HashSet::new();
    let mut keep = |file: &File| {
        let sha256 = Sha256::digest(file.bytes.as_slice()).to_vec();
        // A mail that came to a mailbox was stored before it was read.
        let kept = arrived.answer.mailbox.is_some() && std::ptr::eq(file, &raw const arrived.raw);
        if known.insert(sha256.clone()) && !kept {
            blobs.push(blob::Model { sha256: sha256.clone(), bytes: Some(file.bytes.to_vec()), upload_id: None });
        }
        (sha256, i64::try_from(file.bytes.len()).unwrap_or(i64::MAX))
    };
    let (raw_sha256, raw_size) = keep(&arrived.raw);
    let (received_by_kind, received_by_id) = work.actor().party();
    let report = report::Model {
        id: work.new_id(),
        seller_id: arrived.seller,
        case_id,
        customer_id,
        channel: arrived.channel,
        received_at: arrived.received_at,
        recorded_at: work.now(),
        received_by_kind,
        received_by_id,
        subject: arrived.subject.clone(),
        words: arrived.words.clone(),
        message_id: arrived.message_id.clone(),
        understood: arrived.understood,
        details: arrived.details.clone(),
        raw_sha256,
        raw_content_type: arrived.raw.content_type.clone(),
        raw_size,
        from_number: arrived.sender.phone.clone().filter(|_| arrived.channel == Channel::Phone),
    };
    let attachments = arrived.attachments.iter().zip(0..).map(|(file, position)| {
        let (sha256, size) = keep(file);
        let facts = (position, file.name.clone(), file.content_type.clone(), size, sha256);
        upload::attached(work.new_id(), case_id, Holder::Report(report.id), facts)
    });
    let attachments = attachments.collect();
    (blobs, report, attachments)
}
