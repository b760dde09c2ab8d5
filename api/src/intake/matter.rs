//! What a complaint is about, besides its words. All channels describe it in the same way.

use entity::kind::Severity;
use serde::Serialize;

use super::report::About;
pub use crate::kit::error::line;
use crate::kit::error::{Problems, optional, words};
use crate::kit::money::Money;

/// What a complaint is about.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Matter {
    /// The subject, in one line.
    pub subject: Option<String>,
    /// The seller's name for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// The seller's own number for the order.
    pub order_reference: Option<String>,
    /// What the order cost.
    pub order_amount: Option<Money>,
    /// What the customer wants to have done about it.
    pub remedy_sought: Option<String>,
    /// How severe the customer says it is.
    pub severity: Option<Severity>,
    /// Tags, by which the case can be found.
    pub tags: Vec<String>,
}

impl Matter {
    /// The cleaned subject and the other values. Values that are too long are added to `problems`.
    pub fn check(&self, problems: &mut Problems) -> (Option<String>, About) {
        let subject = line(problems, self.subject.as_deref(), "subject", 200);
        let about = About {
            category: line(problems, self.category.as_deref(), "category", 100),
            product: line(problems, self.product.as_deref(), "product", 200),
            order_reference: line(problems, self.order_reference.as_deref(), "orderReference", 100),
            order_amount: self.order_amount.clone(),
            remedy_sought: problems.check(optional(self.remedy_sought.as_deref(), "remedySought", 2_000)).flatten(),
            partners: Vec::new(),
            severity: self.severity,
            tags: problems.check(words(&self.tags, "tags")).unwrap_or_default(),
        };
        (subject, about)
    }
}
