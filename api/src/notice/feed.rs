//! Makes notices from the events of a seller's feed, from the stored position on.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::id::{CaseId, MessageId, ReportId, SellerId, StaffId};
use entity::kind::{NoticeKind, NoticeTiming, Visibility};
use entity::{case, event, message, notice, notice_feed, report, seller};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};

use super::decide::{self, NoticeDraft};
use super::person::NoticeRecipient;
use super::words::UNVERIFIED;
use crate::directory;
use crate::directory::watcher::watchers_of;
use crate::event::reader;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::mail::facts::MailFacts;

/// The sellers with events after the stored position, whose staff get notices by mail.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
    let own_seller = notice_feed::Entity::belongs_to(seller::Entity)
        .from(notice_feed::Column::SellerId)
        .to(seller::Column::Id)
        .into();
    reader::behind::<notice_feed::Entity>(notice_feed::Column::SellerId, notice_feed::Column::ReadTo)
        .column(notice_feed::Column::SellerId)
        .join(JoinType::InnerJoin, own_seller)
        .filter(seller::Column::NoticesByMail.eq(true))
        .into_tuple()
        .all(db)
        .await
}

/// Reads the next events of a seller's feed and inserts the notices that follow. Returns whether more events may be
/// waiting.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn read(work: &mut Work, id: SellerId) -> Outcome<bool> {
    let row = work.lock::<notice_feed::Model>(id).await?;
    let Some(mut row) = row else { return Ok(false) };
    let seller = directory::seller::one(work, id).await?;
    if !seller.notices_by_mail {
        return Ok(false);
    }
    let next = reader::next(work, id, row.read_to).await?;
    row.read_to = next.read_to;
    let mut all = Vec::new();
    let watchers = watchers_of(work.tx()?, next.events.iter().map(|event| event.case_id).collect()).await?;
    for (event, payload) in next.events.into_iter().filter_map(reader::known) {
        let told = decide::draft(&event, &payload);
        let person = told.as_ref().map(|told| told.to);
        let watching = watchers.get(&event.case_id).map(Vec::as_slice).unwrap_or_default();
        let more = decide::for_watchers(&event, &payload, watching, person);
        all.extend(more.into_iter().chain(told).map(|told| (event.clone(), told)));
    }
    let news = news(work, &all).await?;
    all.retain(|(_, told)| told.message.is_none_or(|message| news.contains_key(&message)));
    for (_, told) in &mut all {
        // The words of somebody who is not known to be the customer are never quoted in a mail.
        if told.message.and_then(|message| news.get(&message)) == Some(&Visibility::Internal) {
            (told.message, told.detail) = (None, Some(UNVERIFIED.to_owned()));
        }
    }
    insert(work, &seller, all).await?;
    Ok(next.more)
}

/// The messages that become notices, each with who may read it.
async fn news(work: &Work, all: &[(event::Model, NoticeDraft)]) -> Outcome<HashMap<MessageId, Visibility>> {
    let ids: Vec<MessageId> = all.iter().filter_map(|(_, told)| told.message).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = message::Entity::find().filter(message::Column::Id.is_in(ids)).all(work.tx()?).await?;
    let cases: Vec<(CaseId, DateTime<Utc>)> = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::OpenedAt])
        .filter(case::Column::Id.is_in(rows.iter().map(|row| row.case_id)))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let opened: HashMap<_, _> = cases.into_iter().collect();
    let reports: Vec<(ReportId, serde_json::Value)> = report::Entity::find()
        .select_only()
        .columns([report::Column::Id, report::Column::Details])
        .filter(report::Column::Id.is_in(rows.iter().filter_map(|row| row.report_id)))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let by_programs: HashSet<_> =
        reports.iter().filter(|(_, details)| MailFacts::of(details).is_automatic()).map(|(id, _)| *id).collect();
    let is_news = |row: &&message::Model| {
        let automatic = row.report_id.is_some_and(|report| by_programs.contains(&report));
        opened.get(&row.case_id).is_some_and(|opened_at| decide::is_news(row, *opened_at, automatic))
    };
    Ok(rows.iter().filter(is_news).map(|row| (row.id, row.visibility)).collect())
}

/// Inserts these notices, except those that their person does not want.
async fn insert(work: &mut Work, seller: &seller::Model, all: Vec<(event::Model, NoticeDraft)>) -> Outcome<()> {
    let mut people: HashMap<StaffId, Option<NoticeRecipient>> = HashMap::new();
    let mut known = HashSet::new();
    for (event, told) in all {
        let person = match people.entry(told.to) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(NoticeRecipient::of(work, told.to, seller).await?),
        };
        let Some(person) = person.as_ref().filter(|person| person.active) else { continue };
        let again = told.kind == NoticeKind::Escalated
            && decide::is_repetition(told.detail.as_deref())
            && (!known.insert((told.to, event.case_id, told.detail.clone()))
                || escalated_before(work, &event, &told).await?);
        let timing = decide::timing(&person.settings, told.kind, again);
        let Some(send_at) = decide::send_at(timing, &person.calendar, work.now()) else { continue };
        let row = notice::Model {
            id: work.new_id(),
            seller_id: seller.id,
            staff_id: told.to,
            case_id: event.case_id,
            seq: event.seq,
            kind: told.kind,
            detail: told.detail,
            message_id: told.message,
            at: event.at,
            send_at,
            digest: timing == NoticeTiming::Daily,
            letter_id: None,
            ended_at: None,
        };
        work.insert(row);
    }
    Ok(())
}

/// Whether the person already has a notice with this reason about the same case, mailed or waiting.
async fn escalated_before(work: &Work, event: &event::Model, told: &NoticeDraft) -> Outcome<bool> {
    let before = notice::Entity::find()
        .filter(notice::Column::StaffId.eq(told.to))
        .filter(notice::Column::CaseId.eq(event.case_id))
        .filter(notice::Column::Kind.eq(NoticeKind::Escalated))
        .filter(notice::Column::Detail.eq(told.detail.as_deref()))
        .filter(notice::Column::LetterId.is_not_null().or(notice::Column::EndedAt.is_null()))
        .limit(1);
    Ok(before.one(work.tx()?).await?.is_some())
}
