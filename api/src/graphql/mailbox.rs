//! Mailboxes: addresses that complaints are mailed to.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{MailboxId, SellerId};
use entity::kind::{Language, MailTransport};
use entity::{fetching, mailbox};

use super::context::{ContextExt, act, id, int, read_error, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_directory};
use crate::access::key;
use crate::access::table::{Action, may, to_directory};
use crate::directory::mailbox::NewMailbox;
use sea_orm::EntityTrait;

/// A mailbox: an address that complaints are mailed to, and from which letters are sent.
#[derive(Clone)]
pub struct SellerMailbox(pub mailbox::Model);

impl From<mailbox::Model> for SellerMailbox {
    fn from(row: mailbox::Model) -> Self {
        Self(row)
    }
}

/// A mailbox: an address that complaints are mailed to, and from which letters are sent.
#[Object(name = "Mailbox")]
impl SellerMailbox {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The address, in lower case. Replies come to `address+code@domain`, so the mail server must deliver those
    /// addresses to this mailbox too.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// The sender's name in letters from this mailbox.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The category of the new cases that come by this mailbox, in the seller's own words; null when the mailbox sets
    /// none.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// The language of those who write to this mailbox.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The way by which the mail of this mailbox comes in. It is a note only: a mailbox takes mail by every way.
    async fn transport(&self) -> MailTransport {
        self.0.transport
    }

    /// Whether the mailbox takes in mail and new letters are sent from it. Mail that it has taken in before is still
    /// read, and letters written before are still sent.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Addresses and domains, in lower case, that are trusted to name the writer of a mail that they pass on, such as a
    /// group's address or the shop's own form.
    async fn trusted_senders(&self) -> &[String] {
        &self.0.trusted_senders.0
    }

    /// The path of this service to which mail is posted over HTTP, as `message/rfc822` (RFC 5322) or in the form that
    /// mail services post.
    async fn inbound_path(&self) -> String {
        format!("/inbound/{}", self.0.id)
    }

    /// The state of fetching the mail from an account at a mail service; null when nothing has been fetched or tried
    /// yet.
    async fn fetching(&self, ctx: &Context<'_>) -> Result<Option<MailboxFetching>> {
        let found = ctx.loaders().fetching_of.one(self.0.id).await.map_err(read_error)?;
        Ok(found.unwrap_or_default().into_iter().next().map(MailboxFetching::from))
    }

    /// The secret key for `inboundPath`. Whoever posts mail there sends it as `Authorization: Bearer` or as the
    /// password of `Basic`, or signs the mail with it. Null for everybody but administrators.
    async fn key(&self, ctx: &Context<'_>) -> Option<String> {
        may(to_directory(ctx.actor(), self.0.seller_id), Action::Administer)
            .then(|| key::mailbox_key(ctx.app().secret(), self.0.id, self.0.generation))
    }
}

/// The state of fetching a mailbox's mail from an account at a mail service (`mail.imap` in the configuration).
#[derive(SimpleObject)]
pub struct MailboxFetching {
    /// When the folder of the account was first opened, UTC; null when it never was. Mail that had arrived before is
    /// taken in, but not answered.
    began_at: Option<DateTime<Utc>>,
    /// When all mail in the folder had last been taken in, UTC. It is written only when some mail was taken in; null
    /// before that.
    looked_at: Option<DateTime<Utc>>,
    /// Since when fetching fails, UTC; null when it works. After one hour the seller's accountable person gets a
    /// letter.
    failing_since: Option<DateTime<Utc>>,
    /// Why fetching fails; null when it works.
    failure: Option<String>,
}

impl From<fetching::Model> for MailboxFetching {
    fn from(row: fetching::Model) -> Self {
        let fetching::Model { began_at, looked_at, failing_since, failure, .. } = row;
        Self { began_at, looked_at, failing_since, failure }
    }
}

/// Creates a mailbox.
#[derive(InputObject)]
pub struct CreateMailboxInput {
    /// The seller that the mailbox belongs to.
    seller_id: ID,
    /// The address: at most 23 ASCII characters before the `@`, and no `+`. It must not be another mailbox's.
    address: String,
    /// The sender's name in letters from this mailbox; 1 to 200 characters.
    name: String,
    /// The category of the new cases that come by this mailbox, in the seller's own words; at most 100 characters.
    category: Option<String>,
    /// The language of those who write to this mailbox; the seller's language when left out.
    language: Option<Language>,
    /// The way by which the mail of this mailbox comes in. It is a note only: a mailbox takes mail by every way.
    transport: MailTransport,
    /// Addresses (`form@shop.example`) and domains (`shop.example`, without its subdomains) that are trusted to name
    /// the writer of a mail that they pass on, such as a group's address or the shop's own form; at most 50. In their
    /// mail, `Reply-To`, `X-Original-From` and "X via Y" name the customer; in nobody else's mail do they.
    #[graphql(default)]
    trusted_senders: Vec<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a mailbox. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateMailboxInput {
    /// The mailbox to change.
    mailbox_id: ID,
    /// The sender's name in letters from this mailbox; 1 to 200 characters.
    name: Option<String>,
    /// Whether the mailbox takes in mail and new letters are sent from it. Mail that it has taken in before is still
    /// read, and letters written before are still sent.
    active: Option<bool>,
    /// The addresses and domains that are trusted to name the writer of a mail that they pass on; at most 50. They
    /// replace all that were set before.
    trusted_senders: Option<Vec<String>>,
    /// True to create a new key. The old key becomes invalid at once.
    #[graphql(default)]
    new_key: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the mailbox that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createMailbox`.
    CreateMailboxPayload {
        /// The new mailbox, with its key; null when nothing was changed.
        mailbox: SellerMailbox
    }
}
payload! {
    /// The answer to `updateMailbox`.
    UpdateMailboxPayload {
        /// The mailbox as it is now; null when nothing was changed.
        mailbox: SellerMailbox
    }
}

/// Mutations of mailboxes.
#[derive(Default)]
pub struct MailboxMutation;

#[Object]
impl MailboxMutation {
    /// Creates a mailbox: an address that complaints are mailed to. A seller may have 100. For administrators.
    async fn create_mailbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mailbox to create.")] input: CreateMailboxInput,
    ) -> Result<CreateMailboxPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let new = NewMailbox {
                address: input.address.clone(),
                name: input.name.clone(),
                category: input.category.clone(),
                language: input.language,
                transport: input.transport,
                trusted_senders: input.trusted_senders.clone(),
            };
            crate::directory::mailbox::create(work, seller, &new).await
        });
        Ok(done.await?.into())
    }

    /// Changes a mailbox's name, key or trusted senders, or turns it off or on. For administrators.
    async fn update_mailbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mailbox, and what changes.")] input: UpdateMailboxInput,
    ) -> Result<UpdateMailboxPayload> {
        let done = act(ctx, async move |work| {
            let mailbox = id::<MailboxId>(&input.mailbox_id, "mailboxId")?;
            let change = (input.name.as_deref(), input.active, input.trusted_senders.as_deref());
            crate::directory::mailbox::update(work, mailbox, change, input.new_key).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for MailboxId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = mailbox::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Mailbox(SellerMailbox(row)))))
    }
}
