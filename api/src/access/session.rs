//! Sessions: from a credential to an actor. The header `Authorization: Bearer …` carries one of four credentials: a
//! JWT, a widget's publishable key (`wk_…`), a customer's tracking token (`trk_…`) or an API client's access token
//! (`at_…`).

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use entity::id::{ApiClientId, ClientSecretId, CustomerId, MailboxId, PartnerContactId, SellerId, StaffId, WidgetId};
use entity::{
    api_client, case, client_secret, customer_email, merger, partner, partner_contact, staff, tracking_token, widget,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::grant::{self, Grant};
use super::key;
use super::sign_in::{self, Person};
use super::token::{IssuerOf, Named, TokenError, Verifier};
use crate::kit::actor::{Actor, Agent, Reach, Scopes};
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::work::Work;
use crate::texts::{self, Text};

/// The credential of the caller, checked as far as possible without the store.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Credential {
    None,
    WidgetKey(String),
    TrackingHash(Vec<u8>),
    Staff(StaffId),
    Contact(PartnerContactId),
    Client(ApiClientId),
    /// An account at an identity provider, which is linked to a person.
    Account {
        issuer: String,
        subject: String,
    },
    /// An access token that was issued for a client's secret, with the token's scopes.
    Granted(ClientSecretId, Scopes),
}

/// The caller, as far as rate limits are concerned. A caller is the same with each of their credentials.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A caller without a credential that is accepted.
    Nobody,
    /// A complaint form, identified by its publishable key, and its seller.
    Form(WidgetId, SellerId),
    /// A customer, identified by a tracking token of any of their cases, and the seller of these cases.
    Customer(CustomerId, SellerId),
    /// A member of staff.
    Staff(StaffId),
    /// A contact person at a partner.
    Contact(PartnerContactId),
    /// An API client.
    Client(ApiClientId),
    /// A client that posts mail to this mailbox with the mailbox's key.
    Mailbox(MailboxId),
}

impl Caller {
    /// A caller without a credential that is accepted.
    #[must_use]
    pub fn nobody() -> Self {
        Self::Nobody
    }

    /// Whether the caller has a credential of their own, unlike public forms and customers. Such callers may send mails
    /// and files, which are large.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        !matches!(self, Self::Nobody | Self::Form(..) | Self::Customer(..))
    }
}

/// The session of a caller during a request or a subscription.
#[derive(Debug, Clone)]
pub struct Session {
    /// The actor.
    pub actor: Actor,
    /// When the credential expires; a subscription ends at that time. None when it does not expire.
    pub expires_at: Option<DateTime<Utc>>,
    credential: Credential,
    /// Whose people the issuer's tokens can be; none for everybody's.
    of: Option<IssuerOf>,
}

/// Why there is no session for a credential.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The credential is missing or not accepted. The text says why.
    #[error("not signed in")]
    Unauthenticated(Text),
    /// The caller's access has ended after this event of the seller's feed.
    #[error("access has ended")]
    Ended(i64),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] DbErr),
}

impl SessionError {
    /// The reason for the caller; an error when the store is the cause.
    ///
    /// # Errors
    /// The store's error.
    pub fn reason(self) -> Result<Text, DbErr> {
        match self {
            Self::Unauthenticated(why) => Ok(why),
            Self::Ended(_) => Ok(texts::access::access_ended()),
            Self::Store(error) => Err(error),
        }
    }
}

