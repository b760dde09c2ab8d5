//! From a credential to an actor. One header, `Authorization: Bearer …`, carries one of three: a JWT, a widget's
//! publishable key (`wk_…`) or a customer's tracking token (`trk_…`).

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use entity::id::{ApiClientId, ClientSecretId, CustomerId, MailboxId, PartnerContactId, SellerId, StaffId, WidgetId};
use entity::{api_client, case, client_secret, merger, partner, partner_contact, staff, tracking_token, widget};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::grant::{self, Grant};
use super::key;
use super::token::{TokenError, Verifier};
use crate::kit::actor::{Actor, Agent, Scopes};
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::text::Text;
use crate::kit::work::Work;

/// What the caller showed, checked as far as it can be without our rows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Credential {
    None,
    WidgetKey(String),
    TrackingHash(Vec<u8>),
    Staff(StaffId),
    Contact(PartnerContactId),
    Client(ApiClientId),
    /// A short token got by a client's secret, for these of its scopes.
    Granted(ClientSecretId, Scopes),
}

/// Who asks, as shares are counted: one and the same with whichever of their credentials they come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Whoever shows nothing, or nothing that is accepted.
    Nobody,
    /// A form on a page, by its public key, and its seller.
    Form(WidgetId, SellerId),
    /// A customer, by a tracking token of any of their cases, and the cases' seller.
    Customer(CustomerId, SellerId),
    /// A member of staff.
    Staff(StaffId),
    /// A person at a partner.
    Contact(PartnerContactId),
    /// A system.
    Client(ApiClientId),
    /// Whoever posts mail for this mailbox with its key.
    Mailbox(MailboxId),
}

impl Caller {
    /// Whoever shows nothing, or nothing that is accepted.
    #[must_use]
    pub fn nobody() -> Self {
        Self::Nobody
    }

    /// Whether it is a person or a system with a credential of their own, and neither a public form nor a customer: from
    /// them may come mails and files, which are large.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        !matches!(self, Self::Nobody | Self::Form(..) | Self::Customer(..))
    }
}

/// A caller, known for the time of a request or a subscription.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who it is.
    pub actor: Actor,
    /// When the credential ends by itself; a subscription ends with it.
    pub expires_at: Option<DateTime<Utc>>,
    credential: Credential,
}

/// Why a credential does not make a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The caller must show something else; the text says what.
    #[error("not signed in")]
    Unauthenticated(Text),
    /// Their access was ended, after this event of the seller's feed.
    #[error("access has ended")]
    Ended(i64),
    /// We could not find out.
    #[error(transparent)]
    Store(#[from] DbErr),
}

impl SessionError {
    /// Why the caller must show something else; none when it is not the caller's fault.
    ///
    /// # Errors
    /// The store's.
    pub fn reason(self) -> Result<Text, DbErr> {
        match self {
            Self::Unauthenticated(why) => Ok(why),
            Self::Ended(_) => Ok(reason("this credential's access has ended", "åtkomsten för den har upphört")),
            Self::Store(error) => Err(error),
        }
    }
}

impl Session {
    /// A caller who shows nothing.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { actor: Actor::Anonymous, expires_at: None, credential: Credential::None }
    }

    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// When it is not a credential of ours, or no longer one.
    pub async fn open(app: &App, verifier: &Verifier, authorization: Option<&str>) -> Result<Self, SessionError> {
        let Some(authorization) = authorization else { return Ok(Self::anonymous()) };
        let token = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| {
                unauthenticated(
                    "the Authorization header must read `Bearer`, a space, and the token",
                    "huvudet Authorization ska vara `Bearer`, ett mellanslag och token",
                )
            })?;
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
            (subject(&proven.subject)?, Some(proven.expires_at))
        };
        let mut session = Self { actor: Actor::Anonymous, expires_at, credential };
        if session.look(app).await? {
            used_first(app, &session.credential).await;
        }
        Ok(session)
    }

    /// Who it is, as shares are counted.
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

    /// Looks again whether the credential still stands, and for what. Called before every read of a subscription.
    ///
    /// # Errors
    /// When it has expired or was revoked.
    pub async fn renew(&mut self, app: &App) -> Result<(), SessionError> {
        self.look(app).await.map(|_| ())
    }

    /// As [`Session::renew`]; says whether it is a letter's link that nobody has used before.
    async fn look(&mut self, app: &App) -> Result<bool, SessionError> {
        let now = app.now();
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(refused(TokenError::Expired));
        }
        match resolve(app.reader().db(), &self.credential, now).await? {
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
            Resolved::Unknown => Err(unauthenticated(
                "this credential is unknown, has expired or was revoked",
                "den är okänd, har gått ut eller har återkallats",
            )),
        }
    }
}

