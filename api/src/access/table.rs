//! The access table: which actions an actor may perform on a thing, by the actor's standing towards it. Everything that
//! is not listed is forbidden. `docs/access.md` shows the table to readers; a test keeps both equal.

use entity::kind::{ApiScope, Language, Role, TaskStatus};
use entity::{case, case_task, partner};

use crate::kit::actor::{Actor, Agent, Reach};
use crate::kit::error::Problem;
use crate::texts::{self, Text};

/// The relation of an actor to a thing. At another seller every actor is a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// An unknown caller, or one that has nothing to do with the thing.
    Stranger,
    /// A complaint form of the seller.
    Widget,
    /// A system of the seller.
    Client,
    /// A system of the seller that may read its cases.
    Reader,
    /// The customer of the case: whoever shows its tracking token, or one that opens all cases of its customer.
    Customer,
    /// A person or system at the partner whose task it is.
    Partner,
    /// A person at the partner to which the thing belongs, or a system that forwards a complaint for it.
    Supplier,
    /// A member of the seller's staff who does not own the case.
    Colleague,
    /// The owner of the case.
    Owner,
    /// A manager at the seller.
    Manager,
    /// An administrator of the seller, or for the directory a platform administrator.
    Administrator,
}

impl Standing {
    /// Every standing, in the order of the table's columns.
    pub const ALL: &'static [Self] = &[
        Self::Stranger,
        Self::Widget,
        Self::Client,
        Self::Reader,
        Self::Customer,
        Self::Partner,
        Self::Supplier,
        Self::Colleague,
        Self::Owner,
        Self::Manager,
        Self::Administrator,
    ];

    /// The standing in words.
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::Stranger => texts::access::stranger(),
            Self::Widget => texts::access::complaint_form(),
            Self::Client => texts::access::sellers_system(),
            Self::Reader => texts::access::reading_system(),
            Self::Customer => texts::access::customer(),
            Self::Partner => texts::access::tasks_partner(),
            Self::Supplier => texts::access::at_partner(),
            Self::Colleague => texts::access::sellers_staff(),
            Self::Owner => texts::access::cases_owner(),
            Self::Manager => texts::access::manager(),
            Self::Administrator => texts::access::administrator(),
        }
    }
}

