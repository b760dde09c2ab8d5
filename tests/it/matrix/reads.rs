//! The queries and subscriptions with arguments of type ID, and what to ask them with.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rules;

/// Every query and subscription that takes an id: its document, and variables in which `$kind` stands for an id.
pub fn reads() -> BTreeMap<&'static str, (&'static str, Value)> {
    BTreeMap::from([
        ("case", ("query($by: CaseRef!) { case(by: $by) { id } }", json!({ "by": { "id": "$case" } }))),
        (
            "previewEmail",
            ("query($uploadId: ID) { previewEmail(uploadId: $uploadId) { kind } }", json!({ "uploadId": "$upload" })),
        ),
        ("myCase", ("query($id: ID) { myCase(id: $id) { id } }", json!({ "id": "$case" }))),
        ("devices", ("query($caseId: ID) { devices(caseId: $caseId) { id } }", json!({ "caseId": "$case" }))),
        ("node", ("query($id: ID!) { node(id: $id) { id } }", json!({ "id": "$case" }))),
        ("nodes", ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ["$case"] }))),
        (
            "cases",
            (
                "query($filter: CaseFilter) { cases(filter: $filter) { totalCount nodes { id } } }",
                json!({ "filter": {
                    "ownerIds": ["$owner"], "sellerId": "$seller", "teamIds": ["$team"], "customerIds": ["$customer"],
                    "categoryIds": ["$category"], "partnerIds": ["$partner"], "openTaskOfIds": ["$partner"],
                } }),
            ),
        ),
        (
            "agenda",
            (
                "query($teamId: ID) { agenda(scope: TEAM, teamId: $teamId) { nodes { kind } } }",
                json!({ "teamId": "$team" }),
            ),
        ),
        (
            "previewClock",
            (
                "query($sellerId: ID, $teamId: ID, $clocks: [ClockInput!]!) { previewClock(sellerId: $sellerId, teamId: $teamId, clocks: $clocks) { due } }",
                json!({ "sellerId": "$seller", "teamId": "$team", "clocks": [] }),
            ),
        ),
        (
            "tasks",
            (
                "query($filter: TaskFilter) { tasks(filter: $filter) { totalCount nodes { id } } }",
                json!({ "filter": { "caseId": "$case", "partnerId": "$partner", "assigneeId": "$contact" } }),
            ),
        ),
        (
            "previewLetter",
            (
                "query($sellerId: ID!) { previewLetter(sellerId: $sellerId, kind: MESSAGE, language: EN) { text } }",
                json!({ "sellerId": "$seller" }),
            ),
        ),
        (
            "renderedReply",
            (
                "query($replyTemplateId: ID!, $caseId: ID!) { renderedReply(replyTemplateId: $replyTemplateId, caseId: $caseId) { text } }",
                json!({ "replyTemplateId": "$replytemplate", "caseId": "$case" }),
            ),
        ),
        (
            "previewQuarantinedReport",
            ("query($id: ID!) { previewQuarantinedReport(id: $id) { kind } }", json!({ "id": "$arrival" })),
        ),
        (
            "simulateRouting",
            (
                "query($sellerId: ID!, $rules: [RuleInput!]!) { simulateRouting(sellerId: $sellerId, rules: $rules, last: 10) { outcome { casesLookedAt } userErrors { code field } } }",
                json!({ "sellerId": "$seller", "rules": rules() }),
            ),
        ),
        (
            "testRouting",
            (
                "query($sellerId: ID!, $rules: [RuleInput!]!, $sample: RoutingSampleInput!) { testRouting(sellerId: $sellerId, rules: $rules, sample: $sample) { __typename } }",
                json!({ "sellerId": "$seller", "rules": rules(), "sample": { "partnerIds": ["$partner"], "openCaseOwnerId": "$owner" } }),
            ),
        ),
    ])
}
