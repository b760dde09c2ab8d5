//! Permissions: the published table, each act by each kind of caller, and files.

use std::fmt::Write;

use ansvar::access::table::{Standing, TABLE};
use ansvar_tests::golden::assert_golden;
use ansvar_tests::{Client, TestApp};
use entity::kind::Language;
use serde_json::{Value, json};

#[test]
fn the_table_that_people_read_is_the_one_that_decides() {
    let mut text = String::from(
        "# Who may do what\n\n\
         Generated from `api/src/access/table.rs`, which decides; a test keeps both equal. A standing is the relation of an actor to a\n\
         thing. A member of staff of another seller, the customer of another case and a partner without the task are strangers to it: for\n\
         them the thing does not exist. What has no tick is forbidden. A system of the seller has the standing \"a system of the seller\n\
         that reads cases\" when it reads (scope `CASES_READ`), and \"a system of the seller\" when it submits something. Each act of a\n\
         system also needs its scope.\n\n\
         | act |",
    );
    for standing in Standing::ALL {
        write!(text, " {} |", standing.words().read_in(Language::En)).unwrap();
    }
    text.push_str("\n|---|");
    text.push_str(&":-:|".repeat(Standing::ALL.len()));
    text.push('\n');
    for (action, words, allowed) in TABLE {
        write!(text, "| **{action:?}**:{words} |").unwrap();
        for standing in Standing::ALL {
            text.push_str(if allowed.contains(standing) { " ✓ |" } else { "  |" });
        }
        text.push('\n');
    }
    assert_golden("docs/access.md", &text);
}

const EVERYBODY: &[&str] = &["*"];
const STAFF: &[&str] = &["colleague", "owner", "manager", "administrator"];
const ACTS: &[&str] = &["owner", "manager", "administrator"];
const MANAGERS: &[&str] = &["manager", "administrator"];
const ADMINISTRATORS: &[&str] = &["administrator", "other seller's platform administrator"];
const READS_DIRECTORY: &[&str] =
    &["colleague", "owner", "manager", "administrator", "other seller's platform administrator"];
const HANDS_IN: &[&str] = &[
    "gateway",
    "colleague",
    "owner",
    "manager",
    "administrator",
    "other seller's owner",
    "other seller's manager",
    "other seller's administrator",
    "other seller's platform administrator",
    "other seller's gateway",
];

