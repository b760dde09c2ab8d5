//! The people and companies of the tests.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::Client;

/// A seller with people, teams, partners and rules.
pub struct Shop {
    pub id: String,
    pub admin: Client,
    pub admin_id: String,
    pub manager: Client,
    pub widget: Client,
    pub gateway: Client,
    gateway_id: String,
    people: BTreeMap<String, (String, Client)>,
    pub teams: BTreeMap<String, String>,
    /// The partner's id, a contact's id, and that contact's client.
    partners: BTreeMap<String, (String, String, Client)>,
}

/// A customer who has a case.
#[derive(Clone)]
pub struct Customer {
    pub client: Client,
    pub reference: String,
    pub owner_name: String,
    pub receipt: Value,
}

impl Shop {
    pub(crate) async fn open(t: &TestApp, name: &str) -> Self {
        let words = ansvar::setup::first_seller(t.inside(), name, "Elin", "elin@shop.example").await.unwrap();
        let admin_id = words.split_whitespace().find(|word| word.starts_with("staff_")).unwrap().to_owned();
        let admin = t.holder_of(&admin_id);
        let seller = admin.asks("{ viewer { ... on Staff { seller { id } } } }", json!({})).await;
        let id = seller["viewer"]["seller"]["id"].as_str().unwrap().to_owned();
        Self::furnish(t, id, admin, admin_id).await
    }

    /// Creates another seller in the same store.
    pub async fn another(&self, t: &TestApp, name: &str) -> Self {
        let accountable = json!({ "name": "Olle", "email": "olle@other.example", "role": "ADMINISTRATOR" });
        let made = self
            .admin
            .does(
                "createSeller",
                json!({ "name": name, "accountable": accountable }),
                "seller { id accountable { id } }",
            )
            .await;
        let id = made["seller"]["id"].as_str().unwrap().to_owned();
        let admin_id = made["seller"]["accountable"]["id"].as_str().unwrap().to_owned();
        Self::furnish(t, id, t.holder_of(&admin_id), admin_id).await
    }

    async fn furnish(t: &TestApp, id: String, admin: Client, admin_id: String) -> Self {
        // Stories that are not about notices have no mail but the customer's.
        t.store.change("UPDATE seller SET notices_by_mail = false").await;
        let mut people = BTreeMap::new();
        for (name, role) in
            [("anna", "OWNER"), ("bo", "OWNER"), ("carin", "OWNER"), ("dag", "OWNER"), ("maria", "MANAGER")]
        {
            let input = json!({ "sellerId": id, "name": name, "email": format!("{name}@shop.example"), "role": role });
            let made = admin.does("createStaff", input, "staff { id }").await;
            let person = made["staff"]["id"].as_str().unwrap().to_owned();
            people.insert(name.to_owned(), (person.clone(), t.holder_of(&person)));
        }
        let person = |name: &str| people[name].0.clone();
        let mut teams = BTreeMap::new();
        for (team, lead, others) in [("broadband", "anna", vec!["bo"]), ("garden", "carin", vec!["dag"])] {
            let members: Vec<String> = others.iter().map(|name| person(name)).collect();
            let input = json!({ "sellerId": id, "name": team, "leadId": person(lead), "memberIds": members });
            let made = admin.does("createTeam", input, "team { id }").await;
            teams.insert(team.to_owned(), made["team"]["id"].as_str().unwrap().to_owned());
        }
        let mut partners = BTreeMap::new();
        for name in ["fibre-north", "bouncy"] {
            partners.insert(name.to_owned(), partner(t, &admin, &id, name).await);
        }
        let made =
            admin.does("createWidget", json!({ "sellerId": id, "name": "form" }), "widget { publishableKey }").await;
        let widget = Client::new(&t.base(), made["widget"]["publishableKey"].as_str());
        let made =
            admin.does("createApiClient", json!({ "sellerId": id, "name": "gateway" }), "apiClient { id }").await;
        let gateway_id = made["apiClient"]["id"].as_str().unwrap().to_owned();
        let gateway = t.holder_of(&gateway_id);
        let manager = people["maria"].1.clone();
        let shop = Self { id, admin, admin_id, manager, widget, gateway, gateway_id, people, teams, partners };
        shop.publishes(json!([
            { "name": "broadband", "when": [{ "textContains": ["broadband", "bredband"] }], "assignTo": { "teamId": shop.teams["broadband"] } },
            { "name": "dear", "when": [{ "amountAtLeast": { "amount": "20000", "currency": "SEK" } }], "assignTo": { "staffId": shop.id_of("maria") }, "priority": "HIGH" },
            { "name": "the rest", "assignTo": { "teamId": shop.teams["garden"] } },
        ]))
        .await;
        shop
    }

    /// Adds a partner.
    #[must_use]
    pub async fn with_partner(mut self, t: &TestApp, name: &str) -> Self {
        let made = partner(t, &self.admin, &self.id, name).await;
        self.partners.insert(name.to_owned(), made);
        self
    }

    pub async fn publishes(&self, rules: Value) -> Value {
        self.admin.does("publishRuleSet", json!({ "sellerId": self.id, "rules": rules }), "ruleSet { version }").await
    }

