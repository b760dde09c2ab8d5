//! Staff and teams.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId, TeamId};
use entity::kind::{Language, Role};
use entity::{staff, team};

use super::calendar::{Calendar, PastCalendar};
use super::context::{ContextExt, act, id, ids, int, read_error, there, to_id};
use super::error::payload;
use super::hours::{Absence, HoursObject, shown};
use super::seller::Seller;
use crate::directory::staff::{Load, NewPerson, PersonChange};
use crate::directory::team::TeamShape;

/// A member of a seller's staff: the only kind of party that can own a case.
#[derive(Clone)]
pub struct Staff(pub staff::Model);

impl From<staff::Model> for Staff {
    fn from(row: staff::Model) -> Self {
        Self(row)
    }
}

/// A member of a seller's staff: the only kind of party that can own a case.
#[Object]
impl Staff {
    /// The id, opaque; `sub` of this person's tokens.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, as customers are told it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The address at work.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What they may do.
    async fn role(&self) -> Role {
        self.0.role
    }

    /// What they read.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// Whether they work there. Somebody who does not owns nothing and cannot sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When they stopped, UTC; null while they work there.
    async fn deactivated_at(&self) -> Option<DateTime<Utc>> {
        self.0.deactivated_at
    }

    /// Their employer.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        there(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }

    /// The teams they are in.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>> {
        let members = ctx.loaders().teams_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let teams = members.iter().map(|member| ctx.loaders().teams.one(member.team_id));
        let teams = futures_util::future::try_join_all(teams).await.map_err(read_error)?;
        Ok(teams.into_iter().flatten().map(Team).collect())
    }

    /// What they can do, in lower case; rules may ask for it.
    async fn skills(&self) -> &[String] {
        &self.0.skills.0
    }

    /// How many open cases they carry at most. Who carries more is given more.
    async fn capacity(&self) -> i32 {
        self.0.capacity
    }

    /// When they work in an ordinary week; null for the seller's business hours.
    async fn working_hours(&self) -> Option<Vec<HoursObject>> {
        self.0.working_hours.as_ref().map(shown)
    }

    /// Until when they take no new cases, UTC; null when they take them now.
    async fn away_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let absences = ctx.loaders().absences.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let now = ctx.app().now();
        let present = absences.iter().filter(|absence| absence.starts_at <= now && absence.ends_at > now);
        Ok(present.map(|absence| absence.ends_at).max())
    }

    /// When they were, are and will be away, oldest first.
    async fn absences(&self, ctx: &Context<'_>) -> Result<Vec<Absence>> {
        let rows = ctx.loaders().absences.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Absence).collect())
    }

    /// How many cases they own that are not closed.
    async fn open_cases(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.loaders().open_cases.one(self.0.id).await.map_err(read_error)?.unwrap_or_default()))
    }
}

/// A team of a seller's staff. Rules may name it; one of its members becomes the owner, never the team.
#[derive(Clone)]
pub struct Team(pub team::Model);

impl From<team::Model> for Team {
    fn from(row: team::Model) -> Self {
        Self(row)
    }
}

/// A team of a seller's staff. Rules may name it; one of its members becomes the owner, never the team.
#[Object]
impl Team {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it works, where that differs from its seller; null when it goes by the seller's calendar.
    async fn calendar(&self) -> Option<Calendar> {
        super::calendar::of_team(self)
    }

    /// The calendars that it had before, the newest first; at most 100.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn past_calendars(&self, ctx: &Context<'_>) -> Result<Vec<PastCalendar>> {
        super::calendar::past(ctx, self.0.seller_id, Some(self.0.id)).await
    }

    /// Who leads it; an active member.
    async fn lead(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.lead_id).await).map(Staff)
    }

    /// Who is in it, those who have stopped included.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let members = ctx.loaders().members.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let people = members.iter().map(|member| ctx.loaders().people.one(member.staff_id));
        let people = futures_util::future::try_join_all(people).await.map_err(read_error)?;
        Ok(people.into_iter().flatten().map(Staff).collect())
    }

    /// Whose team it is.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        there(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }
}

/// A person to be.
#[derive(InputObject, Clone)]
pub struct NewStaffInput {
    /// The name, as customers are told it; 1 to 200 characters.
    pub name: String,
    /// The address at work, unique at the seller.
    pub email: String,
    /// What they may do.
    #[graphql(default_with = "Role::Owner")]
    pub role: Role,
    /// What they read.
    #[graphql(default_with = "Language::Sv")]
    pub language: Language,
}

