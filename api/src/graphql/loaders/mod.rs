//! The loaders of a request: what they load, and by which key.

pub mod batch;
pub mod last;

use std::collections::HashMap;
use std::sync::OnceLock;

use entity::id::{
    ApiClientId, AttachmentId, CallSignalId, CaseChangeId, CaseId, CategoryId, CommitmentId, CustomerId, DisputeId,
    EnquiryId, HandoverId, LetterId, MailboxId, MessageId, PartnerContactId, PartnerId, ProductId, ReplyTemplateId,
    ReportId, SellerId, ServiceLevelId, StaffId, StatementId, TaskId, TaskMessageId, TaskUpdateId, TeamId,
    WebhookDeliveryId,
};
use entity::{
    absence, answer_pause, api_client, attachment, call_signal, case, case_change, case_task, case_watcher, category,
    client_secret, commitment, customer, customer_email, customer_phone, delivery, dispute, dispute_task, due, enquiry,
    escalation, fetching, handover, legal_clock, letter, message, ownership, partner, partner_contact, reply_template,
    report, routing_decision, seller, service_level, sign_in, staff, staff_load, statement, task_file, task_mail,
    task_message, task_share, task_update, team, team_member, webhook_attempt,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::loaders::batch::{Load, Loader};
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
                    // Some key columns are nullable.
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
    /// Signals of unanswered calls, by id.
    CallSignals: call_signal[CallSignalId];
    /// Cases by id.
    Cases: case[CaseId];
    /// Changes of cases by id.
    CaseChanges: case_change[CaseChangeId];
    /// Categories by id.
    Categories: category[CategoryId];
    /// API clients by id.
    Clients: api_client[ApiClientId];
    /// Commitments by id.
    Commitments: commitment[CommitmentId];
    /// Partner contacts by id.
    Contacts: partner_contact[PartnerContactId];
    /// Customers by id.
    Customers: customer[CustomerId];
    /// Enquiries by id.
    Enquiries: enquiry[EnquiryId];
    /// Hand-overs by id.
    Handovers: handover[HandoverId];
    /// Service levels by id.
    Levels: service_level[ServiceLevelId];
    /// Letters by id.
    Letters: letter[LetterId];
    /// Messages by id.
    Messages: message[MessageId];
    /// Partners by id.
    Partners: partner[PartnerId];
    /// Reply templates by id.
    ReplyTemplates: reply_template[ReplyTemplateId];
    /// Reports by id.
    Reports: report[ReportId];
    /// Sellers by id.
    Sellers: seller[SellerId];
    /// Members of staff by id.
    People: staff[StaffId];
    /// Tasks by id.
    Tasks: case_task[TaskId];
    /// Teams by id.
    Teams: team[TeamId];
    /// Disputes by id.
    Disputes: dispute[DisputeId];
    /// Statements by id.
    Statements: statement[StatementId];
    /// Task updates by id.
    TaskUpdates: task_update[TaskUpdateId];
    /// Files by id.
    FilesById: attachment[AttachmentId];
    /// Messages about tasks by id.
    TaskMessages: task_message[TaskMessageId];
}

