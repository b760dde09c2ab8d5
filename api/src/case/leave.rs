//! Deactivating a member of staff. Every case that the person owns is routed to somebody else in the same transaction,
//! each by its own routing decision. Otherwise the act is refused and says what prevents it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::iter::repeat_with;

use entity::id::{CaseId, ServiceLevelId, StaffId};
use entity::kind::{DueKind, HandoverStatus, OwnershipReason, Role};
use entity::{case, handover, seller, staff, team, team_member};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use super::facts::KnownFacts;
use crate::access::door;
use crate::directory::{catalogue, staff as people};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::ownership::decide::FallbackReason;
use crate::ownership::people::{People, lock_teams_of};
use crate::ownership::route::{Answers, by_rules, fallback};
use crate::ownership::{period, rule_set};
use crate::texts::{self, Text};
use crate::timer::{self, CaseTimes};

/// Cases in one statement, and between two progress messages in the log.
const PROGRESS: usize = 1_000;

/// Deactivates a person, and returns them with the number of cases that were handed over. A successor replaces them as
/// the seller's accountable person and as team lead. The cases go where the rules say.
///
/// # Errors
/// `NOT_FOUND` when the person does not exist or the successor cannot replace them. `IN_USE` when the person is the
/// seller's accountable person or leads a team and no successor is named, once for each such role. A team's lead is
/// always an active member of the team, so no team is left empty.
pub async fn deactivate(work: &mut Work, id: StaffId, successor: Option<StaffId>) -> Outcome<(staff::Model, usize)> {
    let not_found = || Problem::not_found("staffId");
    let found = staff::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    // The lock order of all acts: the seller, the teams that an owner is chosen from, the cases, the people.
    let mut seller = door::seller(work, found.seller_id, "staffId").await?;
    lock_teams_of(work, found.seller_id).await?;
    let mut cases = concerned(work, id).await?;
    // From here on no case can become theirs: an act that routes a case to them waits for this one.
    let mut person = work.lock::<staff::Model>(id).await?.ok_or_else(not_found)?;
    work.check_version(person.version)?;
    if !person.active {
        return Ok((person.done(), 0));
    }
    people::may_give(work, person.role, "staffId")?;
    add_late(work, id, &mut cases).await?;
    succeed(work, &person, &mut seller, successor).await?;
    // Somebody who leaves administers nothing any more, like somebody with the least role.
    people::still_administered(work, &person, Role::Owner, "staffId").await?;
    let handed_over = hand_over_all(work, id, &seller, cases).await?;
    person.active = false;
    person.deactivated_at = Some(work.now());
    work.end_at_head::<staff::Entity>(id, person.seller_id);
    Ok((person.done(), handed_over))
}

/// The ids of the cases that a person owns or is offered, in ascending order, which is the order in which all acts lock
/// cases.
async fn of_theirs(work: &Work, id: StaffId) -> Outcome<Vec<CaseId>> {
    let own: Vec<CaseId> = case::Entity::find()
        .select_only()
        .column(case::Column::Id)
        .filter(case::Column::OwnerId.eq(id))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let offered: Vec<CaseId> = handover::Entity::find()
        .select_only()
        .column(handover::Column::CaseId)
        .filter(handover::Column::ToId.eq(id))
        .filter(handover::Column::Status.eq(HandoverStatus::Offered))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let all: BTreeSet<CaseId> = own.into_iter().chain(offered).collect();
    Ok(all.into_iter().collect())
}

/// The same cases, locked.
async fn concerned(work: &Work, id: StaffId) -> Outcome<Vec<Held<case::Model>>> {
    let mut cases = Vec::new();
    for some in of_theirs(work, id).await?.chunks(PROGRESS) {
        cases.extend(door::lock_in_order(work, some.iter().copied()).await?);
    }
    Ok(cases)
}

/// Locks the cases that became theirs after the first read. It does not wait for a lock, because cases are locked
/// before people and the person is locked already.
async fn add_late(work: &Work, id: StaffId, cases: &mut Vec<Held<case::Model>>) -> Outcome<()> {
    let known: HashSet<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut late = of_theirs(work, id).await?;
    late.retain(|id| !known.contains(id));
    cases.extend(door::at_once(work, late).await?);
    Ok(())
}

/// Puts the successor into every role that cannot be empty. Without a successor, refuses and names each of these roles.
async fn succeed(
    work: &mut Work,
    person: &staff::Model,
    seller: &mut Held<seller::Model>,
    successor: Option<StaffId>,
) -> Outcome<()> {
    let led = work.lock_all(team::Entity::find().filter(team::Column::LeadId.eq(person.id))).await?;
    let mut problems = Problems::default();
    let Some(successor) = successor else {
        let mut in_use = |text: Text| problems.add(Problem::new(ErrorCode::InUse, "staffId", text));
        if seller.accountable_id == person.id {
            in_use(texts::case::accountable_leaves(&seller.name));
        }
        for team in led {
            in_use(texts::case::lead_leaves(&team.name));
        }
        return problems.refuse_if_any();
    };
    let next = staff::Entity::find_by_id(successor).lock_shared().one(work.tx()?).await?;
    if !next.is_some_and(|next| next.seller_id == seller.id && next.active && next.id != person.id) {
        return Err(Problem::new(ErrorCode::NotFound, "successorId", texts::case::bad_successor()).into());
    }
    if seller.accountable_id == person.id {
        seller.accountable_id = successor;
        seller.settle();
    }
    for mut team in led {
        work.insert_if_new(team_member::Model { team_id: team.id, staff_id: successor, seller_id: seller.id });
        team.lead_id = successor;
    }
    // The cases are given to the people who are in the teams by now, as the store has them.
    work.write_rows().await
}

