//! The tables that acts write to. Their order is the order in which rows are written: a table stands behind those that
//! its foreign keys refer to, as in the schema. A test compares the two.

use entity::searched::{Searched, Words};
use sea_orm::{EntityTrait, IntoActiveModel, ModelTrait, PrimaryKeyTrait};

/// A row that an act can read, lock and write.
pub trait Row:
    ModelTrait<Entity: EntityTrait<Model = Self>>
    + IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel>
    + PartialEq
    + Send
    + Sync
    + 'static
{
    /// The place of its table in the order of writing.
    const RANK: usize;
    /// Whether changed rows are written before new ones, because a new row takes the place of a changed one: of all
    /// periods of a case, one is open. In all other tables new rows are written first, because changed ones may refer
    /// to them.
    const CHANGED_FIRST: bool = false;
    /// Whether search finds rows of the table. Their words are then written with them.
    const SEARCHED: bool = false;
    /// Whether the words of a row never change once it is written.
    const LASTING: bool = false;

    /// The words by which search finds the row; none when it does not.
    fn words(&self) -> Option<Words<'_>> {
        None
    }

    /// Sets the version of a changed row to the one after that of the row in the store.
    fn count_up(&mut self, _stored: &Self) {}
}

/// The key of a row.
pub type KeyOf<M> = <<<M as ModelTrait>::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// A row with a version number, so that a caller can say which version they act on.
pub trait Versioned: Row {
    /// The version: 1 for a new row, and one more for each act that changes it.
    fn version(&self) -> i64;
}

macro_rules! tables {
    ($($table:ident $($how:ident)*;)*) => {
        #[expect(non_camel_case_types, reason = "they are the names of the tables")]
        enum Rank { $($table),* }

        /// The names of the tables, in the order of writing.
        pub const NAMES: &[&str] = &[$(stringify!($table)),*];

        $(
            impl Row for entity::$table::Model {
                const RANK: usize = Rank::$table as usize;
                $(tables!(@row $how);)*
            }
            $(tables!(@version $table $how);)*
        )*
    };
    (@row versioned) => {
        fn count_up(&mut self, stored: &Self) {
            self.version = stored.version + 1;
        }
    };
    (@row changed_first) => {
        const CHANGED_FIRST: bool = true;
    };
    (@row searched) => {
        const SEARCHED: bool = true;
        const LASTING: bool = <Self as Searched>::LASTING;

        fn words(&self) -> Option<Words<'_>> {
            Searched::words(self)
        }
    };
    (@version $table:ident versioned) => {
        impl Versioned for entity::$table::Model {
            fn version(&self) -> i64 {
                self.version
            }
        }
    };
    (@version $table:ident $how:ident) => {};
}

// The version of a case is the number of its last event, and is counted where events are appended.
tables! {
    seller versioned;
    staff versioned;
    staff_load;
    absence;
    service_level versioned;
    team versioned;
    past_calendar;
    recount;
    team_member;
    partner versioned;
    category versioned;
    product versioned;
    delivery;
    partner_contact versioned;
    sign_in;
    api_client versioned;
    client_secret versioned;
    widget versioned;
    widget_origin;
    rule_set;
    customer versioned searched;
    customer_email searched;
    customer_phone searched;
    case searched;
    ownership changed_first;
    routing_decision;
    case_change;
    case_seen;
    case_watcher;
    handover;
    escalation;
    merger;
    due;
    enquiry versioned;
    legal_clock;
    commitment versioned;
    answer_pause;
    case_partner;
    upload;
    upload_part;
    blob;
    report searched;
    tracking_token;
    storage_use;
    case_task versioned searched;
    task_update searched;
    task_message searched;
    task_share;
    message searched;
    attachment searched;
    task_file searched;
    plan;
    plan_step;
    call_signal versioned;
    statement;
    dispute versioned;
    dispute_task;
    feed;
    notice_feed;
    event;
    webhook_endpoint versioned;
    webhook_delivery;
    webhook_attempt;
    idempotency;
    mailbox versioned;
    arrival;
    fetching;
    letter_template;
    reply_template versioned;
    letter searched;
    notice;
    task_mail_feed;
    device;
    push_feed;
    push;
    task_mail;
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    /// Rows that no act writes: the service writes them itself, what search finds together with the acts' rows.
    const NOT_BY_ACTS: [&str; 3] = ["case_reference", "search_document", "probe"];

    #[test]
    fn rows_are_written_in_the_order_in_which_the_schema_makes_the_tables() {
        let tables = migration::TEXT.lines().filter_map(|line| line.split("CREATE TABLE ").nth(1));
        let names = tables.map(|rest| rest.split_whitespace().next().unwrap().trim_matches('"'));
        let names: Vec<&str> = names.filter(|name| !NOT_BY_ACTS.contains(name)).collect();
        assert_eq!(NAMES, names);
    }
}
