//! Objects by their ids, and the caller.

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject, Union};
use entity::id::{
    ApiClientId, ArrivalId, AttachmentId, CallSignalId, CaseId, CategoryId, ClientSecretId, CommitmentId, CustomerId,
    DeviceId, DisputeId, EnquiryId, HandoverId, LetterId, MailboxId, MessageId, PartnerContactId, PartnerId, ProductId,
    ReportId, RuleSetId, SellerId, ServiceLevelId, StaffId, StatementId, TaskId, TaskMessageId, TaskUpdateId, TeamId,
    WebhookDeliveryId, WebhookEndpointId, WidgetId,
};
use entity::kind::Visibility;
use entity::{
    api_client, arrival, attachment, client_secret, device, mailbox, product, rule_set, task_update, webhook_delivery,
    webhook_endpoint, widget,
};
use sea_orm::EntityTrait;

use super::case::Case;
use super::catalogue::{Category, Product};
use super::client::{ApiClient, ClientSecret};
use super::commitment::Commitment;
use super::context::{ContextExt, read_error, required_row, signed_in};
use super::customer::{Customer, CustomerCase};
use super::device::Device;
use super::dispute::{Dispute, Statement};
use super::enquiry::Enquiry;
use super::error::code::Code;
use super::handover::Handover;
use super::intake::signal::CallSignal;
use super::letter::Letter;
use super::level::ServiceLevel;
use super::mailbox::SellerMailbox;
use super::message::{CustomerMessage, Message};
use super::partner::{Partner, PartnerContact};
use super::report::file::Attachment;
use super::report::quarantine::QuarantinedReport;
use super::report::{EmailReport, LetterReport, PartnerReport, PhoneReport, Report, VisitReport, WebFormReport};
use super::rule::RuleSet;
use super::seller::Seller;
use super::staff::{Staff, Team};
use super::system::Widget;
use super::task::talk::TaskMessage;
use super::task::{CaseTask, TaskUpdate};
use super::webhook::{WebhookDelivery, WebhookEndpoint};
use crate::access::table::{Action, at_seller, may, to_case, to_directory, to_partner, to_task};
use crate::case::query::reads_file;
use crate::kit::actor::{Actor, Agent};
use crate::push::is_own;
use crate::texts;

/// The largest number of ids in one `nodes`.
const MOST: usize = 100;

/// An object with an id, which `node` and `nodes` can look up.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, opaque: the kind of object, and a number that sorts by age."))]
pub enum Node {
    /// A case, as staff see it.
    Case(Case),
    /// A case, as its customer sees it.
    CustomerCase(CustomerCase),
    /// A partner's part of a case.
    CaseTask(CaseTask),
    /// A partner's update of its task.
    TaskUpdate(TaskUpdate),
    /// A message between the owner and a partner about a task.
    TaskMessage(TaskMessage),
    /// Unanswered calls from one number on one day.
    CallSignal(CallSignal),
    /// A report that came by a form.
    WebFormReport(WebFormReport),
    /// A report that came by e-mail.
    EmailReport(EmailReport),
    /// A report of a telephone call.
    PhoneReport(PhoneReport),
    /// A report of a letter that reached the company.
    LetterReport(LetterReport),
    /// A report of a visit.
    VisitReport(VisitReport),
    /// A report that a partner forwarded.
    PartnerReport(PartnerReport),
    /// A statement about the cause of a case.
    Statement(Statement),
    /// A dispute between partners.
    Dispute(Dispute),
    /// A promise to the customer of a case, with a date.
    Commitment(Commitment),
    /// An enquiry about a case by somebody who is not its customer.
    Enquiry(Enquiry),
    /// A file of a report or of a task update.
    Attachment(Attachment),
    /// A letter from the company to the customer.
    Letter(Letter),
    /// An e-mail that could not be taken in.
    QuarantinedReport(QuarantinedReport),
    /// A mailbox of a seller.
    Mailbox(SellerMailbox),
    /// A message, as staff see it.
    Message(Message),
    /// A message, as the customer sees it.
    CustomerMessage(CustomerMessage),
    /// A customer.
    Customer(Customer),
    /// A seller.
    Seller(Seller),
    /// A member of staff.
    Staff(Staff),
    /// A team.
    Team(Team),
    /// A partner.
    Partner(Partner),
    /// A person at a partner.
    PartnerContact(PartnerContact),
    /// A hand-over of a case to a colleague.
    Handover(Handover),
    /// A category of complaints.
    Category(Category),
    /// A product that is sold.
    Product(Product),
    /// A service level.
    ServiceLevel(ServiceLevel),
    /// A rule set.
    RuleSet(RuleSet),
    /// A complaint form.
    Widget(Widget),
    /// An API client.
    ApiClient(ApiClient),
    /// A secret of an API client.
    ClientSecret(ClientSecret),
    /// A device registered for push notifications.
    Device(Device),
    /// A webhook endpoint of a partner or of the seller.
    WebhookEndpoint(WebhookEndpoint),
    /// A delivery to a webhook endpoint.
    WebhookDelivery(WebhookDelivery),
}

