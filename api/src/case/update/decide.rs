//! What a change does to the fields of a case. Pure functions.

use entity::case;
use entity::json::FieldChange;
use entity::kind::{CaseField, Language, Priority, Severity, Visibility};

use crate::kit::money::Money;
use crate::kit::text::folded;

/// What becomes of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum To<T> {
    /// It stays as it is.
    #[default]
    Same,
    /// It gets this value.
    Value(T),
}

impl<T> To<T> {
    /// The same for a value that is made of this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> To<U> {
        match self {
            Self::Same => To::Same,
            Self::Value(value) => To::Value(make(value)),
        }
    }
}

/// What to change on a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseUpdate {
    /// What the case is about, in one line.
    pub subject: To<String>,
    /// The category; none takes it away.
    pub category: To<Option<String>>,
    /// The product; none takes it away.
    pub product: To<Option<String>>,
    /// How soon the case should be looked at.
    pub priority: To<Priority>,
    /// How severe the problem is; none takes it away.
    pub severity: To<Option<Severity>>,
    /// All tags.
    pub tags: To<Vec<String>>,
    /// Tags to add.
    pub add_tags: Vec<String>,
    /// Tags to remove.
    pub remove_tags: Vec<String>,
    /// The language that the customer reads.
    pub language: To<Language>,
    /// The seller's number of the order; none takes it away.
    pub order_reference: To<Option<String>>,
    /// What the order cost; none takes it away.
    pub order_amount: To<Option<Money>>,
}

/// The tags of a case that has these, after tags were replaced, removed and added, in that order. They are sorted.
#[must_use]
pub fn tags(present: &[String], update: &CaseUpdate) -> Vec<String> {
    let mut tags = match &update.tags {
        To::Value(tags) => tags.clone(),
        To::Same => present.to_vec(),
    };
    tags.retain(|tag| !update.remove_tags.contains(tag));
    tags.extend(update.add_tags.iter().cloned());
    tags.sort();
    tags.dedup();
    tags
}

/// Changes the fields of a case, and returns those that have another value than before. A value that is too long is
/// refused before.
pub fn apply(case: &mut case::Model, update: CaseUpdate) -> Vec<FieldChange> {
    let mut changed = Vec::new();
    let own = |value: &String| Some(value.clone());
    let maybe = |value: &Option<String>| value.clone();
    put(&mut changed, CaseField::Subject, &mut case.subject, update.subject, own);
    put(&mut changed, CaseField::Category, &mut case.category, update.category, maybe);
    put(&mut changed, CaseField::Product, &mut case.product, update.product, maybe);
    let priority = |value: &Priority| Some(value.word().to_owned());
    put(&mut changed, CaseField::Priority, &mut case.priority, update.priority, priority);
    let severity = |value: &Option<Severity>| value.map(|value| value.word().to_owned());
    put(&mut changed, CaseField::Severity, &mut case.severity, update.severity, severity);
    let all = |value: &Vec<String>| (!value.is_empty()).then(|| value.join(", "));
    // The order in which rules and forms have added tags does not matter.
    let mut sorted = case.tags.0.clone();
    sorted.sort();
    put(&mut changed, CaseField::Tags, &mut sorted, update.tags, all);
    if let Some(change) = changed.last_mut().filter(|change| change.field == CaseField::Tags) {
        let missing = |from: &[String], tags: &[String]| -> Vec<String> {
            tags.iter().filter(|tag| !from.contains(tag)).cloned().collect()
        };
        change.added = missing(&case.tags.0, &sorted);
        change.removed = missing(&sorted, &case.tags.0);
        case.tags.0 = sorted;
    }
    let language = |value: &Language| Some(value.word().to_owned());
    put(&mut changed, CaseField::Language, &mut case.language, update.language, language);
    put(&mut changed, CaseField::OrderReference, &mut case.order_reference, update.order_reference, maybe);
    case.order_key = case.order_reference.as_deref().map(folded);
    let mut amount = case.order_amount_minor.zip(case.order_currency.clone());
    let to = update.order_amount.map(|money| money.map(|Money { minor, currency }| (minor, currency)));
    put(&mut changed, CaseField::OrderAmount, &mut amount, to, |amount| amount.clone().map(in_words));
    (case.order_amount_minor, case.order_currency) = amount.unzip();
    changed
}

fn put<T: PartialEq>(
    changed: &mut Vec<FieldChange>,
    field: CaseField,
    place: &mut T,
    to: To<T>,
    words: impl Fn(&T) -> Option<String>,
) {
    if let To::Value(value) = to
        && value != *place
    {
        let before = words(place);
        *place = value;
        let (added, removed) = (Vec::new(), Vec::new());
        changed.push(FieldChange { field, before, after: words(place), added, removed });
    }
}

fn in_words((minor, currency): (i64, String)) -> String {
    let money = Money { minor, currency };
    format!("{} {}", money.decimal(), money.currency)
}

