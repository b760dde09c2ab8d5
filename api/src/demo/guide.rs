//! What the demo prints: addresses, tokens, and commands to paste.

use std::fmt::Write;
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Tokens;
use super::company::Company;

const MAIL: &str = "From: Karin Nord <karin@example.com>\r\nTo: kundservice@hemochhage.example\r\nSubject: Studsmattan kom trasig\r\nMessage-ID: <demo-1@example.com>\r\nDate: Mon, 16 Nov 2026 09:30:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej! Studsmattan ni levererade har en spricka i ramen. Ni skyller på montören, montören på er.\r\n";

/// A GraphQL request to post.
pub struct Call {
    /// A short description of what it does.
    pub title: &'static str,
    /// The credential to send with it.
    pub bearer: String,
    /// The body to post.
    pub body: Value,
}

/// The three requests that file a complaint, in the order of the guide.
#[must_use]
pub fn complaints(company: &Company, tokens: &Tokens) -> [Call; 3] {
    let web = "mutation($input: FileComplaintInput!) { fileComplaint(input: $input) { receipt { reference ownerName nextContactDue trackingToken } userErrors { code message field } } }";
    let mail = "mutation($input: ReceiveEmailInput!) { receiveEmail(input: $input) { receipt { disposition reference ownerName } userErrors { code message field } } }";
    let phone = "mutation($input: LogPhoneCallInput!) { logPhoneCall(input: $input) { receipt { disposition reference ownerName } userErrors { code message field } } }";
    let body = |query: &str, input: Value| json!({ "query": query, "variables": { "input": input } });
    [
        Call {
            title: "by the form on a page",
            bearer: company.widget_key.clone(),
            body: body(
                web,
                json!({
                    "idempotencyKey": "demo-form-1",
                    "name": "Åsa Berg",
                    "email": "asa@example.com",
                    "text": "The broadband has been down for three weeks. The fibre company says it is outside their responsibility.",
                    "category": "broadband",
                    "partnerIds": [company.fibre],
                    "language": "EN",
                }),
            ),
        },
        Call {
            title: "by e-mail",
            bearer: tokens.client.clone(),
            body: body(mail, json!({ "raw": STANDARD.encode(MAIL) })),
        },
        Call {
            title: "by telephone",
            bearer: tokens.client.clone(),
            body: body(
                phone,
                json!({
                    "source": "exchange",
                    "externalId": "demo-call-1",
                    "from": "070-174 06 05",
                    "callerName": "Ove Lund",
                    "words": "Jag beställde en trampolin med montering. Montören kom aldrig, och ingen ringer tillbaka.",
                }),
            ),
        },
    ]
}

/// The addresses and tokens as one line of JSON, for programs.
#[must_use]
pub fn json_line(address: SocketAddr, company: &Company, tokens: &Tokens) -> String {
    json!({
        "http": format!("http://{address}"),
        "graphql": format!("http://{address}/graphql"),
        "websocket": format!("ws://{address}/graphql"),
        "sse": format!("http://{address}/graphql/stream"),
        "widgetKey": company.widget_key,
        "tokens": tokens,
    })
    .to_string()
}

/// The guide as text, for people.
#[must_use]
pub fn text(address: SocketAddr, data: &str, company: &Company, tokens: &Tokens) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _written = write_text(&mut text, address, data, company, tokens);
    text
}

fn write_text(
    text: &mut String,
    address: SocketAddr,
    data: &str,
    company: &Company,
    tokens: &Tokens,
) -> std::fmt::Result {
    writeln!(text, "Ansvar runs with a demo company, Hem & Hage: trampolines and broadband through subcontractors.")?;
    writeln!(text, "Its data is in {data}; stop with Ctrl-C, start again to go on.\n")?;
    writeln!(text, "  try it      http://{address}/")?;
    writeln!(text, "  GraphQL     http://{address}/graphql")?;
    writeln!(text, "  WebSocket   ws://{address}/graphql          (graphql-transport-ws)")?;
    writeln!(text, "  events      http://{address}/graphql/stream (graphql-sse, distinct connections)")?;
    writeln!(text, "  contract    http://{address}/schema.graphql\n")?;
    writeln!(text, "Send one of these as `Authorization: Bearer …`; the tokens last seven days.\n")?;
    let nobody = String::new();
    let token_of = |name: &str| tokens.others.get(name).unwrap_or(&nobody);
    for (who, token) in [
        ("widget key", &company.widget_key),
        ("administrator, Elin", &tokens.admin),
        ("manager, David", &tokens.manager),
        ("owner, Anna", &tokens.owner),
        ("owner, Farid", token_of("farid")),
        ("owner, Carin", token_of("carin")),
        ("owner, Bo", token_of("bo")),
        ("partner, Fiber Norr", &tokens.partner),
        ("partner, Studsmontage", &tokens.other_partner),
        ("mail gateway, exchange", &tokens.client),
    ] {
        writeln!(text, "  {who}:\n    {token}")?;
    }
    let agenda = r#"{"query":"{ agenda(scope: SELLER, first: 10) { counts { kind number } nodes { kind dueAt late why case { reference subject owner { name } } } } }"}"#;
    writeln!(text, "\nWhat the shop's people have to do next, the most overdue first:\n")?;
    writeln!(text, "{}", curl(&format!("http://{address}/graphql"), &tokens.manager, agenda))?;
    let watch = r#"{"query":"subscription { workEvents(scope: SELLER) { cursor event { __typename seq at case { reference subject owner { name } } } } }"}"#;
    writeln!(text, "\nWatch cases arrive at their owners, in a terminal of its own:\n")?;
    writeln!(text, "{}\n", curl(&format!("-N http://{address}/graphql/stream"), &tokens.manager, watch))?;
    writeln!(text, "Then file a complaint three ways, in another:")?;
    for call in complaints(company, tokens) {
        writeln!(
            text,
            "\n# {}\n{}",
            call.title,
            curl(&format!("http://{address}/graphql"), &call.bearer, &call.body.to_string())
        )?;
    }
    Ok(())
}

fn curl(target: &str, bearer: &str, body: &str) -> String {
    let body = body.replace('\'', r"'\''");
    format!(
        "curl -sS {target} \\\n  -H 'Content-Type: application/json' \\\n  -H 'Authorization: Bearer {bearer}' \\\n  -d '{body}'"
    )
}
