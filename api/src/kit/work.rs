//! An act: one transaction, one `now`, one actor. An act reads first and writes last. The rows it wants to write are
//! collected and written at its end: one statement per table, then the events. The feed's counter is the last row to be
//! locked. On PostgreSQL the tables are one statement and the events another, so an act needs two round trips to write.

use std::any::Any;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::{SellerId, StaffId, TypedId};
use entity::{event, feed, staff_load};
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, InsertStatement, OnConflict, Query, SelectStatement,
    UpdateStatement, WithClause,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, Iden, IntoActiveModel, Iterable,
    ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryTrait, RuntimeErr,
};

use super::actor::Actor;
use super::app::App;
use super::db::Transaction;
use super::error::{ErrorCode, Fault, Problem};
use super::group::{Shared, Turn};
use super::health::warn_once_a_minute;

/// The most values in one statement. SQLite allows 32,766 and PostgreSQL 65,535.
const VALUES_AT_MOST: usize = 30_000;

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
    rows: Vec<Box<dyn Rows>>,
    log: Vec<event::Model>,
    expected: Option<i64>,
    ends: Vec<(UpdateStatement, SellerId)>,
    loads: BTreeMap<StaffId, i64>,
}

/// A row with a version number, so that a caller can say which version they act on.
pub trait Versioned: ModelTrait {
    /// The version: 1 for a new row, and one more for each change.
    fn version(&self) -> i64;
    /// Raises the version by one.
    fn count_up(&mut self);
}

macro_rules! versioned {
    ($($table:ident)*) => {$(
        impl Versioned for entity::$table::Model {
            fn version(&self) -> i64 {
                self.version
            }

            fn count_up(&mut self) {
                self.version += 1;
            }
        }
    )*};
}

versioned! {
    api_client call_signal case_task category client_secret commitment customer dispute enquiry mailbox partner partner_contact product seller service_level staff
    team webhook_endpoint widget
}

