//! Access control, decided in one place. A credential becomes an [`crate::kit::actor::Actor`] (`session`, `token`), a
//! table says which standing allows which act (`table`), the state of a case says which acts are possible (`acts`), and
//! acts reach rows through functions that check it (`door`). Something that an actor may not see is reported as not
//! existing.

pub mod acts;
pub mod door;
pub mod file_link;
pub mod grant;
pub mod key;
pub mod own;
pub mod session;
pub mod share;
pub mod sign_in;
pub mod storage;
pub mod table;
pub mod task_link;
pub mod token;
