//! Which events become notices, to whom, and when they are mailed. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{MessageId, StaffId};
use entity::json::NoticeSettings;
use entity::kind::{ChaseKind, EscalationReason, HandoverStatus, NoticeKind, NoticeTiming, PartyKind, Thanks};
use entity::{event, message};

use crate::calendar::Calendar;
use crate::event::payload::Payload;

/// The most cases about which a person gets separate mails at the same time. More are combined into one summary.
pub const ONE_BY_ONE: usize = 3;

/// A notice to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDraft {
    /// The member of staff who gets the notice.
    pub to: StaffId,
    /// The kind of notice.
    pub kind: NoticeKind,
    /// The detail: the reason of an escalation, the kind of event of a hand-over or a task, or the id of a commitment.
    pub detail: Option<String>,
    /// The message of the customer that it is about.
    pub message: Option<MessageId>,
}

/// The notice that this event becomes. None about a person's own acts, and none about imported events. Whether a
/// message becomes a notice also depends on [`is_news`].
#[must_use]
pub fn draft(event: &event::Model, payload: &Payload) -> Option<NoticeDraft> {
    let owner = event.owner_id;
    let (kind, to) = match payload {
        Payload::CaseOpened { owner, .. } => (NoticeKind::Assigned, *owner),
        Payload::OwnerChanged { to, .. } => (NoticeKind::Assigned, *to),
        Payload::HandoverOffered { to, .. } => (NoticeKind::Handover, *to),
        Payload::HandoverEnded { status: HandoverStatus::Declined, .. } => (NoticeKind::Handover, owner),
        Payload::CaseEscalated { to, .. } => (NoticeKind::Escalated, *to),
        Payload::StaffMentioned { to, .. } => (NoticeKind::Mentioned, *to),
        // The other kinds of chases come with a message, which becomes a notice itself.
        Payload::MessageAdded { .. }
        | Payload::CaseChased { how: ChaseKind::MissedCall | ChaseKind::AskedForNews, .. } => {
            (NoticeKind::CustomerWrote, owner)
        }
        Payload::CustomerUnreached { .. } => (NoticeKind::CallCustomer, owner),
        Payload::CommitmentNear { .. } => (NoticeKind::CommitmentTomorrow, owner),
        Payload::TaskAccepted { .. }
        | Payload::TaskUpdated { .. }
        | Payload::TaskCompleted { .. }
        | Payload::TaskDeclined { .. }
        | Payload::TaskLate { .. }
        | Payload::TaskMessageAdded { .. }
        | Payload::StatementGiven { .. }
        | Payload::PartnerUnreachable { .. } => (NoticeKind::Task, owner),
        _ => return None,
    };
    let own = event.by_kind == PartyKind::Staff && event.by_id == Some(to.0);
    let detail = match (kind, payload) {
        (NoticeKind::Handover | NoticeKind::Task, _) => Some(event.kind.clone()),
        (_, Payload::CaseEscalated { why, .. }) => Some(why.word().to_owned()),
        (_, Payload::CommitmentNear { commitment, .. }) => Some(commitment.to_string()),
        _ => None,
    };
    let message = match payload {
        Payload::MessageAdded { message, .. } => Some(*message),
        _ => None,
    };
    (!own && event.by_kind != PartyKind::Import).then_some(NoticeDraft { to, kind, detail, message })
}

/// The notices that this event becomes for those who watch its case, besides the person who gets one anyway: about what
/// is said on it, another owner or stage, escalations, and tasks that are done or declined. None to its owner, and none
/// about a person's own acts.
#[must_use]
pub fn for_watchers(
    event: &event::Model,
    payload: &Payload,
    watchers: &[StaffId],
    told: Option<StaffId>,
) -> Vec<NoticeDraft> {
    let shown = matches!(
        payload,
        Payload::MessageAdded { .. }
            | Payload::OwnerChanged { .. }
            | Payload::StageChanged { .. }
            | Payload::CaseEscalated { .. }
            | Payload::TaskCompleted { .. }
            | Payload::TaskDeclined { .. }
    );
    if !shown || event.by_kind == PartyKind::Import {
        return Vec::new();
    }
    let own = |person: StaffId| event.by_kind == PartyKind::Staff && event.by_id == Some(person.0);
    let others = watchers.iter().copied();
    let others = others.filter(|person| *person != event.owner_id && Some(*person) != told && !own(*person));
    others.map(|to| NoticeDraft { to, kind: NoticeKind::Watched, detail: None, message: None }).collect()
}

/// Whether a message becomes a notice to the case's owner: the customer wrote it, it does not only say thanks, no
/// program wrote it, and it is not the message that opened the case, for which there is another notice.
#[must_use]
pub fn is_news(message: &message::Model, opened_at: DateTime<Utc>, automatic: bool) -> bool {
    message.by_kind == PartyKind::Customer
        && message.thanks != Some(Thanks::Only)
        && !(message.report_id.is_some() && message.at == opened_at)
        && !automatic
}

