//! Changes the customer of a case when it turns out that somebody else is the customer: a person forwarded another
//! person's mail, or an address was misheard. The case keeps its owner. The new customer does not see what was said
//! with the former one, and the former one does not see what the new one says.

use std::collections::HashSet;

use entity::id::{CaseId, CustomerId, ReportId};
use entity::kind::{CaseStage, Channel, PartyKind, Visibility};
use entity::{case, customer_email, message, report, tracking_token};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::open;
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::own;
use crate::access::table::Action;
use crate::directory::customer::{self, Claimed};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::contact;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, optional, required};
use crate::kit::work::Work;
use crate::letter;
use crate::mail::facts::{self, MailFacts};
use crate::texts;
use crate::timer::{self, CaseTimes};

/// A request to change the customer of a case.
#[derive(Debug, Clone)]
pub struct Change {
    /// The case whose customer changes.
    pub case: CaseId,
    /// The id of a customer on record; if none, the customer is found or added by the fields below.
    pub customer: Option<CustomerId>,
    /// The customer's name.
    pub name: Option<String>,
    /// The customer's e-mail address. If it is on record, its customer is taken.
    pub email: Option<String>,
    /// The customer's telephone number.
    pub phone: Option<String>,
    /// The new subject of the case, which the customer reads.
    pub subject: Option<String>,
    /// Whether the former and the new customer are the same person, who may then read what was said before.
    pub same_customer: bool,
    /// How the actor knows who the customer is.
    pub reason: String,
}

/// Gives a case to its real customer. They are promised a first contact as for a new complaint, and get the letter that
/// says so.
///
/// # Errors
/// When the customer cannot be changed; each reason is named.
pub async fn change(work: &mut Work, ask: &Change) -> Outcome<case::Model> {
    door::lock_related(work, &[ask.case]).await?;
    let mut case = door::case(work, ask.case, Action::ChangeCustomer, "caseId").await?;
    let mut problems = Problems::default();
    let reason = problems.check(required(&ask.reason, "reason", 1_000)).unwrap_or_default();
    let name = problems.check(optional(ask.name.as_deref(), "name", 200)).flatten();
    let subject = problems.check(optional(ask.subject.as_deref(), "subject", 200)).flatten();
    let (mut email, mut phone) = ways(ask, &mut problems);
    check(work, &case, &mut problems).await?;
    problems.refuse_if_any()?;
    let chosen = match ask.customer {
        Some(id) => Some(customer::at(work, case.seller_id, id).await?),
        None => None,
    };
    if let Some(address) = &email {
        remove_address(work, &case, address).await?;
    }
    let claimed = Claimed { name: name.clone(), email: email.clone(), phone: phone.clone(), language: case.language };
    let customer = match chosen {
        Some(chosen) => {
            (email, phone) = (None, customer::number(work, chosen.id).await?);
            chosen
        }
        None => customer::find_or_add(work, case.seller_id, claimed).await?,
    };
    if customer.id == case.customer_id {
        let field = if ask.customer.is_some() { "customerId" } else { "email" };
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::case::customer_already()).into());
    }
    let from = std::mem::replace(&mut case.customer_id, customer.id);
    case.customer_name = name.or_else(|| customer.name.clone());
    case.language = customer.language;
    log::append(work, &mut case, &Payload::CustomerChanged { from, to: customer.id })?;
    crate::message::add(work, &mut case, Visibility::Internal, reason).await?;
    reissue_token(work, &case).await?;
    let mut addresses = addresses(work, customer.id).await?;
    // The address of a new customer is not stored yet: it is written at the end of the act.
    addresses.extend(email.clone());
    if ask.same_customer {
        reassign_history(work, &case, from).await?;
        case.subject = subject.unwrap_or_else(|| case.subject.clone());
    } else {
        let theirs = sort_reports(work, &case, &addresses).await?;
        sort_messages(work, &mut case, &theirs.ids).await?;
        case.subject = subject.or(theirs.subject).unwrap_or_else(|| neutral_subject(&case));
    }
    super::commitment::customer_changed(work, &case, from, ask.same_customer).await?;
    super::plan::customer_changed(work, &case, (from, ask.same_customer)).await?;
    restart_first_contact(work, &mut case, from, ask.same_customer).await?;
    letter::held::stop(work, case.id).await?;
    let ways = (email.or(addresses.into_iter().next()), phone);
    let called = case.customer_name.clone();
    letter::introduce(work, &mut case, called, ways).await?;
    Ok(case.done())
}