/// Routes every case that this person owns. Closed cases are included, so that each keeps an owner who can be asked.
async fn hand_over_all(
    work: &mut Work,
    id: StaffId,
    seller: &seller::Model,
    mut cases: Vec<Held<case::Model>>,
) -> Outcome<usize> {
    end_offers(work, &mut cases, id).await?;
    let owned: Vec<_> = cases.into_iter().filter(|case| case.owner_id == id).collect();
    let known = KnownFacts::of(work.tx()?, &owned).await?;
    let catalogue = catalogue::at(work, seller.id, seller.catalogue_version).await?;
    let rules = rule_set::in_force(work, seller.id).await?;
    let answers = Answers::from(seller);
    let mut people = People::without(id);
    let mut moves = Vec::with_capacity(owned.len());
    let mut decisions = Vec::with_capacity(owned.len());
    // A case that was merged goes to the new owner of the case it was merged into.
    let (absorbed, owned): (Vec<_>, Vec<_>) = owned.into_iter().partition(|case| case.merged_into.is_some());
    let total = owned.len();
    for case in owned {
        let facts = known.facts(&case, &answers, &catalogue);
        let routed = if case.not_understood {
            let version = rules.as_ref().map(|rules| (rules.id, rules.version));
            fallback(&answers, version, facts, FallbackReason::NotUnderstood)
        } else {
            by_rules(work, &answers, rules.as_ref(), facts, &mut people).await?
        };
        if case.closed_at.is_none() {
            people.assigned(routed.choice.owner, work.now());
        }
        moves.push((case, routed.choice.owner));
        decisions.push(routed);
        if decisions.len().is_multiple_of(PROGRESS) {
            tracing::info!(person = %id, done = decisions.len(), total, "routing the cases of somebody who leaves");
        }
    }
    let next: HashMap<CaseId, StaffId> = moves.iter().map(|(case, to)| (case.id, *to)).collect();
    for case in absorbed {
        let to = case.merged_into.and_then(|into| next.get(&into)).copied();
        moves.push((case, to.ok_or(Fault::Broken("merged cases share their owner"))?));
    }
    restart_silence(work, &moves).await?;
    period::transfer(work, &mut moves, OwnershipReason::OwnerLeft, None).await?;
    let count = moves.len();
    for ((case, _), decision) in moves.into_iter().zip(decisions.into_iter().map(Some).chain(repeat_with(|| None))) {
        if let Some(decision) = decision {
            decision.record(work, case.id, case.owner_seq)?;
        }
        super::tell::schedule_letter(work, &case);
    }
    // Written before the person, because the store refuses to deactivate somebody who still owns a case.
    work.write_rows().await?;
    Ok(count)
}

/// Restarts the timer of the owner for each open case, from the time at which it gets its next owner.
async fn restart_silence(work: &mut Work, moves: &[(Held<case::Model>, StaffId)]) -> Outcome<()> {
    let mut known: HashMap<(StaffId, Option<ServiceLevelId>), CaseTimes> = HashMap::new();
    for (case, owner) in moves.iter().filter(|(case, _)| case.closed_at.is_none()) {
        let key = (*owner, case.service_level_id);
        let times = match known.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let found = CaseTimes::read(work.tx()?, case.seller_id, key.0, key.1).await?;
                unknown.insert(found.ok_or(Fault::Broken("a case has a seller"))?)
            }
        };
        timer::start_for(
            work,
            &case::Model { owner_id: *owner, ..(**case).clone() },
            DueKind::OwnerActsBy,
            (work.now(), times.lengths().owner_acts),
            times,
        );
    }
    Ok(())
}

/// Ends the open offers that this person made or received.
async fn end_offers(work: &mut Work, cases: &mut [Held<case::Model>], id: StaffId) -> Outcome<()> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut open = HashSet::new();
    for some in ids.chunks(PROGRESS) {
        let offers = handover::Entity::find()
            .select_only()
            .column(handover::Column::CaseId)
            .filter(handover::Column::CaseId.is_in(some.iter().copied()))
            .filter(handover::Column::Status.eq(HandoverStatus::Offered))
            .filter(handover::Column::FromId.eq(id).or(handover::Column::ToId.eq(id)));
        open.extend(offers.into_tuple::<CaseId>().all(work.tx()?).await?);
    }
    for case in cases.iter_mut().filter(|case| open.contains(&case.id)) {
        super::handover::overtaken(work, case).await?;
    }
    Ok(())
}
