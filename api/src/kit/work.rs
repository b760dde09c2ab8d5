//! An act: one transaction, one `now`, one actor. An act reads first and writes last. The rows it wants to write are
//! collected and written at its end: one statement per table, then the events. The feed's counter is the last row to be
//! locked. On PostgreSQL the tables are one statement and the events another, so an act needs two round trips to write.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId, TypedId};
use entity::{event, feed, staff_load};
use sea_orm::sea_query::{
    Alias, CommonTableExpression, DeleteStatement, Expr, ExprTrait, InsertStatement, IntoValueTuple, Query,
    SelectStatement, SubQueryStatement, UpdateStatement, WithClause,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QueryFilter,
    QuerySelect, QueryTrait, RuntimeErr, Select,
};

use super::actor::Actor;
use super::app::App;
use super::db::Transaction;
use super::error::{ErrorCode, Fault, Outcome, Problem};
use super::group::{Shared, Turn};
use super::health::warn_once_a_minute;
use super::rows::{Held, Known, MAX_VALUES, Mode, Rows, Statements};
use super::search;
use super::tables::{KeyOf, Row};
use crate::texts;

/// The transaction an act runs in.
pub(super) enum Tx {
    Shared(Turn),
    Own(Transaction),
}

/// One act in progress. Domain code takes `&mut Work`; it never begins or commits.
pub struct Work {
    app: App,
    tx: Tx,
    now: DateTime<Utc>,
    actor: Actor,
    rows: Rows,
    log: Vec<event::Model>,
    expected: Option<i64>,
    ends: Vec<(UpdateStatement, SellerId)>,
    loads: BTreeMap<StaffId, i64>,
}

impl Work {
    pub(super) fn new(app: App, tx: Tx, actor: Actor, at: Option<DateTime<Utc>>) -> Self {
        let now = at.unwrap_or_else(|| app.now());
        Self {
            app,
            tx,
            now,
            actor,
            rows: Rows::default(),
            log: Vec::new(),
            expected: None,
            ends: Vec::new(),
            loads: BTreeMap::new(),
        }
    }

    /// The service in which this act runs.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The time of this act. It is the same from the act's beginning to its end.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// A new id, for the time of this act.
    #[must_use]
    pub fn new_id<T: TypedId>(&self) -> T {
        T::from(self.app.new_id(self.now))
    }

