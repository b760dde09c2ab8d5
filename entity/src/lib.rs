//! Rows, ids and closed lists of values. No I/O, no rules: a column is written once, here and in the migration.

#![expect(missing_docs, reason = "a column says what it holds by its name; the migration says the rest")]

pub mod id;
pub mod json;
pub mod kind;

pub mod absence;
pub mod api_client;
pub mod arrival;
pub mod attachment;
pub mod blob;
pub mod case;
pub mod case_partner;
pub mod case_task;
pub mod category;
pub mod client_secret;
pub mod customer;
pub mod customer_email;
pub mod customer_phone;
pub mod delivery;
pub mod dispute;
pub mod dispute_task;
pub mod due;
pub mod escalation;
pub mod event;
pub mod feed;
pub mod fetching;
pub mod handover;
pub mod idempotency;
pub mod letter;
pub mod letter_template;
pub mod mailbox;
pub mod merger;
pub mod message;
pub mod ownership;
pub mod partner;
pub mod partner_contact;
pub mod product;
pub mod report;
pub mod routing_decision;
pub mod rule_set;
pub mod seller;
pub mod service_level;
pub mod staff;
pub mod staff_load;
pub mod statement;
pub mod storage_use;
pub mod task_update;
pub mod team;
pub mod team_member;
pub mod tracking_token;
pub mod webhook_attempt;
pub mod webhook_delivery;
pub mod webhook_endpoint;
pub mod widget;
