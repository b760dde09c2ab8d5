//! Looks at what is due. A clock that has run out is told upwards, to a person, and moves nothing by itself: who gets
//! a case is decided by somebody, and recorded as their act. Each clock is looked at in an act of its own, once,
//! however many nodes look.

use std::time::Duration;

use entity::id::{CaseId, DisputeId, StaffId, TaskId};
use entity::kind::{DueKind, EscalationReason, HandoverStatus, Role};
use entity::{case, due, escalation, handover, seller, staff, team, team_member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome};
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::work::Work;
use crate::promise;
use crate::task::{dispute, late};
use uuid::Uuid;

/// How often the store is asked: another act, here or on another node, may have set an earlier clock. Clocks run for
/// hours, so a second is soon enough.
const POLL: Duration = Duration::from_secs(1);
/// Clocks looked at in one round.
const AT_ONCE: u64 = 200;

/// Watches until the task is dropped.
pub fn watch(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::every(&app, "clocks", POLL);
    async move {
        loop {
            rounds.begin().await;
            let round = round(&app).await.unwrap_or_else(|error| {
                warn_once_a_minute("what is due could not be read; trying again every second", &error);
                Round::FAILED
            });
            rounds.rest(round).await;
        }
    }
}

/// Looks at everything whose time has come.
async fn round(app: &App) -> Result<Round, DbErr> {
    let db = app.reader().db();
    let mut found = false;
    loop {
        let order = || due::Entity::find().order_by_asc(due::Column::At).order_by_asc(due::Column::CaseId);
        let ready = order().filter(due::Column::At.lte(app.now())).limit(AT_ONCE).all(db).await?;
        if ready.is_empty() {
            return Ok(Round { found, next: order().one(db).await?.map(|next| next.at) });
        }
        found = true;
        let mut failed = false;
        for row in ready {
            let (case, subject, kind) = (row.case_id, row.subject_id, row.kind);
            if let Err(error) = app.run(Actor::System, async move |work| look(work, case, subject, kind).await).await {
                tracing::error!(?error, %case, kind = kind.word(), "what was due could not be looked at; it stays due");
                failed = true;
            }
        }
        if failed {
            return Ok(Round::FAILED);
        }
    }
}

/// Looks at one clock, if it is still there and its time has come.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn look(work: &mut Work, id: CaseId, subject: Uuid, kind: DueKind) -> Outcome<()> {
    let case = case::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut case = case.ok_or(Fault::Broken("a clock has a case"))?;
    let row = due::Entity::find_by_id((subject, kind)).lock_exclusive().one(work.tx()?).await?;
    let Some(row) = row.filter(|row| row.at <= work.now()) else { return Ok(()) };
    promise::stop_of(work, subject, &[kind]).await?;
    // A merged case's tasks go on under the owner of both; nothing else is awaited of a case that is over.
    if case.closed_at.is_some() && (subject == id.0 || case.merged_into.is_none()) {
        return Ok(());
    }
    match kind {
        // Whoever writes to the customer stops this clock: that it runs out means that nobody has.
        DueKind::AcknowledgeBy => told_upwards(work, &mut case, EscalationReason::NotAcknowledged, &row).await?,
        DueKind::OwnerActsBy => told_upwards(work, &mut case, EscalationReason::OwnerSilent, &row).await?,
        DueKind::HandoverEnds => {
            let Some(mut offer) = super::handover::open(work, id).await? else { return Ok(()) };
            expire(work, &mut case, &mut offer).await?;
        }
        DueKind::TaskAcceptBy | DueKind::TaskUpdateBy | DueKind::TaskDoneBy => {
            task_late(work, &mut case, &row).await?;
        }
        DueKind::DisputeDecideBy => {
            if dispute::is_open(work, &case, DisputeId(subject)).await? {
                told_upwards(work, &mut case, EscalationReason::DisputeUndecided, &row).await?;
            }
        }
    }
    work.save(case);
    Ok(())
}

/// A partner that is late: its owner is told first; then, if it still is, the person above.
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
    raise(work, case, EscalationReason::PartnerSilent, 1, to)
}

/// Sets the clock for the next level.
async fn again(work: &mut Work, case: &case::Model, row: &due::Model) -> Outcome<()> {
    let promise = promise::of(work, case).await?;
    let hours = match row.kind {
        DueKind::AcknowledgeBy => promise.first_contact_hours,
        _ => promise.owner_idle_hours,
    };
    let at = work.now() + chrono::TimeDelta::hours(hours.into());
    promise::set_of(work, (case.id, row.subject_id), row.kind, at, row.level + 1);
    Ok(())
}

async fn expire(work: &mut Work, case: &mut case::Model, offer: &mut handover::Model) -> Outcome<()> {
    super::handover::end(work, offer, case, HandoverStatus::Expired, None)?;
    let to = above(work, case, offer.from_id, 1).await?;
    raise(work, case, EscalationReason::HandoverUnanswered, 1, to)
}

/// Tells the next level, and sets the clock for the one above it.
async fn told_upwards(work: &mut Work, case: &mut case::Model, why: EscalationReason, row: &due::Model) -> Outcome<()> {
    let to = above(work, case, case.owner_id, row.level).await?;
    raise(work, case, why, row.level, to)?;
    if row.level < 2 { again(work, case, row).await } else { Ok(()) }
}

fn raise(work: &mut Work, case: &mut case::Model, why: EscalationReason, level: i32, to: StaffId) -> Outcome<()> {
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

/// Who is told at this level about a case of this person: the lead of a team of theirs, then the seller's accountable
/// person. Where that is themselves, another manager; where there is none, they are told themselves.
async fn above(work: &Work, case: &case::Model, of: StaffId, level: i32) -> Outcome<StaffId> {
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
    let seller = seller::Entity::find_by_id(case.seller_id).one(work.tx()?).await?;
    let accountable = seller.ok_or(Fault::Broken("a case has a seller"))?.accountable_id;
    if accountable != of {
        return Ok(accountable);
    }
    let other = staff::Entity::find()
        .filter(staff::Column::SellerId.eq(case.seller_id))
        .filter(staff::Column::Active.eq(true))
        .filter(staff::Column::Role.is_in([Role::Manager, Role::Administrator]))
        .filter(staff::Column::Id.ne(of))
        .order_by_asc(staff::Column::Id)
        .one(work.tx()?)
        .await?;
    Ok(other.map_or(of, |other| other.id))
}