#[tokio::test(flavor = "multi_thread")]
async fn each_act_is_open_to_those_in_the_table_and_to_nobody_else() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "broadband").await;
    let karin = other.customer("karin", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let twin = shop.customer("asa", "broadband again").await;
    assert_eq!(twin.owner_name, "bo");
    let read = shop.reads(&twin.reference, "id customer { id }").await;
    let (twin, customer) = (read["id"].clone(), read["customer"]["id"].clone());
    let give = json!({ "caseId": twin, "ownerId": shop.id_of("anna"), "reason": "one owner for both" });
    shop.manager.does("reassignCase", give, "case { id }").await;
    // Offers that have ended: a caller who may answer them is told that they have ended, everybody else that they may
    // not.
    let garden = shop.case_id(&shop.customer("gun", "trampoline").await.reference).await;
    let ended = async |case: &str, to: &str| {
        let input = json!({ "caseId": case, "toId": shop.id_of(to), "note": "n" });
        let made = shop.manager.does("offerHandover", input, "handover { id }").await["handover"]["id"].clone();
        shop.manager.does("withdrawHandover", json!({ "handoverId": made }), "handover { id }").await;
        made
    };
    let (to_owner, by_owner) = (ended(&garden, "anna").await, ended(&case, "carin").await);
    let anybody = t.anybody();
    let platform =
        json!({ "sellerId": other.id, "name": "Pia", "email": "pia@other.example", "role": "PLATFORM_ADMINISTRATOR" });
    let platform = shop.admin.does("createStaff", platform, "staff { id }").await;
    let platform = t.holder_of(platform["staff"]["id"].as_str().unwrap());
    let everybody: Vec<(&str, &Client)> = vec![
        ("form", &shop.widget),
        ("gateway", &shop.gateway),
        ("customer", &asa.client),
        ("partner", shop.partner("fibre-north")),
        ("other partner", shop.partner("bouncy")),
        ("colleague", shop.staff("bo")),
        ("owner", shop.staff("anna")),
        ("manager", &shop.manager),
        ("administrator", &shop.admin),
        ("other seller's customer", &karin.client),
        ("other seller's partner", other.partner("fibre-north")),
        ("other seller's owner", other.staff("anna")),
        ("other seller's manager", &other.manager),
        ("other seller's administrator", &other.admin),
        ("other seller's platform administrator", &platform),
        ("other seller's gateway", &other.gateway),
    ];
    // Inputs are invalid on purpose where a valid one would change the state. A caller with permission gets a user
    // error.
    let acts: Vec<(&str, Value, &[&str], &[&str])> = vec![
        ("acknowledgeCase", json!({ "caseId": case, "message": "" }), ACTS, STAFF),
        ("sendMessage", json!({ "caseId": case, "text": "" }), ACTS, STAFF),
        ("addNote", json!({ "caseId": case, "text": "" }), STAFF, STAFF),
        ("closeCase", json!({ "caseId": case, "message": "" }), ACTS, STAFF),
        ("updateCase", json!({ "caseId": case, "subject": "" }), ACTS, STAFF),
        ("routeAgain", json!({ "caseId": case, "reason": "" }), MANAGERS, STAFF),
        ("reassignCase", json!({ "caseId": case, "ownerId": shop.id_of("bo"), "reason": "" }), MANAGERS, STAFF),
        (
            "requestTask",
            json!({ "caseId": case, "partnerId": shop.partner_id("bouncy"), "title": "", "asked": "", "dueAt": "2026-11-05T00:00:00Z" }),
            ACTS,
            STAFF,
        ),
        (
            "updateTask",
            json!({ "taskId": task, "text": "x" }),
            &["partner"],
            &["partner", "colleague", "owner", "manager", "administrator"],
        ),
        (
            "declineTask",
            json!({ "taskId": task, "reason": "" }),
            &["partner"],
            &["partner", "colleague", "owner", "manager", "administrator"],
        ),
        (
            "completeTask",
            json!({ "taskId": task, "result": "x" }),
            &["partner"],
            &["partner", "colleague", "owner", "manager", "administrator"],
        ),
        ("logPhoneCall", json!({ "source": "p", "externalId": "1", "words": "" }), HANDS_IN, EVERYBODY),
        ("logLetter", json!({ "source": "p", "externalId": "1", "words": "" }), HANDS_IN, EVERYBODY),
        ("logVisit", json!({ "source": "p", "externalId": "1", "words": "" }), HANDS_IN, EVERYBODY),
        ("receiveEmail", json!({ "raw": "" }), HANDS_IN, EVERYBODY),
        ("offerHandover", json!({ "caseId": case, "toId": shop.id_of("bo"), "note": "" }), ACTS, STAFF),
        ("mergeCases", json!({ "caseId": case, "intoId": twin, "reason": "" }), ACTS, STAFF),
        ("unmergeCase", json!({ "caseId": case, "reason": "" }), ACTS, STAFF),
        ("acceptHandover", json!({ "handoverId": to_owner }), &["owner"], STAFF),
        ("declineHandover", json!({ "handoverId": to_owner, "reason": "" }), &["owner"], STAFF),
        ("withdrawHandover", json!({ "handoverId": by_owner }), ACTS, STAFF),
        ("setCustomerTier", json!({ "customerId": customer, "tier": "x".repeat(51) }), STAFF, STAFF),
        (
            "setAvailability",
            json!({ "staffId": shop.id_of("carin"), "away": { "until": "2020-01-01T00:00:00Z" } }),
            &["manager", "administrator", "other seller's platform administrator"],
            READS_DIRECTORY,
        ),
        ("setCategory", json!({ "sellerId": shop.id, "name": "" }), ADMINISTRATORS, READS_DIRECTORY),
        ("setProduct", json!({ "sellerId": shop.id, "name": "" }), ADMINISTRATORS, READS_DIRECTORY),
        (
            "setServiceLevel",
            json!({ "sellerId": shop.id, "name": "", "firstContactHours": 1, "ownerIdleHours": 1 }),
            ADMINISTRATORS,
            READS_DIRECTORY,
        ),
        ("fileComplaint", json!({ "idempotencyKey": "", "text": "" }), &["form"], EVERYBODY),
        ("addCustomerMessage", json!({ "text": "" }), &["customer", "other seller's customer"], EVERYBODY),
        ("requestTrackingLink", json!({ "email": "" }), &["form"], EVERYBODY),
        ("createPartner", json!({ "sellerId": shop.id, "name": "" }), ADMINISTRATORS, READS_DIRECTORY),
        ("updateStaff", json!({ "staffId": shop.id_of("bo"), "name": "" }), ADMINISTRATORS, READS_DIRECTORY),
        ("deactivateStaff", json!({ "staffId": shop.admin_id }), ADMINISTRATORS, READS_DIRECTORY),
        ("publishRuleSet", json!({ "sellerId": shop.id, "rules": [] }), ADMINISTRATORS, READS_DIRECTORY),
        (
            "createSeller",
            json!({ "name": "", "accountable": { "name": "x", "email": "x@x.example" } }),
            ADMINISTRATORS,
            EVERYBODY,
        ),
    ];
    let version = shop.reads(&asa.reference, "version owner { name }").await;
    for (mutation, input, may, see) in &acts {
        let document = format!(
            "mutation($input: {}{}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}",
            mutation[..1].to_uppercase(),
            &mutation[1..]
        );
        assert_eq!(anybody.is_refused(&document, json!({ "input": input })).await, "UNAUTHENTICATED", "{mutation}");
        for (who, client) in &everybody {
            let code = client.fails(mutation, input.clone()).await[0].0.clone();
            let expected = match () {
                () if may.contains(who) => !["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()),
                () if see.contains(who) || *see == EVERYBODY => code == "FORBIDDEN",
                () => code == "NOT_FOUND",
            };
            assert!(expected, "{who} tries {mutation} and is told {code}");
        }
    }
    assert_eq!(shop.reads(&asa.reference, "version owner { name }").await, version, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_for_those_who_may_read_the_case() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "broadband").await;
    shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let case = shop.reads(&asa.reference, "reports { raw { path } }").await;
    let path = case["reports"][0]["raw"]["path"].as_str().unwrap();
    for (client, status) in [
        (shop.staff("bo"), 200),
        (&shop.admin, 200),
        (&other.manager, 404),
        (&other.admin, 404),
        (shop.partner("fibre-north"), 404),
        (&asa.client, 404),
        (&shop.widget, 404),
        (&t.anybody(), 404),
    ] {
        assert_eq!(client.fetches(path).await.0, status);
    }
    assert_eq!(shop.manager.fetches("/files/../../etc/passwd").await.0, 404);
    assert_eq!(shop.manager.fetches("/files/report_00000000000000000000000000").await.0, 404);
}
