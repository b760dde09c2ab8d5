//! Devices registered for push notifications.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::device;
use entity::id::DeviceId;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::context::{ContextExt, act, forbidden, id, read_error, signed_in, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use crate::hook::AnyAddress;
use crate::kit::error::{ErrorCode, Problem};
use crate::push::{self, Reached, is_own, seal};
use crate::texts;

/// A device registered for push notifications. A push has no text: only the kind of news, the case and the time. A
/// browser gets an encrypted message (Web Push, RFC 8030 and 8291), an app gets it through the operator's relay. The
/// message is JSON: `caseId`, `reference`, and the `kind` and the time `at` (UTC) of the first thing that happened
/// since the last push.
#[derive(Clone)]
pub struct Device(pub device::Model);

impl From<device::Model> for Device {
    fn from(row: device::Model) -> Self {
        Self(row)
    }
}

/// A device registered for push notifications. A push has no text: only the kind of news, the case and the time. A
/// browser gets an encrypted message (Web Push, RFC 8030 and 8291), an app gets it through the operator's relay. The
/// message is JSON: `caseId`, `reference`, and the `kind` and the time `at` (UTC) of the first thing that happened
/// since the last push.
#[Object]
impl Device {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// When it was registered, UTC.
    async fn registered_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was removed, UTC: by you, or because its push service no longer knows it. Null while the device is
    /// registered.
    async fn removed_at(&self) -> Option<DateTime<Utc>> {
        self.0.removed_at
    }
}

/// The push subscription of a browser, with the values of `PushSubscription.toJSON()`.
#[derive(InputObject, Clone)]
pub struct WebPushInput {
    /// The address of its push service (`endpoint`): https, on the public internet, at most 2,000 characters.
    endpoint: String,
    /// Its public key (`keys.p256dh`): an uncompressed point on P-256, 65 bytes in base64url.
    p256dh: String,
    /// Its authentication secret (`keys.auth`): 16 bytes in base64url.
    auth: String,
}

/// The way in which pushes reach a device: give either `webPush` or `relayToken`.
#[derive(OneofObject, Clone)]
pub enum DeviceReachInput {
    /// For a browser: its push subscription, which it must have made with `vapidPublicKey`.
    WebPush(WebPushInput),
    /// For an app: the token by which the operator's relay knows it; 1 to 4,000 characters.
    RelayToken(String),
}

impl DeviceReachInput {
    fn read(&self) -> std::result::Result<Reached, Problem> {
        match self {
            Self::RelayToken(token) => Ok(Reached::Relay { token: token.clone() }),
            Self::WebPush(browser) => Ok(Reached::Browser {
                endpoint: browser.endpoint.clone(),
                public_key: bytes(&browser.p256dh, "reach.webPush.p256dh")?,
                auth: bytes(&browser.auth, "reach.webPush.auth")?,
            }),
        }
    }
}

fn bytes(text: &str, field: &str) -> std::result::Result<Vec<u8>, Problem> {
    let decoded = URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('='));
    decoded.map_err(|_| Problem::new(ErrorCode::Invalid, field, texts::push::not_base64url()))
}

/// The input of `registerDevice`.
#[derive(InputObject)]
pub struct RegisterDeviceInput {
    /// The way in which pushes reach the device.
    reach: DeviceReachInput,
    /// For a customer: the case whose news is pushed, one of `myCases`; that of the tracking token when left out. Staff
    /// leave it out.
    case_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `removeDevice`.
#[derive(InputObject)]
pub struct RemoveDeviceInput {
    /// The device to remove.
    device_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `registerDevice`.
    RegisterDevicePayload {
        /// The registered device; null when nothing was registered.
        device: Device
    }
}
payload! {
    /// The answer to `removeDevice`.
    RemoveDevicePayload {
        /// The device after its removal; null when nothing was changed.
        device: Device
    }
}

/// Queries on devices.
#[derive(Default)]
pub struct DeviceQuery;

#[Object]
impl DeviceQuery {
    /// Your devices, oldest first; at most 10. For staff, and for the customer of a case, with a tracking token. Fails
    /// with `FORBIDDEN` for everybody else, and with `NOT_FOUND` when the case is not yours.
    async fn devices(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "For a customer: the case whose devices to list; that of the tracking token when left out. Staff leave it out."
        )]
        case_id: Option<ID>,
    ) -> Result<Vec<Device>> {
        signed_in(ctx)?;
        let case = match &case_id {
            Some(_) => Some(super::mine::own_case(ctx, case_id.as_ref(), "caseId").await?.id),
            None => None,
        };
        let Some(own) = push::of(ctx.db(), ctx.actor(), case).await.map_err(read_error)? else {
            return Err(forbidden(texts::push::for_customers_and_staff()));
        };
        let rows = device::Entity::find().filter(own).order_by_asc(device::Column::CreatedAt);
        let rows = rows.order_by_asc(device::Column::Id).all(ctx.db()).await.map_err(read_error)?;
        Ok(rows.into_iter().map(Device).collect())
    }

    /// The public key of this service in base64url, with which a browser subscribes: `applicationServerKey` of
    /// `PushManager.subscribe` (VAPID, RFC 8292). It changes with the service's secret; browsers must then subscribe
    /// anew.
    async fn vapid_public_key(&self, ctx: &Context<'_>) -> String {
        seal::public_key(ctx.app().secret()).unwrap_or_default()
    }
}

/// Acts on devices.
#[derive(Default)]
pub struct DeviceMutation;

#[Object]
impl DeviceMutation {
    /// Registers a device for push notifications. Customers are notified of news about their case between 8 and 21 in
    /// the seller's time zone; news of the night is pushed at 8. Staff get a push for each notice that they get at once
    /// (`setNotices`). A device gets at most ten pushes an hour; further news of a case is combined. Registering the
    /// same device again updates its keys. Fails with `INVALID` when you have ten devices, when a browser registers and
    /// the service has no `public_url`, or when an app registers and the service has no relay; with `FORBIDDEN` for
    /// everybody but customers, with a tracking token, and staff.
    async fn register_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The way in which pushes reach the device.")] input: RegisterDeviceInput,
    ) -> Result<RegisterDevicePayload> {
        let open = *ctx.data_unchecked::<AnyAddress>();
        let done = act(ctx, async move |work| {
            let case = input.case_id.as_ref().map(|text| id(text, "caseId")).transpose()?;
            push::register(work, &input.reach.read()?, case, open).await
        });
        Ok(done.await?.into())
    }

    /// Removes one of your devices. Pending pushes to it are not sent, and its address and keys are deleted.
    async fn remove_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device to remove.")] input: RemoveDeviceInput,
    ) -> Result<RemoveDevicePayload> {
        let done = act(ctx, async move |work| {
            let device = id::<DeviceId>(&input.device_id, "deviceId")?;
            push::remove(work, device).await
        });
        Ok(done.await?.into())
    }
}

/// A device, for those who registered it.
impl Lookup for DeviceId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = device::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        let own = is_own(ctx.db(), ctx.actor(), &row).await.map_err(read_error)?;
        Ok(own.then_some(Node::Device(Device(row))))
    }
}
