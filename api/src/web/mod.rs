//! The service's own pages, for people who have no system: HTML that needs no script and loads nothing. Pure.

pub mod page;
pub mod task;
