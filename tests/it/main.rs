//! The stories (integration tests). They use only HTTP, WebSocket and server-sent events. All are in one binary; each
//! has a service and a store of its own. `tests/run.sh` runs them on both stores.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and a story or a table is read in one piece"
)]

mod access;
mod agenda;
mod browser;
mod callers;
mod calls;
mod can;
mod change;
mod cli;
mod clocks;
mod collide;
mod commitments;
mod contact;
mod corpus;
mod customer;
mod deadly;
mod desk;
mod directory;
mod documents;
mod edge;
mod email;
mod errors;
mod events;
mod faults;
mod feed;
mod fetch;
mod files;
mod guides;
mod handover;
mod history;
mod hooks;
mod import;
mod intake;
mod leak;
mod legal;
mod letters;
mod limits;
mod lists;
mod machine;
mod mail;
mod matrix;
mod merge;
mod mine;
mod moving;
mod notices;
mod once;
mod order;
mod outage;
mod owner;
mod paper;
mod partners;
mod phone;
mod plan;
mod plans;
mod privacy;
mod property;
mod push;
mod quarter;
mod reading;
mod readme;
mod replies;
mod routing;
mod schema;
mod search;
mod seen;
mod seller_hooks;
mod shares;
mod sign_in;
mod signed;
mod slow;
mod stalled;
mod store;
mod supplier;
mod systems;
mod tables;
mod task;
mod task_mail;
mod task_talk;
mod through;
mod tidy;
mod token;
mod transport;
mod uploads;
mod whose;
mod widget;