/// The caller of a request.
#[derive(Union)]
pub enum Viewer {
    /// A customer who shows a tracking token.
    Customer(Box<CustomerViewer>),
    /// A member of staff.
    Staff(Staff),
    /// A person at a partner.
    Partner(PartnerContact),
    /// An API client of the seller or of a partner.
    Client(ApiClient),
}

/// A customer who is identified by a tracking token.
#[derive(SimpleObject)]
pub struct CustomerViewer {
    /// The case that the tracking token is for.
    case: CustomerCase,
}

/// Queries of objects by id, and of the caller.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The caller as the service knows it; null for a form, and for a caller without a credential.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        let loaders = ctx.loaders();
        Ok(match ctx.actor() {
            Actor::Customer { case, .. } => {
                let case = CustomerCase(required_row(loaders.cases.one(case).await)?);
                Some(Viewer::Customer(Box::new(CustomerViewer { case })))
            }
            Actor::Staff { id, .. } => Some(Viewer::Staff(Staff(required_row(loaders.people.one(id).await)?))),
            Actor::Partner { by: Agent::Person(contact), .. } => {
                Some(Viewer::Partner(PartnerContact(required_row(loaders.contacts.one(contact).await)?)))
            }
            Actor::Partner { by: Agent::System(id, _), .. } | Actor::Client { id, .. } => {
                Some(Viewer::Client(ApiClient(required_row(loaders.clients.one(id).await)?)))
            }
            Actor::Anonymous | Actor::Widget { .. } | Actor::System | Actor::Import { .. } => None,
        })
    }

    /// The object with this id; null when there is none, or when you may not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id of the object.")] id: ID) -> Result<Option<Node>> {
        signed_in(ctx)?;
        find(ctx, &id).await
    }

    /// The objects with these ids, in the same order; null in the place of each that does not exist or that you may not
    /// see. `TOO_LONG` for more than 100 ids.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of the objects; at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        signed_in(ctx)?;
        if ids.len() > MOST {
            return Err(Code::TooLong.error(texts::api::too_many_ids()));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, text: &ID) -> Result<Option<Node>> {
    if let Ok(id) = text.parse::<CaseId>() {
        case(ctx, id).await
    } else if let Ok(id) = text.parse::<TaskId>() {
        task(ctx, id).await
    } else if let Ok(id) = text.parse::<TaskMessageId>() {
        task_message(ctx, id).await
    } else if let Ok(id) = text.parse::<TaskUpdateId>() {
        task_update(ctx, id).await
    } else if let Ok(id) = text.parse::<ReportId>() {
        report(ctx, id).await
    } else if let Ok(id) = text.parse::<AttachmentId>() {
        attachment(ctx, id).await
    } else if let Ok(id) = text.parse::<MessageId>() {
        message(ctx, id).await
    } else if let Ok(id) = text.parse::<CustomerId>() {
        customer(ctx, id).await
    } else if let Ok(id) = text.parse::<HandoverId>() {
        handover(ctx, id).await
    } else if let Ok(id) = text.parse::<LetterId>() {
        letter(ctx, id).await
    } else if let Ok(id) = text.parse::<ArrivalId>() {
        quarantined(ctx, id).await
    } else if let Ok(id) = text.parse::<EnquiryId>() {
        let Some(row) = ctx.loaders().enquiries.one(id).await.map_err(read_error)? else { return Ok(None) };
        Ok(sees(ctx, row.case_id).await?.then_some(Node::Enquiry(Enquiry(row))))
    } else if let Ok(id) = text.parse::<CommitmentId>() {
        let Some(row) = ctx.loaders().commitments.one(id).await.map_err(read_error)? else { return Ok(None) };
        Ok(sees(ctx, row.case_id).await?.then_some(Node::Commitment(Commitment(row))))
    } else if let Ok(id) = text.parse::<CallSignalId>() {
        let Some(row) = ctx.loaders().call_signals.one(id).await.map_err(read_error)? else { return Ok(None) };
        let theirs = may(at_seller(ctx.actor(), row.seller_id), Action::LogPhoneCall);
        let staff = matches!(ctx.actor(), Actor::Staff { .. });
        Ok((theirs && staff).then_some(Node::CallSignal(CallSignal(row))))
    } else if let Ok(id) = text.parse::<DeviceId>() {
        let row = device::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        let own = is_own(ctx.db(), ctx.actor(), &row).await.map_err(read_error)?;
        Ok(own.then_some(Node::Device(Device(row))))
    } else if let Ok(id) = text.parse::<StatementId>() {
        statement(ctx, id).await
    } else if let Ok(id) = text.parse::<DisputeId>() {
        let row = ctx.loaders().disputes.one(id).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        Ok(sees(ctx, row.case_id).await?.then_some(Node::Dispute(Dispute(row))))
    } else {
        directory(ctx, text).await
    }
}

