//! Widgets: complaint forms on web pages.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{SellerId, WidgetId};
use entity::widget;

use super::context::{ContextExt, act, id, int, read_error, to_id};
use super::error::payload;
use super::form::{FormContents, FormInput};
use super::node::{Lookup, Node, of_directory};
use crate::directory::system::WidgetChange;
use sea_orm::EntityTrait;

/// A widget: a complaint form on a web page.
#[derive(Clone)]
pub struct Widget(pub widget::Model);

impl From<widget::Model> for Widget {
    fn from(row: widget::Model) -> Self {
        Self(row)
    }
}

/// A widget: a complaint form on a web page.
#[Object]
impl Widget {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the widget, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The key that the form sends as `Authorization: Bearer wk_…`. It is public because it is in the page's source,
    /// and it only allows filing complaints.
    async fn publishable_key(&self) -> &str {
        &self.0.publishable_key
    }

    /// Whether the key is accepted.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The origins of the pages that may use the key in a browser, such as `https://shop.example`, in alphabetical
    /// order. When there are none, those that the operator allows (`http.allowed_origins`).
    async fn allowed_origins(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        crate::directory::origin::of(ctx.db(), self.0.id).await.map_err(read_error)
    }

    /// What the form asks, as the form itself reads it (`form`).
    async fn form(&self) -> FormContents {
        FormContents(self.0.form.clone())
    }
}

/// The input of `createWidget`.
#[derive(InputObject)]
pub struct CreateWidgetInput {
    /// The id of the seller that the complaints are for.
    seller_id: ID,
    /// The name of the widget, unique at the seller; 1 to 200 characters.
    name: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateWidget`.
#[derive(InputObject)]
pub struct UpdateWidgetInput {
    /// The id of the widget.
    widget_id: ID,
    /// Whether the key is accepted from now on; unchanged when left out.
    active: Option<bool>,
    /// The origins of the pages that may use the key in a browser, such as `https://shop.example`; at most 20. Requests
    /// of other pages with the key are refused. With an empty list, the operator's list counts. Unchanged when left out.
    allowed_origins: Option<Vec<String>>,
    /// What the form asks; unchanged when left out.
    form: Option<FormInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the widget that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createWidget`.
    CreateWidgetPayload {
        /// The widget that was created, with its key.
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
    /// Creates a widget with a new publishable key. For administrators.
    async fn create_widget(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The widget to create.")] input: CreateWidgetInput,
    ) -> Result<CreateWidgetPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            crate::directory::system::create_widget(work, seller, &input.name).await
        });
        Ok(done.await?.into())
    }

    /// Changes a widget: whether its key is accepted, from which pages, and what its form asks. For administrators.
    async fn update_widget(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The widget, and what changes.")] input: UpdateWidgetInput,
    ) -> Result<UpdateWidgetPayload> {
        let done = act(ctx, async move |work| {
            let widget = id::<WidgetId>(&input.widget_id, "widgetId")?;
            let change = WidgetChange {
                active: input.active,
                origins: input.allowed_origins.clone(),
                form: input.form.as_ref().map(FormInput::read),
            };
            crate::directory::system::update_widget(work, widget, &change).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for WidgetId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = widget::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Widget(Widget(row)))))
    }
}
