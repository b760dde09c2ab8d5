//! The uploads of a company's customers and staff. One in a hundred is not attached yet.

use super::{Of, Words};

/// An upload of one part for every second case.
pub(super) fn uploads(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    let uploads = vec![
        ("id", w.id(Of::Upload, "n")),
        ("seller_id", w.id(Of::Seller, "1")),
        ("made_by", w.id(Of::Customer, "n")),
        ("party_id", w.id(Of::Customer, "n")),
        ("reserved", "9".into()),
        ("name", text("router.png")),
        ("size", "9".into()),
        ("received", "9".into()),
        ("content_type", text("image/png")),
        ("sha256", w.bytes("n")),
        ("created_at", at("")),
        ("finished_at", at("+ 1")),
        ("attached_at", format!("CASE WHEN n % 100 > 0 THEN {} END", at("+ 9"))),
    ];
    let parts = vec![("upload_id", w.id(Of::Upload, "n")), ("number", "0".into()), ("bytes", w.bytes("n"))];
    vec![w.rows("upload", cases / 2, &uploads, ""), w.rows("upload_part", cases / 2, &parts, "")]
}
