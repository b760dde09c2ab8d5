//! Search over everything that the caller may see.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use entity::id::{
    AttachmentId, CaseId, CustomerId, LetterId, MessageId, ReportId, TaskId, TaskMessageId, TaskUpdateId,
};
use entity::kind::{SearchField, SearchKind};
use entity::searched::Searched;

use super::case::Case;
use super::context::{ContextExt, forbidden, query_error, read_error, reader_of, signed_in};
use super::node::{Lookup, Node};
use super::page::PageInfo;
use super::task::CaseTask;
use crate::access::table::{Action, check_scope};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::page::{DEFAULT_SIZE, once_each};
use crate::search::ask::Ask;
use crate::search::excerpt::excerpt;
use crate::search::query::{Belongs, Searcher, search};
use crate::search::rank::{Match, Rank};
use crate::texts;

/// The most rows in a page.
const MOST: i32 = 50;

/// A part of an excerpt: plain text, not HTML.
#[derive(SimpleObject, Clone)]
pub struct ExcerptPart {
    /// The text of the part.
    text: String,
    /// Whether this is what was searched for.
    matched: bool,
}

/// Something that a search found.
pub struct SearchHit {
    rank: Rank,
    kind: SearchKind,
    belongs: Belongs,
    node: Node,
    field: SearchField,
    excerpt: Vec<ExcerptPart>,
}

/// Something that a search found.
#[Object]
impl SearchHit {
    /// The kind of what was found.
    async fn kind(&self) -> SearchKind {
        self.kind
    }

    /// What was found, as you may see it. The kind `TASK` is a `CaseTask`, a `TaskUpdate` or a `TaskMessage`; the kind
    /// `REPORT` is one of the types of `Report`.
    async fn node(&self) -> &Node {
        &self.node
    }

    /// The cursor of this place in what was found, for `after`.
    async fn cursor(&self) -> String {
        self.rank.cursor()
    }

    /// The case that it belongs to, or the case itself; null for a customer, and for a partner, who reads `task`. What
    /// is said on a case that was merged into another belongs to the merged case, whose `mergedInto` names the other.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let Some(id) = self.belongs.case else { return Ok(None) };
        Ok(match id.node(ctx).await? {
            Some(Node::Case(case)) => Some(case),
            _ => None,
        })
    }

    /// The task that it belongs to, or the task itself; null for what belongs to no task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<CaseTask>> {
        let Some(id) = self.belongs.task else { return Ok(None) };
        Ok(match id.node(ctx).await? {
            Some(Node::CaseTask(task)) => Some(task),
            _ => None,
        })
    }

    /// The place that matched best.
    async fn field(&self) -> SearchField {
        self.field
    }

    /// The text in that place around the first match, at most some 200 characters in one line. Its parts, one after the
    /// other, are the excerpt. Nothing is marked where the words were found beyond what an excerpt looks at.
    async fn excerpt(&self) -> &[ExcerptPart] {
        &self.excerpt
    }
}

/// A page of what a search found, best first. It is no Relay connection, because it is read forwards only.
pub struct SearchPage {
    hits: Vec<Arc<SearchHit>>,
    ends: Option<(Rank, Rank)>,
    has_next: bool,
    has_previous: bool,
    only_newest: bool,
}

/// A page of what a search found, best first. It is no Relay connection, because it is read forwards only.
#[Object]
impl SearchPage {
    /// What was found, best first.
    async fn nodes(&self) -> Vec<Arc<SearchHit>> {
        self.hits.clone()
    }

    /// The position of this page in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.ends.map(|(start, _)| start.cursor()),
            end_cursor: self.ends.map(|(_, end)| end.cursor()),
        }
    }

    /// Whether there were more than 1,000 matches. Only the newest 1,000 are then ranked and listed: search for more
    /// words to find older ones.
    async fn only_newest(&self) -> bool {
        self.only_newest
    }
}

/// Search.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Searches everything that you may see, best matches first: references, orders, subjects, categories, products,
    /// tags, names, e-mail addresses, telephone numbers in any spelling, file names, and the words of reports,
    /// messages, notes, letters and tasks. What is found has all of the words, in one object. Words are found by their
    /// beginning, from three characters on. Upper and lower case are the same. Å, ä and ö are letters of their own, but
    /// `ostermalm` also finds "Östermalm". The text is plain: no character of it is an operator. What a mutation wrote
    /// is found as soon as it has answered. For staff and for systems of the seller with the scope `CASES_READ`, who
    /// search all of their seller; and for a partner's people and systems with the scope `TASKS_READ`, who search the
    /// titles, instructions, updates, messages and files of their own tasks.
    #[graphql(complexity = "50 + crate::graphql::page::list_cost(20, child_complexity)")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to search for: at most 200 characters and ten words (`TOO_LONG`). A text without any \
                          letter or digit finds nothing.")]
        text: String,
        #[graphql(desc = "Only these kinds of objects; all when left out or empty.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "Rows from the beginning, or from `after`: 1 to 50; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor, of a search for the same text and kinds.")] after: Option<
            String,
        >,
    ) -> Result<SearchPage> {
        signed_in(ctx)?;
        let searcher = searcher(ctx)?;
        let ask = Ask::read(&text).map_err(|problem| query_error(&problem))?;
        let size = size(first.unwrap_or(DEFAULT_SIZE)).map_err(|problem| query_error(&problem))?;
        let after = after.as_deref().map(Rank::read).transpose().map_err(|problem| query_error(&problem))?;
        let kinds: Vec<SearchKind> = once_each(&kinds.unwrap_or_default()).into_iter().collect();
        let found = search(ctx.db(), searcher, (&ask, &kinds), (size, after)).await.map_err(read_error)?;
        let ends = found.matches.first().zip(found.matches.last()).map(|((start, _), (end, _))| (*start, *end));
        let hits = found.matches.into_iter().map(|found| hit(ctx, &ask, found));
        let hits = Box::pin(futures_util::future::try_join_all(hits)).await?;
        Ok(SearchPage {
            hits: hits.into_iter().flatten().map(Arc::new).collect(),
            ends,
            has_next: found.has_next,
            has_previous: after.is_some(),
            only_newest: found.only_newest,
        })
    }
}

