//! Looks at a document before it is executed: its size as the server would have to work through it, and what kind of
//! operation it runs. Fragments that spread fragments can make a kilobyte stand for millions of selections; they are
//! counted with a memo per fragment, so that counting itself stays cheap.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Request, ServerError};

/// What a document is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It reads.
    Query,
    /// It acts.
    Mutation,
    /// It follows.
    Subscription,
}

/// Parses the request's document once for all, bounds it, and says what it runs.
///
/// # Errors
/// With a code and without the document's own text: it does not parse, names no operation that is in it, or is too big.
pub fn check(request: &mut Request, most: usize) -> Result<Kind, ServerError> {
    let name = request.operation_name.clone();
    let document = request.parsed_query().map_err(|error| {
        // The parser quotes the whole line; the position says enough.
        let reason =
            error.message.lines().rev().find_map(|line| line.trim().strip_prefix("= ")).unwrap_or("not GraphQL");
        let message = format!("Syntax error: {}", crate::kit::text::truncated(reason, 200));
        coded("GRAPHQL_PARSE_FAILED", ServerError { message, ..error })
    })?;
    let operation = document
        .operations
        .iter()
        .find(|(known, _)| name.is_none() || known.map(Name::as_str) == name.as_deref())
        .filter(|_| name.is_some() || document.operations.iter().count() == 1)
        .map(|(_, operation)| operation);
    let Some(operation) = operation else {
        let message = "Name one of the document's operations in `operationName`.";
        return Err(coded("OPERATION_NOT_FOUND", ServerError::new(message, None)));
    };
    let mut counter = Counter { document, most, known: HashMap::new() };
    let root_fields = counter.fields(&operation.node.selection_set, 0);
    let roots_at_most = if operation.node.ty == OperationType::Subscription { 1 } else { ROOT_FIELDS };
    if root_fields > roots_at_most {
        let message = format!(
            "The operation has {root_fields} root fields; at most {roots_at_most} are served. Send several operations."
        );
        return Err(coded("TOO_MANY_ROOT_FIELDS", ServerError::new(message, Some(operation.pos))));
    }
    if counter.count(&operation.node.selection_set) > most {
        let message = format!(
            "The document asks for more than {most} fields with its fragments written out. Ask for less at a time."
        );
        return Err(coded("DOCUMENT_TOO_LARGE", ServerError::new(message, Some(operation.pos))));
    }
    Ok(match operation.node.ty {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => Kind::Subscription,
    })
}

/// Root fields of an operation.
const ROOT_FIELDS: usize = 10;
/// How deep root fields are looked for in fragments; deeper ones are counted with the rest.
const FRAGMENT_DEPTH: usize = 4;

fn coded(code: &str, mut error: ServerError) -> ServerError {
    error.extensions.get_or_insert_default().set("code", code);
    error
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    most: usize,
    /// None while a fragment is being counted: a spread of it then is a cycle, which validation refuses.
    known: HashMap<&'a Name, Option<usize>>,
}

impl<'a> Counter<'a> {
    /// Selections with all fragments written out; stops counting soon after the bound.
    fn count(&mut self, set: &'a Positioned<SelectionSet>) -> usize {
        let mut count: usize = 0;
        for selection in &set.node.items {
            count = count.saturating_add(match &selection.node {
                Selection::Field(field) => self.count(&field.node.selection_set).saturating_add(1),
                Selection::InlineFragment(inline) => self.count(&inline.node.selection_set).saturating_add(1),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node).saturating_add(1),
            });
            if count > self.most {
                return count;
            }
        }
        count
    }

    /// Fields of a set itself, those of its fragments included.
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

    fn fragment(&mut self, name: &'a Name) -> usize {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        self.known.insert(name, None);
        let count = self.count(&fragment.node.selection_set);
        self.known.insert(name, Some(count));
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn code(query: &str, name: Option<&str>) -> Result<Kind, String> {
        let mut request = Request::new(query);
        request.operation_name = name.map(str::to_owned);
        check(&mut request, 2_000).map_err(|error| {
            error.extensions.and_then(|extensions| extensions.get("code").map(ToString::to_string)).unwrap_or_default()
        })
    }

    #[test]
    fn a_kilobyte_that_stands_for_a_thousand_million_fields_is_refused_at_once() {
        let mut bomb = String::from("{ ...f0 }");
        for level in 0..30 {
            write!(bomb, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
        }
        bomb.push_str(" fragment f30 on Query { __typename }");
        assert_eq!(code(&bomb, None), Err("\"DOCUMENT_TOO_LARGE\"".to_owned()));
    }

    #[test]
    fn a_few_root_fields_and_one_for_a_subscription() {
        let many = format!("{{ {} }}", "a: __typename ".repeat(11));
        assert_eq!(code(&many, None), Err("\"TOO_MANY_ROOT_FIELDS\"".to_owned()));
        let hidden = format!("{{ ...f }} fragment f on Query {{ {} }}", "a: __typename ".repeat(11));
        assert_eq!(code(&hidden, None), Err("\"TOO_MANY_ROOT_FIELDS\"".to_owned()));
        assert_eq!(code("subscription { a b }", None), Err("\"TOO_MANY_ROOT_FIELDS\"".to_owned()));
    }

    #[test]
    fn cycles_do_not_hang() {
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_eq!(code(cycle, None), Ok(Kind::Query));
    }

    #[test]
    fn the_operation_that_runs_is_the_one_that_is_named() {
        let two = "query A { __typename } mutation B { __typename }";
        assert_eq!(code(two, Some("B")), Ok(Kind::Mutation));
        assert_eq!(code(two, None), Err("\"OPERATION_NOT_FOUND\"".to_owned()));
        assert_eq!(code(two, Some("C")), Err("\"OPERATION_NOT_FOUND\"".to_owned()));
        assert_eq!(code("subscription { x }", None), Ok(Kind::Subscription));
    }

    #[test]
    fn a_syntax_error_does_not_quote_the_document() {
        let mut request = Request::new("{ secret( }");
        let error = check(&mut request, 10).unwrap_err();
        assert!(error.message.starts_with("Syntax error: "), "{}", error.message);
        assert!(!error.message.contains("secret"), "{}", error.message);
    }
}
