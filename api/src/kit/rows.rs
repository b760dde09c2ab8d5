//! The rows of an act, by table and key. Each row is here once, whoever reads, locks or changes it. Who locks a row a
//! second time gets it as the act has changed it, and a row that is held cannot be changed by anybody else. What was
//! changed is written once, when the act ends.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::sea_query::{Condition, DeleteStatement, InsertStatement, OnConflict, ValueTuple};
use sea_orm::{
    ColumnTrait, EntityTrait, Iden, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryTrait,
};

use super::search::document::{Draft, IndexStatements, Prepared, id_of};
use super::tables::{NAMES, Row};

/// The most values in one statement. SQLite allows 32,766 and PostgreSQL 65,535.
pub(super) const MAX_VALUES: usize = 30_000;
/// The most keys in one condition.
const MAX_KEYS: usize = 300;

/// The rows of an act. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Rows(Arc<Mutex<All>>);

#[derive(Default)]
struct All {
    tables: BTreeMap<usize, Box<dyn AnyTable>>,
    /// What the act did that cannot be written. The whole act fails then.
    broken: Option<&'static str>,
}

/// What an act knows of a row.
pub(super) enum Known<T> {
    Row(T),
    /// The act has removed it.
    Removed,
    /// The act has not read it.
    No,
}

/// A row that an act has locked. What is changed in it is written when the act ends, with the
/// next version if the row has one. Until the hold ends, the row cannot be locked a second time in the same act.
pub struct Held<M: Row> {
    row: M,
    rows: Rows,
}

impl<M: Row> Held<M> {
    /// Hands over what was changed so far, for [`super::work::Work::write_rows`].
    pub fn settle(&mut self) {
        self.rows.settle(&mut self.row);
    }

    /// Counts the version up although only rows that belong to this one are changed, such as the members of a team.
    pub fn touch(&mut self) {
        if let Some(stored) =
            self.rows.all().table::<M>().get(&key_of(&self.row)).and_then(|entry| entry.stored.clone())
        {
            self.row.count_up(&stored);
        }
    }

    /// Ends the hold. Returns the row as it will be stored.
    #[must_use]
    pub fn done(mut self) -> M {
        self.rows.check_in(&mut self.row);
        self.row.clone()
    }
}

impl<M: Row> Debug for Held<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.row.fmt(f)
    }
}

impl<M: Row> Drop for Held<M> {
    fn drop(&mut self) {
        self.rows.check_in(&mut self.row);
    }
}

impl<M: Row> Deref for Held<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.row
    }
}

impl<M: Row> Borrow<M> for Held<M> {
    fn borrow(&self) -> &M {
        &self.row
    }
}

impl<M: Row> DerefMut for Held<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.row
    }
}

/// How a row is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Not at all, because it was only read.
    Unchanged,
    /// As a new row. It is an error if a row with the same key exists.
    New,
    /// As a new row, unless a row with the same key exists.
    IfNew,
    /// In place of the row with the same key, if there is one.
    Changed,
}

struct Entry<M> {
    row: M,
    /// The row as the act read it.
    stored: Option<M>,
    mode: Mode,
    held: bool,
    /// Whether the act has written it before its end, so that the store does not have it as the act read it.
    written: bool,
}

impl<M: Row> Entry<M> {
    fn new(row: M, mode: Mode) -> Self {
        Self { row, stored: None, mode, held: false, written: false }
    }

    /// What search finds of the row from now on; none if that does not change.
    fn draft(&self) -> Option<Draft> {
        let changes = match self.mode {
            Mode::Unchanged => false,
            Mode::New | Mode::IfNew => true,
            Mode::Changed => !M::LASTING,
        };
        if !changes {
            return None;
        }
        let known = self.stored.as_ref().map(Row::words);
        let now = self.row.words();
        if !self.written && known.as_ref() == Some(&now) {
            return None;
        }
        let id = id_of(table_name::<M>(), &self.row.get_primary_key_value());
        match now {
            Some(words) => Some(Draft::Words(Box::new(Prepared::of(id, &words, self.mode == Mode::IfNew)))),
            None => known.flatten().map(|_| Draft::Gone(id)),
        }
    }

    /// Takes these values over, if they are others, and counts the version up.
    fn change(&mut self, row: &mut M) {
        if *row == self.row {
            return;
        }
        if let Some(stored) = &self.stored {
            row.count_up(stored);
        }
        self.replace(row.clone());
    }

    fn replace(&mut self, row: M) {
        self.row = row;
        if matches!(self.mode, Mode::Unchanged | Mode::IfNew) {
            self.mode = Mode::Changed;
        }
    }
}

struct TableRows<M> {
    entries: Vec<Entry<M>>,
    /// The place in `entries` of each row, by its key.
    places: HashMap<String, usize>,
    removed: BTreeMap<String, ValueTuple>,
}

/// A key in a form that can be compared.
fn name(key: &impl Debug) -> String {
    format!("{key:?}")
}

fn table_name<M: Row>() -> &'static str {
    NAMES.get(M::RANK).copied().unwrap_or_default()
}

