//! A general limit for every list that a client sends, so that the work for a list is limited even where its field has
//! no limit of its own.

use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{ServerError, Value, Variables};

use crate::graphql::error::code::Code;
use crate::texts;

/// The largest number of items in a list. Many lists have a lower limit, which the schema states.
const MOST: usize = 1_000;
/// The deepest level of lists and objects that is checked; anything deeper is refused.
const DEEPEST: usize = 64;

/// Refuses a document with a list that is too long, in its variables or written out.
///
/// # Errors
/// `TOO_LONG` when a list has more than 1,000 items.
pub fn check(document: &ExecutableDocument, variables: &Variables) -> Result<(), ServerError> {
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let written_short = operations.chain(fragments).all(|set| short_in(set, 0));
    let defaults = document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    let mut defaults = defaults.filter_map(|definition| definition.node.default_value.as_ref());
    if written_short && defaults.all(|value| short(&value.node, 0)) && variables.values().all(|value| short(value, 0)) {
        return Ok(());
    }
    Err(Code::TooLong.server_error(texts::api::list_too_long(MOST)))
}

fn short_in(set: &SelectionSet, depth: usize) -> bool {
    depth <= DEEPEST
        && set.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => {
                let mut arguments = field.node.arguments.iter().map(|(_, value)| {
                    // A variable is checked with the other variables.
                    value.node.clone().into_const_with(|_| Ok::<_, Infallible>(Value::Null))
                });
                arguments.all(|value| value.is_ok_and(|value| short(&value, 0)))
                    && short_in(&field.node.selection_set.node, depth + 1)
            }
            Selection::InlineFragment(inline) => short_in(&inline.node.selection_set.node, depth + 1),
            Selection::FragmentSpread(_) => true,
        })
}

fn short(value: &Value, depth: usize) -> bool {
    match value {
        Value::List(items) => {
            depth <= DEEPEST && items.len() <= MOST && items.iter().all(|item| short(item, depth + 1))
        }
        Value::Object(fields) => depth <= DEEPEST && fields.values().all(|value| short(value, depth + 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn refused(query: &str, variables: serde_json::Value) -> bool {
        check(&parse_query(query).unwrap(), &Variables::from_json(variables)).is_err()
    }

    #[test]
    fn a_list_that_is_too_long_is_found_wherever_it_stands() {
        let none = || serde_json::json!({});
        for (items, long) in [(1_000, false), (1_001, true)] {
            let list = format!("[{}]", "1,".repeat(items));
            for query in [
                format!("{{ a(b: {list}) }}"),
                format!("{{ a {{ c(b: {{ d: [{list}] }}) }} }}"),
                format!("{{ ... on Query {{ a(b: {list}) }} }}"),
                format!("{{ ...f }} fragment f on Query {{ a(b: {list}) }}"),
                format!("query A {{ a }} query B($b: [Int] = {list}) {{ a(b: $b) }}"),
            ] {
                assert_eq!(refused(&query, none()), long, "{items}: {query:.60}");
            }
            for given in
                [serde_json::json!({ "b": vec![1; items] }), serde_json::json!({ "b": { "c": [vec![1; items]] } })]
            {
                assert_eq!(refused("query($b: [Int]) { a(b: $b) }", given), long, "{items}");
            }
        }
    }
}
