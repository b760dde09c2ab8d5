//! Widgets: complaint forms on web pages.

use entity::id::{SellerId, WidgetId};
use entity::json::FormContent;
use entity::widget;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{NAME, form, origin, taken};
use crate::access::{door, key};
use crate::kit::error::{Outcome, Problem, required};
use crate::kit::work::Work;

/// Creates a widget with a new publishable key.
///
/// # Errors
/// When the name is missing or taken.
pub async fn create_widget(work: &mut Work, seller: SellerId, name: &str) -> Outcome<widget::Model> {
    door::seller(work, seller, "sellerId").await?;
    let name = required(name, "name", NAME)?;
    let namesake = widget::Entity::find()
        .filter(widget::Column::SellerId.eq(seller))
        .filter(widget::Column::Name.eq(name.as_str()))
        .one(work.tx()?)
        .await?;
    if namesake.is_some() {
        return Err(taken("name").into());
    }
    let row = widget::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        name,
        publishable_key: key::new_widget_key(work.app().entropy()),
        active: true,
        form: FormContent::default(),
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// What is to change in a widget. What is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct WidgetChange {
    /// Whether its key is accepted.
    pub active: Option<bool>,
    /// The origins of the pages that may use the key in a browser. Empty: those on the operator's list.
    pub origins: Option<Vec<String>>,
    /// What the form asks.
    pub form: Option<FormContent>,
}

/// Changes a widget.
///
/// # Errors
/// When there is no such widget; a problem for each value that is not valid.
pub async fn update_widget(work: &mut Work, id: WidgetId, change: &WidgetChange) -> Outcome<widget::Model> {
    let row = work.lock::<widget::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("widgetId"))?;
    door::changes(work, row.seller_id, &*row, "widgetId")?;
    row.active = change.active.unwrap_or(row.active);
    if let Some(origins) = &change.origins {
        origin::set(work, id, origins).await?;
        // Whoever read the widget before must see that it has changed.
        row.touch();
    }
    if let Some(form) = &change.form {
        row.form = form::checked(form)?;
    }
    Ok(row.done())
}
