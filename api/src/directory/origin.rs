//! The origins of the pages that may use a widget's key. Reads of them, and how they are written.

use entity::id::WidgetId;
use entity::{widget, widget_origin};
use reqwest::Url;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::kit::db::Db;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems};
use crate::kit::work::Work;
use crate::texts;

/// The most origins of a widget.
pub const MOST: usize = 20;
/// The most characters of an origin.
const LONGEST: usize = 200;

/// An origin as browsers send it: scheme, host in lower case, and the port unless it is the scheme's own.
fn checked(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let origin = url.origin().ascii_serialization();
    (bare && origin.len() <= LONGEST).then_some(origin)
}

/// The origins of a widget, in the order of the alphabet.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(db: &impl ConnectionTrait, widget: WidgetId) -> Result<Vec<String>, DbErr> {
    let rows = widget_origin::Entity::find().filter(widget_origin::Column::WidgetId.eq(widget));
    let rows = rows.order_by_asc(widget_origin::Column::Origin).all(db).await?;
    Ok(rows.into_iter().map(|row| row.origin).collect())
}

/// The origins of the widget with this key; empty when it has none, and for an unknown key.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_key(db: &Db, key: &str) -> Result<Vec<String>, DbErr> {
    let found = widget::Entity::find().filter(widget::Column::PublishableKey.eq(key)).one(db).await?;
    match found {
        Some(found) => of(db, found.id).await,
        None => Ok(Vec::new()),
    }
}

/// Whether an active widget has this origin.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_listed(db: &Db, origin: &str) -> Result<bool, DbErr> {
    let widgets = widget_origin::Entity::find()
        .select_only()
        .column(widget_origin::Column::WidgetId)
        .filter(widget_origin::Column::Origin.eq(origin));
    let active = widget::Entity::find()
        .filter(widget::Column::Id.in_subquery(widgets.into_query()))
        .filter(widget::Column::Active.eq(true));
    Ok(active.limit(1).one(db).await?.is_some())
}

/// Replaces the origins of a widget.
///
/// # Errors
/// A problem for each text that is not an origin, and when there are too many.
pub async fn set(work: &mut Work, widget_id: WidgetId, wanted: &[String]) -> Outcome<()> {
    let mut problems = Problems::default();
    if wanted.len() > MOST {
        problems.add(Problem::new(ErrorCode::TooLong, "allowedOrigins", texts::directory::too_many_origins(MOST)));
    }
    let mut origins = Vec::new();
    for (place, text) in wanted.iter().take(MOST).enumerate() {
        let field = format!("allowedOrigins.{place}");
        let bad = || Problem::new(ErrorCode::Invalid, &field, texts::directory::not_an_origin());
        origins.extend(problems.check(checked(text).ok_or_else(bad)));
    }
    problems.refuse_if_any()?;
    let before = of(work.tx()?, widget_id).await?;
    for origin in before.iter().filter(|origin| !origins.contains(origin)) {
        work.remove::<widget_origin::Model>((origin.clone(), widget_id));
    }
    for origin in origins.into_iter().filter(|origin| !before.contains(origin)) {
        work.insert_if_new(widget_origin::Model { origin, widget_id });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for (text, expected) in [
            ("https://shop.example", Some("https://shop.example")),
            (" HTTPS://Shop.Example/ ", Some("https://shop.example")),
            ("https://shop.example:443", Some("https://shop.example")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("https://shop.example/page", None),
            ("https://shop.example/?a", None),
            ("https://me@shop.example", None),
            ("shop.example", None),
            ("*", None),
            ("null", None),
            ("file:///a", None),
        ] {
            assert_eq!(checked(text).as_deref(), expected, "{text}");
        }
    }
}
