//! Staff and teams of sellers.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId, TeamId};
use entity::kind::{Language, Role};
use entity::{staff, team};

use super::calendar::{Calendar, PastCalendar};
use super::context::{ContextExt, act, id, ids, int, read_error, required_row, to_id};
use super::error::payload;
use super::hours::{Absence, HoursObject, shown};
use super::node::{Lookup, Node, of_directory};
use super::notice::NoticeSetting;
use super::seller::Seller;
use super::sign_in::SignIn;
use crate::access::sign_in::Person;
use crate::directory::staff::{NewPerson, PersonChange, Workload};
use crate::directory::team::TeamShape;
use crate::notice::settings;

/// A member of a seller's staff. Only a member of staff can own a case.
#[derive(Clone)]
pub struct Staff(pub staff::Model);

impl From<staff::Model> for Staff {
    fn from(row: staff::Model) -> Self {
        Self(row)
    }
}

/// A member of a seller's staff. Only a member of staff can own a case.
#[Object]
impl Staff {
    /// The id, opaque. It is the `sub` claim of this person's tokens.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The person's name, which customers see.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The person's e-mail address at work, in lower case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The role, which says what they may do.
    async fn role(&self) -> Role {
        self.0.role
    }

    /// The language that they read, in which the service writes to them.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// Whether they work at the seller. A person who is not active owns no case and cannot sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When they were deactivated, UTC; null while they are active.
    async fn deactivated_at(&self) -> Option<DateTime<Utc>> {
        self.0.deactivated_at
    }

    /// The seller that they work for.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }

    /// The teams that they are a member of.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>> {
        let members = ctx.loaders().teams_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let teams = members.iter().map(|member| ctx.loaders().teams.one(member.team_id));
        let teams = futures_util::future::try_join_all(teams).await.map_err(read_error)?;
        Ok(teams.into_iter().flatten().map(Team).collect())
    }

    /// Their skills, in lower case. Rules may require them.
    async fn skills(&self) -> &[String] {
        &self.0.skills.0
    }

    /// The number of open cases from which on a team's rules give them no more. New cases are shared in a team in
    /// proportion to this number.
    async fn capacity(&self) -> i32 {
        self.0.capacity
    }

    /// The hours in which they work in an ordinary week; null when they work by the calendar of their team, or else of
    /// the seller.
    async fn working_hours(&self) -> Option<Vec<HoursObject>> {
        self.0.working_hours.as_ref().map(shown)
    }

    /// The end of their present absence, until which they take no new cases, UTC; null when they are not away now.
    async fn away_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let absences = ctx.loaders().absences.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let now = ctx.app().now();
        let present = absences.iter().filter(|absence| absence.starts_at <= now && absence.ends_at > now);
        Ok(present.map(|absence| absence.ends_at).max())
    }

    /// Their past, present and future absences, oldest first.
    async fn absences(&self, ctx: &Context<'_>) -> Result<Vec<Absence>> {
        let rows = ctx.loaders().absences.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Absence).collect())
    }

    /// Their notice settings, one entry for each kind; null when you may not see them (only they and managers may).
    async fn notices(&self, ctx: &Context<'_>) -> Option<Vec<NoticeSetting>> {
        let seen = settings::may_see(ctx.actor(), &self.0);
        seen.then(|| settings::of(&self.0).into_iter().map(NoticeSetting::from).collect())
    }

    /// The accounts at identity providers with which they sign in; null when you may not see them (only they and
    /// administrators may).
    async fn sign_ins(&self, ctx: &Context<'_>) -> Result<Option<Vec<SignIn>>> {
        super::sign_in::of(ctx, Person::Staff(self.0.id), self.0.seller_id).await
    }

    /// The number of open cases that they own.
    async fn open_cases(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.loaders().open_cases.one(self.0.id).await.map_err(read_error)?.unwrap_or_default()))
    }
}

/// A team of a seller's staff. A rule may name a team; one of its members then becomes the owner, because a team cannot
/// own a case.
#[derive(Clone)]
pub struct Team(pub team::Model);

impl From<team::Model> for Team {
    fn from(row: team::Model) -> Self {
        Self(row)
    }
}

/// A team of a seller's staff. A rule may name a team; one of its members then becomes the owner, because a team cannot
/// own a case.
#[Object]
impl Team {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the team, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The team's own calendar; null when it uses the seller's calendar.
    async fn calendar(&self) -> Option<Calendar> {
        super::calendar::of_team(self)
    }

