//! What is loaded together, per request.

use std::collections::HashMap;
use std::sync::OnceLock;

use entity::id::{
    ApiClientId, CaseId, CategoryId, CustomerId, DisputeId, EnquiryId, HandoverId, LetterId, MailboxId, MessageId,
    PartnerContactId, PartnerId, ProductId, ReportId, SellerId, ServiceLevelId, StaffId, StatementId, TaskId,
    TaskUpdateId, TeamId, WebhookDeliveryId,
};
use entity::{
    absence, answer_pause, api_client, attachment, case, case_task, category, client_secret, customer, customer_email,
    customer_phone, delivery, dispute, dispute_task, due, enquiry, escalation, fetching, handover, legal_clock, letter,
    message, ownership, partner, partner_contact, report, routing_decision, seller, service_level, staff, staff_load,
    statement, task_update, team, team_member, webhook_attempt,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::loader::{Load, Loader};
use crate::kit::db::Db;

macro_rules! by_id {
    ($($(#[$doc:meta])* $name:ident: $entity:ident[$id:ty];)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Load for $name {
            type Key = $id;
            type Value = $entity::Model;
            async fn load(db: &Db, keys: Vec<$id>) -> Result<HashMap<$id, $entity::Model>, DbErr> {
                let rows = $entity::Entity::find().filter($entity::Column::Id.is_in(keys)).all(db).await?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    )*};
}

macro_rules! many_by {
    ($($(#[$doc:meta])* $name:ident: $entity:ident[$key:ty] by $column:ident $field:ident, ordered $($order:ident)*;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Load for $name {
            type Key = $key;
            type Value = Vec<$entity::Model>;
            async fn load(db: &Db, keys: Vec<$key>) -> Result<HashMap<$key, Vec<$entity::Model>>, DbErr> {
                let query = $entity::Entity::find().filter($entity::Column::$column.is_in(keys));
                let rows = query$(.order_by_asc($entity::Column::$order))*.all(db).await?;
                let mut found = HashMap::<_, Vec<_>>::new();
                for row in rows {
                    // Some columns may be empty.
                    if let Some(key) = Option::<$key>::from(row.$field) {
                        found.entry(key).or_default().push(row);
                    }
                }
                Ok(found)
            }
        }
    )*};
}

by_id! {
    /// Cases.
    Cases: case[CaseId];
    /// Categories.
    Categories: category[CategoryId];
    /// Systems.
    Clients: api_client[ApiClientId];
    /// People at partners.
    Contacts: partner_contact[PartnerContactId];
    /// Customers.
    Customers: customer[CustomerId];
    /// Enquiries.
    Enquiries: enquiry[EnquiryId];
    /// Hand-overs.
    Handovers: handover[HandoverId];
    /// Service levels.
    Levels: service_level[ServiceLevelId];
    /// Letters.
    Letters: letter[LetterId];
    /// Messages.
    Messages: message[MessageId];
    /// Partners.
    Partners: partner[PartnerId];
    /// Reports.
    Reports: report[ReportId];
    /// Sellers.
    Sellers: seller[SellerId];
    /// People.
    People: staff[StaffId];
    /// Tasks.
    Tasks: case_task[TaskId];
    /// Teams.
    Teams: team[TeamId];
    /// Disputes.
    Disputes: dispute[DisputeId];
    /// Statements.
    Statements: statement[StatementId];
    /// What partners told.
    TaskUpdates: task_update[TaskUpdateId];
}

many_by! {
    /// When a person is away, oldest first.
    AbsencesOf: absence[StaffId] by StaffId staff_id, ordered StartsAt Id;
    /// A case's timers and those of its tasks, the next first.
    DuesOf: due[CaseId] by CaseId case_id, ordered DueAt Kind;
    /// A case's enquiries, oldest first.
    EnquiriesOf: enquiry[CaseId] by CaseId case_id, ordered ReceivedAt Id;
    /// A case's legal clocks, oldest first.
    LegalClocksOf: legal_clock[CaseId] by CaseId case_id, ordered StartedAt Id;
    /// When a case's time for an answer stood still, oldest first.
    PausesOf: answer_pause[CaseId] by CaseId case_id, ordered FromAt Id;
    /// A case's hand-overs, oldest first.
    HandoversOf: handover[CaseId] by CaseId case_id, ordered OfferedAt Id;
    /// What was told upwards about a case, oldest first.
    EscalationsOf: escalation[CaseId] by CaseId case_id, ordered RaisedAt Id;
    /// How a mailbox's mail is fetched; one at most.
    FetchingOf: fetching[MailboxId] by MailboxId mailbox_id, ordered MailboxId;
    /// A case's letters, oldest first.
    LettersOf: letter[CaseId] by CaseId case_id, ordered CreatedAt Id;
    /// A case's tasks, oldest first.
    TasksOf: case_task[CaseId] by CaseId case_id, ordered RequestedAt Id;
    /// A case's ownership periods, oldest first.
    PeriodsOf: ownership[CaseId] by CaseId case_id, ordered Seq;
    /// A case's routing decisions, oldest first.
    DecisionsOf: routing_decision[CaseId] by CaseId case_id, ordered OwnerSeq;
    /// A case's reports, oldest first.
    ReportsOf: report[CaseId] by CaseId case_id, ordered RecordedAt Id;
    /// A report's attachments, in its order.
    AttachmentsOf: attachment[ReportId] by ReportId report_id, ordered Position;
    /// Files of what a partner told, in its order.
    FilesOf: attachment[TaskUpdateId] by TaskUpdateId task_update_id, ordered Position;
    /// What was said about a case's cause, oldest first.
    StatementsOf: statement[CaseId] by CaseId case_id, ordered At Id;
    /// A case's disputes, oldest first.
    DisputesOf: dispute[CaseId] by CaseId case_id, ordered OpenedAt Id;
    /// The tasks a dispute is about.
    DisputedBy: dispute_task[DisputeId] by DisputeId dispute_id, ordered TaskId;
    /// A client's secrets, oldest first.
    SecretsOf: client_secret[ApiClientId] by ClientId client_id, ordered CreatedAt Id;
    /// The attempts of a delivery, oldest first.
    AttemptsOf: webhook_attempt[WebhookDeliveryId] by DeliveryId delivery_id, ordered Number;
    /// A task's updates, oldest first.
    UpdatesOf: task_update[TaskId] by TaskId task_id, ordered At Id;
    /// A customer's e-mail addresses.
    EmailsOf: customer_email[CustomerId] by CustomerId customer_id, ordered Address;
    /// A customer's telephone numbers.
    PhonesOf: customer_phone[CustomerId] by CustomerId customer_id, ordered E164;
    /// Who is in a team.
    MembersOf: team_member[TeamId] by TeamId team_id, ordered StaffId;
    /// Which teams a person is in.
    TeamsOf: team_member[StaffId] by StaffId staff_id, ordered TeamId;
}

/// How many cases that are not closed a person owns.
pub struct OpenCasesOf;

impl Load for OpenCasesOf {
    type Key = StaffId;
    type Value = i64;
    async fn load(db: &Db, keys: Vec<StaffId>) -> Result<HashMap<StaffId, i64>, DbErr> {
        let loads = staff_load::Entity::find().filter(staff_load::Column::StaffId.is_in(keys)).all(db).await?;
        Ok(loads.into_iter().map(|load| (load.staff_id, load.open_cases)).collect())
    }
}

/// The cases that were merged into one.
pub struct MergedInto;

impl Load for MergedInto {
    type Key = CaseId;
    type Value = Vec<case::Model>;
    async fn load(db: &Db, keys: Vec<CaseId>) -> Result<HashMap<CaseId, Vec<case::Model>>, DbErr> {
        let query = case::Entity::find().filter(case::Column::MergedInto.is_in(keys));
        let mut found = HashMap::<_, Vec<_>>::new();
        for row in query.order_by_asc(case::Column::OpenedAt).order_by_asc(case::Column::Id).all(db).await? {
            if let Some(into) = row.merged_into {
                found.entry(into).or_default().push(row);
            }
        }
        Ok(found)
    }
}

macro_rules! deliverers {
    ($($(#[$doc:meta])* $name:ident: $key:ty, $column:ident $field:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Load for $name {
            type Key = $key;
            type Value = Vec<partner::Model>;
            async fn load(db: &Db, keys: Vec<$key>) -> Result<HashMap<$key, Vec<partner::Model>>, DbErr> {
                let relation = delivery::Entity::belongs_to(partner::Entity)
                    .from(delivery::Column::PartnerId)
                    .to(partner::Column::Id)
                    .into();
                let rows: Vec<(delivery::Model, Option<partner::Model>)> = delivery::Entity::find()
                    .join(JoinType::InnerJoin, relation)
                    .select_also(partner::Entity)
                    .filter(delivery::Column::$column.is_in(keys))
                    .order_by_asc(partner::Column::Name)
                    .all(db)
                    .await?;
                let mut found = HashMap::<_, Vec<_>>::new();
                for (row, partner) in rows {
                    if let Some(key) = row.$field {
                        found.entry(key).or_default().extend(partner);
                    }
                }
                Ok(found)
            }
        }
    )*};
}

deliverers! {
    /// Who delivers what a category is about.
    DeliverersOfCategory: CategoryId, CategoryId category_id;
    /// Who delivers a product.
    DeliverersOfProduct: ProductId, ProductId product_id;
}

/// The partners involved in a case, each with whether nobody named it.
pub struct PartnersOf;

impl Load for PartnersOf {
    type Key = CaseId;
    type Value = Vec<(bool, partner::Model)>;
    async fn load(db: &Db, keys: Vec<CaseId>) -> Result<HashMap<CaseId, Self::Value>, DbErr> {
        let relation = entity::case_partner::Entity::belongs_to(partner::Entity)
            .from(entity::case_partner::Column::PartnerId)
            .to(partner::Column::Id)
            .into();
        let rows: Vec<(entity::case_partner::Model, Option<partner::Model>)> = entity::case_partner::Entity::find()
            .join(JoinType::InnerJoin, relation)
            .select_also(partner::Entity)
            .filter(entity::case_partner::Column::CaseId.is_in(keys))
            .order_by_asc(partner::Column::Name)
            .all(db)
            .await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (named, partner) in rows {
            let partner = partner.map(|partner| (named.suggested, partner));
            found.entry(named.case_id).or_default().extend(partner);
        }
        Ok(found)
    }
}

/// Loaders that are made when one is first asked for: a subscriber who only waits has none.
pub struct LazyLoaders {
    db: Db,
    made: OnceLock<Box<Loaders>>,
}

impl LazyLoaders {
    /// Loaders that will read from here.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), made: OnceLock::new() }
    }

    /// The loaders.
    pub fn get(&self) -> &Loaders {
        self.made.get_or_init(|| Box::new(Loaders::new(&self.db)))
    }
}

macro_rules! loaders {
    ($($(#[$doc:meta])* $field:ident: $load:ty,)*) => {
        /// The loaders of one request. They belong to one caller: what they read is not shared with another.
        pub struct Loaders {
            $($(#[$doc])* pub $field: Loader<$load>,)*
        }
        impl Loaders {
            fn new(db: &Db) -> Self {
                Self { $($field: Loader::new(db.clone()),)* }
            }
        }
    };
}

loaders! {
    /// Absences of people.
    absences: AbsencesOf,
    /// Attachments of reports.
    attachments: AttachmentsOf,
    /// Cases.
    cases: Cases,
    /// Categories.
    categories: Categories,
    /// Systems.
    clients: Clients,
    /// People at partners.
    contacts: Contacts,
    /// Customers.
    customers: Customers,
    /// Decisions of cases.
    decisions: DecisionsOf,
    /// Deliverers of categories.
    deliverers_of_category: DeliverersOfCategory,
    /// Deliverers of products.
    deliverers_of_product: DeliverersOfProduct,
    /// Addresses of customers.
    emails: EmailsOf,
    /// Timers of cases.
    dues_of: DuesOf,
    /// Enquiries.
    enquiries: Enquiries,
    /// Enquiries about cases.
    enquiries_of: EnquiriesOf,
    /// Legal clocks of cases.
    legal_clocks_of: LegalClocksOf,
    /// Pauses of cases.
    pauses_of: PausesOf,
    /// What was told upwards about cases.
    escalations_of: EscalationsOf,
    /// Hand-overs.
    handovers: Handovers,
    /// Hand-overs of cases.
    handovers_of: HandoversOf,
    /// How mailboxes' mail is fetched.
    fetching_of: FetchingOf,
    /// Letters.
    letters: Letters,
    /// Letters about cases.
    letters_of: LettersOf,
    /// Service levels.
    levels: Levels,
    /// Members of teams.
    members: MembersOf,
    /// Cases merged into others.
    merged_into: MergedInto,
    /// Messages.
    messages: Messages,
    /// Open cases of people, counted.
    open_cases: OpenCasesOf,
    /// Partners.
    partners: Partners,
    /// Partners named in cases.
    partners_of: PartnersOf,
    /// People.
    people: People,
    /// Periods of cases.
    periods: PeriodsOf,
    /// Numbers of customers.
    phones: PhonesOf,
    /// Reports.
    reports: Reports,
    /// Reports of cases.
    reports_of: ReportsOf,
    /// Sellers.
    sellers: Sellers,
    /// Tasks.
    tasks: Tasks,
    /// Tasks of cases.
    tasks_of: TasksOf,
    /// Teams.
    teams: Teams,
    /// Teams of people.
    teams_of: TeamsOf,
    /// Updates of tasks.
    updates: UpdatesOf,
    /// Attempts of deliveries.
    attempts: AttemptsOf,
    /// Tasks of disputes.
    disputed: DisputedBy,
    /// Disputes.
    disputes: Disputes,
    /// Disputes of cases.
    disputes_of: DisputesOf,
    /// Files of updates.
    files: FilesOf,
    /// Secrets of clients.
    secrets: SecretsOf,
    /// Statements.
    statements: Statements,
    /// Statements on cases.
    statements_of: StatementsOf,
    /// What partners told.
    task_updates: TaskUpdates,
}