macro_rules! table {
    ($($(#[doc = $doc:literal])* $action:ident: $($standing:ident)*;)*) => {
        /// An action that an actor may want to perform.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $doc])* $action,)*
        }

        /// Every action with its description and the standings that allow it.
        pub const TABLE: &[(Action, &str, &[Standing])] = &[
            $((Action::$action, concat!($($doc),*), &[$(Standing::$standing),*])),*
        ];

        /// The standings that allow this action.
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
    /// Upload a file, to attach it to something that one may send.
    SendFile: Widget Client Customer Supplier Colleague Owner Manager Administrator;
    /// Forward a complaint that reached a partner first.
    ForwardComplaint: Supplier;
    /// Read all of a case, follow its events, and fetch its attachments.
    ReadCase: Reader Colleague Owner Manager Administrator;
    /// Read a case as its customer sees it, and follow it.
    ReadCustomerCase: Customer;
    /// Read a task and what its partner may know of the case, and follow it.
    ReadTask: Partner Reader Colleague Owner Manager Administrator;
    /// Register a device for push notifications: about one's own case, or to staff.
    RegisterDevice: Customer Colleague Owner Manager Administrator;
    /// Write to the company about a case.
    AddCustomerMessage: Customer;
    /// Write to the customer.
    SendMessage: Owner Manager Administrator;
    /// Leave a note for colleagues.
    AddNote: Colleague Owner Manager Administrator;
    /// Tell the customer that the case is being looked after.
    AcknowledgeCase: Owner Manager Administrator;
    /// Request a task from a partner, remind the partner, and withdraw the task.
    RequestTask: Owner Manager Administrator;
    /// Write to the other side about a task.
    WriteToTask: Partner Owner Manager Administrator;
    /// Accept, update, complete or decline a task, and say which of the partner's people works on it.
    AnswerTask: Partner;
    /// Open and end a dispute about which of several partners is responsible.
    SettleDispute: Owner Manager Administrator;
    /// Record commitments to the customer, and how they ended.
    ManageCommitments: Owner Manager Administrator;
    /// Give the company's answer and close the case.
    CloseCase: Owner Manager Administrator;
    /// Offer a case to a colleague, and take the offer back. The colleague accepts or declines it.
    OfferHandover: Owner Manager Administrator;
    /// Merge two cases that are about the same thing, and undo a merge.
    MergeCases: Owner Manager Administrator;
    /// Move a report to another case, and confirm that the sender of a report is the customer.
    MoveReports: Owner Manager Administrator;
    /// Change the customer of a case.
    ChangeCustomer: Owner Manager Administrator;
    /// Change what a case says: its subject, category, product, priority, severity, tags, language and order.
    UpdateCase: Owner Manager Administrator;
    /// Create a link with which the customer follows a case, and see it in order to give it to them.
    CreateTrackingLink: Owner Manager Administrator;
    /// End all tracking tokens of a case's customer.
    RevokeTrackingTokens: Customer Owner Manager Administrator;
    /// Read what a complaint form needs: the seller's name, categories, questions and texts.
    ReadForm: Widget;
    /// Have a letter sent to an address, with the link to the cases of its customer.
    RequestTrackingLink: Widget;
    /// Pause the time for the answer, record an enquiry and its answer, and extend a legal clock.
    ManageClocks: Owner Manager Administrator;
    /// Give a case to another owner.
    ReassignCase: Manager Administrator;
    /// Have the rules decide anew who owns a case.
    RouteAgain: Manager Administrator;
    /// Set when a colleague takes new cases. Everybody may set it for themselves.
    SetAvailability: Manager Administrator;
    /// See and set which notices a colleague gets by mail. Everybody may for themselves.
    SetNotices: Manager Administrator;
    /// Set a customer's tier.
    SetCustomerTier: Colleague Owner Manager Administrator;
    /// Read sellers, staff, teams, partners, widgets and rule sets.
    ReadDirectory: Reader Colleague Owner Manager Administrator;
    /// Read how well a partner meets its times.
    ReadPerformance: Supplier Colleague Owner Manager Administrator;
    /// Create and change webhooks of a partner or of the seller, read their deliveries, and replay events.
    ManageWebhooks: Supplier Administrator;
    /// Create a partner's API clients, change their scopes, and change and revoke their secrets.
    ManageSystems: Supplier Administrator;
    /// Try rules on past cases and on invented complaints.
    TryRules: Manager Administrator;
    /// See the letters, mails, webhooks and pushes that the service gave up, and have one tried again.
    ManageJobs: Manager Administrator;
    /// Create, change and deactivate a seller's reply templates.
    ManageReplyTemplates: Manager Administrator;
    /// Change the seller, and create and change its staff, teams, partners, widgets, systems and rule sets.
    Administer: Administrator;
}

/// Whether this standing allows this action.
#[must_use]
pub fn may(standing: Standing, action: Action) -> bool {
    allowed(action).contains(&standing)
}

/// Checks that the standing allows the action. If it does not allow `see` either, the thing is reported as not found.
///
/// # Errors
/// `FORBIDDEN` when the actor may only see the thing, `NOT_FOUND` when the actor may not even see it.
pub fn check(standing: Standing, action: Action, see: Action, field: &str) -> Result<(), Problem> {
    if may(standing, action) {
        Ok(())
    } else if may(standing, see) {
        Err(refused(action))
    } else {
        Err(Problem::not_found(field))
    }
}

/// The problem for an action that is not allowed. It names the standings that allow the action.
#[must_use]
pub fn refused(action: Action) -> Problem {
    let standings: Vec<Text> = allowed(action).iter().map(|standing| standing.words()).collect();
    let or = texts::access::or();
    let list = |language: Language| {
        let words: Vec<&str> = standings.iter().map(|text| text.read_in(language)).collect();
        match words.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => format!("{} {} {last}", rest.join(", "), or.read_in(language)),
            None => String::new(),
        }
    };
    Problem::forbidden(texts::access::only(list(Language::En), list(Language::Sv)))
}

/// The standing of an actor towards a seller.
#[must_use]
pub fn at_seller(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Staff { role: Role::Administrator | Role::PlatformAdministrator, seller: own, .. } if own == seller => {
            Standing::Administrator
        }
        Actor::Staff { role: Role::Manager, seller: own, .. } if own == seller => Standing::Manager,
        Actor::Staff { role: Role::Owner, seller: own, .. } if own == seller => Standing::Colleague,
        Actor::Widget { seller: own, .. } if own == seller => Standing::Widget,
        Actor::Client { seller: own, .. } if own == seller => Standing::Client,
        _ => Standing::Stranger,
    }
}

