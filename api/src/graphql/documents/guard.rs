//! Checks a document before it is executed: its size with all fragments written out, and the kind of operation that it
//! runs. Fragments that spread other fragments can make a kilobyte stand for millions of selections. The count of each
//! fragment is memoised, so that counting itself stays cheap.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet, VariableDefinition};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};

use super::{introspect, lists};
use crate::graphql::error::code::Code;
use crate::texts;

/// The kind of operation that a document runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// It only reads.
    Query,
    /// It changes something.
    Mutation,
    /// It follows events.
    Subscription,
}

/// The kind of an operation, and what it asks about the schema itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// The kind of the operation.
    pub kind: OperationKind,
    /// What it asks about the schema itself (introspection).
    pub contract: introspect::Introspection,
}

/// Checks a document against the limits and says what it runs. Of the document's own text, errors repeat at most a
/// variable's name and type.
///
/// # Errors
/// `OPERATION_NOT_FOUND` when no operation has this name, or several do and none is named; `DOCUMENT_TOO_LARGE` or
/// `TOO_MANY_ROOT_FIELDS` when it asks for too much; `TOO_LONG` for a list that is too long;
/// `GRAPHQL_VALIDATION_FAILED` when a variable that needs a value has none.
pub fn check(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
    most: usize,
) -> Result<Looked, ServerError> {
    let operation = document
        .operations
        .iter()
        .find(|(known, _)| name.is_none() || known.map(Name::as_str) == name)
        .filter(|_| name.is_some() || document.operations.iter().count() == 1)
        .map(|(_, operation)| operation)
        .ok_or_else(not_named)?;
    let mut counter = Counter { document, most, known: HashMap::new(), long_name: false };
    // All operations are counted, not only the one that runs, because the library works through all of them. This comes
    // first, so that the later checks work on a document of limited size.
    let mut count: usize = 0;
    for (_, other) in document.operations.iter() {
        count = count.saturating_add(counter.count(&other.node.selection_set, 0));
        if counter.long_name {
            return Err(name_too_long());
        }
        if count > most {
            return Err(too_large(most));
        }
    }
    lists::check(document, variables)?;
    let root_fields = counter.fields(&operation.node.selection_set, 0);
    let roots_at_most = if operation.node.ty == OperationType::Subscription { 1 } else { ROOT_FIELDS };
    if root_fields > roots_at_most {
        return Err(too_many_roots(root_fields, roots_at_most));
    }
    let missing = operation.node.variable_definitions.iter().map(|definition| &definition.node).find(|definition| {
        !definition.var_type.node.nullable
            && definition.default_value.is_none()
            && variables.get(&definition.name.node).is_none_or(|value| *value == Value::Null)
    });
    if let Some(missing) = missing {
        return Err(no_value(missing));
    }
    let contract = introspect::asked(document, &operation.node);
    if contract.bytes > introspect::MOST {
        return Err(asks_too_much_of_the_contract());
    }
    let kind = match operation.node.ty {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    };
    Ok(Looked { kind, contract })
}

/// The largest number of characters in the name (or alias) of a field in the answer.
const NAME: usize = 200;
/// The largest number of root fields in an operation.
const ROOT_FIELDS: usize = 10;
/// How deep fragments are searched for root fields. Deeper ones are limited by the count of all fields only.
const FRAGMENT_DEPTH: usize = 4;
/// The deepest level that is counted. The library's own limit is half of it.
const DEEPEST: usize = 64;

fn not_named() -> ServerError {
    Code::OperationNotFound.server_error(texts::api::no_operation_named())
}

fn too_many_roots(count: usize, most: usize) -> ServerError {
    Code::TooManyRootFields.server_error(texts::api::too_many_root_fields(count, most))
}

fn too_large(most: usize) -> ServerError {
    Code::DocumentTooLarge.server_error(texts::api::too_many_fields(most))
}

