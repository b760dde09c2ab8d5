//! Handles the timers that have run out. A timer that runs out informs a person and changes no owner: only a person's
//! act moves a case. Each timer is handled in its own act, and only once, however many nodes run.

use std::collections::HashMap;
use std::time::Duration;

use entity::id::{CaseId, CommitmentId, DisputeId, LegalClockId, MessageId, StaffId, TaskId};
use entity::kind::{DueKind, EscalationReason, HandoverStatus, Role};
use entity::{case, due, escalation, handover, staff, team, team_member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use crate::access::door;
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::task::{dispute, late};
use crate::timer::{self, CaseTimes};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often the store is asked, because another act, on this node or another, may have set an earlier timer. Timers
/// run for hours, so a second is soon enough.
const POLL: Duration = Duration::from_secs(1);
/// Timers read in one query.
const AT_ONCE: u64 = 200;
/// How many timers are tried while the store does not do it.
const TRIED_WHILE_AWAY: usize = 20;
/// The most timers that a node handles in a minute, the earliest first. After a day without service, people are
/// informed over some time, and other work is not held up.
const A_MINUTE: u64 = 6_000;

/// How many timers were handled in the current minute.
#[derive(Default)]
struct Pace {
    since: Duration,
    count: u64,
}

impl Pace {
    const MINUTE: Duration = Duration::from_mins(1);

    /// How many more timers may be handled now.
    fn left(&mut self, now: Duration) -> u64 {
        if now.saturating_sub(self.since) >= Self::MINUTE {
            *self = Self { since: now, count: 0 };
        }
        A_MINUTE.saturating_sub(self.count)
    }

    /// How long until more timers may be handled.
    fn rest(&self, now: Duration) -> Duration {
        (self.since + Self::MINUTE).saturating_sub(now)
    }
}

/// The timers that could not be handled, and when each is tried again, so that they hold up no others.
#[derive(Default)]
struct Resting(HashMap<(Uuid, DueKind), Rest>);

#[derive(Clone, Copy)]
struct Rest {
    length: Duration,
    until: Duration,
}

impl Resting {
    const FIRST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_mins(10);

    /// Whether a timer is not to be tried again yet.
    fn rests(&self, timer: (Uuid, DueKind), now: Duration) -> bool {
        self.0.get(&timer).is_some_and(|rest| now < rest.until)
    }

    /// A timer could not be handled because the store did not do it: it rests for a moment, so that others come before
    /// it.
    fn postponed(&mut self, timer: (Uuid, DueKind), now: Duration) {
        self.0.insert(timer, Rest { length: Self::FIRST, until: now + Self::FIRST });
    }

    /// A timer could not be handled: it rests, each time twice as long.
    fn failed(&mut self, timer: (Uuid, DueKind), now: Duration) {
        let length = self.0.get(&timer).map_or(Self::FIRST, |rest| (rest.length * 2).min(Self::LONGEST));
        self.0.insert(timer, Rest { length, until: now + length });
    }

    /// A timer was handled.
    fn done(&mut self, timer: (Uuid, DueKind)) {
        self.0.remove(&timer);
    }

    /// Removes timers that have not failed for long, because they were stopped in the meantime.
    fn forget(&mut self, now: Duration) {
        self.0.retain(|_, rest| now < rest.until + Self::LONGEST);
    }

    /// The number of timers that rest.
    fn count(&self, now: Duration) -> u64 {
        self.0.values().filter(|rest| now < rest.until).count() as u64
    }
}

/// Runs the loop until the task is dropped.
pub fn watch(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::every(&app, "clocks", POLL);
    let (mut pace, mut resting) = (Pace::default(), Resting::default());
    async move {
        loop {
            rounds.begin().await;
            let round = round(&app, &mut pace, &mut resting).await.unwrap_or_else(|error| {
                warn_once_a_minute("what is due could not be read; trying again every second", &error);
                Round::FAILED
            });
            rounds.rest(round).await;
        }
    }
}

/// Handles all timers that are due, as fast as the rate limit allows, except those that rest.
async fn round(app: &App, pace: &mut Pace, resting: &mut Resting) -> Result<Round, DbErr> {
    let db = app.reader().db();
    let waiting = || due::Entity::find().filter(due::Column::At.is_not_null());
    let order = || waiting().order_by_asc(due::Column::At).order_by_asc(due::Column::CaseId);
    let (mut found, mut failed) = (false, false);
    loop {
        let now = app.clock().elapsed();
        let left = pace.left(now);
        if left == 0 {
            return Ok(Round { found: false, next: Some(app.now() + pace.rest(now)) });
        }
        resting.forget(now);
        let most = left.min(AT_ONCE);
        let ready = order().filter(due::Column::At.lte(app.now())).limit(most + resting.count(now)).all(db).await?;
        let ready = ready.into_iter().filter(|row| !resting.rests((row.subject_id, row.kind), now));
        let ready: Vec<due::Model> = ready.take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        if ready.is_empty() && failed {
            return Ok(Round::FAILED);
        }
        if ready.is_empty() {
            let next = order().filter(due::Column::At.gt(app.now()));
            return Ok(Round { found, next: next.one(db).await?.and_then(|next| next.at) });
        }
        found = true;
        let (mut away, mut handled) = (Vec::new(), false);
        for row in ready {
            pace.count += 1;
            let timer = (row.subject_id, row.kind);
            match handle(app, &row).await {
                Handled::Yes => {
                    resting.done(timer);
                    handled = true;
                }
                Handled::No => {
                    resting.failed(timer, now);
                    failed = true;
                }
                Handled::StoreAway => away.push(timer),
            }
            if away.len() == TRIED_WHILE_AWAY {
                break;
            }
        }
        if !away.is_empty() {
            // Where the store handles others, or many were tried, these may be at fault themselves: their case is
            // locked by a long act, say.
            if handled || away.len() == TRIED_WHILE_AWAY {
                for timer in away {
                    resting.postponed(timer, now);
                }
            }
            return Ok(Round::FAILED);
        }
    }
}

/// Whether a timer was handled.
enum Handled {
    Yes,
    No,
    /// The store is not available, or not for this timer.
    StoreAway,
}

/// Handles one timer in a task of its own, because an act that panics must not end the loop.
async fn handle(app: &App, row: &due::Model) -> Handled {
    let (case, subject, kind) = (row.case_id, row.subject_id, row.kind);
    let own = app.clone();
    let act = async move { own.run(Actor::System, async move |work| look(work, case, subject, kind).await).await };
    // A set, because it ends its tasks when the loop is ended.
    let mut tasks = JoinSet::new();
    tasks.spawn(act);
    match tasks.join_next().await {
        Some(Ok(Ok(()))) | None => return Handled::Yes,
        Some(Ok(Err(Refusal::Fault(fault)))) if fault.is_temporary() => {
            warn_once_a_minute(
                "what is due cannot be handled while the store is away; trying again every second",
                &fault,
            );
            return Handled::StoreAway;
        }
        Some(Ok(Err(error))) => {
            tracing::error!(%error, %case, kind = kind.word(), "what was due could not be looked at; it stays due");
        }
        Some(Err(error)) => {
            tracing::error!(%error, %case, kind = kind.word(), "what was due broke off; it stays due");
        }
    }
    Handled::No
}

/// Handles one timer, if it still exists and is due.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn look(work: &mut Work, id: CaseId, subject: Uuid, kind: DueKind) -> Outcome<()> {
    let mut case = door::lock(work, id).await?.ok_or(Fault::Broken("a timer has a case"))?;
    let row = work.lock::<due::Model>((subject, kind)).await?.map(Held::done);
    let Some(row) = row.filter(|row| row.at.is_some_and(|at| at <= work.now())) else { return Ok(()) };
    timer::stop_of(work, subject, &[kind]);
    // The tasks of a merged case continue under the owner of both cases, and legal clocks continue in any case. All
    // other timers of a closed case are ignored.
    let goes_on = kind == DueKind::LegalClock || case.merged_into.is_some() && subject != id.0;
    if case.closed_at.is_some() && !goes_on {
        return Ok(());
    }
    match kind {
        // A contact with the customer stops these timers, so when one runs out nobody has contacted them.
        DueKind::AcknowledgeBy | DueKind::ContactBy => super::contact::late(work, &mut case, &row).await?,
        DueKind::LetterFailed => super::contact::undone(work, &mut case, MessageId(subject)).await?,
        DueKind::TellCustomer => super::tell::look(work, &mut case, &row).await?,
        DueKind::OwnerActsBy => told_upwards(work, &mut case, EscalationReason::OwnerSilent, &row).await?,
        DueKind::ReplyBy => told_upwards(work, &mut case, EscalationReason::NotReplied, &row).await?,
        DueKind::AnswerBy => told_upwards(work, &mut case, EscalationReason::NotAnswered, &row).await?,
        DueKind::LegalClock => Box::pin(super::legal::look(work, &mut case, LegalClockId(subject))).await?,
        DueKind::CommitmentBy => super::commitment::look(work, &mut case, CommitmentId(subject)).await?,
        DueKind::HandoverEnds => {
            let Some(mut offer) = super::handover::open(work, id).await? else { return Ok(()) };
            expire(work, &mut case, &mut offer).await?;
        }
        DueKind::TaskAcceptBy | DueKind::TaskUpdateBy | DueKind::TaskDoneBy | DueKind::TaskAnswerBy => {
            task_late(work, &mut case, &row).await?;
        }
        DueKind::TaskReplyBy => told_upwards(work, &mut case, EscalationReason::PartnerWaits, &row).await?,
        // It is work for the owner, and nobody else is informed.
        DueKind::CallBy => {}
        DueKind::DisputeDecideBy => {
            if dispute::is_open(work, &case, DisputeId(subject)).await? {
                told_upwards(work, &mut case, EscalationReason::DisputeUndecided, &row).await?;
            }
        }
    }
    Ok(())
}

