//! Errors: the published list; messages in the reader's language, with the request's id and without internal details.

use std::fmt::Write;

use ansvar::graphql::error::code::Code;
use ansvar_tests::TestApp;
use ansvar_tests::golden::{assert_golden, root};
use serde_json::{Value, json};

const USER_ERRORS: &str = "{ __type(name: \"ErrorCode\") { enumValues { name description } } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_list_that_people_read_is_the_one_that_the_code_has() {
    let t = TestApp::start().await;
    let listed = t.anybody().asks(USER_ERRORS, json!({})).await;
    let mut page = String::from(
        "# Errors\n\nGenerated from the code; a test keeps both equal.\n\n\
         There are two kinds of errors. Problems with an act that the caller can solve are **data**: `userErrors` in the payload, each with\n\
         `code`, `field` and a `message` for people; nothing was changed then. All other errors end the request, or the field that failed,\n\
         and are in `errors`, each with `extensions.code`. Messages are in Swedish or English, by `Accept-Language`. Messages may change;\n\
         codes do not.\n\n\
         Every answer has the request's id in the header `x-request-id`, and every answer with `errors` has it in `extensions.requestId`\n\
         too. On a WebSocket each error of an `error` message has it. Give the id when you ask for help: the log contains it. A request\n\
         whose head is larger than 16 KiB (for example because of a long query string) is answered with 431 before it has an id.\n\n\
         ## `userErrors[].code`\n\n| code | meaning, and what to do |\n|---|---|\n",
    );
    for value in listed["__type"]["enumValues"].as_array().unwrap() {
        let (name, meaning) = (value["name"].as_str().unwrap(), value["description"].as_str().unwrap());
        writeln!(page, "| `{name}` | {} |", meaning.replace('\n', " ")).unwrap();
    }
    page.push_str(
        "\n## `errors[].extensions.code`\n\nThe status is the HTTP status of the answer if nothing was executed and you accept\n\
         `application/graphql-response+json`. If a field fails while others succeed, the status is 200. If you accept only\n\
         `application/json`, the status is 200 also for a document that cannot be executed.\n\n\
         | code | status | meaning, and what to do |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        writeln!(page, "| `{}` | {} | {} |", code.text(), code.status(), code.meaning()).unwrap();
    }
    page.push_str(
        "\n## WebSocket close codes\n\n| code | reason | reconnect? |\n|---|---|---|\n\
         | 1012 | the service restarts | yes, with your cursor |\n\
         | 1013 | the service is busy, you did not read for too long, too many sockets are open, or a message costs more than your share | later, with your cursor |\n\
         | 4400 | a message that is none of graphql-transport-ws, or a payload that is invalid or too large | fix the client |\n\
         | 4401 | `subscribe` before `connection_init`, or the credential has ended | with a new token |\n\
         | 4403 | the credential in `connection_init` was refused | with another one |\n\
         | 4406 | another sub-protocol than graphql-transport-ws | fix the client |\n\
         | 4408 | no `connection_init` within five seconds | yes |\n\
         | 4409 | two operations with one id | fix the client |\n\
         | 4429 | a second `connection_init` | fix the client |\n",
    );
    assert_golden("docs/errors.md", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_error_is_told_in_the_readers_language_with_its_request() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let long = json!({ "ids": vec!["x"; 101] });
    for (client, document, variables, code, sv) in [
        (t.anybody(), "{ cases { totalCount } }", json!({}), "UNAUTHENTICATED", "Skicka `Authorization"),
        (t.anybody().showing("nonsense"), "{ __typename }", json!({}), "UNAUTHENTICATED", "Inte inloggad"),
        (shop.widget.clone(), "{ cases { totalCount } }", json!({}), "FORBIDDEN", "Ärenden är för"),
        (shop.manager.clone(), "{ nonsense }", json!({}), "GRAPHQL_VALIDATION_FAILED", "Dokumentet stämmer inte"),
        (shop.manager.clone(), "{ ", json!({}), "GRAPHQL_PARSE_FAILED", "Dokumentet är inte GraphQL"),
        (
            shop.manager.clone(),
            "query($x: Int!) { cases(first: $x) { totalCount } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
            "Variabeln \"$x\"",
        ),
        (shop.manager.clone(), "{ cases(first: 0) { totalCount } }", json!({}), "INVALID", "`first`: "),
        (shop.manager.clone(), "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", long, "TOO_LONG", "Högst 100"),
        (
            shop.manager.clone(),
            "query A { __typename } query B { __typename }",
            json!({}),
            "OPERATION_NOT_FOUND",
            "Namnge en",
        ),
    ] {
        let (_, answer) = client.reading("sv").post(document, variables.clone()).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{answer}");
        assert!(error["message"].as_str().unwrap().starts_with(sv), "{answer}");
        assert!(answer["extensions"]["requestId"].as_str().is_some_and(|id| id.len() == 32), "{answer}");
        let (_, english) = client.post(document, variables).await;
        assert_ne!(error["message"], english["errors"][0]["message"], "{english}");
    }
}

#[test]
fn no_code_is_written_anywhere_but_in_the_list() {
    let mut wrong = Vec::new();
    for folder in ["api/src/graphql", "api/src/http"] {
        for file in crate::tidy::sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            if !file.ends_with("graphql/error/code.rs") && code.contains("set(\"code\"") {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "codes belong into graphql/error/code.rs: {wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_is_not_told_about() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    t.inside().store().close().await;
    let (_, answer) = shop.manager.post("{ cases { totalCount } }", json!({})).await;
    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap();
    assert!(["INTERNAL", "BUSY"].contains(&code), "{answer}");
    let text = answer.to_string().to_lowercase();
    for word in ["sql", "pool", "sqlite", "postgres", "connection", "select"] {
        assert!(!text.contains(word), "{answer}");
    }
    assert_eq!(answer.get("data").unwrap_or(&Value::Null), &Value::Null);
}