    /// The same people with new tokens and the present address of the service: after hours or a restart.
    #[must_use]
    pub fn at(&self, t: &TestApp) -> Self {
        let fresh = |(id, _): &(String, Client)| (id.clone(), t.holder_of(id));
        Self {
            id: self.id.clone(),
            admin: t.holder_of(&self.admin_id),
            admin_id: self.admin_id.clone(),
            manager: t.holder_of(self.id_of("maria")),
            widget: self.widget.at(&t.base()),
            gateway: t.holder_of(&self.gateway_id),
            gateway_id: self.gateway_id.clone(),
            people: self.people.iter().map(|(name, person)| (name.clone(), fresh(person))).collect(),
            teams: self.teams.clone(),
            partners: self
                .partners
                .iter()
                .map(|(name, (id, contact, _))| (name.clone(), (id.clone(), contact.clone(), t.holder_of(contact))))
                .collect(),
        }
    }

    pub fn staff(&self, name: &str) -> &Client {
        &self.people[name].1
    }

    pub fn id_of(&self, name: &str) -> &str {
        &self.people[name].0
    }

    pub fn names(&self) -> Vec<&str> {
        self.people.keys().map(String::as_str).collect()
    }

    pub fn partner(&self, name: &str) -> &Client {
        &self.partners[name].2
    }

    pub fn contact_id(&self, name: &str) -> &str {
        &self.partners[name].1
    }

    pub fn partner_id(&self, name: &str) -> &str {
        &self.partners[name].0
    }

    /// Files a complaint through the form, as a new customer.
    pub async fn customer(&self, name: &str, text: &str) -> Customer {
        let input = json!({ "idempotencyKey": format!("{name}: {text}"), "name": name, "email": format!("{name}@example.com"), "text": text });
        self.filed(input).await
    }

    /// Files a complaint with this input.
    pub async fn filed(&self, input: Value) -> Customer {
        let selection = "receipt { reference trackingToken ownerName nextContactDue }";
        let receipt = self.widget.does("fileComplaint", input, selection).await["receipt"].take();
        let text = |name: &str| receipt[name].as_str().unwrap().to_owned();
        let client = self.widget.showing(&text("trackingToken"));
        Customer { client, reference: text("reference"), owner_name: text("ownerName"), receipt }
    }

    /// Delivers a mail through the gateway.
    pub async fn mail(&self, raw: impl AsRef<[u8]>) -> Value {
        let input = json!({ "raw": STANDARD.encode(raw) });
        let selection = "receipt { disposition reference caseId reportId ownerName nextContactDue }";
        self.gateway.does("receiveEmail", input, selection).await["receipt"].take()
    }

    /// Logs a call through the telephone exchange.
    pub async fn call(&self, input: Value) -> Value {
        let selection = "receipt { disposition reference caseId reportId ownerName nextContactDue }";
        self.gateway.does("logPhoneCall", input, selection).await["receipt"].take()
    }

    /// Reads a case as the manager.
    pub async fn reads(&self, reference: &str, selection: &str) -> Value {
        let document = format!("query($by: CaseRef!) {{ case(by: $by) {{ {selection} }} }}");
        self.manager.asks(&document, json!({ "by": { "reference": reference } })).await["case"].take()
    }

    pub async fn case_id(&self, reference: &str) -> String {
        self.reads(reference, "id").await["id"].as_str().unwrap().to_owned()
    }

    pub async fn owner_of(&self, reference: &str) -> String {
        self.reads(reference, "owner { name }").await["owner"]["name"].as_str().unwrap().to_owned()
    }

    /// Gives a partner a task, as the owner; returns the task's id.
    pub async fn requests_task(&self, t: &TestApp, reference: &str, partner: &str) -> String {
        let owner = self.owner_of(reference).await;
        let due = t.now() + chrono::TimeDelta::days(3);
        let input = json!({
            "caseId": self.case_id(reference).await,
            "partnerId": self.partner_id(partner),
            "title": "Look at the line",
            "asked": "The customer has been without broadband for three weeks. Please measure the line.",
            "dueAt": due,
        });
        let made = self.staff(&owner).does("requestTask", input, "task { id }").await;
        made["task"]["id"].as_str().unwrap().to_owned()
    }
}

async fn partner(t: &TestApp, admin: &Client, seller: &str, name: &str) -> (String, String, Client) {
    let made = admin.does("createPartner", json!({ "sellerId": seller, "name": name }), "partner { id }").await;
    let partner = made["partner"]["id"].as_str().unwrap().to_owned();
    let input =
        json!({ "partnerId": partner, "name": format!("{name} desk"), "email": format!("desk@{name}.example") });
    let made = admin.does("createPartnerContact", input, "partnerContact { id }").await;
    let contact = made["partnerContact"]["id"].as_str().unwrap().to_owned();
    let client = t.holder_of(&contact);
    (partner, contact, client)
}

/// A short mail.
pub fn mail(from: &str, subject: &str, id: &str, more: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: help@shop.example\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

/// The mail by which another server says that a letter could not be delivered: to the address that the letter names for
/// it, about the letter's recipient.
pub fn bounce(back: &str, recipient: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.com\r\nTo: {back}\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nThe mail was not delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n--b--\r\n"
    )
}
