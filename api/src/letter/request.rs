//! The letter with the link to a customer's cases, for which anybody can ask by entering an address. The request is
//! stored as a letter without words, whoever's address it is. Only when it is sent is it looked up whether a customer
//! has the address. So nobody learns by asking who is a customer: neither from the answer, nor from the time that it
//! takes.

use chrono::TimeDelta;
use entity::id::{LetterId, TypedId};
use entity::kind::LetterKind;
use entity::{case, customer, customer_email, letter, seller, tracking_token};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::template::{Rendered, Values};
use super::{HIDDEN, built_in, draft, held, render, sender, words};
use crate::access::door;
use crate::access::table::Action;
use crate::directory;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::contact;
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::work::Work;
use crate::texts;

/// The most letters of this kind to one address in a day (UTC).
const IN_A_DAY: u8 = 3;
/// The most cases that a letter lists.
const LISTED: u64 = 10;
/// How long a request for an address that no customer has is kept. It counts for the day on which it was made.
const KEPT: TimeDelta = TimeDelta::days(2);
/// The most requests that are forgotten at once.
const AT_ONCE: u64 = 1_000;

/// Stores the request for a letter to this address. Nothing is stored when there were three already that day, or when
/// the seller has no mailbox or no page for its customers.
///
/// # Errors
/// `FORBIDDEN` for everybody but forms; `INVALID` when the text is no address.
pub async fn ask(work: &mut Work, email: &str) -> Outcome<()> {
    let seller = door::intake(work, Action::RequestTrackingLink)?;
    let email = required(email, "email", 320)?;
    let bad = || Problem::new(ErrorCode::Invalid, "email", texts::input::bad_email());
    let to = contact::email(&email).ok_or_else(bad)?;
    let page = directory::seller::one(work, seller).await?.tracking_url;
    let Some(from) = sender(work, seller, None, None).await?.filter(|_| page.is_some()) else { return Ok(()) };
    // The ids of a day's letters to an address follow from its number, so that two requests at the same time cannot
    // become more letters than one after the other.
    let day = work.now().date_naive();
    let id = |number: u8| {
        let mac = work.app().secret().mac("links", format!("{seller} {to} {day} {number}").as_bytes());
        LetterId(Uuid::from_u128(u128::from_be_bytes(mac.first_chunk().copied().unwrap_or_default())))
    };
    let ids: Vec<LetterId> = (1..=IN_A_DAY).map(id).collect();
    let known: Vec<LetterId> = letter::Entity::find()
        .select_only()
        .column(letter::Column::Id)
        .filter(letter::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let Some(free) = ids.into_iter().find(|id| !known.contains(id)) else { return Ok(()) };
    let nothing = Rendered { subject: String::new(), text: String::new(), html: String::new() };
    let row = draft::row(work, free, (&from, LetterKind::Links, &to), nothing);
    work.insert_if_new(row);
    Ok(())
}

/// The letter with its words. None for a request for a link when no customer with a case has the address.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn written(app: &App, row: &letter::Model) -> Outcome<Option<letter::Model>> {
    if row.kind != LetterKind::Links || row.case_id.is_some() {
        return Ok(Some(row.clone()));
    }
    let id = row.id;
    app.run(Actor::System, async move |work: &mut Work| write(work, id).await).await
}

async fn write(work: &mut Work, id: LetterId) -> Outcome<Option<letter::Model>> {
    let Some(mut row) = work.lock::<letter::Model>(id).await? else { return Ok(None) };
    let address = row.recipient.clone();
    let known = customer_email::Entity::find_by_id((row.seller_id, address.clone())).one(work.tx()?).await?;
    let Some(known) = known.filter(|_| row.case_id.is_none()) else { return Ok(None) };
    if held::is_mailbox(work, &address).await? {
        return Ok(None);
    }
    let (cases, more) = cases(work, &known).await?;
    let Some(newest) = cases.first() else { return Ok(None) };
    let seller = directory::seller::one(work, row.seller_id).await?;
    let Some(page) = seller.tracking_url.clone() else { return Ok(None) };
    draft::follow(work, newest, &address).await?;
    let customer = customer::Entity::find_by_id(known.customer_id).one(work.tx()?).await?;
    let language = customer.map_or(seller.language, |customer| customer.language);
    let values = Values {
        message: Some(list(&cases, more, &seller, language)),
        link: Some(format!("{page}#{HIDDEN}")),
        seller: seller.name,
        ..Values::empty(language)
    };
    let Rendered { subject, text, html } = render::render(&built_in::built_in(LetterKind::Links, language), &values);
    (row.subject, row.body, row.html) = (subject, text, html);
    (row.case_id, row.customer_id) = (Some(newest.id), Some(known.customer_id));
    Ok(Some(row.done()))
}

/// The cases that a letter to this address may list, newest first, and whether there are more. For an address that
/// staff added, the latest case that a letter to it was about.
async fn cases(work: &Work, known: &customer_email::Model) -> Outcome<(Vec<case::Model>, bool)> {
    let mut theirs = case::Entity::find().filter(case::Column::CustomerId.eq(known.customer_id));
    if known.added_by_staff {
        let told = tracking_token::Entity::find()
            .select_only()
            .column(tracking_token::Column::CaseId)
            .filter(tracking_token::Column::CustomerId.eq(known.customer_id))
            .filter(tracking_token::Column::Address.eq(known.address.as_str()))
            .order_by_desc(tracking_token::Column::CreatedAt)
            .limit(1)
            .into_tuple::<entity::id::CaseId>()
            .one(work.tx()?)
            .await?;
        let Some(told) = told else { return Ok((Vec::new(), false)) };
        theirs = theirs.filter(case::Column::Id.eq(told));
    }
    let newest = theirs.order_by_desc(case::Column::OpenedAt).order_by_desc(case::Column::Id);
    let mut cases = newest.limit(LISTED + 1).all(work.tx()?).await?;
    let more = cases.len() as u64 > LISTED;
    cases.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
    Ok((cases, more))
}

fn list(cases: &[case::Model], more: bool, seller: &seller::Model, language: entity::kind::Language) -> String {
    let zone = directory::calendar::zone(&seller.calendar);
    let line = |case: &case::Model| {
        let day = words::day_in_words(case.received_at.with_timezone(&zone).date_naive(), language);
        texts::letter::case_received(&case.reference, day).read_in(language).to_owned()
    };
    let mut lines: Vec<String> = cases.iter().map(line).collect();
    if more {
        lines.push(texts::letter::more_cases().read_in(language).to_owned());
    }
    lines.join("\n")
}

/// Deletes the requests for addresses that no customer has, some time after they ended.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let old: Vec<LetterId> = letter::Entity::find()
        .select_only()
        .column(letter::Column::Id)
        .filter(letter::Column::Kind.eq(LetterKind::Links))
        .filter(letter::Column::CaseId.is_null())
        .filter(letter::Column::EndedAt.is_not_null())
        .filter(letter::Column::EndedAt.lt(work.now() - KEPT))
        .limit(AT_ONCE)
        .into_tuple()
        .all(work.tx()?)
        .await?;
    if !old.is_empty() {
        letter::Entity::delete_many().filter(letter::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    Ok(())
}