/// The standing of an actor towards the directory of a seller. A platform administrator administers all sellers.
#[must_use]
pub fn to_directory(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Staff { role: Role::PlatformAdministrator, .. } => Standing::Administrator,
        _ => reader(actor, seller).unwrap_or_else(|| at_seller(actor, seller)),
    }
}

/// The standing of a system of the seller that may read its cases; none for everybody else.
fn reader(actor: Actor, seller: entity::id::SellerId) -> Option<Standing> {
    let reads =
        matches!(actor, Actor::Client { seller: own, .. } if own == seller) && !actor.lacks(ApiScope::CasesRead);
    reads.then_some(Standing::Reader)
}

/// The standing of an actor towards the intake of a seller. Partners may forward complaints that reached them first.
#[must_use]
pub fn to_intake(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Partner { seller: own, .. } if own == seller => Standing::Supplier,
        _ => at_seller(actor, seller),
    }
}

/// The standing of an actor towards the uploads of a seller.
#[must_use]
pub fn to_uploads(actor: Actor, seller: entity::id::SellerId) -> Standing {
    match actor {
        Actor::Customer { seller: own, .. } if own == seller => Standing::Customer,
        _ => to_intake(actor, seller),
    }
}

/// The standing of an actor towards something that belongs to a partner. The partner's systems have none.
#[must_use]
pub fn to_partner(actor: Actor, partner: &partner::Model) -> Standing {
    match actor {
        Actor::Partner { by: Agent::Person(_), partner: own, .. } if own == partner.id => Standing::Supplier,
        _ => to_directory(actor, partner.seller_id),
    }
}

/// The scope that a system needs for this action; none when systems do not perform it.
#[must_use]
pub const fn scope(action: Action) -> Option<ApiScope> {
    match action {
        Action::ReceiveEmail => Some(ApiScope::EmailWrite),
        Action::LogPhoneCall => Some(ApiScope::CallsWrite),
        Action::LogLetter => Some(ApiScope::LettersWrite),
        Action::LogVisit => Some(ApiScope::VisitsWrite),
        Action::ForwardComplaint => Some(ApiScope::ComplaintsWrite),
        Action::ReadTask => Some(ApiScope::TasksRead),
        Action::ReadCase => Some(ApiScope::CasesRead),
        Action::AnswerTask | Action::WriteToTask => Some(ApiScope::TasksWrite),
        _ => None,
    }
}

/// Checks that the actor is not a system without the scope that this action needs.
///
/// # Errors
/// `FORBIDDEN`, naming the scope.
pub fn check_scope(actor: Actor, action: Action) -> Result<(), Problem> {
    let Some(scope) = scope(action).filter(|scope| actor.lacks(*scope)) else { return Ok(()) };
    Err(Problem::forbidden(texts::access::scope_missing(super::key::scope_name(scope))))
}

/// The standing of an actor towards a case.
#[must_use]
pub fn to_case(actor: Actor, case: &case::Model) -> Standing {
    match actor {
        Actor::Customer { case: own, .. } if own == case.id => Standing::Customer,
        Actor::Customer { id, reach: Reach::Customer, .. } if id == case.customer_id => Standing::Customer,
        Actor::Staff { id, seller, role: Role::Owner } if seller == case.seller_id && id == case.owner_id => {
            Standing::Owner
        }
        _ => reader(actor, case.seller_id).unwrap_or_else(|| at_seller(actor, case.seller_id)),
    }
}

/// Whether the partner may still see its task, which it may not after it was declined or withdrawn.
#[must_use]
pub const fn is_theirs(status: TaskStatus) -> bool {
    !matches!(status, TaskStatus::Declined | TaskStatus::Withdrawn)
}

/// Whether the actor may still see this task as its partner: the task is of the actor's partner, the partner may see
/// it, and the actor has the scope to read tasks.
#[must_use]
pub fn shown(actor: Actor, task: &case_task::Model) -> bool {
    matches!(actor, Actor::Partner { partner, .. } if partner == task.partner_id)
        && is_theirs(task.status)
        && !actor.lacks(ApiScope::TasksRead)
}

/// The standing of an actor towards a task of a case.
#[must_use]
pub fn to_task(actor: Actor, task: &case_task::Model, case: &case::Model) -> Standing {
    match actor {
        Actor::Partner { .. } if shown(actor, task) => Standing::Partner,
        Actor::Partner { .. } | Actor::Customer { .. } => Standing::Stranger,
        _ => to_case(actor, case),
    }
}
