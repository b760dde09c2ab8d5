//! Who may do what, decided in one place: credentials become an [`crate::kit::actor::Actor`] (`session`, `token`), a
//! table says which standing allows which act (`table`), and rows are reached through doors that look it up
//! (`door`). What you may not see does not exist.

pub mod door;
pub mod grant;
pub mod key;
pub mod session;
pub mod share;
pub mod storage;
pub mod table;
pub mod token;