impl Session {
    /// The session of a caller without a credential.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { actor: Actor::Anonymous, expires_at: None, credential: Credential::None, of: None }
    }

    /// Opens the session for the value of an `Authorization` header.
    ///
    /// # Errors
    /// When the value is not a valid credential of this service, or the credential has expired or was revoked.
    pub async fn open(app: &App, verifier: &Verifier, authorization: Option<&str>) -> Result<Self, SessionError> {
        let Some(authorization) = authorization else { return Ok(Self::anonymous()) };
        let token = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| SessionError::Unauthenticated(texts::access::bad_header()))?;
        let mut of = None;
        let (credential, expires_at) = if token.starts_with(key::WIDGET_PREFIX) {
            (Credential::WidgetKey(token.to_owned()), None)
        } else if token.starts_with(key::TRACKING_PREFIX) {
            (Credential::TrackingHash(key::hash(token)), None)
        } else if token.starts_with(grant::PREFIX) {
            let Grant { secret, scopes, expires_at } =
                grant::open(app.secret(), token).ok_or_else(|| refused(TokenError::Refused))?;
            (Credential::Granted(secret, scopes), Some(expires_at))
        } else {
            let proven = verifier.verify(token, app.now()).await.map_err(refused)?;
            of = proven.of;
            let credential = match (&proven.named, proven.of) {
                (Named::Id(id), _) => subject(id)?,
                (Named::Person(person), Some(of)) => {
                    sign_in::ensure_linked(app, &proven.issuer, of, person).await?;
                    Credential::Account { issuer: proven.issuer, subject: person.subject.clone() }
                }
                // The configuration does not allow it.
                (Named::Person(_), None) => return Err(refused(TokenError::Refused)),
            };
            (credential, Some(proven.expires_at))
        };
        let mut session = Self { actor: Actor::Anonymous, expires_at, credential, of };
        if session.look(app).await? {
            used_first(app, &session.credential).await;
        }
        Ok(session)
    }

    /// The session of a partner's person who came with a link, until the link ends.
    ///
    /// # Errors
    /// When the person or their company has no access any more.
    pub async fn of_link(app: &App, id: PartnerContactId, ends_at: DateTime<Utc>) -> Result<Self, SessionError> {
        let mut session =
            Self { actor: Actor::Anonymous, expires_at: Some(ends_at), credential: Credential::Contact(id), of: None };
        session.look(app).await.map(|_| session)
    }

    /// The caller, as far as rate limits are concerned.
    #[must_use]
    pub fn caller(&self) -> Caller {
        match self.actor {
            Actor::Anonymous | Actor::System | Actor::Import { .. } => Caller::Nobody,
            Actor::Widget { id, seller } => Caller::Form(id, seller),
            Actor::Customer { id, seller, .. } => Caller::Customer(id, seller),
            Actor::Staff { id, .. } => Caller::Staff(id),
            Actor::Partner { by: Agent::Person(id), .. } => Caller::Contact(id),
            Actor::Partner { by: Agent::System(id, _), .. } | Actor::Client { id, .. } => Caller::Client(id),
        }
    }

    /// Checks again whether the credential is valid, and for which actor. Called before every read of a subscription.
    ///
    /// # Errors
    /// When the credential has expired or was revoked.
    pub async fn renew(&mut self, app: &App) -> Result<(), SessionError> {
        self.look(app).await.map(|_| ())
    }

    /// As [`Session::renew`]. Returns whether the credential is the link of a letter that is used for the first time.
    async fn look(&mut self, app: &App) -> Result<bool, SessionError> {
        let now = app.now();
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(refused(TokenError::Expired));
        }
        let unknown = || SessionError::Unauthenticated(texts::access::unknown_credential());
        let resolved = resolve(app.reader().db(), &self.credential, now).await?;
        if let (Some(of), Resolved::Stands(actor, _)) = (self.of, &resolved)
            && !of.includes(*actor)
        {
            return Err(unknown());
        }
        match resolved {
            Resolved::Stands(actor, ends) => {
                self.actor = actor;
                self.expires_at = self.expires_at.or(ends);
                Ok(false)
            }
            Resolved::First(actor, ends) => {
                self.actor = actor;
                self.expires_at = Some(ends);
                Ok(true)
            }
            Resolved::Ended(seq) => Err(SessionError::Ended(seq)),
            Resolved::Unknown => Err(unknown()),
        }
    }
}

/// A session that is shared by several streams and may be renewed.
#[derive(Debug, Clone)]
pub struct SharedSession(Arc<RwLock<Session>>);

impl SharedSession {
    /// Makes a session shared.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self(Arc::new(RwLock::new(session)))
    }

    /// A copy of the present session.
    #[must_use]
    pub fn now(&self) -> Session {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Checks again whether the credential is valid, and for which actor.
    ///
    /// # Errors
    /// As [`Session::renew`].
    pub async fn renew(&self, app: &App) -> Result<Session, SessionError> {
        let mut session = self.now();
        session.renew(app).await?;
        Ok(session)
    }

    /// Replaces the session by one with a later token of the same caller.
    ///
    /// # Errors
    /// When the later token belongs to somebody else. The session is then not changed.
    pub fn extend(&self, later: Session) -> Result<(), SessionError> {
        let mut session = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if session.credential != later.credential {
            return Err(SessionError::Unauthenticated(texts::access::somebody_elses_token()));
        }
        *session = later;
        Ok(())
    }
}