many_by! {
    /// The absences of a member of staff, oldest first.
    AbsencesOf: absence[StaffId] by StaffId staff_id, ordered StartsAt Id;
    /// All timers of a case, including those of its tasks, disputes and legal clocks; the earliest first.
    DuesOf: due[CaseId] by CaseId case_id, ordered DueAt Kind;
    /// A case's commitments, in the order in which they were made.
    CommitmentsOf: commitment[CaseId] by CaseId case_id, ordered MadeAt Id;
    /// A case's enquiries, oldest first.
    EnquiriesOf: enquiry[CaseId] by CaseId case_id, ordered ReceivedAt Id;
    /// A case's legal clocks, oldest first.
    LegalClocksOf: legal_clock[CaseId] by CaseId case_id, ordered StartedAt Id;
    /// The pauses of a case's time for the answer, oldest first.
    PausesOf: answer_pause[CaseId] by CaseId case_id, ordered FromAt Id;
    /// A case's hand-overs, oldest first.
    HandoversOf: handover[CaseId] by CaseId case_id, ordered OfferedAt Id;
    /// A case's escalations, oldest first.
    EscalationsOf: escalation[CaseId] by CaseId case_id, ordered RaisedAt Id;
    /// The state of fetching a mailbox's mail; one row at most.
    FetchingOf: fetching[MailboxId] by MailboxId mailbox_id, ordered MailboxId;
    /// A case's letters, oldest first.
    LettersOf: letter[CaseId] by CaseId case_id, ordered CreatedAt Id;
    /// A case's tasks, oldest first.
    TasksOf: case_task[CaseId] by CaseId case_id, ordered RequestedAt Id;
    /// A case's ownership periods, oldest first.
    PeriodsOf: ownership[CaseId] by CaseId case_id, ordered Seq;
    /// A case's routing decisions, oldest first.
    DecisionsOf: routing_decision[CaseId] by CaseId case_id, ordered OwnerSeq Number;
    /// A case's reports, oldest first.
    ReportsOf: report[CaseId] by CaseId case_id, ordered RecordedAt Id;
    /// A report's attachments, in the order that they have in the report.
    AttachmentsOf: attachment[ReportId] by ReportId report_id, ordered Position;
    /// The files of a task update, in the order that they have there.
    FilesOf: attachment[TaskUpdateId] by TaskUpdateId task_update_id, ordered Position;
    /// The files of a message about a task, in the order that they have there.
    MessageFilesOf: attachment[TaskMessageId] by TaskMessageId task_message_id, ordered Position;
    /// The files of a message on a case, in the order that they have there.
    CaseMessageFilesOf: attachment[MessageId] by MessageId message_id, ordered Position;
    /// The messages about a task, oldest first.
    TaskMessagesOf: task_message[TaskId] by TaskId task_id, ordered At Id;
    /// The mails to partners' people about a task, oldest first.
    TaskMailsOf: task_mail[TaskId] by TaskId task_id, ordered At Id;
    /// What was shared for a task, oldest first.
    SharesOf: task_share[TaskId] by TaskId task_id, ordered At Id;
    /// The files that were given to the partner of a task, oldest first.
    TaskFilesOf: task_file[TaskId] by TaskId task_id, ordered At AttachmentId;
    /// The statements about the cause of a case, oldest first.
    StatementsOf: statement[CaseId] by CaseId case_id, ordered At Id;
    /// A case's disputes, oldest first.
    DisputesOf: dispute[CaseId] by CaseId case_id, ordered OpenedAt Id;
    /// The tasks a dispute is about.
    DisputedBy: dispute_task[DisputeId] by DisputeId dispute_id, ordered TaskId;
    /// The secrets of an API client, oldest first.
    SecretsOf: client_secret[ApiClientId] by ClientId client_id, ordered CreatedAt Id;
    /// The attempts of a webhook delivery, oldest first.
    AttemptsOf: webhook_attempt[WebhookDeliveryId] by DeliveryId delivery_id, ordered Number;
    /// A task's updates, oldest first.
    UpdatesOf: task_update[TaskId] by TaskId task_id, ordered At Id;
    /// A customer's e-mail addresses.
    EmailsOf: customer_email[CustomerId] by CustomerId customer_id, ordered Address;
    /// A customer's telephone numbers.
    PhonesOf: customer_phone[CustomerId] by CustomerId customer_id, ordered E164;
    /// The members of a team.
    MembersOf: team_member[TeamId] by TeamId team_id, ordered StaffId;
    /// The accounts with which a member of staff signs in.
    SignInsOfStaff: sign_in[StaffId] by StaffId staff_id, ordered Issuer;
    /// The accounts with which a partner's person signs in.
    SignInsOfContact: sign_in[PartnerContactId] by PartnerContactId partner_contact_id, ordered Issuer;
    /// The watchers of a case.
    WatchersOf: case_watcher[CaseId] by CaseId case_id, ordered Since StaffId;
    /// The teams of a member of staff.
    TeamsOf: team_member[StaffId] by StaffId staff_id, ordered TeamId;
}

/// The number of open cases that a member of staff owns.
pub struct OpenCasesOf;

impl Load for OpenCasesOf {
    type Key = StaffId;
    type Value = i64;
    async fn load(db: &Db, keys: Vec<StaffId>) -> Result<HashMap<StaffId, i64>, DbErr> {
        let loads = staff_load::Entity::find().filter(staff_load::Column::StaffId.is_in(keys)).all(db).await?;
        Ok(loads.into_iter().map(|load| (load.staff_id, load.open_cases)).collect())
    }
}

/// The cases that were merged into a case, in the order in which they were opened.
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
    /// The partners that deliver what a category is about, by name.
    DeliverersOfCategory: CategoryId, CategoryId category_id;
    /// The partners that deliver a product, by name.
    DeliverersOfProduct: ProductId, ProductId product_id;
}

/// The partners involved in a case, by name. The flag says that nobody named the partner: it was added because it
/// delivers the product or what the category is about.
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

/// Loaders that are created when one is first used, so that a subscription that only waits has none.
pub struct LazyLoaders {
    db: Db,
    made: OnceLock<Box<Loaders>>,
}

impl LazyLoaders {
    /// Loaders that will read from this store.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), made: OnceLock::new() }
    }

    /// The loaders, created at the first call.
    pub fn get(&self) -> &Loaders {
        self.made.get_or_init(|| Box::new(Loaders::new(&self.db)))
    }
}

