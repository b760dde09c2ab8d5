//! Routes a case again: the rules in force decide anew, on the facts as they are now. The decision is stored with its
//! reasons, like the first one. Only the owner changes, and only if the rules choose another person.

use entity::case;
use entity::id::CaseId;
use entity::kind::OwnershipReason;
use entity::routing_decision;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::facts::KnownFacts;
use super::{give, handover};
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::{Action, at_seller, may};
use crate::directory::{self, catalogue};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Outcome, required};
use crate::kit::work::Work;
use crate::ownership::people::{People, lock_teams_of};
use crate::ownership::route::{Answers, by_rules};
use crate::ownership::rule_set;
use crate::timer;

/// Has the rules decide anew who owns a case, with a reason. An open offer of the case is overtaken if the owner
/// changes, and stays open otherwise.
///
/// # Errors
/// When the case was merged into another, or no reason is given.
pub async fn route_again(work: &mut Work, id: CaseId, reason: &str) -> Outcome<case::Model> {
    // The lock order of all acts: the teams that an owner is chosen from, then the cases.
    let seller = work.actor().seller().filter(|own| may(at_seller(work.actor(), *own), Action::RouteAgain));
    if let Some(seller) = seller {
        lock_teams_of(work, seller).await?;
    }
    door::lock_related(work, &[id]).await?;
    let mut case = door::case(work, id, Action::RouteAgain, "caseId").await?;
    CaseAct::RouteAgain.check(&Situation::of(&case), "caseId")?;
    let reason = required(reason, "reason", 1_000)?;
    let seller = directory::seller::one(work, case.seller_id).await?;
    let catalogue = catalogue::at(work, seller.id, seller.catalogue_version).await?;
    let rules = rule_set::in_force(work, seller.id).await?;
    let answers = Answers::from(&seller);
    let known = KnownFacts::of(work.tx()?, std::slice::from_ref(&*case)).await?;
    let facts = known.facts(&case, &answers, &catalogue);
    let open = case.closed_at.is_none();
    let mut people = People::keeping(case.owner_id, open);
    let routed = by_rules(work, &answers, rules.as_ref(), facts, &mut people).await?;
    let (from, to) = (case.owner_id, routed.choice.owner);
    if from != to {
        handover::overtaken(work, &mut case).await?;
        give::transfer(work, &mut case, to, OwnershipReason::RoutedAgain, &reason).await?;
        timer::acted(work, &case).await?;
    }
    let (owner_seq, number) = (case.owner_seq, next_number(work, &case).await?);
    let row = routed.row(id, owner_seq, work.now())?;
    work.insert(routing_decision::Model { number, asked_because: Some(reason), ..row });
    log::append(work, &mut case, &Payload::CaseRoutedAgain { from, to, owner_seq, number })?;
    Ok(case.done())
}

/// The number of the next decision in the present period of ownership.
async fn next_number(work: &Work, case: &case::Model) -> Outcome<i64> {
    let before = routing_decision::Entity::find()
        .filter(routing_decision::Column::CaseId.eq(case.id))
        .filter(routing_decision::Column::OwnerSeq.eq(case.owner_seq));
    let count = before.count(work.tx()?).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1))
}
