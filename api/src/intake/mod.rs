//! Intake: each channel has a parser that makes a [`report::Arrived`]. From there on all channels share one path,
//! [`receive`].

pub mod arrival;
pub mod complainant;
pub mod email;
pub mod fetch;
pub mod forward;
pub mod import;
pub mod join;
pub mod known;
pub mod logged;
pub mod matter;
pub mod paper;
pub mod partner_reply;
pub mod phone;
pub mod quarantine;
pub mod reading;
pub mod receive;
pub mod reply;
pub mod report;
pub mod sender;
pub mod signal;
#[cfg(feature = "mail-auth")]
pub mod signed;
pub mod staff_reply;
pub mod thread;
#[cfg(any(test, not(feature = "mail-auth")))]
pub mod unsigned;
pub mod visit;
pub mod web;
pub mod writer;

#[cfg(not(feature = "mail-auth"))]
pub use unsigned as signed;