fn key_of<M: Row>(row: &M) -> String {
    name(&row.get_primary_key_value())
}

impl<M: Row> TableRows<M> {
    const EMPTY: fn() -> Self = || Self { entries: Vec::new(), places: HashMap::new(), removed: BTreeMap::new() };

    fn get(&mut self, key: &str) -> Option<&mut Entry<M>> {
        self.places.get(key).and_then(|place| self.entries.get_mut(*place))
    }

    fn add(&mut self, key: String, mut entry: Entry<M>) {
        if self.removed.remove(&key).is_some() {
            // The row that was to be removed is still in the store.
            entry.mode = Mode::Changed;
        }
        self.places.insert(key, self.entries.len());
        self.entries.push(entry);
    }

    /// The rows that are to be written in this way, and copies of them when the act goes on.
    fn take(&mut self, mode: Mode, last: bool) -> Vec<M> {
        let taken = self.entries.extract_if(.., |entry| last && entry.mode == mode).map(|entry| entry.row);
        let mut rows: Vec<M> = taken.collect();
        for entry in self.entries.iter_mut().filter(|entry| entry.mode == mode) {
            rows.push(entry.row.clone());
            (entry.mode, entry.written) = (Mode::Unchanged, true);
        }
        rows
    }

    /// Statements that remove the rows, with few keys in each: SQLite allows a condition of a thousand parts.
    fn removals(&mut self) -> Vec<DeleteStatement> {
        let keys: Vec<ValueTuple> = std::mem::take(&mut self.removed).into_values().collect();
        let is_one_of = |keys: &[ValueTuple]| {
            keys.iter().fold(Condition::any(), |any, key| {
                let parts = primary_key::<M>().into_iter().zip(key.clone());
                any.add(parts.fold(Condition::all(), |all, (column, value)| all.add(column.eq(value))))
            })
        };
        keys.chunks(MAX_KEYS).map(|keys| M::Entity::delete_many().filter(is_one_of(keys)).into_query()).collect()
    }
}

type ColumnOf<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

fn primary_key<M: Row>() -> Vec<ColumnOf<M>> {
    <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
}

fn columns<M: Row>() -> usize {
    ColumnOf::<M>::iter().count()
}

fn inserts<M: Row>(rows: Vec<M>, mode: Mode) -> Vec<InsertStatement> {
    let per_statement = (MAX_VALUES / columns::<M>().max(1)).max(1);
    let (mut rows, mut statements) = (rows.into_iter().peekable(), Vec::new());
    while rows.peek().is_some() {
        statements.push(insert(rows.by_ref().take(per_statement), mode));
    }
    statements
}

fn insert<M: Row>(rows: impl Iterator<Item = M>, mode: Mode) -> InsertStatement {
    let insert = M::Entity::insert_many(rows.map(IntoActiveModel::into_active_model));
    let keys = primary_key::<M>();
    let insert = match mode {
        Mode::New | Mode::Unchanged => insert,
        Mode::IfNew => insert.on_conflict(OnConflict::columns(keys).do_nothing().to_owned()),
        Mode::Changed => {
            let is_key = |column: &ColumnOf<M>| keys.iter().any(|key| key.to_string() == column.to_string());
            // A row never changes its seller. If the statement named that column, SQLite would search every table for
            // rows that refer to this row and its seller.
            let changes = |column: &ColumnOf<M>| !is_key(column) && column.to_string() != "seller_id";
            let others: Vec<ColumnOf<M>> = ColumnOf::<M>::iter().filter(changes).collect();
            let mut over = OnConflict::columns(keys.clone());
            if others.is_empty() {
                over.do_nothing()
            } else {
                over.update_columns(others)
            };
            insert.on_conflict(over)
        }
    };
    insert.into_query()
}

/// What an act writes, in this order.
#[derive(Default)]
pub(super) struct Statements {
    pub(super) removals: Vec<DeleteStatement>,
    /// Changed rows whose place new rows take.
    pub(super) first: Vec<InsertStatement>,
    pub(super) rows: Vec<InsertStatement>,
    /// The number of values in all these rows.
    pub(super) values: usize,
}

impl Statements {
    /// These statements and those that change the index of search.
    pub(super) fn and(mut self, index: IndexStatements) -> Self {
        self.removals.extend(index.removals);
        self.rows.extend(index.rows);
        self.values += index.values;
        self
    }
}

trait AnyTable: Send + Sync {
    fn as_any(&mut self) -> &mut dyn Any;
    /// What is to be changed in the index of search. To be called before the rows are written.
    fn drafts(&self, drafts: &mut Vec<Draft>);
    /// Adds the statements that write the rows. The rows count as stored from then on. After the last time, the table
    /// is not used any more.
    fn write(&mut self, statements: &mut Statements, last: bool);
    fn is_held(&self) -> bool;
}