fn searcher(ctx: &Context<'_>) -> Result<Searcher> {
    if let Actor::Partner { partner, .. } = ctx.actor() {
        check_scope(ctx.actor(), Action::ReadTask).map_err(|problem| query_error(&problem))?;
        return Ok(Searcher::Partner(partner));
    }
    reader_of(ctx)?.map(Searcher::Seller).ok_or_else(|| forbidden(texts::api::search_for_staff()))
}

fn size(first: i32) -> std::result::Result<usize, Problem> {
    let valid = usize::try_from(first).ok().filter(|_| (1..=MOST).contains(&first));
    valid.ok_or_else(|| Problem::new(ErrorCode::Invalid, "first", texts::input::page_size(MOST)))
}

/// The object of a match; none if it is gone by now, or the caller may not see it.
async fn hit(ctx: &Context<'_>, ask: &Ask, (rank, found): (Rank, Match<Belongs>)) -> Result<Option<SearchHit>> {
    let Some(node) = Box::pin(object(ctx, &found)).await? else { return Ok(None) };
    let texts = Box::pin(texts_of(ctx, &node, &found)).await?;
    let texts: Vec<(SearchField, &str)> = texts.iter().map(|(field, text)| (*field, text.as_str())).collect();
    let Some(excerpt) = excerpt(ask, &texts) else { return Ok(None) };
    let part = |part: crate::search::excerpt::Part| ExcerptPart { text: part.text, matched: part.matched };
    let (field, excerpt) = (excerpt.field, excerpt.parts.into_iter().map(part).collect());
    Ok(Some(SearchHit { rank, kind: found.kind, belongs: found.with, node, field, excerpt }))
}

/// The object that was found, if the caller may see it. Whoever may look it up by its id may find it.
async fn object(ctx: &Context<'_>, found: &Match<Belongs>) -> Result<Option<Node>> {
    let id = found.subject;
    match found.kind {
        SearchKind::Case => CaseId(id).node(ctx).await,
        SearchKind::Customer => CustomerId(id).node(ctx).await,
        SearchKind::Message => MessageId(id).node(ctx).await,
        SearchKind::Report => ReportId(id).node(ctx).await,
        SearchKind::Letter => LetterId(id).node(ctx).await,
        SearchKind::File => AttachmentId(id).node(ctx).await,
        SearchKind::Task if found.with.task == Some(TaskId(id)) => TaskId(id).node(ctx).await,
        SearchKind::Task => match TaskUpdateId(id).node(ctx).await? {
            Some(update) => Ok(Some(update)),
            None => TaskMessageId(id).node(ctx).await,
        },
    }
}

fn owned(row: &impl Searched) -> Vec<(SearchField, String)> {
    let texts = row.words().map(|words| words.texts).unwrap_or_default();
    texts.into_iter().map(|(field, text)| (field, text.to_owned())).collect()
}

/// The texts of an object, each with its place.
async fn texts_of(ctx: &Context<'_>, node: &Node, found: &Match<Belongs>) -> Result<Vec<(SearchField, String)>> {
    Ok(match node {
        Node::Case(case) => owned(&case.0),
        Node::Message(message) => owned(&message.0),
        Node::Letter(letter) => owned(&letter.0),
        Node::CaseTask(task) => owned(&task.0),
        Node::TaskUpdate(update) => owned(&update.0),
        Node::TaskMessage(message) => owned(&message.0),
        Node::Attachment(file) => owned(&file.0),
        Node::Customer(customer) => {
            let (emails, phones) = (&ctx.loaders().emails, &ctx.loaders().phones);
            let (emails, phones) = tokio::join!(emails.one(customer.0.id), phones.one(customer.0.id));
            let mut texts = owned(&customer.0);
            for row in emails.map_err(read_error)?.unwrap_or_default() {
                texts.push((SearchField::Email, row.address));
            }
            for row in phones.map_err(read_error)?.unwrap_or_default() {
                texts.push((SearchField::Phone, row.e164));
            }
            texts
        }
        // The types of reports.
        _ => match ctx.loaders().reports.one(ReportId(found.subject)).await.map_err(read_error)? {
            Some(row) => owned(&row),
            None => Vec::new(),
        },
    })
}
