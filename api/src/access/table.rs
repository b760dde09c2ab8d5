//! The access table: who may do what to a thing, by how they stand to it. Everything that is not listed is not
//! allowed. `docs/access.md` is this table for people; a test keeps the two alike.

use entity::kind::{ApiScope, Role, TaskStatus};
use entity::{case, case_task, partner};

use crate::kit::actor::{Actor, Agent};
use crate::kit::error::Problem;

/// How an actor stands to a thing. At another seller everybody is a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody we know, or somebody the thing is no business of.
    Stranger,
    /// A complaint form of the seller's.
    Widget,
    /// A system of the seller's.
    Client,
    /// The customer whose case it is.
    Customer,
    /// A person or system at the partner whose task it is.
    Partner,
    /// Somebody at a partner, to what is the partner's own.
    Supplier,
    /// A member of the seller's staff who does not own the case.
    Colleague,
    /// The case's accountable owner.
    Owner,
    /// A manager at the seller.
    Manager,
    /// An administrator: at the seller for cases, anywhere for the directory.
    Administrator,
}

impl Standing {
    /// Every standing, in the order of the table's columns.
    pub const ALL: &'static [Self] = &[
        Self::Stranger,
        Self::Widget,
        Self::Client,
        Self::Customer,
        Self::Partner,
        Self::Supplier,
        Self::Colleague,
        Self::Owner,
        Self::Manager,
        Self::Administrator,
    ];

    /// The standing as people say it, in English and Swedish.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Stranger => ("a stranger", "en främling"),
            Self::Widget => ("a complaint form", "ett reklamationsformulär"),
            Self::Client => ("a system of the seller", "ett av säljarens system"),
            Self::Customer => ("the customer", "kunden"),
            Self::Partner => ("the partner whose task it is", "partnern vars uppgift det är"),
            Self::Supplier => ("somebody at the partner", "någon hos partnern"),
            Self::Colleague => ("staff of the seller", "säljarens personal"),
            Self::Owner => ("the case's owner", "ärendets ägare"),
            Self::Manager => ("a manager", "en chef"),
            Self::Administrator => ("an administrator", "en administratör"),
        }
    }
}

macro_rules! table {
    ($($(#[doc = $doc:literal])* $action:ident: $($standing:ident)*;)*) => {
        /// Something an actor may want to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $doc])* $action,)*
        }

        /// Every act with its description and the standings that allow it.
        pub const TABLE: &[(Action, &str, &[Standing])] = &[
            $((Action::$action, concat!($($doc),*), &[$(Standing::$standing),*])),*
        ];

        /// The standings that allow this act.
        const fn allowed(action: Action) -> &'static [Standing] {
            match action {
                $(Action::$action => &[$(Standing::$standing),*],)*
            }
        }
    };
}

table! {
    /// File a complaint through a form.
    FileComplaint: Widget;
    /// Hand in an e-mail that arrived.
    ReceiveEmail: Client Colleague Owner Manager Administrator;
    /// Log a telephone call.
    LogPhoneCall: Client Colleague Owner Manager Administrator;
    /// Log a letter: on paper, by fax, or passed on by somebody else.
    LogLetter: Client Colleague Owner Manager Administrator;
    /// Log a visit of the customer.
    LogVisit: Client Colleague Owner Manager Administrator;
    /// Forward a complaint that reached a partner first.
    ForwardComplaint: Supplier;
    /// Read a case whole, follow its events, fetch its attachments.
    ReadCase: Colleague Owner Manager Administrator;
    /// Read a case as its customer sees it, and follow it.
    ReadCustomerCase: Customer;
    /// Read a task with what its partner may know of the case, and follow it.
    ReadTask: Partner Colleague Owner Manager Administrator;
    /// Write to the company about a case.
    AddCustomerMessage: Customer;
    /// Write to the customer.
    SendMessage: Owner Manager Administrator;
    /// Leave a note for colleagues.
    AddNote: Colleague Owner Manager Administrator;
    /// Tell the customer that the case is being looked after.
    AcknowledgeCase: Owner Manager Administrator;
    /// Ask a partner to do its part, remind it, and take that back.
    RequestTask: Owner Manager Administrator;
    /// Accept, update, complete or decline a task, and say who of the partner's people does it.
    AnswerTask: Partner;
    /// Find out which of several partners is responsible.
    SettleDispute: Owner Manager Administrator;
    /// Give the company's answer and close the case.
    CloseCase: Owner Manager Administrator;
    /// Offer a case to a colleague, and take that back. Who it is offered to accepts or declines.
    OfferHandover: Owner Manager Administrator;
    /// Find that two cases are one, and take them apart again.
    MergeCases: Owner Manager Administrator;
    /// Put a report on another case, and say that whoever sent it is the customer.
    MoveReports: Owner Manager Administrator;
    /// Say that a case is another customer's.
    ChangeCustomer: Owner Manager Administrator;
    /// Be shown a link by which the customer follows a case, to give it to them.
    CreateTrackingLink: Owner Manager Administrator;
    /// Pause the time for the answer, record an enquiry and its answer, and extend a legal clock.
    ManageClocks: Owner Manager Administrator;
    /// Give a case to another person.
    ReassignCase: Manager Administrator;
    /// Set when a colleague takes new cases; everybody sets it for themselves.
    SetAvailability: Manager Administrator;
    /// Set a customer's tier.
    SetCustomerTier: Colleague Owner Manager Administrator;
    /// Read sellers, staff, teams, partners, widgets and rule sets.
    ReadDirectory: Colleague Owner Manager Administrator;
    /// Read how a partner keeps its times.
    ReadPerformance: Supplier Colleague Owner Manager Administrator;
    /// Say where a partner's systems are told what happens, and see how that goes.
    ManageWebhooks: Supplier Administrator;
    /// Make a partner's API clients, change what they may do, and change and revoke their secrets.
    ManageSystems: Supplier Administrator;
    /// Try rules on past cases and made-up complaints.
    TryRules: Manager Administrator;
    /// Create and change sellers, staff, teams, partners, widgets, systems and rule sets.
    Administer: Administrator;
}

