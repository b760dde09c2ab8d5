//! Objects by their ids, and the caller.

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject, Union};
use entity::id::{
    ApiClientId, ArrivalId, AttachmentId, CallSignalId, CaseId, CategoryId, ClientSecretId, CommitmentId, CustomerId,
    DeviceId, DisputeId, EnquiryId, HandoverId, LetterId, MailboxId, MessageId, PartnerContactId, PartnerId, ProductId,
    ReplyTemplateId, ReportId, RuleSetId, SellerId, ServiceLevelId, StaffId, StatementId, TaskId, TaskMessageId,
    TaskUpdateId, TeamId, UploadId, WebhookDeliveryId, WebhookEndpointId, WidgetId,
};

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
use super::reply::ReplyTemplate;
use super::report::file::Attachment;
use super::report::quarantine::QuarantinedReport;
use super::report::{EmailReport, LetterReport, PartnerReport, PhoneReport, VisitReport, WebFormReport};
use super::rule::RuleSet;
use super::seller::Seller;
use super::staff::{Staff, Team};
use super::system::Widget;
use super::task::talk::TaskMessage;
use super::task::{CaseTask, TaskUpdate};
use super::upload::Upload;
use super::webhook::{WebhookDelivery, WebhookEndpoint};
use crate::access::table::{Action, may, to_case, to_directory};
use crate::kit::actor::{Actor, Agent, Reach};
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
    /// A seller's text for replies.
    ReplyTemplate(ReplyTemplate),
    /// A rule set.
    RuleSet(RuleSet),
    /// A file that is uploaded before the act that attaches it.
    Upload(Upload),
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
    /// Whether the token also opens your other cases (`myCases`). Only the link in a letter to you does; that of a
    /// receipt opens its own case.
    opens_all_cases: bool,
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
            Actor::Customer { case, reach, .. } => {
                let case = CustomerCase(required_row(loaders.cases.one(case).await)?);
                let opens_all_cases = reach == Reach::Customer;
                Some(Viewer::Customer(Box::new(CustomerViewer { case, opens_all_cases })))
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

/// An id of an object that can be looked up. The implementation stands beside the object's type, and decides who may see
/// it.
pub(in crate::graphql) trait Lookup {
    /// The object with this id; none when there is none, or when the caller may not see it.
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>>;
}

macro_rules! lookups {
    ($($id:ident)*) => {
        /// The object with this id; none when there is none, or when the caller may not see it.
        pub(in crate::graphql) async fn find(ctx: &Context<'_>, text: &ID) -> Result<Option<Node>> {
            $(
                if let Ok(id) = text.parse::<$id>() {
                    return Box::pin(id.node(ctx)).await;
                }
            )*
            Ok(None)
        }
    };
}

lookups! {
    CaseId TaskId TaskMessageId TaskUpdateId ReportId AttachmentId MessageId CustomerId HandoverId LetterId ArrivalId
    EnquiryId CommitmentId CallSignalId DeviceId StatementId DisputeId SellerId StaffId TeamId CategoryId ProductId
    ServiceLevelId ReplyTemplateId RuleSetId UploadId WidgetId MailboxId ApiClientId ClientSecretId WebhookEndpointId WebhookDeliveryId PartnerId
    PartnerContactId
}

/// An object of a case, for those who may read the whole case.
pub(in crate::graphql) async fn of_case(ctx: &Context<'_>, id: CaseId, node: Node) -> Result<Option<Node>> {
    let case = ctx.loaders().cases.one(id).await.map_err(read_error)?;
    Ok(case.is_some_and(|case| may(to_case(ctx.actor(), &case), Action::ReadCase)).then_some(node))
}

/// An object of a seller's directory, for those who may read the directory.
pub(in crate::graphql) fn of_directory(ctx: &Context<'_>, seller: SellerId, node: Node) -> Option<Node> {
    may(to_directory(ctx.actor(), seller), Action::ReadDirectory).then_some(node)
}