/// Handles a partner that is late with a task: the owner is informed first, and the person above the owner if the
/// partner is still late afterwards.
async fn task_late(work: &mut Work, case: &mut case::Model, row: &due::Model) -> Outcome<()> {
    let Some(late) = late::lateness(row.kind) else { return Ok(()) };
    let first = row.level == 1;
    if !late::tell(work, case, TaskId(row.subject_id), late, first).await? {
        return Ok(());
    }
    if first {
        return again(work, case, row).await;
    }
    let to = above(work, case, case.owner_id, 1).await?;
    work.save(due::Model { at: None, told_id: informed(case, to), ..row.clone() });
    raise(work, case, EscalationReason::PartnerSilent, 1, to)
}

/// Sets the timer for the next level.
async fn again(work: &mut Work, case: &case::Model, row: &due::Model) -> Outcome<()> {
    let times = CaseTimes::of(work, case).await?;
    let length = row.span.unwrap_or(times.lengths().owner_acts);
    let at = times.due(work.now(), length);
    work.save(due::Model { at: Some(at), level: row.level + 1, ..row.clone() });
    Ok(())
}

async fn expire(work: &mut Work, case: &mut case::Model, offer: &mut handover::Model) -> Outcome<()> {
    super::handover::end(work, offer, case, HandoverStatus::Expired, None)?;
    let to = above(work, case, offer.from_id, 1).await?;
    raise(work, case, EscalationReason::HandoverUnanswered, 1, to)
}

