//! Teams. A rule may name a team; one of its members then becomes the owner, never the team itself. The lead of a team
//! is an active member of it.

use std::collections::BTreeSet;

use entity::id::{SellerId, StaffId, TeamId};
use entity::{staff, team, team_member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::{NAME, taken};
use crate::access::door;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::texts;

/// The maximum number of people in a team.
const MOST: usize = 1_000;

/// The maximum number of people whose work is read together.
const READ_TOGETHER: u64 = 100;

/// The members of a team, in the order of their ids; at most 100.
///
/// # Errors
/// When the store cannot be read.
pub async fn members(db: &impl ConnectionTrait, team: TeamId) -> Result<Vec<StaffId>, DbErr> {
    people(db, team_member::Column::TeamId.eq(team)).await
}

/// The people in the teams of this person, the person included, in the order of their ids; at most 100. None when the
/// person is in no team.
///
/// # Errors
/// When the store cannot be read.
pub async fn colleagues(db: &impl ConnectionTrait, person: StaffId) -> Result<Vec<StaffId>, DbErr> {
    let own = team_member::Entity::find().select_only().column(team_member::Column::TeamId);
    let own = own.filter(team_member::Column::StaffId.eq(person)).into_query();
    people(db, team_member::Column::TeamId.in_subquery(own)).await
}

async fn people(db: &impl ConnectionTrait, of: Expr) -> Result<Vec<StaffId>, DbErr> {
    team_member::Entity::find()
        .select_only()
        .column(team_member::Column::StaffId)
        .filter(of)
        .distinct()
        .order_by_asc(team_member::Column::StaffId)
        .limit(READ_TOGETHER)
        .into_tuple()
        .all(db)
        .await
}

/// The new contents of a team.
#[derive(Debug, Clone)]
pub struct TeamShape {
    /// Its name, unique at the seller.
    pub name: String,
    /// The lead, who becomes a member.
    pub lead: StaffId,
    /// The members. The lead is one whether listed or not.
    pub members: Vec<StaffId>,
}

/// Creates a team.
///
/// # Errors
/// When the name is missing or taken, or somebody named is not an active member of the seller's staff.
pub async fn create(work: &mut Work, seller: SellerId, shape: &TeamShape) -> Outcome<team::Model> {
    door::seller(work, seller, "sellerId").await?;
    let (name, members) = check(work, seller, None, shape).await?;
    let row = team::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        name,
        lead_id: shape.lead,
        lead_active: true,
        calendar: None,
        calendar_number: 0,
        calendar_since: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    insert_members(work, &row, members);
    Ok(row)
}

/// Replaces the contents of a team.
///
/// # Errors
/// As [`create`].
pub async fn update(work: &mut Work, id: TeamId, shape: &TeamShape) -> Outcome<team::Model> {
    let not_found = || Problem::not_found("teamId");
    // Locks in the same order as a deactivation of staff: the seller, the team, its people.
    let found = team::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    door::seller(work, found.seller_id, "teamId").await?;
    let mut row = work.lock::<team::Model>(id).await?.ok_or_else(not_found)?;
    door::changes(work, row.seller_id, &*row, "teamId")?;
    let (name, members) = check(work, row.seller_id, Some(id), shape).await?;
    row.name = name;
    row.lead_id = shape.lead;
    team_member::Entity::delete_many().filter(team_member::Column::TeamId.eq(id)).exec(work.tx()?).await?;
    row.touch();
    let row = row.done();
    insert_members(work, &row, members);
    Ok(row)
}

fn insert_members(work: &mut Work, team: &team::Model, members: BTreeSet<StaffId>) {
    for staff_id in members {
        work.insert(team_member::Model { team_id: team.id, staff_id, seller_id: team.seller_id });
    }
}

/// Checks the name and the members. The members are locked, so that none of them is deactivated meanwhile.
async fn check(
    work: &Work,
    seller: SellerId,
    own: Option<TeamId>,
    shape: &TeamShape,
) -> Outcome<(String, BTreeSet<StaffId>)> {
    let mut problems = Problems::default();
    let name = problems.check(required(&shape.name, "name", NAME)).unwrap_or_default();
    let namesake = team::Entity::find()
        .filter(team::Column::SellerId.eq(seller))
        .filter(team::Column::Name.eq(name.as_str()))
        .one(work.tx()?)
        .await?;
    if namesake.is_some_and(|namesake| Some(namesake.id) != own) {
        problems.add(taken("name"));
    }
    let members: BTreeSet<StaffId> = shape.members.iter().copied().chain([shape.lead]).collect();
    if members.len() > MOST {
        return Err(Problem::new(ErrorCode::TooLong, "memberIds", texts::directory::too_many_people(MOST)).into());
    }
    let found: Vec<StaffId> = staff::Entity::find()
        .select_only()
        .column(staff::Column::Id)
        .filter(staff::Column::Id.is_in(members.iter().copied()))
        .filter(staff::Column::SellerId.eq(seller))
        .filter(staff::Column::Active.eq(true))
        .order_by_asc(staff::Column::Id)
        .lock_shared()
        .into_tuple()
        .all(work.tx()?)
        .await?;
    if found.len() < members.len() {
        let field = if found.contains(&shape.lead) { "memberIds" } else { "leadId" };
        problems.add(Problem::new(ErrorCode::NotFound, field, texts::directory::team_of_staff()));
    }
    problems.refuse_if_any()?;
    Ok((name, members))
}