impl Work {
    pub(super) fn new(app: App, tx: Tx, actor: Actor, at: Option<DateTime<Utc>>) -> Self {
        let now = at.unwrap_or_else(|| app.now());
        Self {
            app,
            tx,
            now,
            actor,
            rows: Vec::new(),
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
        let en = format!("It has changed since you read it: its version is {version} now. Read it again.");
        let sv = format!("Det har ändrats sedan du läste det: version är nu {version}. Läs det igen.");
        Err(Problem::new(ErrorCode::VersionConflict, "expectedVersion", en, sv))
    }

    /// Saves this changed row at the end of the act with the next version. Returns the row as it will be stored.
    pub fn changed<M>(&mut self, mut row: M) -> M
    where
        M: Versioned + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
        <M::Entity as EntityTrait>::ActiveModel: Send + Sync + 'static,
    {
        row.count_up();
        self.save(row.clone());
        row
    }

    /// At the very end of the act, writes the last number of this seller's feed into `ended_seq` of this row, so that
    /// access ends at exactly that event. The feed is locked by then, so every later number belongs to a later act.
    pub fn end_at_head<E: EntityTrait>(&mut self, id: impl Into<sea_orm::Value>, seller: SellerId) {
        let row = Query::update().table(E::default()).and_where(Expr::col("id").eq(id.into())).to_owned();
        self.ends.push((row, seller));
    }

    /// Inserts this new row at the end of the act.
    pub fn insert<M>(&mut self, row: M)
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
        <M::Entity as EntityTrait>::ActiveModel: Send + Sync + 'static,
    {
        self.add::<M::Entity>(row.into_active_model(), Mode::New);
    }

    /// Writes this row at the end of the act, replacing the row with the same key. At most once per row and act.
    pub fn save<M>(&mut self, row: M)
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
        <M::Entity as EntityTrait>::ActiveModel: Send + Sync + 'static,
    {
        self.add::<M::Entity>(row.into_active_model(), Mode::Over);
    }

    /// Inserts this row at the end of the act, unless a row with the same key exists.
    pub fn insert_if_new<M>(&mut self, row: M)
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
        <M::Entity as EntityTrait>::ActiveModel: Send + Sync + 'static,
    {
        self.add::<M::Entity>(row.into_active_model(), Mode::IfNew);
    }

    /// Writes these rows immediately, replacing rows with the same keys. This is for rows that must be written before
    /// the rows collected for the end, such as an ownership period that must be closed before the next one is opened.
    ///
    /// # Errors
    /// When the store refuses the rows.
    pub async fn save_now<M>(&self, rows: Vec<M>) -> Result<(), DbErr>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
        <M::Entity as EntityTrait>::ActiveModel: Send + Sync + 'static,
    {
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
        for statement in (RowsOf::<M::Entity> { rows, mode: Mode::Over }).statements() {
            self.tx()?.execute(&statement).await?;
        }
        Ok(())
    }

    fn add<E>(&mut self, row: E::ActiveModel, mode: Mode)
    where
        E: EntityTrait,
        E::ActiveModel: Send + Sync + 'static,
    {
        for rows in &mut self.rows {
            if let Some(rows) = rows.as_any().downcast_mut::<RowsOf<E>>()
                && rows.mode == mode
            {
                rows.rows.push(row);
                return;
            }
        }
        self.rows.push(Box::new(RowsOf::<E> { rows: vec![row], mode }));
    }

    /// Appends an event. Its number in the seller's feed is assigned at the end of the act.
    pub fn append(&mut self, event: event::Model) {
        self.log.push(event);
    }

    /// Adds to the number of open cases of this owner. The counters are written together with the events, while the
    /// seller's feed is locked, so that two acts cannot deadlock on them.
    pub fn carries(&mut self, owner: StaffId, more: i64) {
        *self.loads.entry(owner).or_default() += more;
    }

    /// Writes everything that was collected.
    async fn flush(&mut self) -> Result<(), DbErr> {
        let values: usize = self.rows.iter().map(|rows| rows.values()).sum();
        let statements: Vec<InsertStatement> = self.rows.drain(..).flat_map(|mut rows| rows.statements()).collect();
        let log = std::mem::take(&mut self.log);
        let ends = std::mem::take(&mut self.ends);
        let few = values.max(log.len() * event::Column::iter().count()) <= VALUES_AT_MOST;
        match self.tx()?.get_database_backend() {
            DbBackend::Postgres if few => self.flush_in_two(statements, log).await?,
            _ => self.flush_one_by_one(statements, log).await?,
        }
        for (mut rows, seller) in ends {
            let mut end = count_up(seller, 0);
            end.value(feed::Column::Ends, Expr::col(feed::Column::Ends).add(1));
            let head = self.tx()?.query_one(&end).await?.ok_or_else(|| no_feed(seller))?;
            self.tx()?.execute(rows.value("ended_seq", head.try_get::<i64>("", "last_seq")?)).await?;
        }
        Ok(())
    }

    async fn flush_one_by_one(
        &self,
        statements: Vec<InsertStatement>,
        mut log: Vec<event::Model>,
    ) -> Result<(), DbErr> {
        let tx = self.tx()?;
        for statement in statements {
            tx.execute(&statement).await?;
        }
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
        for statement in
            (RowsOf::<event::Entity> { rows: log.into_iter().map(Into::into).collect(), mode: Mode::New }).statements()
        {
            tx.execute(&statement).await?;
        }
        Ok(())
    }

    /// Writes everything in two statements: first all rows, then the feed's counter with the events. The rows come
    /// first because their foreign keys lock the rows they refer to (such as an owner who may be leaving). The feed,
    /// which all acts of the seller share, is locked last and for the shortest time. In a single statement PostgreSQL
    /// would run the last part first.
    async fn flush_in_two(&self, statements: Vec<InsertStatement>, log: Vec<event::Model>) -> Result<(), DbErr> {
        let mut rows = statements.into_iter();
        let Some(main) = rows.next_back() else { return self.flush_log(&log).await };
        let mut with = WithClause::new();
        let alone = rows.len() == 0;
        for (number, statement) in rows.enumerate() {
            let name = Alias::new(format!("w{number}"));
            with.cte(CommonTableExpression::new().table_name(name).query(statement).to_owned());
        }
        if alone {
            self.tx()?.execute(&main).await?
        } else {
            self.tx()?.execute(&with.query(main)).await?
        };
        self.flush_log(&log).await
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

/// What happens if a row with the same key exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// It is an error.
    New,
    /// The existing row stays.
    IfNew,
    /// The existing row is replaced.
    Over,
}

/// The collected rows of one table.
trait Rows: Send + Sync {
    fn as_any(&mut self) -> &mut dyn Any;
    fn statements(&mut self) -> Vec<InsertStatement>;
    /// The number of values in the rows.
    fn values(&self) -> usize;
}

struct RowsOf<E: EntityTrait> {
    rows: Vec<E::ActiveModel>,
    mode: Mode,
}

impl<E> Rows for RowsOf<E>
where
    E: EntityTrait,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send + Sync + 'static,
{
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn values(&self) -> usize {
        self.rows.len() * E::Column::iter().count()
    }

    fn statements(&mut self) -> Vec<InsertStatement> {
        let per_statement = (VALUES_AT_MOST / E::Column::iter().count().max(1)).max(1);
        let mut statements = Vec::new();
        let mut rows = std::mem::take(&mut self.rows).into_iter().peekable();
        while rows.peek().is_some() {
            let mut insert = E::insert_many(rows.by_ref().take(per_statement));
            let keys: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
            let is_key = |column: &E::Column| keys.iter().any(|key| key.to_string() == column.to_string());
            insert = match self.mode {
                Mode::New => insert,
                Mode::IfNew => insert.on_conflict(OnConflict::columns(keys.clone()).do_nothing().to_owned()),
                Mode::Over => {
                    // A row never changes its seller. If the statement named that column, SQLite would search every
                    // table for rows that refer to this row and its seller.
                    let changes = |column: &E::Column| !is_key(column) && column.to_string() != "seller_id";
                    let others: Vec<E::Column> = E::Column::iter().filter(changes).collect();
                    let mut over = OnConflict::columns(keys.clone());
                    if others.is_empty() {
                        over.do_nothing()
                    } else {
                        over.update_columns(others)
                    };
                    insert.on_conflict(over)
                }
            };
            statements.push(insert.into_query());
        }
        statements
    }
}
