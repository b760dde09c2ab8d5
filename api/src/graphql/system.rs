//! Widgets and API clients.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{ApiClientId, SellerId, WidgetId};
use entity::{api_client, widget};

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

/// A system that reports complaints for a seller: a mail gateway, a telephone exchange.
#[derive(Clone)]
pub struct ApiClient(pub api_client::Model);

impl From<api_client::Model> for ApiClient {
    fn from(row: api_client::Model) -> Self {
        Self(row)
    }
}

/// A system that reports complaints for a seller: a mail gateway, a telephone exchange.
#[Object]
impl ApiClient {
    /// The id, opaque; `sub` of this system's tokens.
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

    /// Whether its tokens work.
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

/// Makes an API client.
#[derive(InputObject)]
pub struct CreateApiClientInput {
    /// For which seller.
    seller_id: ID,
    /// The name, unique at the seller.
    name: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Ends or restores an API client's access.
#[derive(InputObject)]
pub struct UpdateApiClientInput {
    /// Which.
    api_client_id: ID,
    /// Whether its tokens work from now on.
    active: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the client has another by now, nothing is changed and you are told.
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
payload! {
    /// The answer to `createApiClient`.
    CreateApiClientPayload {
        /// The new client.
        api_client: ApiClient
    }
}
payload! {
    /// The answer to `updateApiClient`.
    UpdateApiClientPayload {
        /// The client as it is now.
        api_client: ApiClient
    }
}

/// Acts on widgets and API clients.
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

    /// Makes an API client for a mail gateway, a telephone exchange or another system. For administrators.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CreateApiClientInput,
    ) -> Result<CreateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            crate::directory::system::create_client(work, seller, &input.name).await
        });
        Ok(done.await?.into())
    }

    /// Ends or restores an API client's access. For administrators.
    async fn update_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: UpdateApiClientInput,
    ) -> Result<UpdateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let client = id::<ApiClientId>(&input.api_client_id, "apiClientId")?;
            crate::directory::system::update_client(work, client, input.active).await
        });
        Ok(done.await?.into())
    }
}