macro_rules! loaders {
    ($($(#[$doc:meta])* $field:ident: $load:ty,)*) => {
        /// The loaders of one request. They belong to one caller: what they read is not shared with another caller.
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
    /// Absences of members of staff.
    absences: AbsencesOf,
    /// Attachments of reports.
    attachments: AttachmentsOf,
    /// Files of messages and notes of cases.
    case_message_files: CaseMessageFilesOf,
    /// Cases by id.
    cases: Cases,
    /// Changes of cases by id.
    case_changes: CaseChanges,
    /// Categories by id.
    categories: Categories,
    /// API clients by id.
    clients: Clients,
    /// Partner contacts by id.
    contacts: Contacts,
    /// Customers by id.
    customers: Customers,
    /// Routing decisions of cases.
    decisions: DecisionsOf,
    /// Partners that deliver what categories are about.
    deliverers_of_category: DeliverersOfCategory,
    /// Partners that deliver products.
    deliverers_of_product: DeliverersOfProduct,
    /// E-mail addresses of customers.
    emails: EmailsOf,
    /// Timers of cases.
    dues_of: DuesOf,
    /// Signals of unanswered calls, by id.
    call_signals: CallSignals,
    /// Commitments by id.
    commitments: Commitments,
    /// Enquiries by id.
    enquiries: Enquiries,
    /// Enquiries about cases.
    enquiries_of: EnquiriesOf,
    /// Commitments of cases.
    commitments_of: CommitmentsOf,
    /// Legal clocks of cases.
    legal_clocks_of: LegalClocksOf,
    /// Pauses of the time for the answer of cases.
    pauses_of: PausesOf,
    /// Escalations of cases.
    escalations_of: EscalationsOf,
    /// Hand-overs by id.
    handovers: Handovers,
    /// Hand-overs of cases.
    handovers_of: HandoversOf,
    /// States of fetching the mail of mailboxes.
    fetching_of: FetchingOf,
    /// The latest messages of cases that their customers may read.
    last_messages: last::LastMessageOf,
    /// Letters by id.
    letters: Letters,
    /// Letters about cases.
    letters_of: LettersOf,
    /// Service levels by id.
    levels: Levels,
    /// Members of teams.
    members: MembersOf,
    /// Cases merged into others.
    merged_into: MergedInto,
    /// Messages by id.
    messages: Messages,
    /// Numbers of open cases of members of staff.
    open_cases: OpenCasesOf,
    /// Partners by id.
    partners: Partners,
    /// Partners involved in cases.
    partners_of: PartnersOf,
    /// Members of staff by id.
    people: People,
    /// Ownership periods of cases.
    periods: PeriodsOf,
    /// Telephone numbers of customers.
    phones: PhonesOf,
    /// Reply templates by id.
    reply_templates: ReplyTemplates,
    /// Reports by id.
    reports: Reports,
    /// Reports of cases.
    reports_of: ReportsOf,
    /// Sellers by id.
    sellers: Sellers,
    /// Tasks by id.
    tasks: Tasks,
    /// Tasks of cases.
    tasks_of: TasksOf,
    /// Teams by id.
    teams: Teams,
    /// Accounts of members of staff.
    sign_ins_of_staff: SignInsOfStaff,
    /// Accounts of partners' people.
    sign_ins_of_contact: SignInsOfContact,
    /// Teams of members of staff.
    teams_of: TeamsOf,
    /// Task updates of tasks.
    updates: UpdatesOf,
    /// News of cases to the caller.
    unread_of: super::case::seen::UnreadOf,
    /// Watchers of cases.
    watchers_of: WatchersOf,
    /// Attempts of webhook deliveries.
    attempts: AttemptsOf,
    /// Tasks that disputes are about.
    disputed: DisputedBy,
    /// Disputes by id.
    disputes: Disputes,
    /// Disputes of cases.
    disputes_of: DisputesOf,
    /// Files of task updates.
    files: FilesOf,
    /// Secrets of API clients.
    secrets: SecretsOf,
    /// Statements by id.
    statements: Statements,
    /// Statements about the cause of cases.
    statements_of: StatementsOf,
    /// Task updates by id.
    task_updates: TaskUpdates,
    /// Files by id.
    files_by_id: FilesById,
    /// Files of messages about tasks.
    message_files: MessageFilesOf,
    /// Messages about tasks by id.
    task_messages: TaskMessages,
    /// Messages about tasks.
    task_messages_of: TaskMessagesOf,
    /// What was shared for tasks.
    shares: SharesOf,
    /// Mails to partners' people about tasks.
    task_mails: TaskMailsOf,
    /// Files that were given to partners.
    task_files: TaskFilesOf,
}
