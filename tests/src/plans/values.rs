//! Replaces a statement's parameters by values that exist in the generated store, because the ids of a story do not
//! exist there. The column with which the text compares a parameter decides which id is used: one of a row with many
//! related rows.

use sea_orm::{Statement, Value};

use super::grown::Of;

/// The statement with values that exist in the generated store.
pub fn there(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    let places = places(&statement.sql);
    // A partner searches what belongs to its tasks, which the statement joins.
    let searcher = if statement.sql.contains("t.id = d.task_id") { Of::Partner } else { Of::Seller };
    let Some(values) = &mut statement.values else { return statement };
    for (index, value) in values.0.iter_mut().enumerate() {
        let Some(place) = places.get(index) else { continue };
        match value {
            Value::Uuid(Some(id)) if place.column == "reader_id" => *id = searcher.id(1),
            Value::Uuid(Some(id)) => {
                if let Some(of) = of(&place.table, &place.column) {
                    // The first row has the most related rows.
                    *id = of.id(place.in_list + 1);
                }
            }
            Value::BigInt(Some(number)) if place.column == "feed_seq" => {
                *number = if place.up_to { i64::MAX } else { 0 };
            }
            // The condition of a search: it becomes one for a word that most documents have.
            Value::String(Some(text)) if text.contains(READER_MARK) => {
                *text = common(searcher, text.starts_with('"'));
            }
            _ => {}
        }
    }
    statement
}

/// Begins the term of a reader in the condition of a search.
const READER_MARK: char = '\u{e000}';

/// The condition for a word that all documents of the first seller, or of the first partner, have.
fn common(searcher: Of, sqlite: bool) -> String {
    let id = searcher.id(1).simple().to_string();
    if sqlite { format!("\"{READER_MARK}{id}\" AND \"broadb\"*") } else { format!("'{READER_MARK}{id}' & 'broadb':*") }
}

/// The position of a parameter.
#[derive(Clone, Default)]
struct Parameter {
    table: String,
    column: String,
    /// The position in a list of values, from 0.
    in_list: u128,
    up_to: bool,
}

/// The position of each parameter, in the order of the values.
fn places(sql: &str) -> Vec<Parameter> {
    let mut places: Vec<Parameter> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let (mut in_list, mut up_to) = (0, false);
    let mut rest = sql;
    while let Some(letter) = rest.chars().next() {
        let mut taken = letter.len_utf8();
        match letter {
            '?' | '$' => {
                taken += rest[1..].chars().take_while(char::is_ascii_digit).count();
                let number = rest[1..taken].parse::<usize>().ok().map_or(places.len(), |number| number - 1);
                let column = names.last().cloned().unwrap_or_default();
                let table = names.iter().rev().nth(1).cloned().unwrap_or_default();
                if places.len() <= number {
                    places.resize(number + 1, Parameter::default());
                }
                if places[number].column.is_empty() {
                    places[number] = Parameter { table, column, in_list, up_to };
                }
                in_list += 1;
            }
            'a'..='z' | '_' => {
                taken = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').count();
                names.push(rest[..taken].to_owned());
                (in_list, up_to) = (0, false);
            }
            '<' => up_to = true,
            'A'..='Z' => taken = rest.chars().take_while(char::is_ascii_alphanumeric).count(),
            _ => {}
        }
        rest = &rest[taken..];
    }
    places
}

/// The type of row that the ids of a column identify.
fn of(table: &str, column: &str) -> Option<Of> {
    let name = if column == "id" { table } else { column };
    Some(match name {
        "seller_id" | "seller" => Of::Seller,
        "staff_id" | "owner_id" | "told_id" | "to_id" | "from_id" | "lead_id" | "accountable_id" | "staff" => Of::Staff,
        "team_id" | "team" => Of::Team,
        "partner_id" | "partner" => Of::Partner,
        "assignee_id" | "contact_id" | "partner_contact" => Of::Contact,
        "customer_id" | "customer" => Of::Customer,
        "case_id" | "case" | "merged_into" | "into_id" | "subject_id" => Of::Case,
        "task_id" | "case_task" | "ordering_key" => Of::Task,
        "report_id" | "report" => Of::Report,
        "message" | "last_message_id" | "message_id" => Of::Message,
        "task_update_id" | "task_update" => Of::Update,
        "case_change" => Of::CaseChange,
        "reply_template" => Of::ReplyTemplate,
        "handover" => Of::Handover,
        "escalation" => Of::Escalation,
        "merger" => Of::Merger,
        "attachment" | "attachment_id" => Of::Attachment,
        "task_message" | "task_message_id" => Of::TaskMessage,
        "task_share" | "share_id" => Of::TaskShare,
        "statement" => Of::Statement,
        "dispute" | "dispute_id" => Of::Dispute,
        "endpoint_id" | "webhook_endpoint" => Of::Endpoint,
        "delivery_id" | "webhook_delivery" => Of::Delivery,
        "mailbox_id" | "mailbox" => Of::Mailbox,
        "arrival" => Of::Arrival,
        "letter" | "letter_id" => Of::Letter,
        "notice" => Of::Notice,
        "task_mail" => Of::TaskMail,
        "device" | "device_id" => Of::Device,
        "push" => Of::Push,
        "commitment" | "next_id" | "commitment_id" => Of::Commitment,
        "plan_step" => Of::Step,
        "call_signal" => Of::CallSignal,
        "rule_set" | "rule_set_id" => Of::RuleSet,
        _ => return None,
    })
}