    /// The transaction, for reading and for locking rows.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn tx(&self) -> Result<&Transaction, DbErr> {
        match &self.tx {
            Tx::Shared(turn) => turn.transaction(),
            Tx::Own(tx) => Ok(tx),
        }
    }

    /// Sets the version that the caller expects of what the act changes; none if any version will do.
    pub fn expect_version(&mut self, version: Option<i64>) {
        self.expected = version;
    }

    /// Refuses the act if the caller expects another version than this one.
    ///
    /// # Errors
    /// [`ErrorCode::VersionConflict`] with the present version.
    pub fn check_version(&self, version: i64) -> Result<(), Problem> {
        if self.expected.is_none_or(|expected| expected == version) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::VersionConflict, "expectedVersion", texts::input::version_changed(version)))
    }

    /// The row with this key, locked until the act ends; none if there is no such row. A row that the act has locked
    /// before is returned as the act has changed it.
    ///
    /// # Errors
    /// When the store cannot be read, or the act holds the row at this moment.
    pub async fn lock<M: Row>(&self, key: impl Into<KeyOf<M>>) -> Outcome<Option<Held<M>>>
    where
        KeyOf<M>: Clone,
    {
        let key: KeyOf<M> = key.into();
        match self.rows.hold_known(&key.clone().into_value_tuple()).map_err(Fault::Broken)? {
            Known::Row(held) => return Ok(Some(held)),
            Known::Removed => return Ok(None),
            Known::No => {}
        }
        let found = M::Entity::find_by_id(key).lock_exclusive().one(self.tx()?).await?;
        found.map_or(Ok(None), |row| self.hold(row))
    }

    /// The rows of this query, locked until the act ends. The query reads the store: it finds a row by what is stored
    /// there, and the row is returned as the act has changed it.
    ///
    /// # Errors
    /// As [`Work::lock`].
    pub async fn lock_all<E, M>(&self, query: Select<E>) -> Outcome<Vec<Held<M>>>
    where
        E: EntityTrait<Model = M>,
        M: Row<Entity = E>,
    {
        let mut held = Vec::new();
        for row in query.lock_exclusive().all(self.tx()?).await? {
            held.extend(self.hold(row)?);
        }
        Ok(held)
    }

    /// The first row of this query, as [`Work::lock_all`].
    ///
    /// # Errors
    /// As [`Work::lock`].
    pub async fn lock_one<E, M>(&self, query: Select<E>) -> Outcome<Option<Held<M>>>
    where
        E: EntityTrait<Model = M>,
        M: Row<Entity = E>,
    {
        let found = query.lock_exclusive().one(self.tx()?).await?;
        found.map_or(Ok(None), |row| self.hold(row))
    }

    /// Holds a row that the caller has just locked by a statement of its own; none if the act has removed it.
    ///
    /// # Errors
    /// When the act holds the row at this moment.
    pub fn hold<M: Row>(&self, row: M) -> Outcome<Option<Held<M>>> {
        Ok(self.rows.hold_read(row).map_err(Fault::Broken)?)
    }

    /// These rows, which the caller has read, as the act has changed them; without those that it has removed.
    #[must_use]
    pub fn as_changed<M: Row>(&self, rows: Vec<M>) -> Vec<M> {
        let changed = rows.into_iter().filter_map(|row| match self.rows.known(&row.get_primary_key_value()) {
            Known::Row(row) => Some(row),
            Known::Removed => None,
            Known::No => Some(row),
        });
        changed.collect()
    }

    /// The row with this key as the act has changed it, or else as it is stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find<M: Row>(&self, key: impl Into<KeyOf<M>>) -> Outcome<Option<M>>
    where
        KeyOf<M>: Clone,
    {
        let key: KeyOf<M> = key.into();
        match self.rows.known(&key.clone().into_value_tuple()) {
            Known::Row(row) => Ok(Some(row)),
            Known::Removed => Ok(None),
            Known::No => Ok(M::Entity::find_by_id(key).one(self.tx()?).await?),
        }
    }

    /// At the very end of the act, writes the last number of this seller's feed into `ended_seq` of this row, so that
    /// access ends at exactly that event. The feed is locked by then, so every later number belongs to a later act.
    pub fn end_at_head<E: EntityTrait>(&mut self, id: impl Into<sea_orm::Value>, seller: SellerId) {
        let row = Query::update().table(E::default()).and_where(Expr::col("id").eq(id.into())).to_owned();
        self.ends.push((row, seller));
    }

    /// As [`Work::end_at_head`], for all rows that meet this condition at the end of the act.
    pub fn end_all_at_head<E: EntityTrait>(&mut self, which: impl Into<Expr>, seller: SellerId) {
        let rows = Query::update().table(E::default()).and_where(which.into()).to_owned();
        self.ends.push((rows, seller));
    }

    /// Inserts this new row at the end of the act.
    pub fn insert<M: Row>(&mut self, row: M) {
        self.rows.put(row, Mode::New);
    }

    /// Inserts this row at the end of the act, unless a row with the same key exists.
    pub fn insert_if_new<M: Row>(&mut self, row: M) {
        self.rows.put(row, Mode::IfNew);
    }

    /// Writes this row at the end of the act, in place of the row with the same key, if there is one. Its version is
    /// not counted up: this is for rows without one, and for what the service itself notes in a row. Any other change
    /// is made in the row that [`Work::lock`] returns.
    pub fn save<M: Row>(&mut self, row: M) {
        self.rows.put(row, Mode::Changed);
    }

    /// Removes the row with this key at the end of the act.
    pub fn remove<M: Row>(&mut self, key: impl Into<KeyOf<M>>) {
        let key: KeyOf<M> = key.into();
        self.rows.remove::<M>(key.into_value_tuple());
    }

    /// Writes the rows that were changed so far, because a later query of the act or a constraint needs them in the
    /// store. What is changed after that is written at the end, as always.
    ///
    /// # Errors
    /// When the store refuses the rows.
    pub async fn write_rows(&self) -> Outcome<()> {
        let index = search::document::statements(self, self.rows.drafts()).await?;
        let statements = self.rows.write(false).map_err(Fault::Broken)?.and(index);
        Ok(self.write_one_by_one(statements).await?)
    }

    /// Appends an event. Its number in the seller's feed is assigned at the end of the act.
    pub fn append(&mut self, event: event::Model) {
        self.log.push(event);
    }

    /// Adds to the number of open cases of this owner. The counters are written together with the events, while the
    /// seller's feed is locked, so that two acts cannot deadlock on them.
    pub fn add_open_cases(&mut self, owner: StaffId, more: i64) {
        *self.loads.entry(owner).or_default() += more;
    }

    /// Writes everything that was collected.
    async fn flush(&mut self) -> Result<(), DbErr> {
        let index = search::document::statements(self, self.rows.drafts()).await?;
        let rows = self.rows.write(true).map_err(|broken| DbErr::Custom(broken.to_owned()))?.and(index);
        let log = std::mem::take(&mut self.log);
        let ends = std::mem::take(&mut self.ends);
        let few = rows.values.max(log.len() * event::Column::iter().count()) <= MAX_VALUES;
        match self.tx()?.get_database_backend() {
            DbBackend::Postgres if few => {
                self.write_together(rows).await?;
                self.flush_log(&log).await?;
            }
            _ => {
                self.write_one_by_one(rows).await?;
                self.flush_log_one_by_one(log).await?;
            }
        }
        for (mut rows, seller) in ends {
            let mut end = count_up(seller, 0);
            end.value(feed::Column::Ends, Expr::col(feed::Column::Ends).add(1));
            let head = self.tx()?.query_one(&end).await?.ok_or_else(|| no_feed(seller))?;
            self.tx()?.execute(rows.value("ended_seq", head.try_get::<i64>("", "last_seq")?)).await?;
        }
        Ok(())
    }

    async fn write_one_by_one(&self, rows: Statements) -> Result<(), DbErr> {
        let tx = self.tx()?;
        for removal in rows.removals {
            tx.execute(&removal).await?;
        }
        for statement in rows.first.into_iter().chain(rows.rows) {
            tx.execute(&statement).await?;
        }
        Ok(())
    }

    /// Writes all rows in one statement, or in two if some must be written before the others. The rows are written
    /// before the events because their foreign keys lock the rows they refer to (such as an owner who may be leaving).
    /// The feed, which all acts of the seller share, is locked last and for the shortest time. In a single statement
    /// PostgreSQL would run the last part first.
    async fn write_together(&self, rows: Statements) -> Result<(), DbErr> {
        self.execute_together(Vec::new(), rows.first).await?;
        self.execute_together(rows.removals, rows.rows).await
    }

    /// `WITH w0 AS (DELETE …), w1 AS (INSERT …) INSERT …`
    async fn execute_together(
        &self,
        removals: Vec<DeleteStatement>,
        mut rows: Vec<InsertStatement>,
    ) -> Result<(), DbErr> {
        let tx = self.tx()?;
        let Some(main) = rows.pop() else {
            for removal in removals {
                tx.execute(&removal).await?;
            }
            return Ok(());
        };
        if rows.is_empty() && removals.is_empty() {
            return tx.execute(&main).await.map(|_| ());
        }
        let parts = removals.into_iter().map(SubQueryStatement::DeleteStatement);
        let parts = parts.chain(rows.into_iter().map(SubQueryStatement::InsertStatement));
        let mut with = WithClause::new();
        for (number, part) in parts.enumerate() {
            let name = Alias::new(format!("w{number}"));
            with.cte(CommonTableExpression::new().table_name(name).query(part).to_owned());
        }
        tx.execute(&with.query(main)).await.map(|_| ())
    }

    async fn flush_log_one_by_one(&self, mut log: Vec<event::Model>) -> Result<(), DbErr> {
        let tx = self.tx()?;
        for (seller, count) in counts(&log) {
            let row = tx.query_one(&count_up(seller, count)).await?;
            let last: i64 = row.ok_or_else(|| no_feed(seller))?.try_get("", "last_seq")?;
            let of_seller = log.iter_mut().filter(|event| event.seller_id == seller);
            for (event, seq) in of_seller.zip(last - count + 1..) {
                event.feed_seq = seq;
            }
        }
        for load in self.loads() {
            tx.execute(&load).await?;
        }
        let per_statement = MAX_VALUES / event::Column::iter().count();
        while !log.is_empty() {
            let rest = log.split_off(log.len().min(per_statement));
            let events = std::mem::replace(&mut log, rest).into_iter().map(IntoActiveModel::into_active_model);
            tx.execute(&event::Entity::insert_many(events).into_query()).await?;
        }
        Ok(())
    }

    /// `WITH head0 AS (UPDATE feed … RETURNING last_seq) INSERT INTO event …`
    async fn flush_log(&self, log: &[event::Model]) -> Result<(), DbErr> {
        if log.is_empty() {
            for load in self.loads() {
                self.tx()?.execute(&load).await?;
            }
            return Ok(());
        }
        let mut with = WithClause::new();
        let mut insert = Query::insert();
        insert.into_table(event::Entity).columns(event::Column::iter());
        for (number, (seller, count)) in counts(log).into_iter().enumerate() {
            let head = Alias::new(format!("head{number}"));
            with.cte(CommonTableExpression::new().table_name(head.clone()).query(count_up(seller, count)).to_owned());
            let last: SelectStatement = Query::select().column(feed::Column::LastSeq).from(head).to_owned();
            for (event, back) in log.iter().filter(|event| event.seller_id == seller).zip((0..count).rev()) {
                let values = event::Column::iter().map(|column| match column {
                    event::Column::FeedSeq => Expr::expr(last.clone()).sub(back),
                    column => Expr::val(event.get(column)),
                });
                insert.values(values).map_err(|error| DbErr::Custom(error.to_string()))?;
            }
        }
        for (number, load) in self.loads().into_iter().enumerate() {
            let name = Alias::new(format!("load{number}"));
            with.cte(CommonTableExpression::new().table_name(name).query(load).to_owned());
        }
        self.tx()?.execute(&with.query(insert)).await.map(|_| ())
    }

    fn loads(&self) -> Vec<UpdateStatement> {
        let changed = self.loads.iter().filter(|(_, more)| **more != 0);
        changed
            .map(|(owner, more)| {
                staff_load::Entity::update_many()
                    .col_expr(staff_load::Column::OpenCases, Expr::col(staff_load::Column::OpenCases).add(*more))
                    .filter(staff_load::Column::StaffId.eq(*owner))
                    .into_query()
            })
            .collect()
    }

    /// Writes everything that was collected, and commits.
    pub(super) async fn commit(mut self) -> Result<(), Ended> {
        if let Err(error) = self.flush().await {
            self.roll_back(Some(&error)).await;
            return Err(Ended::Failed(error));
        }
        match self.tx {
            Tx::Own(tx) => tx
                .commit()
                .await
                .map_err(|error| if refused_by_store(&error) { Ended::Failed(error) } else { Ended::Unknown(error) }),
            Tx::Shared(turn) => match turn.keep().await {
                Shared::Committed => Ok(()),
                Shared::RunAlone => Err(Ended::RunAlone),
                Shared::Failed(error) => Err(Ended::Failed(error)),
            },
        }
    }

    /// Rolls the act back. `failed` is the store's error that caused it, if there was one.
    pub(super) async fn roll_back(self, failed: Option<&DbErr>) {
        let result = match self.tx {
            Tx::Own(tx) => tx.rollback().await,
            Tx::Shared(turn) => turn.discard(failed).await,
        };
        if let Err(error) = result {
            warn_once_a_minute("a transaction did not roll back cleanly; the store will do it", &error);
        }
    }
}