/// Whether this standing allows this act.
#[must_use]
pub fn may(standing: Standing, action: Action) -> bool {
    allowed(action).contains(&standing)
}

/// Refuses an act: as "not found" when the actor may not even see the thing.
///
/// # Errors
/// When the act is not allowed.
pub fn check(standing: Standing, action: Action, see: Action, field: &str) -> Result<(), Problem> {
    if may(standing, action) {
        Ok(())
    } else if may(standing, see) {
        Err(refused(action))
    } else {
        Err(Problem::not_found(field))
    }
}

/// "That is for the case's owner or a manager to do."
#[must_use]
pub fn refused(action: Action) -> Problem {
    let words: Vec<(&str, &str)> = allowed(action).iter().map(|standing| standing.words()).collect();
    let list = |or: &str, words: Vec<&str>| match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {or} {last}", rest.join(", ")),
        None => String::new(),
    };
    let en = list("or", words.iter().map(|(en, _)| *en).collect());
    let sv = list("eller", words.iter().map(|(_, sv)| *sv).collect());
    Problem::forbidden(format!("Only {en} may do this."), format!("Bara {sv} får göra detta."))
}

/// How an actor stands to a seller's affairs in general.
#[must_use]
pub fn at_seller(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Staff { role: Role::Administrator, seller: own, .. } if own == seller => Standing::Administrator,
        Actor::Staff { role: Role::Manager, seller: own, .. } if own == seller => Standing::Manager,
        Actor::Staff { role: Role::Owner, seller: own, .. } if own == seller => Standing::Colleague,
        Actor::Widget { seller: own, .. } if own == seller => Standing::Widget,
        Actor::Client { seller: own, .. } if own == seller => Standing::Client,
        _ => Standing::Stranger,
    }
}

/// How an actor stands to the directory of a seller: administrators look after all of them.
#[must_use]
pub fn to_directory(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Staff { role: Role::Administrator, .. } => Standing::Administrator,
        _ => at_seller(actor, seller),
    }
}

/// How an actor stands to what is handed in at a seller: partners forward what reached them first.
#[must_use]
pub fn to_intake(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Partner { seller: own, .. } if own == seller => Standing::Supplier,
        _ => at_seller(actor, seller),
    }
}

/// How an actor stands to what is a partner's own. Its systems do what they were made for and do not look after themselves.
#[must_use]
pub fn to_partner(actor: Actor, partner: &partner::Model) -> Standing {
    match actor {
        Actor::Partner { by: Agent::Person(_), partner: own, .. } if own == partner.id => Standing::Supplier,
        _ => to_directory(actor, partner.seller_id),
    }
}

/// The scope that a system needs for this act; none where no system does it.
#[must_use]
pub const fn scope(action: Action) -> Option<ApiScope> {
    match action {
        Action::ReceiveEmail => Some(ApiScope::EmailWrite),
        Action::LogPhoneCall => Some(ApiScope::CallsWrite),
        Action::LogLetter => Some(ApiScope::LettersWrite),
        Action::LogVisit => Some(ApiScope::VisitsWrite),
        Action::ForwardComplaint => Some(ApiScope::ComplaintsWrite),
        Action::ReadTask => Some(ApiScope::TasksRead),
        Action::AnswerTask => Some(ApiScope::TasksWrite),
        _ => None,
    }
}

/// Refuses a system that was not given the scope this act needs.
///
/// # Errors
/// "Forbidden", naming the scope.
pub fn check_scope(actor: Actor, action: Action) -> Result<(), Problem> {
    let Some(scope) = scope(action).filter(|scope| actor.lacks(*scope)) else { return Ok(()) };
    let name = super::key::scope_name(scope);
    Err(Problem::forbidden(
        format!(
            "This needs the scope `{name}`, which the token does not carry: ask for it at /oauth/token, or have it given to the API client."
        ),
        format!(
            "Detta kräver omfattningen `{name}`, som token saknar: begär den vid /oauth/token, eller låt API-klienten få den."
        ),
    ))
}

/// How an actor stands to a case.
#[must_use]
pub fn to_case(actor: Actor, case: &case::Model) -> Standing {
    match actor {
        Actor::Customer { case: own, .. } if own == case.id => Standing::Customer,
        Actor::Staff { id, seller, role: Role::Owner } if seller == case.seller_id && id == case.owner_id => {
            Standing::Owner
        }
        _ => at_seller(actor, case.seller_id),
    }
}

/// Whether a task is still its partner's to see: one that was refused or taken back is not.
#[must_use]
pub const fn is_theirs(status: TaskStatus) -> bool {
    !matches!(status, TaskStatus::Declined | TaskStatus::Withdrawn)
}

/// Whether somebody at a partner may still see this task: it is their partner's, and their token is for reading tasks.
#[must_use]
pub fn shown(actor: Actor, task: &case_task::Model) -> bool {
    matches!(actor, Actor::Partner { partner, .. } if partner == task.partner_id)
        && is_theirs(task.status)
        && !actor.lacks(ApiScope::TasksRead)
}

/// How an actor stands to a task of a case.
#[must_use]
pub fn to_task(actor: Actor, task: &case_task::Model, case: &case::Model) -> Standing {
    match actor {
        Actor::Partner { .. } if shown(actor, task) => Standing::Partner,
        Actor::Partner { .. } | Actor::Customer { .. } => Standing::Stranger,
        _ => to_case(actor, case),
    }
}