    /// The calendars that it had before, newest first; at most 100.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn past_calendars(&self, ctx: &Context<'_>) -> Result<Vec<PastCalendar>> {
        super::calendar::past(ctx, self.0.seller_id, Some(self.0.id)).await
    }

    /// The lead of the team, who is an active member of it.
    async fn lead(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.lead_id).await).map(Staff)
    }

    /// The members of the team, including people who are no longer active.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let members = ctx.loaders().members.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let people = members.iter().map(|member| ctx.loaders().people.one(member.staff_id));
        let people = futures_util::future::try_join_all(people).await.map_err(read_error)?;
        Ok(people.into_iter().flatten().map(Staff).collect())
    }

    /// The seller whose team it is.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }
}

/// A new member of staff.
#[derive(InputObject, Clone)]
pub struct NewStaffInput {
    /// The person's name, which customers see; 1 to 200 characters.
    pub name: String,
    /// The person's e-mail address at work, unique at the seller.
    pub email: String,
    /// The role, which says what they may do.
    #[graphql(default_with = "Role::Owner")]
    pub role: Role,
    /// The language that they read, in which the service writes to them.
    #[graphql(default_with = "Language::Sv")]
    pub language: Language,
}

impl From<NewStaffInput> for NewPerson {
    fn from(input: NewStaffInput) -> Self {
        let NewStaffInput { name, email, role, language } = input;
        Self { name, email, role, language, load: Workload::default() }
    }
}

/// The input of `createStaff`.
#[derive(InputObject)]
pub struct CreateStaffInput {
    /// The id of the seller whose staff the person joins.
    seller_id: ID,
    /// The person's name, which customers see; 1 to 200 characters.
    name: String,
    /// The person's e-mail address at work, unique at the seller.
    email: String,
    /// The role, which says what they may do.
    #[graphql(default_with = "Role::Owner")]
    role: Role,
    /// The language that they read, in which the service writes to them.
    #[graphql(default_with = "Language::Sv")]
    language: Language,
    /// The number of open cases from which on a team's rules give them no more; 0 to 100,000.
    #[graphql(default = 200)]
    capacity: i32,
    /// Their skills, which rules may require; at most 20 words of 1 to 50 characters.
    #[graphql(default)]
    skills: Vec<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateStaff`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateStaffInput {
    /// The id of the member of staff.
    staff_id: ID,
    /// The new name; 1 to 200 characters.
    name: Option<String>,
    /// The new e-mail address, unique at the seller.
    email: Option<String>,
    /// The new role. The last active administrator keeps theirs.
    role: Option<Role>,
    /// The new language that they read, in which the service writes to them.
    language: Option<Language>,
    /// The number of open cases from which on a team's rules give them no more; 0 to 100,000.
    capacity: Option<i32>,
    /// Their skills, which replace the present ones; at most 20 words of 1 to 50 characters.
    skills: Option<Vec<String>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the person that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `deactivateStaff`.
#[derive(InputObject)]
pub struct DeactivateStaffInput {
    /// The id of the member of staff.
    staff_id: ID,
    /// The id of an active member of the seller's staff who takes their place as the seller's accountable person and as
    /// lead of teams. Required when they are the accountable person or lead a team.
    successor_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the person that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `createTeam`.
#[derive(InputObject)]
pub struct CreateTeamInput {
    /// The id of the seller whose team it is.
    seller_id: ID,
    /// The name of the team, unique at the seller; 1 to 200 characters.
    name: String,
    /// The id of the lead, an active member of the seller's staff.
    lead_id: ID,
    /// The ids of the other members, active members of the seller's staff. A team has at most 1,000 people.
    member_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateTeam`. It replaces the name, the lead and all members.
#[derive(InputObject)]
pub struct UpdateTeamInput {
    /// The id of the team.
    team_id: ID,
    /// The name of the team, unique at the seller; 1 to 200 characters.
    name: String,
    /// The id of the lead, an active member of the seller's staff.
    lead_id: ID,
    /// The ids of all other members, active members of the seller's staff. Whoever is not named leaves the team. A team
    /// has at most 1,000 people.
    member_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the team that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The result of the deactivation of a person.
pub struct Deactivation {
    person: staff::Model,
    handed_over: usize,
}

impl From<(staff::Model, usize)> for Deactivation {
    fn from((person, handed_over): (staff::Model, usize)) -> Self {
        Self { person, handed_over }
    }
}

/// The result of the deactivation of a person.
#[Object]
impl Deactivation {
    /// The person who was deactivated.
    async fn staff(&self) -> Staff {
        Staff(self.person.clone())
    }