fn refused(error: TokenError) -> SessionError {
    SessionError::Unauthenticated(error.text())
}

fn subject(subject: &str) -> Result<Credential, SessionError> {
    let staff = || subject.parse().map(Credential::Staff);
    let contact = || subject.parse().map(Credential::Contact);
    let client = || subject.parse().map(Credential::Client);
    let known = staff().or_else(|_| contact()).or_else(|_| client());
    known.map_err(|_| SessionError::Unauthenticated(texts::access::bad_subject()))
}

/// The result of looking a credential up.
enum Resolved {
    /// An actor, and when the credential expires, if it does.
    Stands(Actor, Option<DateTime<Utc>>),
    /// A customer who uses the link of a letter for the first time, and when the link expires.
    First(Actor, DateTime<Utc>),
    /// The access has ended. The number is that of the last event of the feed that may still be published to the
    /// caller.
    Ended(i64),
    /// The credential is not known, or no longer valid.
    Unknown,
}

impl Resolved {
    fn of(actor: Option<Actor>) -> Self {
        actor.map_or(Self::Unknown, |actor| Self::Stands(actor, None))
    }
}

async fn resolve(db: &Db, credential: &Credential, now: DateTime<Utc>) -> Result<Resolved, DbErr> {
    Ok(match credential {
        Credential::None => Resolved::of(Some(Actor::Anonymous)),
        Credential::WidgetKey(key) => {
            let widget = widget::Entity::find().filter(widget::Column::PublishableKey.eq(key)).one(db).await?;
            let widget = widget.filter(|widget| widget.active);
            Resolved::of(widget.map(|widget| Actor::Widget { id: widget.id, seller: widget.seller_id }))
        }
        Credential::Staff(id) => staff(db, *id).await?,
        Credential::Account { issuer, subject } => match sign_in::person_of(db, issuer, subject).await? {
            Some(Person::Staff(id)) => staff(db, id).await?,
            Some(Person::Contact(id)) => contact(db, id).await?,
            None => Resolved::Unknown,
        },
        Credential::Client(id) => client(db, *id, None).await?,
        Credential::Granted(secret, scopes) => match client_secret::Entity::find_by_id(*secret).one(db).await? {
            Some(client_secret::Model { ended_seq: Some(seq), .. }) => Resolved::Ended(seq),
            Some(secret) => client(db, secret.client_id, Some(*scopes)).await?,
            None => Resolved::Unknown,
        },
        Credential::Contact(id) => contact(db, *id).await?,
        Credential::TrackingHash(hash) => tracking(db, hash, now).await?,
    })
}

async fn staff(db: &Db, id: StaffId) -> Result<Resolved, DbErr> {
    let actor = |row: staff::Model| Actor::Staff { id: row.id, seller: row.seller_id, role: row.role };
    Ok(match staff::Entity::find_by_id(id).one(db).await? {
        Some(staff::Model { ended_seq: Some(seq), .. }) => Resolved::Ended(seq),
        row => Resolved::of(row.map(actor)),
    })
}

/// Looks up an API client. `carried` are the scopes of its token; none means all scopes of the client.
async fn client(db: &Db, id: ApiClientId, carried: Option<Scopes>) -> Result<Resolved, DbErr> {
    let Some(client) = api_client::Entity::find_by_id(id).one(db).await? else { return Ok(Resolved::Unknown) };
    let own = Scopes::of(&client.scopes.0);
    let scopes = carried.map_or(own, |carried| carried.and(own));
    let Some(partner) = client.partner_id else {
        let actor = Actor::Client { id, seller: client.seller_id, scopes };
        return Ok(client.ended_seq.map_or(Resolved::Stands(actor, None), Resolved::Ended));
    };
    let Some(partner) = partner::Entity::find_by_id(partner).one(db).await? else { return Ok(Resolved::Unknown) };
    let ended = client.ended_seq.into_iter().chain(partner.ended_seq).min();
    let actor = Actor::Partner { by: Agent::System(id, scopes), partner: partner.id, seller: client.seller_id };
    Ok(ended.map_or(Resolved::Stands(actor, None), Resolved::Ended))
}

