//! The base of everything else: time, ids, randomness, the stores, acts as transactions, pages, errors. It knows
//! nothing about cases.

pub mod actor;
pub mod app;
pub mod away;
#[cfg(test)]
pub mod chance;
pub mod clock;
pub mod contact;
pub mod db;
pub mod entropy;
pub mod error;
pub mod file_settings;
pub mod group;
pub mod health;
pub mod hours;
pub mod ids;
pub mod job;
pub mod loops;
pub mod money;
pub mod old;
pub mod once;
pub mod outward;
pub mod page;
pub mod place;
pub mod postgres;
pub mod public_url;
pub mod rate;
pub mod rounds;
pub mod rows;
pub mod search;
pub mod secret;
pub mod sniff;
pub mod sqlite;
pub mod store;
pub mod tables;
pub mod teller;
pub mod text;
pub mod upload;
pub mod work;
pub mod worker;