/// Who sees that these fields changed: the customer only if one of them is shown to customers.
#[must_use]
pub fn seen_by(fields: &[CaseField]) -> Visibility {
    if fields.contains(&CaseField::Subject) { Visibility::Customer } else { Visibility::Internal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use entity::json::Texts;
    use entity::kind::{CaseStage, Channel};
    use uuid::Uuid;

    fn case() -> case::Model {
        let nobody = Uuid::nil();
        let at = DateTime::UNIX_EPOCH;
        case::Model {
            id: nobody.into(),
            seller_id: nobody.into(),
            reference: "C-2026-000001".to_owned(),
            version: 1,
            owner_id: nobody.into(),
            owner_seq: 1,
            owner_open: true,
            owner_active: true,
            customer_id: nobody.into(),
            customer_name: None,
            channel: Channel::Web,
            subject: "Sauna".to_owned(),
            category: Some("garden".to_owned()),
            category_key: Some("garden".to_owned()),
            product: None,
            language: Language::Sv,
            order_reference: Some("A-1".to_owned()),
            order_key: Some("a-1".to_owned()),
            order_amount_minor: Some(49_900),
            order_currency: Some("SEK".to_owned()),
            remedy_sought: None,
            priority: Priority::Normal,
            stage: CaseStage::Received,
            severity: None,
            tags: Texts(vec!["vip".to_owned(), "b2b".to_owned()]),
            service_level_id: None,
            merged_into: None,
            not_understood: false,
            received_at: at,
            opened_at: at,
            closed_at: None,
            next_contact_due: Some(at),
            last_message_id: None,
            last_event_at: at,
            times_chased: 0,
            last_chased_at: None,
        }
    }

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn change(field: CaseField, before: Option<&str>, after: Option<&str>) -> FieldChange {
        let (added, removed) = (Vec::new(), Vec::new());
        FieldChange { field, before: before.map(str::to_owned), after: after.map(str::to_owned), added, removed }
    }

    #[test]
    fn what_is_left_out_stays_and_what_is_the_same_is_no_change() {
        let mut now = case();
        assert_eq!(apply(&mut now, CaseUpdate::default()), []);
        let same = CaseUpdate {
            subject: To::Value("Sauna".to_owned()),
            tags: To::Value(texts(&["b2b", "vip"])),
            order_amount: To::Value(Some(Money { minor: 49_900, currency: "SEK".to_owned() })),
            ..CaseUpdate::default()
        };
        assert_eq!(apply(&mut now, same), []);
        assert_eq!(now, case());
    }

    #[test]
    fn each_change_names_the_values_before_and_after() {
        let mut now = case();
        let all = CaseUpdate {
            category: To::Value(None),
            product: To::Value(Some("Kiuas".to_owned())),
            priority: To::Value(Priority::Urgent),
            tags: To::Value(Vec::new()),
            order_reference: To::Value(Some("B-2".to_owned())),
            order_amount: To::Value(Some(Money { minor: 5, currency: "EUR".to_owned() })),
            ..CaseUpdate::default()
        };
        let changed = [
            change(CaseField::Category, Some("garden"), None),
            change(CaseField::Product, None, Some("Kiuas")),
            change(CaseField::Priority, Some("NORMAL"), Some("URGENT")),
            FieldChange { removed: texts(&["vip", "b2b"]), ..change(CaseField::Tags, Some("b2b, vip"), None) },
            change(CaseField::OrderReference, Some("A-1"), Some("B-2")),
            change(CaseField::OrderAmount, Some("499.00 SEK"), Some("0.05 EUR")),
        ];
        assert_eq!(apply(&mut now, all), changed);
        assert_eq!(now.order_key.as_deref(), Some("b-2"));
        let none = CaseUpdate { order_amount: To::Value(None), ..CaseUpdate::default() };
        assert_eq!(apply(&mut now, none), [change(CaseField::OrderAmount, Some("0.05 EUR"), None)]);
        assert_eq!((now.order_amount_minor, now.order_currency), (None, None));
    }

    #[test]
    fn tags_are_replaced_then_removed_then_added() {
        let of = |set: Option<&[&str]>, remove: &[&str], add: &[&str]| {
            let update = CaseUpdate {
                tags: set.map_or(To::Same, |set| To::Value(texts(set))),
                remove_tags: texts(remove),
                add_tags: texts(add),
                ..CaseUpdate::default()
            };
            tags(&texts(&["vip", "b2b"]), &update).join(" ")
        };
        for (result, expected) in [
            (of(None, &[], &[]), "b2b vip"),
            (of(None, &["vip", "x"], &["new", "b2b"]), "b2b new"),
            (of(Some(&["a"]), &[], &["b"]), "a b"),
            (of(Some(&[]), &[], &[]), ""),
            (of(None, &["vip"], &["vip"]), "b2b vip"),
        ] {
            assert_eq!(result, expected);
        }
    }

    #[test]
    fn customers_see_the_subject_only() {
        assert_eq!(seen_by(&[CaseField::Priority, CaseField::Tags]), Visibility::Internal);
        assert_eq!(seen_by(&[CaseField::Category, CaseField::Subject]), Visibility::Customer);
    }
}