/// The scopes of an API client; none when its access has ended.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn standing_scopes(db: &Db, id: ApiClientId) -> Result<Option<Scopes>, DbErr> {
    Ok(match client(db, id, None).await? {
        Resolved::Stands(Actor::Client { scopes, .. } | Actor::Partner { by: Agent::System(_, scopes), .. }, _) => {
            Some(scopes)
        }
        _ => None,
    })
}

async fn contact(db: &Db, id: PartnerContactId) -> Result<Resolved, DbErr> {
    let Some(contact) = partner_contact::Entity::find_by_id(id).one(db).await? else { return Ok(Resolved::Unknown) };
    let Some(partner) = partner::Entity::find_by_id(contact.partner_id).one(db).await? else {
        return Ok(Resolved::Unknown);
    };
    let ended = contact.ended_seq.into_iter().chain(partner.ended_seq).min();
    let actor = Actor::Partner { by: Agent::Person(contact.id), partner: partner.id, seller: partner.seller_id };
    Ok(ended.map_or(Resolved::Stands(actor, None), Resolved::Ended))
}

async fn tracking(db: &Db, hash: &[u8], now: DateTime<Utc>) -> Result<Resolved, DbErr> {
    let Some(token) = tracking_token::Entity::find_by_id(hash.to_vec()).one(db).await? else {
        return Ok(Resolved::Unknown);
    };
    if let Some(seq) = token.ended_seq {
        return Ok(Resolved::Ended(seq));
    }
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Ok(Resolved::Unknown);
    }
    let mut case = case::Entity::find_by_id(token.case_id).one(db).await?;
    // A token of a merged case leads to the case that continues, if both were confirmed to be of the same customer.
    if let Some(merged) = case.as_ref().filter(|case| case.merged_into.is_some()) {
        let standing = merger::Entity::find()
            .filter(merger::Column::CaseId.eq(merged.id))
            .filter(merger::Column::UndoneAt.is_null())
            .filter(merger::Column::SameCustomer.eq(true));
        if let Some(merger) = standing.one(db).await? {
            case = case::Entity::find_by_id(merger.into_id).one(db).await?;
        }
    }
    let Some(case) = case else { return Ok(Resolved::Unknown) };
    let reach = reach(db, &token, case.seller_id).await?;
    let actor = Actor::Customer { id: token.customer_id, case: case.id, seller: case.seller_id, reach };
    if token.address.is_some() && token.used_at.is_none() {
        return Ok(Resolved::First(actor, token.expires_at));
    }
    Ok(Resolved::Stands(actor, Some(token.expires_at)))
}

/// What a token opens. Anybody can enter any address in a form, and staff may take somebody for the customer. So only
/// the address by which the customer is known opens all their cases, and only to those who read the mail at it.
async fn reach(db: &Db, token: &tracking_token::Model, seller: SellerId) -> Result<Reach, DbErr> {
    if token.shown_to.is_some() {
        return Ok(Reach::Shown);
    }
    let Some(address) = token.address.clone() else { return Ok(Reach::Case) };
    let known = customer_email::Entity::find_by_id((seller, address)).one(db).await?;
    let own = known.is_some_and(|known| known.customer_id == token.customer_id && !known.added_by_staff);
    Ok(if own { Reach::Customer } else { Reach::Case })
}

/// Records the first use of a letter's link, which shows that somebody has read the mail at the letter's address. If
/// this fails, the link works all the same, and the next use is recorded.
async fn used_first(app: &App, credential: &Credential) {
    let Credential::TrackingHash(hash) = credential.clone() else { return };
    let app = app.clone();
    let note = async move |work: &mut Work| {
        let unused = tracking_token::Entity::update_many()
            .filter(tracking_token::Column::Hash.eq(hash.clone()))
            .filter(tracking_token::Column::UsedAt.is_null())
            .col_expr(tracking_token::Column::UsedAt, Expr::value(work.now()));
        unused.exec(work.tx()?).await?;
        Ok(())
    };
    // A separate task, so that the use is recorded even if the customer closes the connection.
    let noted = tokio::spawn(async move { app.run(Actor::System, note).await }).await;
    if !matches!(noted, Ok(Ok(()))) {
        tracing::warn!(?noted, "that a customer uses the link of a letter could not be noted");
    }
}
