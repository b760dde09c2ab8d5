//! Inputs in which `$kind` stands for an id.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Things;

/// The paths of the placeholders in an input, with their kinds.
pub fn placeholders(input: &Value, path: &str, found: &mut BTreeSet<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match input {
        Value::String(text) if text.starts_with('$') => drop(found.insert((path.to_owned(), text[1..].to_owned()))),
        Value::Array(values) => values.iter().for_each(|value| placeholders(value, path, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| placeholders(value, &below(name), found)),
        _ => {}
    }
}

/// The input with real ids, and at one path the id of another set.
pub fn filled(input: &Value, path: &str, there: (&str, &str), own: &Things) -> Value {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match input {
        Value::String(text) if text.starts_with('$') && path == there.0 => json!(there.1),
        Value::String(text) if text.starts_with('$') => json!(own[&text[1..]]),
        Value::Array(values) => values.iter().map(|value| filled(value, path, there, own)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled(value, &below(name), there, own))).collect()
        }
        value => value.clone(),
    }
}
