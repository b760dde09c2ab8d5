//! The GraphQL API: a thin layer with one file per noun. A resolver reads arguments, runs one act, and renders its
//! outcome.

pub mod agenda;
pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod client;
pub mod clock;
pub mod commitment;
pub mod context;
pub mod customer;
pub mod device;
pub mod dispute;
pub mod documents;
pub mod enquiry;
pub mod error;
pub mod event;
pub mod form;
pub mod handover;
pub mod hours;
pub mod intake;
pub mod job;
pub mod letter;
pub mod level;
pub mod loaders;
pub mod mailbox;
pub mod message;
pub mod mine;
pub mod node;
pub mod notice;
pub mod ownership;
pub mod page;
pub mod partner;
pub mod party;
pub mod performance;
pub mod plan;
pub mod preview;
pub mod reply;
pub mod report;
pub mod rule;
pub mod scalar;
pub mod search;
pub mod seller;
pub mod sign_in;
pub mod staff;
pub mod system;
pub mod task;
pub mod template;
pub mod tracking;
pub mod upload;
pub mod webhook;

use async_graphql::{MergedObject, Request, SDLExportOptions, Schema, SchemaBuilder};

use crate::access::session::{Session, SharedSession};
use crate::hook::AnyAddress;
use crate::intake::sender::Senders;
use crate::kit::app::App;

/// All queries. Answers depend on the caller: what you may not see is answered as if it did not exist.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    case::list::CaseQuery,
    customer::CustomerQuery,
    customer::list::CustomersQuery,
    mine::MineQuery,
    task::list::TaskQuery,
    search::SearchQuery,
    seller::SellerQuery,
    rule::simulate::SimulateQuery,
    report::email::EmailQuery,
    report::quarantine::QuarantineQuery,
    form::FormQuery,
    device::DeviceQuery,
    job::JobQuery,
    agenda::AgendaQuery,
    commitment::measures::CommitmentMeasuresQuery,
    template::TemplateQuery,
    reply::ReplyQuery,
    calendar::CalendarQuery,
    preview::PreviewQuery,
    clock::LegalQuery,
    event::subscription::FeedQuery,
    documents::meter::MeterQuery,
);

/// All mutations. Each takes one `input`, is done completely or not at all unless its description says otherwise, and
/// answers with what it changed and with `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    intake::IntakeMutation,
    intake::log::LogMutation,
    case::acts::CaseMutation,
    handover::HandoverMutation,
    message::MessageMutation,
    upload::UploadMutation,
    task::acts::TaskMutation,
    task::talk::TaskTalkMutation,
    case::update::CaseUpdateMutation,
    case::seen::SeenMutation,
    case::watcher::WatcherMutation,
    case::bulk::BulkMutation,
    case::bulk_tasks::TaskBulkMutation,
    dispute::DisputeMutation,
    rule::input::RuleMutation,
    level::LevelMutation,
    calendar::CalendarMutation,
    clock::acts::ClockMutation,
    enquiry::EnquiryMutation,
    commitment::CommitmentMutation,
    plan::PlanMutation,
    intake::signal::SignalMutation,
    catalogue::CatalogueMutation,
    seller::SellerMutation,
    staff::StaffMutation,
    hours::AvailabilityMutation,
    notice::NoticeMutation,
    sign_in::SignInMutation,
    device::DeviceMutation,
    customer::CustomerMutation,
    case::link::LinkMutation,
    tracking::TrackingMutation,
    partner::PartnerMutation,
    system::SystemMutation,
    client::ClientMutation,
    webhook::WebhookMutation,
    mailbox::MailboxMutation,
    letter::LetterMutation,
    template::TemplateMutation,
    reply::ReplyMutation,
    report::quarantine::QuarantineMutation,
    job::JobMutation,
    report::acts::ReportMutation,
);

/// The GraphQL schema of this service.
pub type Api = Schema<Query, Mutation, event::subscription::SubscriptionRoot>;

/// The limits of one document.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest number of nested selection sets.
    pub depth: usize,
    /// The largest number of fields, where those of a list are multiplied by the number of rows that it usually has.
    pub complexity: usize,
    /// The largest number of aliases.
    pub aliases: usize,
    /// The largest number of directives on one field.
    pub directives: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 15, complexity: 24_000, aliases: 50, directives: 8 }
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, event::subscription::SubscriptionRoot> {
    Schema::build(Query::default(), Mutation::default(), event::subscription::SubscriptionRoot)
        .register_output_type::<node::Node>()
        .register_output_type::<report::Report>()
}

/// The schema with the running service as its data, and with limits.
#[must_use]
pub fn api(app: App, limits: &Limits, hooks: AnyAddress, senders: Senders) -> Api {
    builder()
        .data(app)
        .data(hooks)
        .data(senders)
        .extension(documents::meter::Metering)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_aliases(limits.aliases)
        .limit_directives(limits.directives)
        .finish()
}

/// The surroundings of an operation: the caller, the language, and the meter for its cost.
#[derive(Clone)]
pub struct Surroundings {
    /// The caller's session as it is now.
    pub session: Session,
    /// The same session, renewed while a stream is open.
    pub shared: SharedSession,
    /// The language of the reader.
    pub language: context::ReaderLanguage,
    /// The meter that charges for the operation.
    pub meter: documents::meter::Meter,
}

/// Adds what the resolvers need to the request: its surroundings, and its own loaders.
#[must_use]
pub fn prepared(request: Request, app: &App, around: Surroundings) -> Request {
    let loaders = loaders::LazyLoaders::new(app.reader().db());
    let Surroundings { session, shared, language, meter } = around;
    request.data(session).data(shared).data(language).data(meter).data(loaders)
}

/// The text of the schema as `schema.graphql` holds it: sorted, with every description.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    let sdl = builder().finish().sdl_with_options(options);
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    // Every GraphQL client has these directives built in, so they are left out, with the three lines of description
    // before each.
    let built_in = |line: &str| {
        ["@include(", "@skip(", "@specifiedBy("].iter().any(|name| line.starts_with(&format!("directive {name}")))
    };
    let kept = (0..lines.len())
        .filter(|place| !(*place..=place + 3).any(|near| lines.get(near).is_some_and(|line| built_in(line))));
    kept.filter_map(|place| lines.get(place).copied()).collect::<Vec<_>>().join("\n").trim().to_owned() + "\n"
}
