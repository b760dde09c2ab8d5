//! API clients: systems of a seller (a mail gateway, a telephone exchange, a scanner of letters) or of one of its
//! partners, their scopes, and the secrets with which they get short-lived tokens (RFC 6749, 4.4).

use entity::id::{ApiClientId, ClientSecretId, PartnerId, SellerId};
use entity::json::ApiScopes;
use entity::kind::ApiScope;
use entity::{api_client, client_secret, partner};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter};

use super::{NAME, taken};
use crate::access::table::{Action, at_seller, may};
use crate::access::{door, key};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
use crate::kit::page::once_each;
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;

/// The scopes that a partner's system may have.
const PARTNERS: &[ApiScope] = &[ApiScope::TasksRead, ApiScope::TasksWrite, ApiScope::ComplaintsWrite];
/// The scopes that a seller's system has unless others are given: it hands in what arrived.
const INTAKE: &[ApiScope] =
    &[ApiScope::EmailWrite, ApiScope::CallsWrite, ApiScope::LettersWrite, ApiScope::VisitsWrite];
/// The maximum number of valid secrets per client: the one in use, and its replacement while it is changed.
const SECRETS: u64 = 2;
/// The maximum number of API clients of one partner.
const CLIENTS: u64 = 50;

/// Creates an API client of a seller, or of one of its partners. It gets tokens with a secret, or from the identity
/// provider.
///
/// # Errors
/// When the name is missing or taken, a scope is not available for such a client, or the partner has the maximum number
/// of clients.
pub async fn create(
    work: &mut Work,
    (seller, of): (Option<SellerId>, Option<PartnerId>),
    (name, scopes): (&str, Option<&[ApiScope]>),
) -> Outcome<api_client::Model> {
    let seller = match (of, seller) {
        (None, Some(seller)) => door::seller(work, seller, "sellerId").await?.id,
        (None, None) => {
            return Err(Problem::new(ErrorCode::Required, "sellerId", texts::directory::whose_missing()).into());
        }
        (Some(of), seller) => {
            let partner = work.lock::<partner::Model>(of).await?;
            let partner = partner.filter(|partner| seller.is_none_or(|seller| seller == partner.seller_id));
            let partner = partner.ok_or_else(|| Problem::not_found("partnerId"))?;
            door::systems(work, &partner, Action::ManageSystems, "partnerId")?;
            partner.seller_id
        }
    };
    let mut problems = Problems::default();
    let name = problems.check(required(name, "name", NAME)).unwrap_or_default();
    let scopes = problems.check(allowed(of.is_some(), scopes)).unwrap_or_default();
    problems.refuse_if_any()?;
    check_reading(work, seller, &scopes)?;
    let of_whom = match of {
        None => api_client::Column::SellerId.eq(seller).and(api_client::Column::PartnerId.is_null()),
        Some(of) => api_client::Column::PartnerId.eq(of),
    };
    let own = api_client::Entity::find().filter(of_whom);
    if own.clone().filter(api_client::Column::Name.eq(name.as_str())).one(work.tx()?).await?.is_some() {
        return Err(taken("name").into());
    }
    if of.is_some() && own.count(work.tx()?).await? >= CLIENTS {
        return Err(Problem::new(ErrorCode::Invalid, "partnerId", texts::directory::too_many_clients()).into());
    }
    let row = api_client::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        partner_id: of,
        name,
        scopes: ApiScopes(scopes),
        active: true,
        ended_seq: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

fn allowed(partners: bool, scopes: Option<&[ApiScope]>) -> Result<Vec<ApiScope>, Problem> {
    let usual = if partners { PARTNERS } else { INTAKE };
    let possible = |scope| usual.contains(&scope) || scope == ApiScope::CasesRead && !partners;
    let scopes: Vec<_> = once_each(scopes.unwrap_or(usual)).into_iter().collect();
    if let Some(odd) = scopes.iter().find(|scope| !possible(**scope)) {
        let scope = odd.word();
        let text =
            if partners { texts::directory::not_for_partners(scope) } else { texts::directory::not_for_sellers(scope) };
        return Err(Problem::new(ErrorCode::Invalid, "scopes", text));
    }
    Ok(scopes)
}

/// Refuses to let a system read a seller's cases to an administrator of another seller, who may not read them either.
fn check_reading(work: &Work, seller: SellerId, scopes: &[ApiScope]) -> Result<(), Problem> {
    let own = may(at_seller(work.actor(), seller), Action::Administer) || work.actor() == Actor::System;
    if own || !scopes.contains(&ApiScope::CasesRead) {
        return Ok(());
    }
    Err(Problem::forbidden(texts::directory::reading_is_given_by_own()))
}

/// Changes an API client; arguments that are left out stay unchanged. When the client is deactivated or loses a scope,
/// this applies to its existing tokens at once.
///
/// # Errors
/// When there is no such client, or a scope is not available for it.
pub async fn update(
    work: &mut Work,
    id: ApiClientId,
    active: Option<bool>,
    scopes: Option<&[ApiScope]>,
) -> Outcome<api_client::Model> {
    let mut row = locked(work, id, "apiClientId").await?;
    work.check_version(row.version)?;
    if scopes.is_some() {
        row.scopes = ApiScopes(allowed(row.partner_id.is_some(), scopes)?);
        check_reading(work, row.seller_id, &row.scopes.0)?;
    }
    row.active = active.unwrap_or(row.active);
    row.ended_seq = row.ended_seq.filter(|_| !row.active);
    if active == Some(false) && row.ended_seq.is_none() {
        work.end_at_head::<api_client::Entity>(id, row.seller_id);
    }
    Ok(row.done())
}

/// Creates a secret for an API client.
///
/// # Errors
/// When it already has two valid secrets.
pub async fn create_secret(work: &mut Work, id: ApiClientId) -> Outcome<client_secret::Model> {
    let client = locked(work, id, "apiClientId").await?;
    check_reading(work, client.seller_id, &client.scopes.0)?;
    let standing = client_secret::Entity::find()
        .filter(client_secret::Column::ClientId.eq(id))
        .filter(client_secret::Column::RevokedAt.is_null());
    if standing.count(work.tx()?).await? >= SECRETS {
        return Err(Problem::new(ErrorCode::Invalid, "apiClientId", texts::directory::two_secrets()).into());
    }
    let secret = work.new_id();
    let row = client_secret::Model {
        id: secret,
        version: 1,
        client_id: id,
        seller_id: client.seller_id,
        hash: key::hash(&key::client_secret(work.app().secret(), secret)),
        created_at: work.now(),
        revoked_at: None,
        ended_seq: None,
    };
    work.insert(row.clone());
    Ok(row)
}

/// Revokes a secret, and with it every token that was obtained with it.
///
/// # Errors
/// When there is no such secret.
pub async fn revoke_secret(work: &mut Work, id: ClientSecretId) -> Outcome<client_secret::Model> {
    let not_found = || Problem::not_found("clientSecretId");
    let known = client_secret::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    locked(work, known.client_id, "clientSecretId").await?;
    let row = work.lock::<client_secret::Model>(id).await?;
    let mut row = row.ok_or_else(not_found)?;
    work.check_version(row.version)?;
    if row.revoked_at.is_some() {
        return Ok(row.done());
    }
    row.revoked_at = Some(work.now());
    work.end_at_head::<client_secret::Entity>(id, row.seller_id);
    Ok(row.done())
}

async fn locked(work: &Work, id: ApiClientId, field: &str) -> Outcome<Held<api_client::Model>> {
    let row = work.lock::<api_client::Model>(id).await?;
    let row = row.ok_or_else(|| Problem::not_found(field))?;
    match row.partner_id {
        None => door::administers(work, row.seller_id, field)?,
        Some(partner) => {
            let partner = partner::Entity::find_by_id(partner).one(work.tx()?).await?;
            let partner = partner.ok_or(Fault::Broken("a client's partner is there"))?;
            door::systems(work, &partner, Action::ManageSystems, field)?;
        }
    }
    Ok(row)
}