/// A session that may be renewed while streams hang on it.
#[derive(Debug, Clone)]
pub struct SharedSession(Arc<RwLock<Session>>);

impl SharedSession {
    /// Shares a session.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self(Arc::new(RwLock::new(session)))
    }

    /// As it is now.
    #[must_use]
    pub fn now(&self) -> Session {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks again whether it still stands, and for whom.
    ///
    /// # Errors
    /// As [`Session::renew`].
    pub async fn renew(&self, app: &App) -> Result<Session, SessionError> {
        let mut session = self.now();
        session.renew(app).await?;
        Ok(session)
    }

    /// Goes on with a later token of the same caller.
    ///
    /// # Errors
    /// When it is somebody else's; then nothing is changed.
    pub fn extend(&self, later: Session) -> Result<(), SessionError> {
        let mut session = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if session.credential != later.credential {
            return Err(unauthenticated(
                "the new token is for somebody else; open a new connection for them",
                "den nya token är för någon annan; öppna en ny anslutning för dem",
            ));
        }
        *session = later;
        Ok(())
    }
}

fn unauthenticated(en: &str, sv: &str) -> SessionError {
    SessionError::Unauthenticated(reason(en, sv))
}

fn reason(en: &str, sv: &str) -> Text {
    Text::new(format!("Not signed in: {en}."), format!("Inte inloggad: {sv}."))
}

fn refused(error: TokenError) -> SessionError {
    unauthenticated(&error.to_string(), error.swedish())
}

fn subject(subject: &str) -> Result<Credential, SessionError> {
    let staff = || subject.parse().map(Credential::Staff);
    let contact = || subject.parse().map(Credential::Contact);
    let client = || subject.parse().map(Credential::Client);
    staff().or_else(|_| contact()).or_else(|_| client()).map_err(|_| {
        unauthenticated(
            "the token's `sub` must be the id of a member of staff, a contact or an API client",
            "tokens `sub` ska vara id för en anställd, en kontakt eller en API-klient",
        )
    })
}

/// What a credential stands for.
enum Resolved {
    /// An actor, perhaps until a time.
    Stands(Actor, Option<DateTime<Utc>>),
    /// A customer, by a letter's link that nobody has used before, until a time.
    First(Actor, DateTime<Utc>),
    /// Access was ended; the last event of the feed that may still be told.
    Ended(i64),
    /// Nothing, or no longer.
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
        Credential::Staff(id) => match staff::Entity::find_by_id(*id).one(db).await? {
            Some(staff::Model { ended_seq: Some(seq), .. }) => Resolved::Ended(seq),
            staff => Resolved::of(staff.map(|staff| Actor::Staff {
                id: staff.id,
                seller: staff.seller_id,
                role: staff.role,
            })),
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

/// A system, and which of its scopes the token carries; all of them where it names none.
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

/// What a system may do that still has access; none where it has not.
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
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Ok(Resolved::Unknown);
    }
    let mut case = case::Entity::find_by_id(token.case_id).one(db).await?;
    // Whoever follows a case that was merged follows the one that goes on, if somebody said that both are theirs.
    if let Some(merged) = case.as_ref().filter(|case| case.merged_into.is_some()) {
        let standing = merger::Entity::find()
            .filter(merger::Column::CaseId.eq(merged.id))
            .filter(merger::Column::UndoneAt.is_null())
            .filter(merger::Column::SameCustomer.eq(true));
        if let Some(merger) = standing.one(db).await? {
            case = case::Entity::find_by_id(merger.into_id).one(db).await?;
        }
    }
    Ok(case.map_or(Resolved::Unknown, |case| {
        let actor = Actor::Customer {
            id: token.customer_id,
            case: case.id,
            seller: case.seller_id,
            shown: token.shown_to.is_some(),
        };
        if token.address.is_some() && token.used_at.is_none() {
            return Resolved::First(actor, token.expires_at);
        }
        Resolved::Stands(actor, Some(token.expires_at))
    }))
}

/// Notes that a letter's link is used: whoever reads mail at its address has read it. A use that cannot be noted is one all
/// the same, and the next one is noted.
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
    // Of its own: it is noted although the customer has hung up.
    let noted = tokio::spawn(async move { app.run(Actor::System, note).await }).await;
    if !matches!(noted, Ok(Ok(()))) {
        tracing::warn!(?noted, "that a customer uses the link of a letter could not be noted");
    }
}
