//! Mailboxes: addresses that complaints are mailed to.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{MailboxId, SellerId};
use entity::kind::{Language, MailTransport};
use entity::{fetching, mailbox};

use super::context::{ContextExt, act, id, int, read_error, to_id};
use super::error::payload;
use crate::access::key;
use crate::access::table::{Action, may, to_directory};
use crate::directory::mailbox::NewMailbox;

/// An address that complaints are mailed to, and that letters are sent from.
#[derive(Clone)]
pub struct SellerMailbox(pub mailbox::Model);

impl From<mailbox::Model> for SellerMailbox {
    fn from(row: mailbox::Model) -> Self {
        Self(row)
    }
}

/// An address that complaints are mailed to, and that letters are sent from.
#[Object(name = "Mailbox")]
impl SellerMailbox {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The address, lower case. Answers come to `address+code@domain`: the mail server must deliver those here too.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// The name that letters are from.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The kind of complaint that comes here, in the seller's words; null when any does.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// What those who write here read.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// By which way its mail comes in, as a note: every way is open to it.
    async fn transport(&self) -> MailTransport {
        self.0.transport
    }

    /// Whether it takes mail in, and new letters go out from it. What it has taken and written is still read and sent.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Addresses and domains that are believed about who wrote a mail that they pass on, such as a group's address or the
    /// shop's own form: lower case.
    async fn trusted_senders(&self) -> &[String] {
        &self.0.trusted_senders.0
    }

    /// Where mail is posted over HTTP, as `message/rfc822` (RFC 5322) or as mail services post it: a path of this service.
    async fn inbound_path(&self) -> String {
        format!("/inbound/{}", self.0.id)
    }

    /// How its mail is fetched; null when it is not, or was not looked at yet.
    async fn fetching(&self, ctx: &Context<'_>) -> Result<Option<MailboxFetching>> {
        let found = ctx.loaders().fetching_of.one(self.0.id).await.map_err(read_error)?;
        Ok(found.unwrap_or_default().into_iter().next().map(MailboxFetching::from))
    }

    /// What is shown there as `Authorization: Bearer` or as the password of `Basic`, or signs what is posted. Null for everybody
    /// but administrators.
    async fn key(&self, ctx: &Context<'_>) -> Option<String> {
        may(to_directory(ctx.actor(), self.0.seller_id), Action::Administer)
            .then(|| key::mailbox_key(ctx.app().secret(), self.0.id, self.0.generation))
    }
}

/// How a mailbox's mail is fetched from an account at a mail service (`mail.imap` in the configuration).
#[derive(SimpleObject)]
pub struct MailboxFetching {
    /// When its folder was first opened, UTC: what was there before is old and not answered. Null when it never was.
    began_at: Option<DateTime<Utc>>,
    /// When last all was taken that it held, UTC; written whenever something was. Null before.
    looked_at: Option<DateTime<Utc>>,
    /// Since when it fails, UTC; null when it works. After an hour the accountable person gets a letter.
    failing_since: Option<DateTime<Utc>>,
    /// Why it fails; null when it works.
    failure: Option<String>,
}

impl From<fetching::Model> for MailboxFetching {
    fn from(row: fetching::Model) -> Self {
        let fetching::Model { began_at, looked_at, failing_since, failure, .. } = row;
        Self { began_at, looked_at, failing_since, failure }
    }
}

/// Adds an address that complaints are mailed to.
#[derive(InputObject)]
pub struct CreateMailboxInput {
    /// For which seller.
    seller_id: ID,
    /// The address; at most 23 characters before the `@`, and no `+`.
    address: String,
    /// The name its letters are from; at most 200 characters.
    name: String,
    /// The kind of complaint that comes here, in the seller's words; at most 100 characters.
    category: Option<String>,
    /// What those who write here read; the seller's language when left out.
    language: Option<Language>,
    /// By which way its mail comes in, as a note: every way is open to it.
    transport: MailTransport,
    /// Addresses (`form@shop.example`) and domains (`shop.example`, without those below it) that are believed about who wrote
    /// a mail that they pass on: a group's address, the shop's own form. Their `Reply-To`, `X-Original-From` and "X via Y" name
    /// the customer then; nobody else's do. At most 50.
    #[graphql(default)]
    trusted_senders: Vec<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a mailbox; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateMailboxInput {
    /// Which.
    mailbox_id: ID,
    /// The name its letters are from; at most 200 characters.
    name: Option<String>,
    /// Whether it takes mail in, and new letters go out from it. What it has taken and written is still read and sent.
    active: Option<bool>,
    /// The addresses and domains that are believed about who wrote a mail that they pass on, in place of those before; at
    /// most 50.
    trusted_senders: Option<Vec<String>>,
    /// True for a new key: the old one ends at once.
    #[graphql(default)]
    new_key: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the mailbox has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createMailbox`.
    CreateMailboxPayload {
        /// The new mailbox, with its key.
        mailbox: SellerMailbox
    }
}
payload! {
    /// The answer to `updateMailbox`.
    UpdateMailboxPayload {
        /// The mailbox as it is now.
        mailbox: SellerMailbox
    }
}

/// Acts on mailboxes.
#[derive(Default)]
pub struct MailboxMutation;

#[Object]
impl MailboxMutation {
    /// Adds an address that complaints are mailed to. For administrators.
    async fn create_mailbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mailbox.")] input: CreateMailboxInput,
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

    /// Changes a mailbox's name, key or trusted senders, or turns it off and on. For administrators.
    async fn update_mailbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: UpdateMailboxInput,
    ) -> Result<UpdateMailboxPayload> {
        let done = act(ctx, async move |work| {
            let mailbox = id::<MailboxId>(&input.mailbox_id, "mailboxId")?;
            let change = (input.name.as_deref(), input.active, input.trusted_senders.as_deref());
            crate::directory::mailbox::update(work, mailbox, change, input.new_key).await
        });
        Ok(done.await?.into())
    }
}