fn asks_too_much_of_the_contract() -> ServerError {
    Code::DocumentTooLarge.server_error(texts::api::too_much_of_contract())
}

fn name_too_long() -> ServerError {
    Code::DocumentTooLarge.server_error(texts::api::name_too_long(NAME))
}

fn no_value(missing: &VariableDefinition) -> ServerError {
    let (name, kind) = (&missing.name.node, &missing.var_type.node);
    Code::ValidationFailed.server_error(texts::api::variable_missing(name, kind))
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    most: usize,
    /// The count of each fragment. None while the fragment is being counted: a spread of it then is a cycle, which
    /// validation refuses.
    known: HashMap<&'a Name, Option<usize>>,
    /// Whether a field's name in the answer is too long. The name has a limit because an answer repeats it for each
    /// row.
    long_name: bool,
}

impl<'a> Counter<'a> {
    /// Counts the selections with all fragments written out. Stops soon after the limit is exceeded, and counts a set
    /// that is nested too deep as more than the limit.
    fn count(&mut self, set: &'a Positioned<SelectionSet>, depth: usize) -> usize {
        if depth > DEEPEST {
            return usize::MAX;
        }
        let below = depth + 1;
        let mut count: usize = 0;
        for selection in &set.node.items {
            count = count.saturating_add(match &selection.node {
                Selection::Field(field) => {
                    self.long_name |= field.node.response_key().node.len() > NAME;
                    self.count(&field.node.selection_set, below).saturating_add(1)
                }
                Selection::InlineFragment(inline) => self.count(&inline.node.selection_set, below).saturating_add(1),
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, below).saturating_add(1)
                }
            });
            if count > self.most {
                return count;
            }
        }
        count
    }

    /// Counts the fields of the set itself, those of its fragments included, but not the fields below them.
    fn fields(&self, set: &Positioned<SelectionSet>, depth: usize) -> usize {
        if depth > FRAGMENT_DEPTH {
            return 0;
        }
        let mut count: usize = 0;
        for selection in &set.node.items {
            count = count.saturating_add(match &selection.node {
                Selection::Field(_) => 1,
                Selection::InlineFragment(inline) => self.fields(&inline.node.selection_set, depth + 1),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    fragment.map_or(0, |fragment| self.fields(&fragment.node.selection_set, depth + 1))
                }
            });
            if count > self.most {
                return count;
            }
        }
        count
    }

    fn fragment(&mut self, name: &'a Name, depth: usize) -> usize {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        self.known.insert(name, None);
        let count = self.count(&fragment.node.selection_set, depth);
        self.known.insert(name, Some(count));
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn looked(query: &str, name: Option<&str>, variables: &Variables) -> Result<OperationKind, Code> {
        let document = async_graphql::parser::parse_query(query).unwrap();
        check(&document, name, variables, 2_000).map(|looked| looked.kind).map_err(|error| Code::of(&error).unwrap())
    }

    fn code(query: &str, name: Option<&str>) -> Result<OperationKind, Code> {
        looked(query, name, &Variables::default())
    }

    #[test]
    fn a_kilobyte_that_stands_for_a_thousand_million_fields_is_refused_at_once() {
        let mut bomb = String::from("{ ...f0 }");
        for level in 0..30 {
            write!(bomb, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
        }
        bomb.push_str(" fragment f30 on Query { __typename }");
        assert_eq!(code(&bomb, None), Err(Code::DocumentTooLarge));
    }

    #[test]
    fn a_bomb_is_found_in_whatever_shape() {
        let wide = |count: usize| {
            let spread = |name: &str| format!("...{name} ").repeat(count);
            let mut text = format!("{{ {} }}", spread("a"));
            for (name, next) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")] {
                write!(text, " fragment {name} on Query {{ {} }}", spread(next)).unwrap();
            }
            text + " fragment e on Query { __typename }"
        };
        let chain = |count: usize| {
            let links = (0..count).map(|link| format!(" fragment f{link} on Query {{ ...f{} }}", link + 1));
            format!("{{ ...f0 }}{} fragment f{count} on Query {{ __typename }}", links.collect::<String>())
        };
        let mut unnamed = String::from("query A { __typename } query B { ...f0 }");
        for level in 0..30 {
            write!(unnamed, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
        }
        unnamed.push_str(" fragment f30 on Query { __typename }");
        // The processor time of this thread, so that the test does not fail on a busy machine.
        let worked = || {
            let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            std::time::Duration::from_nanos(said.split(' ').next().unwrap().parse().unwrap())
        };
        let before = worked();
        assert_eq!(code(&wide(200), None), Err(Code::DocumentTooLarge));
        assert_eq!(code(&chain(60_000), None), Err(Code::DocumentTooLarge));
        assert_eq!(code(&unnamed, Some("A")), Err(Code::DocumentTooLarge));
        let took = worked().saturating_sub(before);
        assert!(took < std::time::Duration::from_secs(10), "{took:?}");
    }

    #[test]
    fn nothing_that_is_nested_ends_the_process() {
        for (open, close) in
            [("{a", "}"), ("{...on Query{a", "}}"), ("{a(x:[", "])}"), ("{a(x:{x:", "})}"), ("query($x:[", "]){a}")]
        {
            let text = format!("{}{}", open.repeat(40_000), close.repeat(40_000));
            let looked = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
                async_graphql::parser::parse_query(text)
                    .is_ok_and(|document| check(&document, None, &Variables::default(), 2_000).is_ok())
            });
            assert!(!looked.unwrap().join().unwrap(), "{open}");
        }
    }

    #[test]
    fn a_few_root_fields_and_one_for_a_subscription() {
        let many = format!("{{ {} }}", "a: __typename ".repeat(11));
        assert_eq!(code(&many, None), Err(Code::TooManyRootFields));
        let hidden = format!("{{ ...f }} fragment f on Query {{ {} }}", "a: __typename ".repeat(11));
        assert_eq!(code(&hidden, None), Err(Code::TooManyRootFields));
        assert_eq!(code("subscription { a b }", None), Err(Code::TooManyRootFields));
    }

    #[test]
    fn a_name_that_every_row_repeats_has_a_bound() {
        for (length, expected) in [(NAME, Ok(OperationKind::Query)), (NAME + 1, Err(Code::DocumentTooLarge))] {
            let name = "a".repeat(length);
            assert_eq!(code(&format!("{{ {name}: __typename }}"), None), expected);
            assert_eq!(code(&format!("{{ a {{ ...f }} }} fragment f on A {{ {name} }}"), None), expected);
        }
    }

    #[test]
    fn cycles_do_not_hang() {
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_eq!(code(cycle, None), Ok(OperationKind::Query));
    }

    #[test]
    fn the_operation_that_runs_is_the_one_that_is_named() {
        let two = "query A { __typename } mutation B { __typename }";
        assert_eq!(code(two, Some("B")), Ok(OperationKind::Mutation));
        assert_eq!(code(two, None), Err(Code::OperationNotFound));
        assert_eq!(code(two, Some("C")), Err(Code::OperationNotFound));
        assert_eq!(code("subscription { x }", None), Ok(OperationKind::Subscription));
    }

    #[test]
    fn a_variable_that_must_have_a_value_has_one() {
        let (must, may) = ("query($x: Int!) { a(x: $x) }", "query($x: Int! = 1) { a(x: $x) }");
        assert_eq!(code(must, None), Err(Code::ValidationFailed));
        assert_eq!(code(may, None), Ok(OperationKind::Query));
        let given = |value: serde_json::Value| Variables::from_json(serde_json::json!({ "x": value }));
        assert_eq!(looked(must, None, &given(1.into())), Ok(OperationKind::Query));
        assert_eq!(looked(must, None, &given(serde_json::Value::Null)), Err(Code::ValidationFailed));
    }
}
