//! Of what members of staff are told by mail, and when.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use entity::id::StaffId;
use entity::json;
use entity::kind::{NoticeKind, NoticeTiming};

use super::context::{act, id};
use super::error::payload;
use super::staff::Staff;
use crate::notice::settings;

/// When a member of staff is told by mail of one kind of notice.
#[derive(SimpleObject)]
pub struct NoticeSetting {
    /// What the person is told of.
    kind: NoticeKind,
    /// When the person is told of it, if they are told.
    timing: NoticeTiming,
}

impl From<json::NoticeSetting> for NoticeSetting {
    fn from(json::NoticeSetting { kind, timing }: json::NoticeSetting) -> Self {
        Self { kind, timing }
    }
}

/// When a member of staff is to be told by mail of one kind of notice.
#[derive(InputObject)]
pub struct NoticeSettingInput {
    /// What the person is told of.
    kind: NoticeKind,
    /// When the person is told of it, if they are told.
    timing: NoticeTiming,
}

/// Sets of what a person is told by mail, and when.
#[derive(InputObject)]
pub struct SetNoticesInput {
    /// The member of staff who is told.
    staff_id: ID,
    /// The kinds that change, each once. The others stay as they are.
    notices: Vec<NoticeSettingInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the person that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setNotices`.
    SetNoticesPayload {
        /// The member of staff with the new settings; null when nothing was changed.
        staff: Staff
    }
}

/// Mutations of what staff are told by mail.
#[derive(Default)]
pub struct NoticeMutation;

#[Object]
impl NoticeMutation {
    /// Sets of what a person is told by mail, and when. What is told at once is also pushed to the person's devices
    /// (`registerDevice`). For staff about themselves, and for managers about all staff of their seller.
    async fn set_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and what changes.")] input: SetNoticesInput,
    ) -> Result<SetNoticesPayload> {
        let done = act(ctx, async move |work| {
            let person = id::<StaffId>(&input.staff_id, "staffId")?;
            let chosen: Vec<json::NoticeSetting> = input
                .notices
                .iter()
                .map(|setting| json::NoticeSetting { kind: setting.kind, timing: setting.timing })
                .collect();
            settings::set(work, person, &chosen).await
        });
        Ok(done.await?.into())
    }
}