/// The address and number of the customer; none when the customer is chosen by id.
fn ways(ask: &Change, problems: &mut Problems) -> (Option<String>, Option<String>) {
    let given = (ask.email.as_deref(), ask.phone.as_deref());
    if ask.customer.is_none() {
        return contact::ways(problems, given, texts::case::address_or_number_missing());
    }
    if given != (None, None) {
        problems.add(Problem::new(ErrorCode::Invalid, "customerId", texts::case::chosen_keeps_ways()));
    }
    (None, None)
}

/// A subject that quotes nobody, because a subject is often the beginning of what the former customer wrote.
fn neutral_subject(case: &case::Model) -> String {
    case.category.clone().unwrap_or_else(|| texts::case::your_complaint().read_in(case.language).to_owned())
}

/// Removes this address from the former customer, if it was added to them because somebody confirmed a mail on this
/// case.
async fn remove_address(work: &Work, case: &case::Model, address: &str) -> Outcome<()> {
    let known = customer_email::Entity::find_by_id((case.seller_id, address.to_owned())).one(work.tx()?).await?;
    if known.is_none_or(|known| known.customer_id != case.customer_id) {
        return Ok(());
    }
    let is_it = |details: &Value| {
        let mail = MailFacts::of(details);
        mail.confirmed && mail.sender().as_deref() == Some(address)
    };
    if details(work, case).await?.iter().any(|(_, _, _, details)| is_it(details)) {
        let row = customer_email::Entity::delete_by_id((case.seller_id, address.to_owned()));
        row.exec(work.tx()?).await?;
    }
    Ok(())
}

async fn check(work: &Work, case: &case::Model, problems: &mut Problems) -> Outcome<()> {
    let absorbs = door::has_merged_in(work, case.id).await?;
    problems.check(CaseAct::ChangeCustomer.check(&Situation { absorbs, ..Situation::of(case) }, "caseId"));
    Ok(())
}

/// Issues the tracking token of the new customer, and revokes all other tokens of the case. A token of this customer
/// that was revoked with all others is not issued again: the new one is of a later generation.
async fn reissue_token(work: &mut Work, case: &case::Model) -> Outcome<()> {
    let others = tracking_token::Entity::update_many()
        .filter(tracking_token::Column::CaseId.eq(case.id))
        .filter(tracking_token::Column::RevokedAt.is_null())
        .col_expr(tracking_token::Column::RevokedAt, Expr::value(work.now()));
    others.exec(work.tx()?).await?;
    let token = open::tracking(work, case, own::token_of(work, case).await?);
    // The same customer may have had the case before, and then has a token with the same hash.
    let before = tracking_token::Entity::delete_by_id(token.hash.clone());
    before.exec(work.tx()?).await?;
    work.insert(token);
    Ok(())
}

async fn addresses(work: &Work, customer: CustomerId) -> Outcome<Vec<String>> {
    let known = customer_email::Entity::find()
        .select_only()
        .column(customer_email::Column::Address)
        .filter(customer_email::Column::CustomerId.eq(customer))
        .order_by_asc(customer_email::Column::Address)
        .into_tuple();
    Ok(known.all(work.tx()?).await?)
}

/// The reports of a case without their texts, the oldest first. The texts are left out because a case may hold many
/// long mails.
async fn details(work: &Work, case: &case::Model) -> Outcome<Vec<(ReportId, CustomerId, Channel, Value)>> {
    let reports = report::Entity::find()
        .select_only()
        .columns([report::Column::Id, report::Column::CustomerId, report::Column::Channel, report::Column::Details])
        .filter(report::Column::CaseId.eq(case.id))
        .order_by_asc(report::Column::RecordedAt)
        .order_by_asc(report::Column::Id)
        .into_tuple();
    Ok(reports.all(work.tx()?).await?)
}

/// The reports of a case that are from its customer.
struct Theirs {
    ids: HashSet<ReportId>,
    /// The first subject that the customer gave in one of them.
    subject: Option<String>,
}

