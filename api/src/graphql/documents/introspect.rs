//! The cost of introspection: questions about the schema itself. A kilobyte of `__schema` can stand for gigabytes of
//! answer, because the type of every field has fields again, and the library counts each of them as one. So the size of
//! such an answer is estimated from the schema's own numbers before anything is executed. It is limited and paid for in
//! points. Pure.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::Name;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, TypeKind,
    TypeSystemDefinition,
};

/// The largest estimated number of bytes of an introspection answer. The usual query of GraphiQL and code generators is
/// below half of it.
pub const MOST: usize = 16 * 1024 * 1024;
/// The bytes of an answer that cost one point.
const POINT: usize = 1024;
/// The deepest level that is estimated. The library's own limit is lower.
const DEEPEST: usize = 64;

/// What an operation asks about the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Introspection {
    /// The estimated bytes of that part of the answer.
    pub bytes: usize,
    /// Whether it asks for nothing else, and has no variables or directives, so that the answer is the same for every
    /// request.
    pub alone: bool,
}

impl Introspection {
    /// The cost in points.
    #[must_use]
    pub fn points(self) -> u32 {
        points(self.bytes)
    }
}

/// The cost, in points, of this many bytes of an introspection answer.
#[must_use]
pub fn points(bytes: usize) -> u32 {
    u32::try_from(bytes / POINT).unwrap_or(u32::MAX)
}

/// Estimates what this operation asks about the schema.
#[must_use]
pub fn asked(document: &ExecutableDocument, operation: &OperationDefinition) -> Introspection {
    if operation.ty != OperationType::Query {
        return Introspection::default();
    }
    let mut estimate = Estimate { document, sizes: &SIZES, known: HashMap::new(), known_roots: HashMap::new() };
    let (bytes, others) = estimate.roots(&operation.selection_set.node, 0);
    let alone = bytes > 0 && !others && operation.variable_definitions.is_empty() && operation.directives.is_empty();
    Introspection { bytes, alone }
}

/// How many things of a kind (fields, for example) the types of the schema have: on average, and at most.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    average: usize,
    most: usize,
}

/// The numbers of the schema that estimates are made from.
#[derive(Debug, Default)]
struct Sizes {
    types: usize,
    fields: Count,
    arguments: Count,
    values: Count,
    inputs: Count,
    others: Count,
}

static SIZES: LazyLock<Sizes> = LazyLock::new(|| Sizes::of(&crate::graphql::sdl()));

impl Sizes {
    fn of(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        let (mut fields, mut arguments, mut values, mut inputs, mut others) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for definition in definitions {
            let TypeSystemDefinition::Type(kind) = definition else { continue };
            let of_type = match kind.node.kind {
                TypeKind::Object(object) => Some((object.fields, object.implements.len())),
                TypeKind::Interface(interface) => Some((interface.fields, interface.implements.len())),
                TypeKind::Enum(kind) => {
                    values.push(kind.values.len());
                    None
                }
                TypeKind::InputObject(kind) => {
                    inputs.push(kind.fields.len());
                    None
                }
                TypeKind::Union(union) => {
                    others.push(union.members.len());
                    None
                }
                TypeKind::Scalar => None,
            };
            if let Some((of_type, implements)) = of_type {
                fields.push(of_type.len());
                others.push(implements);
                arguments.extend(of_type.iter().map(|field| field.node.arguments.len()));
            }
        }
        // The 24 are types that the library adds and that the schema's text does not name.
        let types = fields.len() + values.len() + inputs.len() + 24;
        let count = |all: &[usize], among: usize| Count {
            average: all.iter().sum::<usize>().div_ceil(among.max(1)),
            most: all.iter().copied().max().unwrap_or_default(),
        };
        let each = arguments.len();
        Self {
            fields: count(&fields, types),
            arguments: count(&arguments, each),
            values: count(&values, types),
            inputs: count(&inputs, types),
            others: count(&others, types),
            types,
        }
    }
}

struct Estimate<'a> {
    document: &'a ExecutableDocument,
    sizes: &'a Sizes,
    /// The estimates of fragments, by name and by whether averages apply. None while a fragment is being estimated: a
    /// spread of it then is a cycle, which validation refuses.
    known: HashMap<(&'a Name, bool), Option<usize>>,
    /// The same for fragments at the operation's root: bytes, and whether they ask for anything else.
    known_roots: HashMap<&'a Name, Option<(usize, bool)>>,
}

impl<'a> Estimate<'a> {
    /// Estimates the bytes about the schema at the operation's root, and says whether it asks for anything else.
    fn roots(&mut self, set: &'a SelectionSet, depth: usize) -> (usize, bool) {
        if depth > DEEPEST {
            return (0, true);
        }
        let (mut bytes, mut others) = (0_usize, false);
        for selection in &set.items {
            let (more, else_too) = match &selection.node {
                Selection::Field(field) => match field.node.name.node.as_str() {
                    "__schema" | "__type" => {
                        (self.field(&field.node, false, depth + 1), !field.node.directives.is_empty())
                    }
                    "__typename" => (0, !field.node.directives.is_empty()),
                    _ => (0, true),
                },
                Selection::InlineFragment(inline) => self.roots(&inline.node.selection_set.node, depth + 1),
                Selection::FragmentSpread(spread) => self.root_fragment(&spread.node.fragment_name.node, depth + 1),
            };
            bytes = bytes.saturating_add(more);
            others |= else_too;
            if bytes > MOST {
                break;
            }
        }
        (bytes, others)
    }

    fn root_fragment(&mut self, name: &'a Name, depth: usize) -> (usize, bool) {
        if let Some(known) = self.known_roots.get(name) {
            return known.unwrap_or((0, true));
        }
        let Some(fragment) = self.document.fragments.get(name) else { return (0, true) };
        self.known_roots.insert(name, None);
        let found = self.roots(&fragment.node.selection_set.node, depth);
        self.known_roots.insert(name, Some(found));
        found
    }

