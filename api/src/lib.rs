//! Ansvar: complaint intake and routing. Every case has one accountable owner at the company that sold.

pub mod access;
pub mod calendar;
pub mod case;
pub mod check;
pub mod config;
pub mod demo;
pub mod directory;
pub mod event;
pub mod graphql;
pub mod hook;
pub mod http;
pub mod imap;
pub mod import;
pub mod intake;
pub mod jobs;
pub mod kit;
pub mod legal;
pub mod letter;
pub mod lmtp;
pub mod mail;
pub mod message;
pub mod ownership;
pub mod serve;
pub mod setup;
pub mod task;
pub mod timer;
