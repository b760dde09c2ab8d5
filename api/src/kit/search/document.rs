//! The documents of search: an act writes the words of its rows in the statement that writes the rows, so that search
//! finds them as soon as the act is done, and never what was rolled back.

use std::collections::BTreeMap;

use entity::id::{CaseId, PartnerId, SellerId, TaskId};
use entity::kind::{SearchField, SearchKind};
use entity::searched::{Home, Words};
use entity::{attachment, case, case_task, search_document, task_message, task_update};
use sea_orm::sea_query::{DeleteStatement, Expr, ExprTrait, InsertStatement, OnConflict, Query};
use sea_orm::sea_query::{Value, ValueTuple};
use sea_orm::{DbErr, Iden};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::terms::Terms;
use crate::kit::error::{Fault, Refusal};
use crate::kit::rows::MAX_VALUES;
use crate::kit::tables::{KeyOf, Row};
use crate::kit::work::Work;

/// What an act changes in the index.
pub(in crate::kit) enum Draft {
    /// A row has these words now.
    Words(Box<Prepared>),
    /// A row is not found any more.
    Gone(Uuid),
}

/// The words of a row.
pub(in crate::kit) struct Prepared {
    id: Uuid,
    kind: SearchKind,
    subject: Uuid,
    home: Home,
    terms: Terms,
    /// Whether the row is only written when there is none with its key.
    if_new: bool,
}

impl Prepared {
    /// The words of the row with this key.
    pub(in crate::kit) fn of(id: Uuid, words: &Words<'_>, if_new: bool) -> Self {
        let Words { kind, subject, home, texts } = words;
        Self { id, kind: *kind, subject: *subject, home: *home, terms: Terms::of(texts), if_new }
    }
}

/// The id of the document of a row: the row's id, or else a number made of the name of the table and the row's key.
pub(in crate::kit) fn id_of(table: &str, key: &ValueTuple) -> Uuid {
    if let ValueTuple::One(Value::Uuid(Some(id))) = key {
        return *id;
    }
    let mut digest = Sha256::new();
    digest.update(table);
    for value in key.clone() {
        match value {
            Value::Uuid(Some(id)) => digest.update(id.as_bytes()),
            Value::String(Some(text)) => digest.update(text),
            other => digest.update(format!("{other:?}")),
        }
        digest.update([0]);
    }
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest.finalize()) {
        *to = from;
    }
    Uuid::from_bytes(id)
}

/// Statements that change the index.
#[derive(Default)]
pub(in crate::kit) struct IndexStatements {
    pub(in crate::kit) removals: Vec<DeleteStatement>,
    pub(in crate::kit) rows: Vec<InsertStatement>,
    /// The number of values in these rows.
    pub(in crate::kit) values: usize,
}

/// Who finds a row, and the case and the task it belongs to.
struct Place {
    readers: Vec<Uuid>,
    case: Option<CaseId>,
    task: Option<TaskId>,
}

/// One row of the index.
struct Document {
    reader: Uuid,
    case: Option<CaseId>,
    task: Option<TaskId>,
    prepared: Prepared,
}

/// The statements that write these drafts.
///
/// # Errors
/// When a row that a draft belongs to cannot be read.
pub(in crate::kit) async fn statements(work: &Work, drafts: Vec<Draft>) -> Result<IndexStatements, DbErr> {
    let (mut gone, mut documents) = (Vec::new(), BTreeMap::new());
    for draft in drafts {
        match draft {
            Draft::Gone(id) => gone.push(id),
            Draft::Words(prepared) => add(work, *prepared, &mut documents).await?,
        }
    }
    let (if_new, rest): (Vec<_>, Vec<_>) = documents.into_values().partition(|document| document.prepared.if_new);
    let values = COLUMNS.len() * (if_new.len() + rest.len());
    let mut statements = IndexStatements { values, ..IndexStatements::default() };
    // By id, so that all acts lock documents in the same order.
    for (documents, overwrites) in [(rest, true), (if_new, false)] {
        for portion in documents.chunks(MAX_VALUES / COLUMNS.len()) {
            statements.rows.push(insert(portion, overwrites)?);
        }
    }
    for ids in gone.chunks(300) {
        let removal = Query::delete()
            .from_table(search_document::Entity)
            .and_where(Expr::col(search_document::Column::Id).is_in(ids.iter().copied()))
            .to_owned();
        statements.removals.push(removal);
    }
    Ok(statements)
}