/// Whether the actor may see the whole case.
async fn sees(ctx: &Context<'_>, id: CaseId) -> Result<bool> {
    let case = ctx.loaders().cases.one(id).await.map_err(read_error)?;
    Ok(case.is_some_and(|case| may(to_case(ctx.actor(), &case), Action::ReadCase)))
}

/// The case as the caller may see it.
async fn case(ctx: &Context<'_>, id: CaseId) -> Result<Option<Node>> {
    let Some(case) = ctx.loaders().cases.one(id).await.map_err(read_error)? else { return Ok(None) };
    let standing = to_case(ctx.actor(), &case);
    if may(standing, Action::ReadCase) {
        return Ok(Some(Node::Case(Case(case))));
    }
    Ok(may(standing, Action::ReadCustomerCase).then_some(Node::CustomerCase(CustomerCase(case))))
}

async fn task(ctx: &Context<'_>, id: TaskId) -> Result<Option<Node>> {
    let Some(task) = ctx.loaders().tasks.one(id).await.map_err(read_error)? else { return Ok(None) };
    let case = required_row(ctx.loaders().cases.one(task.case_id).await)?;
    let visible = may(to_task(ctx.actor(), &task, &case), Action::ReadTask);
    Ok(visible.then_some(Node::CaseTask(CaseTask(task))))
}

async fn task_message(ctx: &Context<'_>, id: TaskMessageId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().task_messages.one(id).await.map_err(read_error)? else { return Ok(None) };
    let visible = task(ctx, row.task_id).await?.is_some();
    Ok(visible.then_some(Node::TaskMessage(TaskMessage(row))))
}

async fn task_update(ctx: &Context<'_>, id: TaskUpdateId) -> Result<Option<Node>> {
    let found = task_update::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
    let Some(row) = found else { return Ok(None) };
    let visible = task(ctx, row.task_id).await?.is_some();
    Ok(visible.then_some(Node::TaskUpdate(TaskUpdate(row))))
}

async fn report(ctx: &Context<'_>, id: ReportId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().reports.one(id).await.map_err(read_error)? else { return Ok(None) };
    if !sees(ctx, row.case_id).await? {
        return Ok(None);
    }
    Ok(Some(match Report::from(row) {
        Report::Web(report) => Node::WebFormReport(report),
        Report::Email(report) => Node::EmailReport(report),
        Report::Phone(report) => Node::PhoneReport(report),
        Report::Letter(report) => Node::LetterReport(report),
        Report::Visit(report) => Node::VisitReport(report),
        Report::Partner(report) => Node::PartnerReport(report),
    }))
}

