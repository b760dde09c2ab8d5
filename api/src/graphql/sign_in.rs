//! With which accounts at identity providers people sign in.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject, Union};
use chrono::{DateTime, Utc};
use entity::id::SellerId;
use entity::sign_in;

use super::context::{ContextExt, act, read_error};
use super::error::payload;
use super::partner::PartnerContact;
use super::staff::Staff;
use crate::access::sign_in::Person;
use crate::access::table::{Action, may, to_directory};
use crate::directory::sign_in::{Account, PersonRow, link, unlink};

/// An account at an identity provider with which a person signs in. It was linked by an administrator (`linkSignIn`), or
/// when the person signed in for the first time with an e-mail address that the issuer had verified.
#[derive(SimpleObject)]
pub struct SignIn {
    /// The identity provider, as the service's configuration names it.
    issuer: String,
    /// The identity provider's name for the person. Depending on the configuration it is the claim `sub`, or the claims
    /// `tid` and `oid` with a `+` between them.
    subject: String,
    /// When the account was linked to the person, UTC.
    linked_at: DateTime<Utc>,
}

/// The accounts of a person, one for each issuer at most. Null when the viewer may not see them.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn of(ctx: &Context<'_>, person: Person, seller: SellerId) -> Result<Option<Vec<SignIn>>> {
    let themselves = matches!(person, Person::Staff(id) if ctx.actor().staff() == Some(id));
    if !themselves && !may(to_directory(ctx.actor(), seller), Action::Administer) {
        return Ok(None);
    }
    let rows = match person {
        Person::Staff(id) => ctx.loaders().sign_ins_of_staff.one(id).await,
        Person::Contact(id) => ctx.loaders().sign_ins_of_contact.one(id).await,
    };
    let account = |row: sign_in::Model| SignIn { issuer: row.issuer, subject: row.subject, linked_at: row.linked_at };
    Ok(Some(rows.map_err(read_error)?.unwrap_or_default().into_iter().map(account).collect()))
}

/// A person who can sign in with an account at an identity provider.
#[derive(Union)]
pub enum SignInPerson {
    /// A member of a seller's staff.
    Staff(Staff),
    /// A person at a partner.
    PartnerContact(PartnerContact),
}

impl From<PersonRow> for SignInPerson {
    fn from(row: PersonRow) -> Self {
        match row {
            PersonRow::Staff(row) => Self::Staff(Staff(row)),
            PersonRow::Contact(row) => Self::PartnerContact(PartnerContact(row)),
        }
    }
}

/// The input of `linkSignIn`: a person, and an account at an identity provider.
#[derive(InputObject)]
pub struct LinkSignInInput {
    /// The person: a member of staff, or a person at a partner.
    person_id: ID,
    /// The identity provider, exactly as the service's configuration names it; at most 300 characters.
    issuer: String,
    /// The identity provider's name for the person: the claim `sub`, or `tid` and `oid` with a `+` between them, as the
    /// configuration says; at most 300 characters.
    subject: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `unlinkSignIn`: a person, and the account that is theirs no longer.
#[derive(InputObject)]
pub struct UnlinkSignInInput {
    /// The person: a member of staff, or a person at a partner.
    person_id: ID,
    /// The identity provider, as `SignIn.issuer` shows it.
    issuer: String,
    /// The identity provider's name for the person, as `SignIn.subject` shows it.
    subject: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `linkSignIn`.
    LinkSignInPayload {
        /// The person with the account; null when nothing was changed.
        person: SignInPerson
    }
}
payload! {
    /// The answer to `unlinkSignIn`.
    UnlinkSignInPayload {
        /// The person without the account; null when nothing was changed.
        person: SignInPerson
    }
}

/// Mutations of sign-ins.
#[derive(Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Links an account at an identity provider to a person, who can then sign in with it. Needed when the identity
    /// provider does not verify e-mail addresses; otherwise the first sign-in links the account. A person has one account
    /// at each provider, and an account is one person's (`TAKEN`). For administrators; for a platform administrator's
    /// account only for platform administrators.
    async fn link_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and their account.")] input: LinkSignInInput,
    ) -> Result<LinkSignInPayload> {
        let done = act(ctx, async move |work| {
            let account = Account { issuer: input.issuer.clone(), subject: input.subject.clone() };
            link(work, &input.person_id, &account).await
        });
        Ok(done.await?.into())
    }

    /// Unlinks an account from a person. Whoever is signed in with it is signed out at once, and their subscriptions end.
    /// If the person's e-mail address is still the one that the account has verified, the next sign-in links it again;
    /// end the person's access with `deactivateStaff` or `updatePartnerContact` instead. For administrators; for a
    /// platform administrator's account only for platform administrators.
    async fn unlink_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and the account that is theirs no longer.")] input: UnlinkSignInInput,
    ) -> Result<UnlinkSignInPayload> {
        let done = act(ctx, async move |work| {
            let account = Account { issuer: input.issuer.clone(), subject: input.subject.clone() };
            unlink(work, &input.person_id, &account).await
        });
        Ok(done.await?.into())
    }
}