/// Adds the documents of a row: one for each of its readers.
async fn add(
    work: &Work,
    mut prepared: Prepared,
    documents: &mut BTreeMap<(Uuid, Uuid), Document>,
) -> Result<(), DbErr> {
    if let Home::Given(_, file) = prepared.home {
        let file = found::<attachment::Model>(work, file).await?;
        prepared.terms.add(SearchField::FileName, &file.name);
    }
    let Place { readers, case, task } = place(work, &prepared).await?;
    for reader in readers {
        let prepared = Prepared { terms: prepared.terms.clone(), ..prepared };
        documents.insert((prepared.id, reader), Document { reader, case, task, prepared });
    }
    Ok(())
}

async fn place(work: &Work, prepared: &Prepared) -> Result<Place, DbErr> {
    let for_seller = |seller: SellerId, case| Place { readers: vec![seller.0], case, task: None };
    let task = match prepared.home {
        Home::Seller(seller, case) => return Ok(for_seller(seller, case)),
        Home::Case(case) => {
            let row = found::<case::Model>(work, case).await?;
            return Ok(for_seller(row.seller_id, Some(case)));
        }
        Home::Task(task) | Home::Given(task, _) => task,
        Home::Update(update) => found::<task_update::Model>(work, update).await?.task_id,
        Home::TaskMessage(message) => found::<task_message::Model>(work, message).await?.task_id,
    };
    let row = found::<case_task::Model>(work, task).await?;
    let readers = readers(prepared.home, row.seller_id, row.partner_id);
    Ok(Place { readers, case: Some(row.case_id), task: Some(task) })
}

fn readers(home: Home, seller: SellerId, partner: PartnerId) -> Vec<Uuid> {
    match home {
        Home::Given(..) => vec![partner.0],
        _ => vec![seller.0, partner.0],
    }
}

/// The row, which has been written by now or is written by this act.
async fn found<M: Row>(work: &Work, key: impl Into<KeyOf<M>>) -> Result<M, DbErr>
where
    KeyOf<M>: Clone,
{
    let missing = || DbErr::Custom("search: the row that another belongs to is missing".to_owned());
    work.find::<M>(key).await.map_err(of_store)?.ok_or_else(missing)
}

/// The store's own error, by which a store that is away is recognised.
fn of_store(refusal: Refusal) -> DbErr {
    match refusal {
        Refusal::Fault(Fault::Store(error) | Fault::Away(_, error) | Fault::Unknown(error)) => error,
        other => DbErr::Custom(other.to_string()),
    }
}

const COLUMNS: [search_document::Column; 9] = [
    search_document::Column::Id,
    search_document::Column::ReaderId,
    search_document::Column::Kind,
    search_document::Column::SubjectId,
    search_document::Column::CaseId,
    search_document::Column::TaskId,
    search_document::Column::Keys,
    search_document::Column::Head,
    search_document::Column::Terms,
];

fn insert(documents: &[Document], overwrites: bool) -> Result<InsertStatement, DbErr> {
    let mut insert = Query::insert();
    insert.into_table(search_document::Entity).columns(COLUMNS);
    for Document { reader, case, task, prepared } in documents {
        let values: [Expr; 9] = [
            prepared.id.into(),
            (*reader).into(),
            prepared.kind.word().into(),
            prepared.subject.into(),
            case.map(|id| id.0).into(),
            task.map(|id| id.0).into(),
            prepared.terms.keys().into(),
            prepared.terms.head().into(),
            prepared.terms.all(*reader, prepared.kind).into(),
        ];
        insert.values(values).map_err(|error| DbErr::Custom(error.to_string()))?;
    }
    let mut again = OnConflict::columns([search_document::Column::Id, search_document::Column::ReaderId]);
    if overwrites {
        let key = |column: &search_document::Column| ["id", "reader_id"].contains(&column.to_string().as_str());
        again.update_columns(COLUMNS.into_iter().filter(|column| !key(column)));
    } else {
        again.do_nothing();
    }
    Ok(insert.on_conflict(again).to_owned())
}