async fn attachment(ctx: &Context<'_>, id: AttachmentId) -> Result<Option<Node>> {
    let found = attachment::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
    let Some(row) = found else { return Ok(None) };
    let visible = reads_file(ctx.db(), ctx.actor(), &row).await.map_err(read_error)?;
    Ok(visible.then_some(Node::Attachment(Attachment(row))))
}

async fn message(ctx: &Context<'_>, id: MessageId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().messages.one(id).await.map_err(read_error)? else { return Ok(None) };
    let case = required_row(ctx.loaders().cases.one(row.case_id).await)?;
    let standing = to_case(ctx.actor(), &case);
    if may(standing, Action::ReadCase) {
        return Ok(Some(Node::Message(Message(row))));
    }
    let visible = may(standing, Action::ReadCustomerCase) && row.visibility == Visibility::Customer;
    Ok(visible.then_some(Node::CustomerMessage(CustomerMessage(row))))
}

/// A letter, for those who may read its whole case. A letter to staff or to a partner's person has no case and
/// cannot be looked up.
async fn letter(ctx: &Context<'_>, id: LetterId) -> Result<Option<Node>> {
    let row = ctx.loaders().letters.one(id).await.map_err(read_error)?;
    let Some((row, case)) = row.and_then(|row| row.case_id.map(|case| (row, case))) else { return Ok(None) };
    Ok(sees(ctx, case).await?.then_some(Node::Letter(Letter(row))))
}

/// A mail that could not be taken in, for the seller's staff. One that still waits to be read is not found, because it
/// has no reason yet.
async fn quarantined(ctx: &Context<'_>, id: ArrivalId) -> Result<Option<Node>> {
    let Some(row) = arrival::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)? else { return Ok(None) };
    let staff = matches!(ctx.actor(), Actor::Staff { seller, .. } if seller == row.seller_id);
    let looked_at = row.reason.is_some();
    Ok((staff && looked_at).then_some(Node::QuarantinedReport(QuarantinedReport(row))))
}

async fn handover(ctx: &Context<'_>, id: HandoverId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().handovers.one(id).await.map_err(read_error)? else { return Ok(None) };
    Ok(sees(ctx, row.case_id).await?.then_some(Node::Handover(Handover(row))))
}

/// A statement, for the seller's staff and for the partner whose task it is about.
async fn statement(ctx: &Context<'_>, id: StatementId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().statements.one(id).await.map_err(read_error)? else { return Ok(None) };
    let visible = task(ctx, row.task_id).await?.is_some();
    Ok(visible.then_some(Node::Statement(Statement(row))))
}

async fn customer(ctx: &Context<'_>, id: CustomerId) -> Result<Option<Node>> {
    let Some(row) = ctx.loaders().customers.one(id).await.map_err(read_error)? else { return Ok(None) };
    let staff = matches!(ctx.actor(), Actor::Staff { seller, .. } if seller == row.seller_id);
    Ok(staff.then_some(Node::Customer(Customer(row))))
}

/// Objects of the directory, for those who may read the directory of their seller.
async fn directory(ctx: &Context<'_>, text: &ID) -> Result<Option<Node>> {
    let loaders = ctx.loaders();
    let found: Option<(SellerId, Node)> = if let Ok(id) = text.parse::<SellerId>() {
        loaders.sellers.one(id).await.map_err(read_error)?.map(|row| (row.id, Node::Seller(Seller(row))))
    } else if let Ok(id) = text.parse::<StaffId>() {
        loaders.people.one(id).await.map_err(read_error)?.map(|row| (row.seller_id, Node::Staff(Staff(row))))
    } else if let Ok(id) = text.parse::<TeamId>() {
        loaders.teams.one(id).await.map_err(read_error)?.map(|row| (row.seller_id, Node::Team(Team(row))))
    } else if let Ok(id) = text.parse::<CategoryId>() {
        loaders.categories.one(id).await.map_err(read_error)?.map(|row| (row.seller_id, Node::Category(Category(row))))
    } else if let Ok(id) = text.parse::<ProductId>() {
        let row = product::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        row.map(|row| (row.seller_id, Node::Product(Product(row))))
    } else if let Ok(id) = text.parse::<ServiceLevelId>() {
        loaders
            .levels
            .one(id)
            .await
            .map_err(read_error)?
            .map(|row| (row.seller_id, Node::ServiceLevel(ServiceLevel(row))))
    } else if let Ok(id) = text.parse::<RuleSetId>() {
        let row = rule_set::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        row.map(|row| (row.seller_id, Node::RuleSet(RuleSet(row))))
    } else if let Ok(id) = text.parse::<WidgetId>() {
        let row = widget::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        row.map(|row| (row.seller_id, Node::Widget(Widget(row))))
    } else if let Ok(id) = text.parse::<MailboxId>() {
        let row = mailbox::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        row.map(|row| (row.seller_id, Node::Mailbox(SellerMailbox(row))))
    } else {
        return own(ctx, text).await;
    };
    let visible = |seller: &SellerId| may(to_directory(ctx.actor(), *seller), Action::ReadDirectory);
    Ok(found.filter(|(seller, _)| visible(seller)).map(|(_, node)| node))
}