/// Informs the person at this level, and sets the timer for the next level.
async fn told_upwards(work: &mut Work, case: &mut case::Model, why: EscalationReason, row: &due::Model) -> Outcome<()> {
    let to = above(work, case, case.owner_id, row.level).await?;
    raise(work, case, why, row.level, to)?;
    let row = due::Model { told_id: informed(case, to), ..row.clone() };
    if row.level < 2 {
        return again(work, case, &row).await;
    }
    // There is no further level. The timer stays as overdue until what it waits for is done.
    work.save(due::Model { at: None, ..row });
    Ok(())
}

/// The person who was informed, unless it is the owner, whose work it is in any case.
pub(super) fn informed(case: &case::Model, to: StaffId) -> Option<StaffId> {
    Some(to).filter(|to| *to != case.owner_id)
}

/// Records an escalation to a person: something is late, or soon will be.
pub(super) fn raise(
    work: &mut Work,
    case: &mut case::Model,
    why: EscalationReason,
    level: i32,
    to: StaffId,
) -> Outcome<()> {
    let id = work.new_id();
    let raised_at = work.now();
    work.insert(escalation::Model {
        id,
        case_id: case.id,
        seller_id: case.seller_id,
        why,
        level,
        to_id: to,
        raised_at,
    });
    log::append(work, case, &Payload::CaseEscalated { escalation: id, why, level, to })
}

