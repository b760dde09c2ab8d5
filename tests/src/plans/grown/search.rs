//! What search finds of the cases, of half of the messages and, for its partner, of each task.

use super::cases::SELLER;
use super::{Of, Words};

/// The partner of a task, as in the row of the task.
const PARTNER: &str = "CASE WHEN n % 2 = 0 THEN 1 ELSE n % 20 + 1 END";

pub(super) fn documents(w: &Words, cases: usize) -> Vec<String> {
    let rows = |kind: &str, of: Of, reader: String, terms: &str| {
        let digits =
            if w.sqlite { format!("lower(hex({reader}))") } else { format!("replace({reader}::text, '-', '')") };
        let subject = w.id(of, "n");
        let (task, count) = if of == Of::Task { (subject.clone(), cases / 2) } else { ("NULL".to_owned(), cases) };
        let task = if w.sqlite { task } else { format!("({task})::uuid") };
        w.rows(
            "search_document",
            count,
            &[
                ("id", subject.clone()),
                ("reader_id", reader),
                ("kind", format!("'{kind}'")),
                ("subject_id", subject),
                ("case_id", w.id(Of::Case, "n")),
                ("task_id", task),
                ("keys", "'c 2026 ' || (n + 100000000)".into()),
                ("head", "'broadband'".into()),
                ("terms", format!("'\u{e000}' || {digits} || ' \u{e001}{} ' || {terms}", kind.to_lowercase())),
            ],
            "",
        )
    };
    let (seller, partner) = (w.id(Of::Seller, SELLER), w.id(Of::Partner, PARTNER));
    vec![
        rows("CASE", Of::Case, seller.clone(), "'2026 ' || (n + 100000000) || ' broadband c o' || (n / 2)"),
        rows("MESSAGE", Of::Message, seller, "'broadband w' || (n % 1000)"),
        rows("TASK", Of::Task, partner, "'broadband w' || (n % 1000)"),
    ]
}