/// The default timing of this kind of notice.
#[must_use]
pub const fn usual(kind: NoticeKind) -> NoticeTiming {
    match kind {
        NoticeKind::Assigned
        | NoticeKind::Handover
        | NoticeKind::Escalated
        | NoticeKind::CustomerWrote
        | NoticeKind::CallCustomer
        | NoticeKind::CommitmentTomorrow
        | NoticeKind::Mentioned => NoticeTiming::AtOnce,
        NoticeKind::Task | NoticeKind::Watched => NoticeTiming::Daily,
    }
}

/// Whether another escalation with this reason on the same case is a repetition, which goes into the daily summary. A
/// further broken commitment is not, nor is a legal clock that runs out after its warning.
#[must_use]
pub fn is_repetition(why: Option<&str>) -> bool {
    ![EscalationReason::CommitmentBroken, EscalationReason::LegalClock].iter().any(|one| Some(one.word()) == why)
}

/// The timing of a notice of this kind for a person with these settings. A repetition about the same case goes into the
/// daily summary.
#[must_use]
pub fn timing(settings: &NoticeSettings, kind: NoticeKind, again: bool) -> NoticeTiming {
    let chosen = settings.0.iter().find(|setting| setting.kind == kind).map_or(usual(kind), |setting| setting.timing);
    if again && chosen == NoticeTiming::AtOnce { NoticeTiming::Daily } else { chosen }
}

/// When to mail a notice about an event of this moment to a person with this calendar; none when it is not mailed.
#[must_use]
pub fn send_at(timing: NoticeTiming, calendar: &Calendar, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match timing {
        NoticeTiming::Never => None,
        NoticeTiming::AtOnce => Some(calendar.open_from(now).unwrap_or(now)),
        NoticeTiming::Daily => Some(summary_at(calendar, now)),
    }
}

/// When to mail the next summary: five minutes after the start of a working day, so that it includes what is raised at
/// the start itself. A calendar that never opens is treated as one that opens every 24 hours.
fn summary_at(calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = calendar.date(now).iter_days().take(367);
    let all = days.filter_map(|day| calendar.opens_on(day)).map(|opens| opens + TimeDelta::minutes(5));
    all.into_iter().find(|at| *at >= now).unwrap_or(now + TimeDelta::days(1))
}

/// When to check again whether a person who is off work or away can be mailed; none when they are at work. An absence
/// may be ended early, so it is checked every hour.
#[must_use]
pub fn rests_until(
    calendar: &Calendar,
    now: DateTime<Utc>,
    away_until: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    if !calendar.is_open(now) {
        return calendar.opens_after(now);
    }
    let again = away_until.filter(|until| *until > now)?.min(now + TimeDelta::hours(1));
    Some(calendar.open_from(again).unwrap_or(again))
}

#[cfg(test)]
mod tests {
    use entity::id::{CaseId, CustomerId, HandoverId, SellerId, TaskId};
    use entity::json::NoticeSetting;
    use entity::kind::Visibility;
    use sea_orm::prelude::Uuid;

    use super::*;
    use crate::calendar::stored;
    use crate::directory::calendar::first;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn people_are_told_at_work_and_summaries_come_when_a_working_day_begins() {
        let office = stored::calendar(&first("Europe/Stockholm", None, None));
        for (timing, now, expected) in [
            (NoticeTiming::AtOnce, "2026-11-02T09:15:00+01:00", Some("2026-11-02T09:15:00+01:00")),
            (NoticeTiming::AtOnce, "2026-11-02T19:15:00+01:00", Some("2026-11-03T08:00:00+01:00")),
            (NoticeTiming::AtOnce, "2026-11-06T17:00:00+01:00", Some("2026-11-09T08:00:00+01:00")),
            (NoticeTiming::Daily, "2026-11-02T07:59:00+01:00", Some("2026-11-02T08:05:00+01:00")),
            (NoticeTiming::Daily, "2026-11-02T08:00:01+01:00", Some("2026-11-02T08:05:00+01:00")),
            (NoticeTiming::Daily, "2026-11-02T08:05:01+01:00", Some("2026-11-03T08:05:00+01:00")),
            (NoticeTiming::Daily, "2026-11-06T12:00:00+01:00", Some("2026-11-09T08:05:00+01:00")),
            (NoticeTiming::Never, "2026-11-02T09:15:00+01:00", None),
        ] {
            assert_eq!(send_at(timing, &office, at(now)), expected.map(at), "{timing:?} {now}");
        }
        for (now, away, expected) in [
            ("2026-11-02T09:15:00+01:00", None, None),
            ("2026-11-02T19:15:00+01:00", None, Some("2026-11-03T08:00:00+01:00")),
            ("2026-11-02T09:15:00+01:00", Some("2026-11-02T09:30:00+01:00"), Some("2026-11-02T09:30:00+01:00")),
            ("2026-11-02T09:15:00+01:00", Some("2026-11-09T08:00:00+01:00"), Some("2026-11-02T10:15:00+01:00")),
            ("2026-11-02T16:15:00+01:00", Some("2026-11-09T08:00:00+01:00"), Some("2026-11-03T08:00:00+01:00")),
        ] {
            assert_eq!(rests_until(&office, at(now), away.map(at)), expected.map(at), "{now} {away:?}");
        }
    }

