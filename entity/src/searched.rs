//! What of a row search finds. Secrets, tokens and the raw bytes of what arrived are never among it.

use uuid::Uuid;

use crate::id::{AttachmentId, CaseId, SellerId, TaskId, TaskMessageId, TaskUpdateId};
use crate::kind::{LetterKind, SearchField, SearchKind};
use crate::{
    attachment, case, case_task, customer, customer_email, customer_phone, letter, message, report, task_file,
    task_message, task_update,
};

/// Where a row belongs, which decides who finds it. A seller's staff and systems find everything of the seller, and a
/// partner what belongs to one of its tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// To a seller, and to a case of it if there is one.
    Seller(SellerId, Option<CaseId>),
    /// To a case.
    Case(CaseId),
    /// To a task.
    Task(TaskId),
    /// To a partner's update of a task.
    Update(TaskUpdateId),
    /// To a message about a task.
    TaskMessage(TaskMessageId),
    /// It gives a file of the case to the partner of a task. Only the partner finds it: the seller finds the file itself.
    Given(TaskId, AttachmentId),
}

/// The words of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'r> {
    /// The kind of the object that is found.
    pub kind: SearchKind,
    /// The id of that object.
    pub subject: Uuid,
    /// Where it belongs.
    pub home: Home,
    /// Its texts, each with its place.
    pub texts: Vec<(SearchField, &'r str)>,
}

/// A row that search finds.
pub trait Searched {
    /// Whether the words of a row never change once it is written.
    const LASTING: bool = false;

    /// The words of the row; none when search does not find it.
    fn words(&self) -> Option<Words<'_>>;
}

fn words<'r>(
    kind: SearchKind,
    subject: Uuid,
    home: Home,
    texts: impl IntoIterator<Item = (SearchField, Option<&'r str>)>,
) -> Words<'r> {
    let texts = texts.into_iter().filter_map(|(field, text)| text.map(|text| (field, text))).collect();
    Words { kind, subject, home, texts }
}

impl Searched for case::Model {
    fn words(&self) -> Option<Words<'_>> {
        let own = [
            (SearchField::Reference, Some(self.reference.as_str())),
            (SearchField::OrderReference, self.order_reference.as_deref()),
            (SearchField::Subject, Some(&self.subject)),
            (SearchField::Name, self.customer_name.as_deref()),
            (SearchField::Category, self.category.as_deref()),
            (SearchField::Product, self.product.as_deref()),
            (SearchField::RemedySought, self.remedy_sought.as_deref()),
        ];
        let tags = self.tags.0.iter().map(|tag| (SearchField::Tag, Some(tag.as_str())));
        Some(words(
            SearchKind::Case,
            self.id.0,
            Home::Seller(self.seller_id, Some(self.id)),
            own.into_iter().chain(tags),
        ))
    }
}

impl Searched for customer::Model {
    fn words(&self) -> Option<Words<'_>> {
        let name = self.name.as_deref()?;
        let home = Home::Seller(self.seller_id, None);
        Some(words(SearchKind::Customer, self.id.0, home, [(SearchField::Name, Some(name))]))
    }
}

impl Searched for customer_email::Model {
    fn words(&self) -> Option<Words<'_>> {
        let home = Home::Seller(self.seller_id, None);
        Some(words(SearchKind::Customer, self.customer_id.0, home, [(SearchField::Email, Some(self.address.as_str()))]))
    }
}

impl Searched for customer_phone::Model {
    fn words(&self) -> Option<Words<'_>> {
        let home = Home::Seller(self.seller_id, None);
        Some(words(SearchKind::Customer, self.customer_id.0, home, [(SearchField::Phone, Some(self.e164.as_str()))]))
    }
}

/// A message that was made from a report is found as the report, which has all of its words.
impl Searched for message::Model {
    fn words(&self) -> Option<Words<'_>> {
        if self.report_id.is_some() {
            return None;
        }
        let text = (SearchField::Text, Some(self.body.as_str()));
        Some(words(SearchKind::Message, self.id.0, Home::Case(self.case_id), [text]))
    }
}

impl Searched for report::Model {
    fn words(&self) -> Option<Words<'_>> {
        let texts = [
            (SearchField::Phone, self.from_number.as_deref()),
            (SearchField::Subject, self.subject.as_deref()),
            (SearchField::Text, Some(self.words.as_str())),
        ];
        Some(words(SearchKind::Report, self.id.0, Home::Seller(self.seller_id, Some(self.case_id)), texts))
    }
}

/// Letters to staff and to partners' people are not found. The words of a letter that carries a message are found as the
/// message.
impl Searched for letter::Model {
    const LASTING: bool = true;

    fn words(&self) -> Option<Words<'_>> {
        // The letter with the links has no words of its own.
        let case = self.case_id.filter(|_| self.kind != LetterKind::Links)?;
        let to = if self.recipient.contains('@') { SearchField::Email } else { SearchField::Phone };
        let texts = [
            (to, Some(self.recipient.as_str())),
            (SearchField::Subject, Some(&self.subject)),
            (SearchField::Text, self.message_id.is_none().then_some(&self.body)),
        ];
        Some(words(SearchKind::Letter, self.id.0, Home::Seller(self.seller_id, Some(case)), texts))
    }
}

impl Searched for case_task::Model {
    fn words(&self) -> Option<Words<'_>> {
        let texts = [
            (SearchField::Title, Some(self.title.as_str())),
            (SearchField::Instructions, Some(&self.asked)),
            (SearchField::Answer, self.result.as_deref()),
            (SearchField::Answer, self.decline_reason.as_deref()),
        ];
        Some(words(SearchKind::Task, self.id.0, Home::Task(self.id), texts))
    }
}

impl Searched for task_update::Model {
    const LASTING: bool = true;

    fn words(&self) -> Option<Words<'_>> {
        let text = (SearchField::Text, Some(self.body.as_str()));
        Some(words(SearchKind::Task, self.id.0, Home::Task(self.task_id), [text]))
    }
}

impl Searched for task_message::Model {
    const LASTING: bool = true;

    fn words(&self) -> Option<Words<'_>> {
        let text = (SearchField::Text, Some(self.body.as_str()));
        Some(words(SearchKind::Task, self.id.0, Home::Task(self.task_id), [text]))
    }
}

impl Searched for attachment::Model {
    fn words(&self) -> Option<Words<'_>> {
        let home = match (self.task_update_id, self.task_message_id) {
            (Some(update), _) => Home::Update(update),
            (None, Some(message)) => Home::TaskMessage(message),
            (None, None) => Home::Case(self.case_id),
        };
        Some(words(SearchKind::File, self.id.0, home, [(SearchField::FileName, Some(self.name.as_str()))]))
    }
}

/// The name of the file stands in the row of the file.
impl Searched for task_file::Model {
    const LASTING: bool = true;

    fn words(&self) -> Option<Words<'_>> {
        Some(words(SearchKind::File, self.attachment_id.0, Home::Given(self.task_id, self.attachment_id), []))
    }
}