    /// Estimates the bytes of a set of fields of one object. `spread` says that the set is applied to all types alike,
    /// so that averages apply; otherwise the largest numbers do.
    fn set(&mut self, set: &'a SelectionSet, spread: bool, depth: usize) -> usize {
        if depth > DEEPEST {
            return usize::MAX;
        }
        let mut bytes: usize = 2;
        for selection in &set.items {
            bytes = bytes.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, spread, depth + 1),
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, spread, depth + 1),
                Selection::FragmentSpread(fragment) => {
                    self.fragment(&fragment.node.fragment_name.node, spread, depth + 1)
                }
            });
        }
        bytes
    }

    fn field(&mut self, field: &'a Field, spread: bool, depth: usize) -> usize {
        let sizes = self.sizes;
        let of = |count: Count| if spread { count.average } else { count.most };
        let (times, within) = match field.name.node.as_str() {
            "types" => (sizes.types, true),
            "fields" => (of(sizes.fields), spread),
            "args" => (of(sizes.arguments), spread),
            "enumValues" => (of(sizes.values), spread),
            "inputFields" => (of(sizes.inputs), spread),
            "interfaces" | "possibleTypes" => (of(sizes.others), false),
            "directives" | "locations" => (8, false),
            _ => (1, false),
        };
        let key = field.response_key().node.as_str().len() + 4;
        let content = if field.selection_set.node.items.is_empty() {
            match field.name.node.as_str() {
                "description" => 120,
                "name" => 24,
                _ => 12,
            }
        } else {
            let content = self.set(&field.selection_set.node, within, depth);
            // Half, because most types are wrapped once or not at all, while the usual query nests `ofType` many times.
            if field.name.node == "ofType" { content / 2 } else { content }
        };
        key.saturating_add(times.saturating_mul(content))
    }

    fn fragment(&mut self, name: &'a Name, spread: bool, depth: usize) -> usize {
        if let Some(known) = self.known.get(&(name, spread)) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        self.known.insert((name, spread), None);
        let bytes = self.set(&fragment.node.selection_set.node, spread, depth);
        self.known.insert((name, spread), Some(bytes));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimated(query: &str) -> Introspection {
        let document = async_graphql::parser::parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        asked(&document, &operation.node)
    }

    /// The number of bytes in the real answer.
    async fn answered(query: &str) -> usize {
        let schema = crate::graphql::builder().finish();
        let response = schema.execute(query).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        serde_json::to_vec(&response.data).unwrap().len()
    }

    /// The query that GraphiQL and code generators send.
    const USUAL: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } \
        types { ...FullType } directives { name description locations args { ...InputValue } } } } \
        fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } \
        type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } \
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } \
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue } \
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType \
        { kind name ofType { kind name ofType { kind name } } } } } } } }";

    #[tokio::test]
    async fn an_estimate_is_near_what_is_answered() {
        for query in [
            USUAL,
            "{ __schema { types { name } } }",
            "{ __schema { types { fields { name description } } } }",
            "{ __schema { types { inputFields { name type { name ofType { name } } } } } }",
            "{ __schema { types { fields { type { ofType { fields { name } } } } } } }",
            r#"{ __type(name: "Mutation") { fields { name args { name type { ofType { inputFields { name } } } } } } }"#,
        ] {
            let (estimate, answer) = (estimated(query).bytes, answered(query).await);
            assert!(estimate * 2 > answer, "{query}: {estimate} for {answer}");
            assert!(answer > 5_000, "{query}: {answer}");
        }
        let (estimate, answer) = (estimated(USUAL).bytes, answered(USUAL).await);
        assert!(estimate < 4 * answer && estimate < MOST / 2, "{estimate} for {answer}");
    }

    #[test]
    fn what_would_be_gigabytes_is_more_than_there_may_be() {
        let deep = |open: &str, close: &str| {
            format!("{{ __schema {{ types {{ {} name {} }} }} }}", open.repeat(3), close.repeat(3))
        };
        for query in [
            deep("fields { type { ofType {", "} } }"),
            deep("fields { type {", "} }"),
            deep("possibleTypes { fields { type {", "} } }"),
            deep("fields { args { type { ofType { inputFields { type { ofType {", "} } } } } } }"),
        ] {
            assert!(estimated(&query).bytes > MOST, "{query}: {}", estimated(&query).bytes);
        }
    }

    #[test]
    fn an_answer_that_is_prepared_asks_for_nothing_else() {
        for (query, alone) in [
            ("{ __schema { types { name } } }", true),
            ("{ __typename a: __schema { types { name } } }", true),
            ("{ ...f } fragment f on Query { __schema { types { name } } }", true),
            (r#"{ __type(name: "Case") { name } }"#, true),
            ("query($n: String!) { __type(name: $n) { name } }", false),
            ("query($n: Boolean!) { __schema @include(if: $n) { types { name } } }", false),
            ("{ __schema { types { name } } viewer { __typename } }", false),
            ("{ __typename }", false),
            ("mutation { __typename }", false),
        ] {
            assert_eq!(estimated(query).alone, alone, "{query}");
        }
        assert_eq!(estimated("{ viewer { __typename } }").bytes, 0);
        let twice = "{ ...a ...a } fragment a on Query { ...b ...b } \
            fragment b on Query { ...a ...a __schema { types { name } } }";
        assert!(estimated(twice).bytes < MOST && !estimated(twice).alone);
        let cycle = "{ __schema { types { ...a } } } fragment a on __Type { ...b } fragment b on __Type { ...a }";
        assert!(estimated(cycle).bytes < MOST);
    }
}
