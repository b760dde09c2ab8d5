//! Which notices members of staff get by mail, and when.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use entity::id::StaffId;
use entity::json;
use entity::kind::{NoticeKind, NoticeTiming};

use super::context::{act, id};
use super::error::payload;
use super::staff::Staff;
use crate::notice::settings;

/// The timing of one kind of notice.
#[derive(SimpleObject)]
pub struct NoticeSetting {
    /// The kind of notice.
    kind: NoticeKind,
    /// When such a notice is mailed, or that it is never mailed.
    timing: NoticeTiming,
}

impl From<json::NoticeSetting> for NoticeSetting {
    fn from(json::NoticeSetting { kind, timing }: json::NoticeSetting) -> Self {
        Self { kind, timing }
    }
}

/// The timing to set for one kind of notice.
#[derive(InputObject)]
pub struct NoticeSettingInput {
    /// The kind of notice.
    kind: NoticeKind,
    /// When such a notice is mailed, or that it is never mailed.
    timing: NoticeTiming,
}

/// Sets which notices a member of staff gets by mail, and when.
#[derive(InputObject)]
pub struct SetNoticesInput {
    /// The member of staff whose notice settings change.
    staff_id: ID,
    /// The settings that change, each kind at most once. Other kinds keep their timing.
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

/// Mutations of notice settings.
#[derive(Default)]
pub struct NoticeMutation;

#[Object]
impl NoticeMutation {
    /// Sets which notices a member of staff gets by mail, and when. A notice that is mailed at once is also pushed to
    /// the person's devices (`registerDevice`). For staff about themselves, and for managers about all staff of their
    /// seller.
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