/// API clients, their secrets, webhook endpoints and deliveries, for those who may see them; then partners and their
/// people.
async fn own(ctx: &Context<'_>, text: &ID) -> Result<Option<Node>> {
    let loaders = ctx.loaders();
    if let Ok(id) = text.parse::<ApiClientId>() {
        return client(ctx, id).await.map(|row| row.map(|row| Node::ApiClient(ApiClient(row))));
    }
    if let Ok(id) = text.parse::<ClientSecretId>() {
        let row = client_secret::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        return Ok(client(ctx, row.client_id).await?.map(|_| Node::ClientSecret(ClientSecret(row))));
    }
    let delivery = match text.parse::<WebhookDeliveryId>() {
        Ok(id) => webhook_delivery::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?,
        Err(_) => None,
    };
    let endpoint = delivery.as_ref().map(|row| row.endpoint_id).or_else(|| text.parse::<WebhookEndpointId>().ok());
    let Some(endpoint) = endpoint else { return partner(ctx, text).await };
    let row = webhook_endpoint::Entity::find_by_id(endpoint).one(ctx.db()).await.map_err(read_error)?;
    let Some(row) = row else { return Ok(None) };
    let standing = match row.partner_id {
        Some(partner) => to_partner(ctx.actor(), &required_row(loaders.partners.one(partner).await)?),
        None => to_directory(ctx.actor(), row.seller_id),
    };
    let visible = may(standing, Action::ManageWebhooks);
    Ok(visible.then(|| {
        delivery.map_or_else(
            || Node::WebhookEndpoint(WebhookEndpoint(row)),
            |delivery| Node::WebhookDelivery(WebhookDelivery(delivery)),
        )
    }))
}

/// An API client: the seller's for the seller's staff, a partner's for those who may manage its API clients.
async fn client(ctx: &Context<'_>, id: ApiClientId) -> Result<Option<api_client::Model>> {
    let Some(row) = ctx.loaders().clients.one(id).await.map_err(read_error)? else { return Ok(None) };
    let visible = match row.partner_id {
        None => may(to_directory(ctx.actor(), row.seller_id), Action::ReadDirectory),
        Some(partner) => {
            let partner = required_row(ctx.loaders().partners.one(partner).await)?;
            may(to_partner(ctx.actor(), &partner), Action::ManageSystems)
        }
    };
    Ok(visible.then_some(row))
}

async fn partner(ctx: &Context<'_>, text: &ID) -> Result<Option<Node>> {
    let contact = match text.parse::<PartnerContactId>() {
        Ok(id) => ctx.loaders().contacts.one(id).await.map_err(read_error)?,
        Err(_) => None,
    };
    let id = contact.as_ref().map(|contact| contact.partner_id).or_else(|| text.parse::<PartnerId>().ok());
    let Some(id) = id else { return Ok(None) };
    let Some(row) = ctx.loaders().partners.one(id).await.map_err(read_error)? else { return Ok(None) };
    let own = matches!(ctx.actor(), Actor::Partner { partner, .. } if partner == row.id);
    if !own && !may(to_directory(ctx.actor(), row.seller_id), Action::ReadDirectory) {
        return Ok(None);
    }
    Ok(Some(
        contact.map_or_else(|| Node::Partner(Partner(row)), |contact| Node::PartnerContact(PartnerContact(contact))),
    ))
}