    #[test]
    fn a_choice_goes_before_what_is_usual_and_a_repetition_waits() {
        let none = NoticeSettings::default();
        let chosen = |timing| NoticeSettings(vec![NoticeSetting { kind: NoticeKind::Escalated, timing }]);
        for (settings, kind, again, expected) in [
            (&none, NoticeKind::Escalated, false, NoticeTiming::AtOnce),
            (&none, NoticeKind::Escalated, true, NoticeTiming::Daily),
            (&none, NoticeKind::Task, false, NoticeTiming::Daily),
            (&chosen(NoticeTiming::Never), NoticeKind::Escalated, true, NoticeTiming::Never),
            (&chosen(NoticeTiming::Daily), NoticeKind::Escalated, false, NoticeTiming::Daily),
            (&chosen(NoticeTiming::Daily), NoticeKind::Assigned, false, NoticeTiming::AtOnce),
        ] {
            assert_eq!(timing(settings, kind, again), expected, "{settings:?} {kind:?} {again}");
        }
    }

    #[test]
    fn nobody_is_told_of_what_they_did() {
        let id = |number| StaffId(Uuid::from_u128(number));
        let (elin, bo) = (id(1), id(2));
        let event = |by_kind, by: Option<StaffId>, kind: &str| event::Model {
            case_id: CaseId(Uuid::from_u128(9)),
            seq: 1,
            seller_id: SellerId(Uuid::from_u128(8)),
            feed_seq: 1,
            owner_id: elin,
            customer_id: CustomerId(Uuid::from_u128(4)),
            kind: kind.to_owned(),
            at: at("2026-11-02T08:00:00Z"),
            by_kind,
            by_id: by.map(|by| by.0),
            partner_id: None,
            staff_id: None,
            for_customer: false,
            data: serde_json::Value::Null,
        };
        let message = MessageId(Uuid::from_u128(7));
        let wrote = Payload::MessageAdded { message, visibility: Visibility::Customer };
        let offered = Payload::HandoverOffered { handover: HandoverId(Uuid::from_u128(6)), from: elin, to: bo };
        let silent = Payload::CaseEscalated {
            escalation: entity::id::EscalationId(Uuid::from_u128(5)),
            why: EscalationReason::NotContacted,
            level: 1,
            to: bo,
        };
        let withdrawn = Payload::TaskWithdrawn {
            task: TaskId(Uuid::from_u128(4)),
            partner: entity::id::PartnerId(Uuid::from_u128(3)),
        };
        let said = |to, kind, detail: Option<&str>, message| {
            Some(NoticeDraft { to, kind, detail: detail.map(str::to_owned), message })
        };
        for (by_kind, by, payload, expected) in [
            (PartyKind::Customer, None, &wrote, said(elin, NoticeKind::CustomerWrote, None, Some(message))),
            (PartyKind::Staff, Some(elin), &wrote, None),
            (PartyKind::Staff, Some(elin), &offered, said(bo, NoticeKind::Handover, Some("E"), None)),
            (PartyKind::Staff, Some(bo), &offered, None),
            (PartyKind::System, None, &silent, said(bo, NoticeKind::Escalated, Some("NOT_CONTACTED"), None)),
            (PartyKind::Import, None, &silent, None),
            (PartyKind::Staff, Some(bo), &withdrawn, None),
        ] {
            assert_eq!(draft(&event(by_kind, by, "E"), payload), expected, "{by_kind:?} {by:?} {payload:?}");
        }
        // Of those who watch the case, the owner is told otherwise, and so is the person of an escalation.
        let carin = id(3);
        let watching = [elin, bo, carin];
        for (by_kind, by, payload, told, expected) in [
            (PartyKind::Customer, None, &wrote, Some(elin), vec![bo, carin]),
            (PartyKind::Staff, Some(carin), &wrote, None, vec![bo]),
            (PartyKind::System, None, &silent, Some(bo), vec![carin]),
            (PartyKind::Import, None, &wrote, None, vec![]),
            (PartyKind::Staff, Some(elin), &withdrawn, None, vec![]),
        ] {
            let drafts = for_watchers(&event(by_kind, by, "E"), payload, &watching, told);
            assert!(drafts.iter().all(|draft| draft.kind == NoticeKind::Watched && draft.message.is_none()));
            let people: Vec<StaffId> = drafts.iter().map(|draft| draft.to).collect();
            assert_eq!(people, expected, "{by_kind:?} {by:?} {payload:?}");
        }
    }
}
