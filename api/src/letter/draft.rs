//! A letter before it becomes a row: its contents, and the mails that it continues.

use entity::id::{LetterId, SellerId};
use entity::kind::{Language, LetterKind, LetterStatus};
use entity::{case, letter, letter_template, mailbox, report, tracking_token};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::built_in;
use super::render;
use super::template::{Rendered, Template, Values};
use crate::access::key::{self, TRACKING_LIFETIME};
use crate::access::own;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// A letter that is about to be written.
pub(super) struct Draft<'d> {
    /// The mailbox that it is sent from.
    pub from: &'d mailbox::Model,
    /// The kind of letter.
    pub kind: LetterKind,
    /// The address of the recipient.
    pub to: &'d str,
    /// The Message-ID of the mail that it answers.
    pub answers: Option<String>,
    /// Whether it continues earlier mails about the case.
    pub goes_on: bool,
    /// Why the letter is held back instead of sent; `None` to send it.
    pub held: Option<&'static str>,
}

impl Draft<'_> {
    /// Fills in the seller's template for this kind.
    pub(super) async fn written(
        self,
        work: &mut Work,
        case: Option<&case::Model>,
        language: Language,
        values: &Values,
    ) -> Outcome<letter::Model> {
        let template = template_of(work.tx()?, self.from.seller_id, self.kind, language).await?;
        self.filled(work, case, &template, values).await
    }

    /// Fills in this template.
    pub(super) async fn filled(
        self,
        work: &mut Work,
        case: Option<&case::Model>,
        template: &Template,
        values: &Values,
    ) -> Outcome<letter::Model> {
        if let Some(case) = case.filter(|_| values.link.is_some()) {
            follow(work, case, self.to).await?;
        }
        let root = match case.filter(|_| self.goes_on) {
            Some(case) => root(work, case).await?,
            None => None,
        };
        let row = row(work, work.new_id(), (self.from, self.kind, self.to), render::render(template, values));
        Ok(letter::Model {
            case_id: case.map(|case| case.id),
            customer_id: case.map(|case| case.customer_id),
            thread: thread(root, self.answers.as_deref()),
            answers: self.answers,
            status: if self.held.is_some() { LetterStatus::Held } else { LetterStatus::Waiting },
            reason: self.held.map(str::to_owned),
            ended_at: self.held.map(|_| work.now()),
            ..row
        })
    }
}

/// The row of a letter with this id that waits to be sent: from this mailbox, of this kind, to this address. It is
/// about no case, and continues no other mail.
pub(super) fn row(
    work: &Work,
    id: LetterId,
    (from, kind, to): (&mailbox::Model, LetterKind, &str),
    Rendered { subject, text, html }: Rendered,
) -> letter::Model {
    letter::Model {
        id,
        seller_id: from.seller_id,
        mailbox_id: from.id,
        case_id: None,
        report_id: None,
        message_id: None,
        customer_id: None,
        kind,
        recipient: to.to_owned(),
        subject,
        body: text,
        html,
        header_id: format!("{id}@{}", domain(from)),
        thread: String::new(),
        answers: None,
        status: LetterStatus::Waiting,
        reason: None,
        attempts: 0,
        failures: 0,
        next_at: work.now(),
        leased_until: None,
        created_at: work.now(),
        ended_at: None,
        called_at: None,
        staff_id: None,
        contact_id: None,
    }
}

/// The row of a letter about events, to a reader who is not a customer. Such letters about the same subject, such as a
/// case, are one thread in the reader's mail program: they refer to a common Message-ID that no mail has, and mail
/// programs group mails that refer to the same one (RFC 5322, 3.6.4).
pub(super) fn notice(
    work: &Work,
    id: LetterId,
    (from, to): (&mailbox::Model, &str),
    thread: Option<String>,
    (template, values): (&Template, &Values),
) -> letter::Model {
    let thread = thread.map(|thread| format!("<{thread}@{}>", domain(from)));
    let row = row(work, id, (from, LetterKind::Notice, to), render::render(template, values));
    letter::Model { thread: thread.unwrap_or_default(), ..row }
}

/// The domain of a mailbox's address, in which the ids of its letters are unique.
fn domain(from: &mailbox::Model) -> &str {
    from.address.rsplit('@').next().unwrap_or_default()
}

/// Stores the tracking token that letters about this case to this address contain, valid as long as a new token.
pub(super) async fn follow(work: &mut Work, case: &case::Model, address: &str) -> Outcome<()> {
    let token = own::token_of(work, case).await?.letter(work.app().secret(), address);
    let new = tracking_token::Model {
        hash: key::hash(&token),
        case_id: case.id,
        customer_id: case.customer_id,
        address: Some(address.to_owned()),
        used_at: None,
        shown_to: None,
        created_at: work.now(),
        expires_at: work.now() + TRACKING_LIFETIME,
        revoked_at: None,
        ended_seq: None,
    };
    match work.find::<tracking_token::Model>(new.hash.clone()).await? {
        None => work.insert_if_new(new),
        // The token was revoked because the case had another customer meanwhile, so its use must be proven anew.
        Some(known) => {
            let used_at = known.used_at.filter(|_| known.revoked_at.is_none());
            work.save(tracking_token::Model { used_at, ..new });
        }
    }
    Ok(())
}

/// The seller's own template, or the built-in one.
///
/// # Errors
/// When the store cannot be read.
pub async fn template_of(
    db: &impl ConnectionTrait,
    seller: SellerId,
    kind: LetterKind,
    language: Language,
) -> Result<Template, DbErr> {
    let own = letter_template::Entity::find_by_id((seller, kind, language)).one(db).await?;
    Ok(own.map_or_else(
        || built_in::built_in(kind, language),
        |row| Template { subject: row.subject, text: row.body, html: row.html },
    ))
}

/// The References header of a letter: the first mail of the case and the mail that it answers (RFC 5322, 3.6.4).
fn thread(root: Option<String>, answers: Option<&str>) -> String {
    let mut ids: Vec<String> = root.into_iter().chain(answers.map(str::to_owned)).collect();
    ids.dedup();
    ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

/// The Message-ID that starts the thread of a case: of the customer's first mail, or otherwise of the first letter.
/// Mails of a previous customer of the case are left out.
async fn root(work: &Work, case: &case::Model) -> Outcome<Option<String>> {
    let report: Option<Option<String>> = report::Entity::find()
        .select_only()
        .column(report::Column::MessageId)
        .filter(report::Column::CaseId.eq(case.id))
        .filter(report::Column::CustomerId.eq(case.customer_id))
        .filter(report::Column::MessageId.is_not_null())
        .order_by_asc(report::Column::RecordedAt)
        .order_by_asc(report::Column::Id)
        .into_tuple()
        .one(work.tx()?)
        .await?;
    if let Some(id) = report.flatten() {
        return Ok(Some(id));
    }
    let first = letter::Entity::find()
        .select_only()
        .column(letter::Column::HeaderId)
        .filter(letter::Column::CaseId.eq(case.id))
        .filter(letter::Column::CustomerId.eq(case.customer_id))
        .order_by_asc(letter::Column::CreatedAt)
        .order_by_asc(letter::Column::Id)
        .into_tuple();
    Ok(first.one(work.tx()?).await?)
}
