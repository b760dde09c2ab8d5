//! The arguments of type ID in the contract.

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::TestApp;
use serde_json::{Value, json};

/// All paths of type ID in the contract's arguments, by operation.
pub async fn in_the_contract(t: &TestApp) -> BTreeSet<(String, String)> {
    let of_type = "name type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let document = format!(
        "{{ __schema {{ queryType {{ fields {{ name args {{ {of_type} }} }} }} mutationType {{ fields {{ name args {{ {of_type} }} }} }} subscriptionType {{ fields {{ name args {{ {of_type} }} }} }} types {{ kind name inputFields {{ {of_type} }} }} }} }}"
    );
    let answer = t.anybody().asks(&document, json!({})).await;
    let schema = &answer["__schema"];
    let inputs: BTreeMap<&str, &Value> = schema["types"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|kind| kind["kind"] == "INPUT_OBJECT")
        .map(|kind| (kind["name"].as_str().unwrap(), &kind["inputFields"]))
        .collect();
    let mut found = BTreeSet::new();
    for root in ["queryType", "mutationType", "subscriptionType"] {
        for field in schema[root]["fields"].as_array().unwrap() {
            for argument in field["args"].as_array().unwrap() {
                let path = if argument["name"] == "input" { "" } else { argument["name"].as_str().unwrap() };
                walk(argument, path, &inputs, &mut Vec::new(), &mut |path| {
                    found.insert((field["name"].as_str().unwrap().to_owned(), path.to_owned()));
                });
            }
        }
    }
    found
}

fn walk<'a>(
    thing: &'a Value,
    path: &str,
    inputs: &BTreeMap<&'a str, &'a Value>,
    above: &mut Vec<&'a str>,
    tell: &mut impl FnMut(&str),
) {
    let mut kind = &thing["type"];
    while !kind["ofType"].is_null() {
        kind = &kind["ofType"];
    }
    let name = kind["name"].as_str().unwrap();
    if name == "ID" {
        tell(path);
    }
    let Some(fields) = inputs.get(name).filter(|_| !above.contains(&name)) else { return };
    above.push(name);
    for field in fields.as_array().unwrap() {
        let own = field["name"].as_str().unwrap();
        let below = if path.is_empty() { own.to_owned() } else { format!("{path}.{own}") };
        walk(field, &below, inputs, above, tell);
    }
    above.pop();
}