impl<M: Row> AnyTable for TableRows<M> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn drafts(&self, drafts: &mut Vec<Draft>) {
        if M::SEARCHED {
            drafts.extend(self.removed.values().map(|key| Draft::Gone(id_of(table_name::<M>(), key))));
            drafts.extend(self.entries.iter().filter_map(Entry::draft));
        }
    }

    fn write(&mut self, statements: &mut Statements, last: bool) {
        statements.removals.extend(self.removals());
        let [changed, new, if_new] = [Mode::Changed, Mode::New, Mode::IfNew].map(|mode| (self.take(mode, last), mode));
        statements.values += columns::<M>() * (changed.0.len() + new.0.len() + if_new.0.len());
        let changed = inserts(changed.0, changed.1);
        let new = [inserts(new.0, new.1), inserts(if_new.0, if_new.1)].concat();
        if M::CHANGED_FIRST && !new.is_empty() {
            statements.first.extend(changed);
            statements.rows.extend(new);
        } else {
            statements.rows.extend(new);
            statements.rows.extend(changed);
        }
    }

    fn is_held(&self) -> bool {
        self.entries.iter().any(|entry| entry.held)
    }
}

impl All {
    fn table<M: Row>(&mut self) -> &mut TableRows<M> {
        let table = self.tables.entry(M::RANK).or_insert_with(|| Box::new(TableRows::<M>::EMPTY()));
        let Some(table) = table.as_any().downcast_mut() else { unreachable!("a table has rows of one type") };
        table
    }
}

impl Rows {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row with this key as the act knows it, to be held. The caller must have locked it.
    pub(super) fn hold_known<M: Row>(&self, key: &ValueTuple) -> Result<Known<Held<M>>, &'static str> {
        let mut all = self.all();
        let (table, key) = (all.table::<M>(), name(key));
        if table.removed.contains_key(&key) {
            return Ok(Known::Removed);
        }
        let Some(entry) = table.get(&key) else { return Ok(Known::No) };
        if std::mem::replace(&mut entry.held, true) {
            return Err("the act holds this row already");
        }
        Ok(Known::Row(Held { row: entry.row.clone(), rows: self.clone() }))
    }

    /// Holds a row that the caller has read and locked.
    pub(super) fn hold_read<M: Row>(&self, row: M) -> Result<Option<Held<M>>, &'static str> {
        match self.hold_known(&row.get_primary_key_value())? {
            Known::Row(held) => return Ok(Some(held)),
            Known::Removed => return Ok(None),
            Known::No => {}
        }
        let entry = Entry { stored: Some(row.clone()), held: true, ..Entry::new(row.clone(), Mode::Unchanged) };
        self.all().table().add(key_of(&row), entry);
        Ok(Some(Held { row, rows: self.clone() }))
    }

    /// The row with this key as the act knows it.
    pub(super) fn known<M: Row>(&self, key: &ValueTuple) -> Known<M> {
        let mut all = self.all();
        let (table, key) = (all.table::<M>(), name(key));
        if table.removed.contains_key(&key) {
            return Known::Removed;
        }
        table.get(&key).map_or(Known::No, |entry| Known::Row(entry.row.clone()))
    }

    fn settle<M: Row>(&self, row: &mut M) {
        if let Some(entry) = self.all().table().get(&key_of(row)) {
            entry.change(row);
        }
    }

    fn check_in<M: Row>(&self, row: &mut M) {
        if let Some(entry) = self.all().table().get(&key_of(row)) {
            entry.change(row);
            entry.held = false;
        }
    }

    /// Adds a row that the act has not read.
    pub(super) fn put<M: Row>(&self, row: M, mode: Mode) {
        let mut all = self.all();
        let (table, key) = (all.table::<M>(), key_of(&row));
        match table.get(&key) {
            None => table.add(key, Entry::new(row, mode)),
            Some(_) if mode == Mode::IfNew => {}
            Some(entry) if mode == Mode::Changed && !entry.held => entry.replace(row),
            Some(_) if mode == Mode::Changed => all.broken = Some("an act saves a row that it holds"),
            Some(_) => all.broken = Some("an act inserts a row twice"),
        }
    }

    /// Removes the row with this key.
    pub(super) fn remove<M: Row>(&self, key: ValueTuple) {
        let mut all = self.all();
        let (table, name) = (all.table::<M>(), name(&key));
        if let Some(place) = table.places.remove(&name) {
            let Some(entry) = table.entries.get_mut(place) else { return };
            let held = entry.held;
            // Its place stays, because those of the other rows are known.
            entry.mode = Mode::Unchanged;
            if held {
                all.broken = Some("an act removes a row that it holds");
                return;
            }
        }
        table.removed.insert(name, key);
    }

    /// What is to be changed in the index of search, before [`Rows::write`].
    pub(super) fn drafts(&self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for table in self.all().tables.values() {
            table.drafts(&mut drafts);
        }
        drafts
    }

    /// What is to be written. The last time, no row may be held any more.
    pub(super) fn write(&self, last: bool) -> Result<Statements, &'static str> {
        let mut all = self.all();
        if let Some(broken) = all.broken {
            return Err(broken);
        }
        if last && all.tables.values().any(|table| table.is_held()) {
            return Err("an act ends while it holds a row");
        }
        let mut statements = Statements::default();
        for table in all.tables.values_mut() {
            table.write(&mut statements, last);
        }
        Ok(statements)
    }
}

#[cfg(test)]
mod tests;
