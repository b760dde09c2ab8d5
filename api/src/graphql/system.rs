//! Widgets.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{SellerId, WidgetId};
use entity::widget;

use super::context::{act, id, int, to_id};
use super::error::payload;

/// A complaint form on a page.
#[derive(Clone)]
pub struct Widget(pub widget::Model);

impl From<widget::Model> for Widget {
    fn from(row: widget::Model) -> Self {
        Self(row)
    }
}

/// A complaint form on a page.
#[Object]
impl Widget {
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

    /// The key the form sends as `Authorization: Bearer wk_…`. It stands in the page's source: it can file complaints
    /// and nothing else.
    async fn publishable_key(&self) -> &str {
        &self.0.publishable_key
    }

    /// Whether the key works.
    async fn active(&self) -> bool {
        self.0.active
    }
}

/// Makes a complaint form's key.
#[derive(InputObject)]
pub struct CreateWidgetInput {
    /// For which seller.
    seller_id: ID,
    /// The name, unique at the seller.
    name: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Turns a form's key off or on.
#[derive(InputObject)]
pub struct UpdateWidgetInput {
    /// Which.
    widget_id: ID,
    /// Whether the key works from now on.
    active: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the widget has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createWidget`.
    CreateWidgetPayload {
        /// The new widget, with its key.
        widget: Widget
    }
}
payload! {
    /// The answer to `updateWidget`.
    UpdateWidgetPayload {
        /// The widget as it is now.
        widget: Widget
    }
}
/// Acts on widgets.
#[derive(Default)]
pub struct SystemMutation;

#[Object]
impl SystemMutation {
    /// Makes a complaint form's publishable key. For administrators.
    async fn create_widget(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CreateWidgetInput,
    ) -> Result<CreateWidgetPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            crate::directory::system::create_widget(work, seller, &input.name).await
        });
        Ok(done.await?.into())
    }

    /// Turns a complaint form's key off or on. For administrators.
    async fn update_widget(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: UpdateWidgetInput,
    ) -> Result<UpdateWidgetPayload> {
        let done = act(ctx, async move |work| {
            let widget = id::<WidgetId>(&input.widget_id, "widgetId")?;
            crate::directory::system::update_widget(work, widget, input.active).await
        });
        Ok(done.await?.into())
    }
}