/// Assigns what the former customer said to the new one, who is the same person. The rows are written at the end of the
/// act, after the row of a new customer.
async fn reassign_history(work: &mut Work, case: &case::Model, from: CustomerId) -> Outcome<()> {
    let to = case.customer_id;
    let reports =
        report::Entity::find().filter(report::Column::CaseId.eq(case.id)).filter(report::Column::CustomerId.eq(from));
    for row in reports.all(work.tx()?).await? {
        work.save(report::Model { customer_id: to, ..row });
    }
    let said = message::Entity::find()
        .filter(message::Column::CaseId.eq(case.id))
        .filter(message::Column::ByKind.eq(PartyKind::Customer))
        .filter(message::Column::ById.eq(from.0));
    for row in said.all(work.tx()?).await? {
        work.save(message::Model { by_id: Some(to.0), ..row });
    }
    Ok(())
}

/// Marks which reports of the case are from its customer, and returns them. A mail is from the customer if it came from
/// one of their addresses and was not sent by a program. Any other report is from the customer it was filed for.
async fn sort_reports(work: &mut Work, case: &case::Model, addresses: &[String]) -> Outcome<Theirs> {
    let mut theirs = Theirs { ids: HashSet::new(), subject: None };
    for (id, customer, channel, mut details) in details(work, case).await? {
        let mail = (channel == Channel::Email).then(|| MailFacts::of(&details));
        let own = match &mail {
            Some(mail) => mail.believed_sender().is_some_and(|from| addresses.contains(&from)),
            None => customer == case.customer_id,
        };
        let automatic = mail.as_ref().is_some_and(MailFacts::is_automatic);
        if let Some(mail) = mail {
            facts::mark(&mut details, !own && !automatic, mail.perhaps);
        }
        if own && !automatic {
            theirs.ids.insert(id);
            // Written at the end of the act, because the row of a new customer is written then as well.
            let row = report::Entity::find_by_id(id).one(work.tx()?).await?;
            let row = row.ok_or(Fault::Broken("a report does not go away"))?;
            // The subject of a reply contains the case's reference and was written by the company.
            let said = row.subject.clone().filter(|subject| !subject.contains(&case.reference));
            theirs.subject = theirs.subject.or(said);
            work.save(report::Model { details, customer_id: case.customer_id, ..row });
        } else if channel == Channel::Email {
            let row = report::Entity::update_many().filter(report::Column::Id.eq(id));
            row.col_expr(report::Column::Details, Expr::value(details)).exec(work.tx()?).await?;
        }
    }
    Ok(theirs)
}

/// Shows the customer the messages that they wrote, and hides all others that were written before.
async fn sort_messages(work: &mut Work, case: &mut case::Model, theirs: &HashSet<ReportId>) -> Outcome<()> {
    let shown = message::Entity::update_many()
        .filter(message::Column::CaseId.eq(case.id))
        .filter(message::Column::Visibility.eq(Visibility::Customer))
        .col_expr(message::Column::Visibility, Expr::value(Visibility::Internal));
    shown.exec(work.tx()?).await?;
    let said = message::Entity::find()
        .filter(message::Column::CaseId.eq(case.id))
        .filter(message::Column::ByKind.eq(PartyKind::Customer))
        .all(work.tx()?)
        .await?;
    let (customer, visibility) = (Some(case.customer_id.0), Visibility::Customer);
    let own = |row: &message::Model| row.report_id.map_or(row.by_id == customer, |report| theirs.contains(&report));
    for row in said.into_iter().filter(own) {
        log::append(work, case, &Payload::MessageAdded { message: row.id, visibility })?;
        work.save(message::Model { visibility, by_id: customer, ..row });
    }
    Ok(())
}

/// Promises the customer a first contact as for a complaint filed today, or earlier if an earlier time was promised
/// before.
async fn restart_first_contact(work: &mut Work, case: &mut case::Model, from: CustomerId, same: bool) -> Outcome<()> {
    let (now, times) = (work.now(), CaseTimes::of(work, case).await?);
    if case.stage == CaseStage::Closed {
        return open::reopen_if_closed(work, case, &times);
    }
    let promised = times.first_contact(now);
    let before = case.next_contact_due;
    let due = before.filter(|due| *due > now).map_or(promised, |due| due.min(promised));
    super::contact::customer_changed(work, case, &times, (due, from, same)).await?;
    timer::acted(work, case).await?;
    if before != Some(due) {
        case.next_contact_due = Some(due);
        log::append(work, case, &Payload::NextContactChanged { due })?;
    }
    Ok(())
}