/// The person to whom a case of this owner is escalated at this level: the lead of one of the owner's teams, and at the
/// next level the seller's accountable person. If the owner is the accountable person, it is another manager or
/// administrator, or else the owner.
pub(super) async fn above(work: &Work, case: &case::Model, of: StaffId, level: i32) -> Outcome<StaffId> {
    if level == 1 {
        let member =
            team::Entity::belongs_to(team_member::Entity).from(team::Column::Id).to(team_member::Column::TeamId).into();
        let lead = team::Entity::find()
            .join(JoinType::InnerJoin, member)
            .filter(team_member::Column::StaffId.eq(of))
            .filter(team::Column::LeadId.ne(of))
            .order_by_asc(team::Column::Name)
            .one(work.tx()?)
            .await?;
        if let Some(team) = lead {
            return Ok(team.lead_id);
        }
    }
    let accountable = directory::seller::one(work, case.seller_id).await?.accountable_id;
    if accountable != of {
        return Ok(accountable);
    }
    let other = staff::Entity::find()
        .filter(staff::Column::SellerId.eq(case.seller_id))
        .filter(staff::Column::Active.eq(true))
        .filter(staff::Column::Role.is_in([Role::Manager, Role::Administrator, Role::PlatformAdministrator]))
        .filter(staff::Column::Id.ne(of))
        .order_by_asc(staff::Column::Id)
        .one(work.tx()?)
        .await?;
    Ok(other.map_or(of, |other| other.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_fails_rests_each_time_twice_as_long() {
        let timer = (Uuid::nil(), DueKind::ReplyBy);
        let at = Duration::from_secs;
        let mut resting = Resting::default();
        assert!(!resting.rests(timer, at(0)));
        resting.failed(timer, at(0));
        assert!(resting.rests(timer, at(0)) && !resting.rests(timer, at(1)));
        resting.failed(timer, at(1));
        assert_eq!((resting.rests(timer, at(2)), resting.rests(timer, at(3)), resting.count(at(2))), (true, false, 1));
        for again in 0..20 {
            resting.failed(timer, at(again));
        }
        assert!(resting.rests(timer, at(19 + 599)) && !resting.rests(timer, at(19 + 600)));
        resting.forget(at(19 + 1_199));
        assert_eq!(resting.0.len(), 1);
        resting.forget(at(19 + 1_200));
        assert!(resting.0.is_empty());
        resting.postponed(timer, at(0));
        resting.postponed(timer, at(1));
        assert!(!resting.rests(timer, at(2)), "not longer each time");
        resting.done(timer);
        assert!(!resting.rests(timer, at(0)));
    }

    #[test]
    fn only_so_many_are_looked_at_in_a_minute() {
        let mut pace = Pace::default();
        let at = Duration::from_secs;
        assert_eq!(pace.left(at(100)), A_MINUTE);
        pace.count = A_MINUTE - 1;
        assert_eq!(pace.left(at(159)), 1);
        pace.count += 1;
        assert_eq!((pace.left(at(159)), pace.rest(at(159))), (0, at(1)));
        assert_eq!(pace.left(at(160)), A_MINUTE);
    }
}
