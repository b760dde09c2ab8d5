//! The contract.

use ansvar_tests::TestApp;
use ansvar_tests::golden::assert_golden;
use serde_json::{Value, json};

#[test]
fn the_contract_in_the_repository_is_the_one_the_code_serves() {
    assert_golden("schema.graphql", &ansvar::graphql::sdl());
}

const INTROSPECTION: &str = "{ __schema { types { kind name description fields(includeDeprecated: true) { name description args { name description } } inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_it_is_described() {
    let t = TestApp::start().await;
    let answer = t.anybody().asks(INTROSPECTION, json!({})).await;
    let mut count = 0;
    let mut bare = Vec::new();
    let mut look = |path: String, thing: &Value| {
        count += 1;
        if thing["description"].as_str().unwrap_or_default().trim().len() < 3 {
            bare.push(path);
        }
    };
    let list = |thing: &Value, name: &str| thing[name].as_array().cloned().unwrap_or_default();
    let name = |thing: &Value| thing["name"].as_str().unwrap().to_owned();
    // The description of `ID` is the library's.
    for kind in
        list(&answer["__schema"], "types").iter().filter(|kind| !name(kind).starts_with("__") && name(kind) != "ID")
    {
        let own = name(kind);
        look(own.clone(), kind);
        for part in ["inputFields", "enumValues"] {
            for thing in list(kind, part) {
                look(format!("{own}.{}", name(&thing)), &thing);
            }
        }
        for field in list(kind, "fields") {
            let path = format!("{own}.{}", name(&field));
            look(path.clone(), &field);
            for argument in list(&field, "args") {
                look(format!("{path}({})", name(&argument)), &argument);
            }
        }
    }
    assert!(bare.is_empty(), "{} of {count} things are not described:\n{}", bare.len(), bare.join("\n"));
    assert!(count > 400, "the introspection shows only {count} things");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_shape_keeps_the_rules() {
    let t = TestApp::start().await;
    let document = "{ __schema { mutationType { fields { name args { name type { kind ofType { name } } } type { kind ofType { name fields { name type { kind ofType { kind } } } } } } } types { name kind } } }";
    let answer = t.anybody().asks(document, json!({})).await;
    for mutation in answer["__schema"]["mutationType"]["fields"].as_array().unwrap() {
        let name = mutation["name"].as_str().unwrap();
        let kind = name[..1].to_uppercase() + &name[1..];
        assert_eq!(
            mutation["args"],
            json!([{ "name": "input", "type": { "kind": "NON_NULL", "ofType": { "name": format!("{kind}Input") } } }]),
            "{name}"
        );
        assert_eq!(mutation["type"]["kind"], "NON_NULL", "{name}");
        assert_eq!(mutation["type"]["ofType"]["name"], format!("{kind}Payload"));
        let fields = mutation["type"]["ofType"]["fields"].as_array().unwrap();
        assert!(fields.iter().any(|field| field["name"] == "userErrors"), "{name}");
        assert!(!fields.iter().any(|field| field["name"] == "success"), "{name}");
    }
    // Names that conflict with built-in types in generated TypeScript.
    for kind in answer["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        assert!(
            !["Promise", "Record", "Map", "Error", "Event", "Request", "Response", "Date", "Part"].contains(&name),
            "{name}"
        );
    }
}
