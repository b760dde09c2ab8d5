//! The tables of changes that staff make.

use super::cases::SELLER;
use super::{Of, Words};

/// The rows of a case with an even number, for half of the cases.
fn of_case(w: &Words) -> [(&'static str, String); 2] {
    [("case_id", w.id(Of::Case, "n * 2")), ("seller_id", w.id(Of::Seller, &SELLER.replace('n', "(n * 2)")))]
}

/// What was changed on cases.
pub(super) fn changes(w: &Words, cases: usize) -> Vec<String> {
    let [case, seller] = of_case(w);
    let id = ("id", w.id(Of::CaseChange, "n"));
    vec![w.rows("case_change", cases / 2, &[id, case, seller, ("changes", "'[]'".to_owned())], "")]
}