/// Why a commit failed.
pub(super) enum Ended {
    RunAlone,
    Failed(DbErr),
    Unknown(DbErr),
}

/// Whether the store itself refused the commit. Otherwise it is unknown whether it was done.
fn refused_by_store(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().map(|error| error.code().unwrap_or_default());
    // If the session is ended during a commit (57P01, 57P02), the outcome of the commit is unknown.
    code.is_some_and(|code| !code.starts_with("57P"))
}

impl From<Ended> for Fault {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::RunAlone => Self::Busy,
            Ended::Failed(error) => error.into(),
            Ended::Unknown(error) => Self::Unknown(error),
        }
    }
}

/// The number of new events in each seller's feed, in the order of the sellers' ids, so that all acts lock the feeds in
/// that order.
fn counts(log: &[event::Model]) -> BTreeMap<SellerId, i64> {
    log.iter().fold(BTreeMap::new(), |mut counts, event| {
        *counts.entry(event.seller_id).or_default() += 1;
        counts
    })
}

fn no_feed(seller: SellerId) -> DbErr {
    DbErr::RecordNotFound(format!("feed of {seller}"))
}

fn count_up(seller: SellerId, count: i64) -> UpdateStatement {
    feed::Entity::update_many()
        .col_expr(feed::Column::LastSeq, Expr::col(feed::Column::LastSeq).add(count))
        .filter(feed::Column::SellerId.eq(seller))
        .into_query()
        .returning_col(feed::Column::LastSeq)
        .to_owned()
}
