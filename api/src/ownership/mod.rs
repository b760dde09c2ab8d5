//! One accountable owner: rules that name the person (`rules`, `decide`: pure), rule sets as versioned rows
//! (`rule_set`), the routing of a case (`route`), and ownership periods (`period`).

pub mod decide;
pub mod period;
pub mod route;
pub mod rule_set;
pub mod rules;