    /// The number of cases that went to others, closed ones included. Each was routed by its own decision of the rules.
    async fn cases_handed_over(&self) -> i32 {
        i32::try_from(self.handed_over).unwrap_or(i32::MAX)
    }
}

payload! {
    /// The answer to `createStaff`.
    CreateStaffPayload {
        /// The member of staff who was added.
        staff: Staff
    }
}
payload! {
    /// The answer to `updateStaff`.
    UpdateStaffPayload {
        /// The person as they are now.
        staff: Staff
    }
}
payload! {
    /// The answer to `deactivateStaff`.
    DeactivateStaffPayload {
        /// The person who was deactivated, and the number of their cases that others got.
        deactivation: Deactivation
    }
}
payload! {
    /// The answer to `createTeam`.
    CreateTeamPayload {
        /// The team that was created.
        team: Team
    }
}
payload! {
    /// The answer to `updateTeam`.
    UpdateTeamPayload {
        /// The team as it is now.
        team: Team
    }
}

/// Acts on staff and teams.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Adds a person to a seller's staff. For administrators.
    async fn create_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and the seller.")] input: CreateStaffInput,
    ) -> Result<CreateStaffPayload> {
        let CreateStaffInput { seller_id, name, email, role, language, capacity, skills, .. } = input;
        let person = NewPerson { name, email, role, language, load: Workload { capacity, skills } };
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&seller_id, "sellerId")?;
            crate::directory::staff::create(work, seller, &person).await
        });
        Ok(done.await?.into())
    }

    /// Changes a person's name, address, role, language, capacity or skills. For administrators.
    async fn update_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and what changes.")] input: UpdateStaffInput,
    ) -> Result<UpdateStaffPayload> {
        let UpdateStaffInput { staff_id, name, email, role, language, capacity, skills, .. } = input;
        let change = PersonChange { name, email, role, language, capacity, skills };
        let done = act(ctx, async move |work| {
            let person = id::<StaffId>(&staff_id, "staffId")?;
            crate::directory::staff::update(work, person, &change).await
        });
        Ok(done.await?.into())
    }

    /// Deactivates a person. All their cases go to others in the same transaction, each by its own decision of the
    /// rules. The seller's accountable person and the lead of a team need a successor: without one it is refused with
    /// `IN_USE`, once for each place that would be left empty. For administrators.
    async fn deactivate_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to deactivate, and a successor.")] input: DeactivateStaffInput,
    ) -> Result<DeactivateStaffPayload> {
        let done = act(ctx, async move |work| {
            let person = id::<StaffId>(&input.staff_id, "staffId")?;
            let successor = input.successor_id.as_ref().map(|text| id(text, "successorId")).transpose()?;
            crate::case::leave::deactivate(work, person, successor).await
        });
        Ok(done.await?.into())
    }

    /// Creates a team. For administrators.
    async fn create_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team, and the seller whose team it is.")] input: CreateTeamInput,
    ) -> Result<CreateTeamPayload> {
        let CreateTeamInput { seller_id, name, lead_id, member_ids, .. } = input;
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&seller_id, "sellerId")?;
            let members = ids(&member_ids, "memberIds")?;
            let shape = TeamShape { name: name.clone(), lead: id(&lead_id, "leadId")?, members };
            crate::directory::team::create(work, seller, &shape).await
        });
        Ok(done.await?.into())
    }

    /// Replaces a team's name, lead and members. For administrators.
    async fn update_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team, with its new name, lead and members.")] input: UpdateTeamInput,
    ) -> Result<UpdateTeamPayload> {
        let UpdateTeamInput { team_id, name, lead_id, member_ids, .. } = input;
        let done = act(ctx, async move |work| {
            let team = id::<TeamId>(&team_id, "teamId")?;
            let members = ids(&member_ids, "memberIds")?;
            let shape = TeamShape { name: name.clone(), lead: id(&lead_id, "leadId")?, members };
            crate::directory::team::update(work, team, &shape).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for StaffId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().people.one(self).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Staff(Staff(row)))))
    }
}

impl Lookup for TeamId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().teams.one(self).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Team(Team(row)))))
    }
}
