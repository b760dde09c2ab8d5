//! Staff: the only kind of party that can own a case. Staff are never deleted; [`crate::case::leave`] deactivates them.

use entity::id::{SellerId, StaffId};
use entity::json::{NoticeSettings, Texts};
use entity::kind::{Language, Role};
use entity::{staff, staff_load};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use super::{NAME, taken};
use crate::access::door;
use crate::access::table::{Action, check as check_access, to_directory};
use crate::kit::actor::Actor;
use crate::kit::contact::checked_email;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required, words};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;

/// The contents of a new member of staff.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The name that customers see.
    pub name: String,
    /// The work e-mail address, unique at the seller.
    pub email: String,
    /// The role, which decides what they may do.
    pub role: Role,
    /// The language that they read, in which the service writes to them.
    pub language: Language,
    /// Capacity and skills.
    pub load: Workload,
}

/// A person's capacity and skills.
#[derive(Debug, Clone)]
pub struct Workload {
    /// The maximum number of open cases. Teams assign cases in relation to it.
    pub capacity: i32,
    /// Skills that rules may ask for.
    pub skills: Vec<String>,
}

impl Default for Workload {
    fn default() -> Self {
        Self { capacity: 200, skills: Vec::new() }
    }
}

/// Changes to a person; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// The name that customers see.
    pub name: Option<String>,
    /// The work e-mail address.
    pub email: Option<String>,
    /// The role, which decides what they may do.
    pub role: Option<Role>,
    /// The language that they read, in which the service writes to them.
    pub language: Option<Language>,
    /// The maximum number of open cases.
    pub capacity: Option<i32>,
    /// Skills that rules may ask for.
    pub skills: Option<Vec<String>>,
}

/// Adds a person to a seller's staff.
///
/// # Errors
/// When a field is missing or the address is taken.
pub async fn create(work: &mut Work, seller: SellerId, new: &NewPerson) -> Outcome<staff::Model> {
    door::seller(work, seller, "sellerId").await?;
    let mut problems = Problems::default();
    let person = check(work, seller, new, "", &mut problems).await?;
    problems.refuse_if_any()?;
    add(work, &person);
    Ok(person)
}

/// Inserts a new person, with a load of no open cases.
pub(super) fn add(work: &mut Work, person: &staff::Model) {
    work.insert(person.clone());
    work.insert(staff_load::Model { staff_id: person.id, open_cases: 0 });
}

/// The row for a new person. Problems are added to the list with `path` in front of the field name.
pub(super) async fn check(
    work: &Work,
    seller_id: SellerId,
    new: &NewPerson,
    path: &str,
    problems: &mut Problems,
) -> Outcome<staff::Model> {
    let name = problems.check(required(&new.name, &format!("{path}name"), NAME)).unwrap_or_default();
    problems.check(may_give(work, new.role, &format!("{path}role")));
    let email = problems.check(address(work, seller_id, None, &new.email, &format!("{path}email")).await?);
    Ok(staff::Model {
        id: work.new_id(),
        version: 1,
        seller_id,
        name,
        email: email.unwrap_or_default(),
        role: new.role,
        language: new.language,
        active: true,
        capacity: problems.check(capacity(new.load.capacity, &format!("{path}capacity"))).unwrap_or_default(),
        skills: Texts(problems.check(words(&new.load.skills, &format!("{path}skills"))).unwrap_or_default()),
        working_hours: None,
        notices: NoticeSettings::default(),
        created_at: work.now(),
        deactivated_at: None,
        ended_seq: None,
    })
}

