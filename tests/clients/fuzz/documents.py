# Documents made from the contract: any operation, any arguments, any selections, literals or variables, whole or bent.

import json
import math

from graphql import (
    GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType,
    GraphQLUnionType,
    build_schema, get_named_type, is_composite_type, is_required_argument, is_required_input_field,
)

HOSTILE = [
    "{" * 3000, "query " + "(" * 2000, "{ a" * 400 + "}" * 400, "{ __typename " * 60 + "}" * 60,
    "{ __typename @skip(if: true) " + "@include(if: true) " * 500 + "}",
    "fragment A on Query { ...A } query { ...A }",
    "fragment A on Query { ...B } fragment B on Query { ...A } { ...A }",
    "{" + " ".join(f"a{n}: __typename" for n in range(3000)) + "}", "query A { __typename } query A { __typename }",
    "{ ...Nothing }",
    "query($a: [" + "[" * 200 + "Int" + "]" * 201 + ") { __typename }",
    "{ nodes(ids: " + "[" * 5000 + "]" * 5000 + ") { id } }",
    "query($a: Nothing = {a: {b: $a}}) { node(id: $a) { id } }", "query($a: ID! = $a) { node(id: $a) { id } }",
    "#" * 100_000, "\ufeff{ __typename }",
    "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
    '{ node(id: """' + '\\"""' * 999 + '""") { id } }',
    "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(40))
    + "fragment F40 on Query { __typename } { ...F0 }",
    '{ node(id: "\\u{110000}") { id } }', '{ node(id: "\\ud800") { id } }',
    "{ cases(first: 99999999999999999999999) { totalCount } }", "{ cases(first: 1e999) { totalCount } }",
    "subscription { taskEvents { kind } workEvents { cursor } }",
    "subscription { ...F } fragment F on Subscription { taskEvents { kind } }",
    "{ __type(name: \"Query\") { name } }",
    "query { cases { nodes { owner { teams { members { teams { members { teams { members { name } } } } } } } } } }",
    "mutation { __typename }", "", " ", "null", "{}", "query",
]


class Enum(str):
    """A word that is written without quotes in a document."""


def literal(value):
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(inner) for inner in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "1e999"
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())


class Documents:
    def __init__(self, sdl, values):
        self.schema = build_schema(sdl)
        self.values = values
        self.roots = {"query": self.schema.query_type, "mutation": self.schema.mutation_type,
            "subscription": self.schema.subscription_type}

    def make(self, rng, kind=None, field=None):
        """A request's body, and which kind of operation it runs."""
        kind = kind or rng.choices(["query", "mutation", "subscription"], [45, 45, 10])[0]
        self.values.calm = rng.random() < 0.45
        document = Document(self, rng, 0.0 if self.values.calm else rng.choice([0.0, 0.03, 0.25]))
        roots = rng.choices([1, 2, 3, 12], [75, 15, 7, 3])[0] if kind == "query" else 1
        root = self.roots[kind]
        names = [field] if field else [rng.choice(sorted(root.fields)) for _ in range(roots)]
        fields = [document.field(f"r{place}: {name}", root.fields[name], name, 0) for place, name in enumerate(names)]
        defined = f"({', '.join(document.defined)})" if document.defined else ""
        text = f"{kind} Q{defined} {{ {' '.join(fields)} }} {' '.join(document.fragments)}"
        return kind, {"query": bend(rng, text) if rng.random() < 0.06 else text, "variables": document.variables}


class Document:
    """One in the making. `hostility` is how often a value is of a kind that was not asked for."""

    def __init__(self, documents, rng, hostility):
        self.schema, self.values, self.rng, self.hostility = documents.schema, documents.values, rng, hostility
        self.defined, self.variables, self.fragments = [], {}, []

    def field(self, shown, field, name, depth):
        args = []
        for arg_name, arg in field.args.items():
            if self.rng.random() < (0.99 if is_required_argument(arg) else 0.45):
                args.append(f"{arg_name}: {self.argument(arg_name, arg.type, name)}")
        text = shown + (f"({', '.join(args)})" if args else "")
        if self.rng.random() < 0.01:
            text += self.rng.choice([" @skip(if: false)", " @include(if: true)",
                " @skip(if: true)"] * 6 + [" @nothing", " @skip"])
        inner = get_named_type(field.type)
        return text + (self.selection(inner, depth + 1) if is_composite_type(inner) else "")

    def argument(self, name, kind, act):
        value = self.value(kind, name, act)
        if self.rng.random() < 0.7:
            variable = f"v{len(self.defined)}"
            self.defined.append(f"${variable}: {kind}")
            self.variables[variable] = value
            return f"${variable}"
        return literal(value)

    def value(self, kind, name, act, depth=0):
        rng = self.rng
        if rng.random() < self.hostility / (depth + 1):
            return self.values.wrong(rng)
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, name, act, depth)
        if isinstance(kind, GraphQLList):
            count = rng.choices([0, 1, 2, 5, 60, 1200], [10, 50, 25, 10, 4, 1])[0]
            count = min(count, 2) if depth > 1 or self.values.calm else count
            return [self.value(kind.of_type, name, act, depth + 1) for _ in range(count)]
        if isinstance(kind, GraphQLEnumType):
            return Enum(rng.choice(sorted(kind.values))) if rng.random() < 0.97 else Enum("NOTHING")
        if not isinstance(kind, GraphQLInputObjectType):
            return self.values.scalar(rng, kind.name, name, act)
        fields = kind.fields
        if kind.is_one_of:
            chosen = rng.sample(sorted(fields), 1 if rng.random() < 0.95 else 2)
        else:
            # Filters contain filters: the deeper, the less.
            often = rng.choice([0.15, 0.5, 0.9]) if depth < 3 else 0.1 if depth < 7 else 0
            chosen = [field for field in fields if is_required_input_field(fields[field]) or rng.random() < often]
        return {field: self.value(fields[field].type, field, act, depth + 1) for field in chosen}

    def selection(self, kind, depth):
        rng = self.rng
        parts = ["__typename"] if rng.random() < 0.3 else []
        if isinstance(kind, (GraphQLInterfaceType, GraphQLUnionType)):
            possible = sorted(self.schema.get_possible_types(kind), key=lambda one: one.name)
            for one in rng.sample(possible, min(len(possible), rng.choice([1, 2, 4]))):
                parts.append(self.spread(one, self.selection(one, depth)))
        if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            for name, field in kind.fields.items():
                inner = get_named_type(field.type)
                if name == "userErrors":
                    parts.append("userErrors { code field message }")
                elif rng.random() < (0.6 / depth if is_composite_type(inner) else 0.7) and depth < 7:
                    alias = f"a{rng.randrange(99)}: " if rng.random() < 0.01 else ""
                    parts.append(self.field(alias + name, field, name, depth))
        return f" {{ {' '.join(parts or ['__typename'])} }}"

    def spread(self, kind, selection):
        if self.rng.random() < 0.8:
            return f"... on {kind.name}{selection}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {kind.name}{selection}")
        return f"...{name}"


def bend(rng, text):
    """The text with something wrong in it."""
    place = rng.randrange(len(text))
    other = rng.choice(["{", "}", "(", ")", "$", "!", "\"", "...", "@", ":", "\u0000", "å", "#", "[", "-", "1e",
        "\ud800", "query", "\\u"])
    return rng.choice([text[:place], text[:place] + other + text[place:],
        text[:place] + text[place + rng.randrange(1, 9) :], text[place:] + text, rng.choice(HOSTILE)])
