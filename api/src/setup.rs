//! Creates the first seller of a new store and a platform administrator. Everything else is created with the API.

use entity::kind::{Language, Role};
use entity::seller;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::directory::seller::{NewSeller, Settings, create};
use crate::directory::staff::{NewPerson, Workload};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::texts;

/// Creates the first seller; returns instructions for the next steps.
///
/// # Errors
/// When there is a seller already, or a field is missing or not valid.
pub async fn first_seller(app: &App, name: &str, person: &str, email: &str) -> Outcome<String> {
    let accountable = NewPerson {
        name: person.to_owned(),
        email: email.to_owned(),
        role: Role::PlatformAdministrator,
        language: Language::Sv,
        load: Workload::default(),
    };
    let new = NewSeller { name: name.to_owned(), language: Language::Sv, settings: Settings::default(), accountable };
    let made = app.run(Actor::System, async move |work| {
        if seller::Entity::find().count(work.tx()?).await? > 0 {
            return Err(Problem::new(ErrorCode::Taken, "", texts::setup::seller_exists()).into());
        }
        create(work, &new).await
    });
    let (seller, admin) = made.await?;
    Ok(format!(
        "Made the seller {} ({}) and the platform administrator {}.\nTheir tokens carry `sub`: {}\nFor development: ansvar token {}",
        seller.name, seller.id, admin.name, admin.id, admin.id
    ))
}