/// Changes a person.
///
/// # Errors
/// When a field is not valid, the address is taken, the last administrator would lose that role, or somebody else than
/// a platform administrator would change one or make one.
pub async fn update(work: &mut Work, id: StaffId, change: &PersonChange) -> Outcome<staff::Model> {
    let person = work.lock::<staff::Model>(id).await?;
    let mut person = person.ok_or_else(|| Problem::not_found("staffId"))?;
    door::changes(work, person.seller_id, &*person, "staffId")?;
    may_give(work, person.role, "staffId")?;
    if let Some(name) = &change.name {
        person.name = required(name, "name", NAME)?;
    }
    if let Some(wanted) = change.capacity {
        person.capacity = capacity(wanted, "capacity")?;
    }
    if let Some(wanted) = &change.skills {
        person.skills = Texts(words(wanted, "skills")?);
    }
    if let Some(email) = &change.email {
        person.email = address(work, person.seller_id, Some(id), email, "email")
            .await?
            .map_err(crate::kit::error::Refusal::from)?;
    }
    if let Some(role) = change.role.filter(|role| *role != person.role) {
        may_give(work, role, "role")?;
        still_administered(work, &person, role, "role").await?;
        person.role = role;
    }
    person.language = change.language.unwrap_or(person.language);
    Ok(person.done())
}

/// Checks that the actor may give this role, or change a person who has it. Whoever changes a platform administrator's
/// e-mail address or account could sign in as them, so only a platform administrator may.
///
/// # Errors
/// `FORBIDDEN` when the role is that of a platform administrator and the actor is none.
pub fn may_give(work: &Work, role: Role, field: &str) -> Result<(), Problem> {
    let may = matches!(work.actor(), Actor::System | Actor::Staff { role: Role::PlatformAdministrator, .. });
    if role == Role::PlatformAdministrator && !may {
        return Err(Problem::new(ErrorCode::Forbidden, field, texts::directory::platform_administrators_only()));
    }
    Ok(())
}

/// Checks that somebody else can administer what this person administers, when their role becomes `next`.
///
/// # Errors
/// `IN_USE` when nobody else can.
pub async fn still_administered(work: &Work, person: &staff::Model, next: Role, field: &str) -> Outcome<()> {
    let all = Condition::any().add(staff::Column::Role.eq(Role::PlatformAdministrator));
    let enough = match (person.role, next) {
        (Role::PlatformAdministrator, Role::PlatformAdministrator)
        | (Role::Administrator, Role::Administrator | Role::PlatformAdministrator)
        | (Role::Owner | Role::Manager, _) => return Ok(()),
        (Role::PlatformAdministrator, _) => all,
        (Role::Administrator, _) => {
            let here = staff::Column::SellerId.eq(person.seller_id).and(staff::Column::Role.eq(Role::Administrator));
            all.add(here)
        }
    };
    let others = staff::Entity::find()
        .filter(enough)
        .filter(staff::Column::Active.eq(true))
        .filter(staff::Column::Id.ne(person.id));
    if others.one(work.tx()?).await?.is_none() {
        return Err(Problem::new(ErrorCode::InUse, field, texts::directory::last_administrator()).into());
    }
    Ok(())
}

/// Locks a person of whom the actor may do this. Everybody may do it for themselves.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not.
pub async fn own_or_managed(work: &Work, id: StaffId, action: Action) -> Outcome<Held<staff::Model>> {
    let person = staff::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
    let person = person.ok_or_else(|| Problem::not_found("staffId"))?;
    if work.actor().staff() != Some(id) {
        check_access(to_directory(work.actor(), person.seller_id), action, Action::ReadDirectory, "staffId")?;
    }
    work.hold(person)?.ok_or_else(|| Problem::not_found("staffId").into())
}

fn capacity(wanted: i32, field: &str) -> Result<i32, Problem> {
    if (0..=100_000).contains(&wanted) {
        return Ok(wanted);
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::directory::capacity()))
}

/// Checks the address, which nobody else at the seller may have.
async fn address(
    work: &Work,
    seller: SellerId,
    own: Option<StaffId>,
    text: &str,
    field: &str,
) -> Outcome<Result<String, Problem>> {
    let address = match checked_email(Some(text), field) {
        Ok(Some(address)) => address,
        Ok(None) => return Ok(Err(Problem::new(ErrorCode::Required, field, texts::input::fill_in()))),
        Err(problem) => return Ok(Err(problem)),
    };
    let holder = staff::Entity::find()
        .filter(staff::Column::SellerId.eq(seller))
        .filter(staff::Column::Email.eq(address.as_str()))
        .one(work.tx()?)
        .await?;
    Ok(if holder.is_some_and(|holder| Some(holder.id) != own) { Err(taken(field)) } else { Ok(address) })
}