impl From<NewStaffInput> for NewPerson {
    fn from(input: NewStaffInput) -> Self {
        let NewStaffInput { name, email, role, language } = input;
        Self { name, email, role, language, load: Load::default() }
    }
}

/// Adds a person to a seller's staff.
#[derive(InputObject)]
pub struct CreateStaffInput {
    /// Whose staff.
    seller_id: ID,
    /// The name, as customers are told it; 1 to 200 characters.
    name: String,
    /// The address at work, unique at the seller.
    email: String,
    /// What they may do.
    #[graphql(default_with = "Role::Owner")]
    role: Role,
    /// What they read.
    #[graphql(default_with = "Language::Sv")]
    language: Language,
    /// How many open cases they carry at most; 0 to 100,000.
    #[graphql(default = 200)]
    capacity: i32,
    /// What they can do; at most 20 words. Rules may ask for it.
    #[graphql(default)]
    skills: Vec<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a person; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateStaffInput {
    /// Whom.
    staff_id: ID,
    /// The new name.
    name: Option<String>,
    /// The new address.
    email: Option<String>,
    /// The new role.
    role: Option<Role>,
    /// The new language.
    language: Option<Language>,
    /// How many open cases they carry at most; 0 to 100,000.
    capacity: Option<i32>,
    /// What they can do; at most 20 words.
    skills: Option<Vec<String>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the person has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Ends a person's work here and hands over all their cases.
#[derive(InputObject)]
pub struct DeactivateStaffInput {
    /// Whom.
    staff_id: ID,
    /// Who takes their place as the seller's accountable person and as lead of teams; needed when they are one.
    successor_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the person has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// A team to be.
#[derive(InputObject)]
pub struct CreateTeamInput {
    /// Whose team.
    seller_id: ID,
    /// The name, unique at the seller.
    name: String,
    /// Who leads it.
    lead_id: ID,
    /// Who else is in it.
    member_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Gives a team a new shape.
#[derive(InputObject)]
pub struct UpdateTeamInput {
    /// Which team.
    team_id: ID,
    /// The name, unique at the seller.
    name: String,
    /// Who leads it.
    lead_id: ID,
    /// Who else is in it; who is not named is no longer.
    member_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the team has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Somebody who has stopped, and what became of their cases.
pub struct Deactivation {
    person: staff::Model,
    handed_over: usize,
}

impl From<(staff::Model, usize)> for Deactivation {
    fn from((person, handed_over): (staff::Model, usize)) -> Self {
        Self { person, handed_over }
    }
}

/// Somebody who has stopped, and what became of their cases.
#[Object]
impl Deactivation {
    /// Who.
    async fn staff(&self) -> Staff {
        Staff(self.person.clone())
    }

    /// How many cases went to others, each by its own decision of the rules.
    async fn cases_handed_over(&self) -> i32 {
        i32::try_from(self.handed_over).unwrap_or(i32::MAX)
    }
}

payload! {
    /// The answer to `createStaff`.
    CreateStaffPayload {
        /// The new person.
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
        /// Who stopped, and what became of their cases.
        deactivation: Deactivation
    }
}
payload! {
    /// The answer to `createTeam`.
    CreateTeamPayload {
        /// The new team.
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
        #[graphql(desc = "Who, and where.")] input: CreateStaffInput,
    ) -> Result<CreateStaffPayload> {
        let CreateStaffInput { seller_id, name, email, role, language, capacity, skills, .. } = input;
        let person = NewPerson { name, email, role, language, load: Load { capacity, skills } };
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
        #[graphql(desc = "Who, and what changes.")] input: UpdateStaffInput,
    ) -> Result<UpdateStaffPayload> {
        let UpdateStaffInput { staff_id, name, email, role, language, capacity, skills, .. } = input;
        let change = PersonChange { name, email, role, language, capacity, skills };
        let done = act(ctx, async move |work| {
            let person = id::<StaffId>(&staff_id, "staffId")?;
            crate::directory::staff::update(work, person, &change).await
        });
        Ok(done.await?.into())
    }

    /// Ends a person's work here. All their cases go to others in the same transaction, each by its own decision of the
    /// rules. A seller's accountable person and a team's lead need a successor: without one it is refused, and each place
    /// is named. For administrators.
    async fn deactivate_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: DeactivateStaffInput,
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
        #[graphql(desc = "The team, and whose.")] input: CreateTeamInput,
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

    /// Gives a team a new name, lead and members. For administrators.
    async fn update_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team, and its new shape.")] input: UpdateTeamInput,
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
