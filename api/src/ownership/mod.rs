//! Ownership of cases: rules that name the owner (`rules`, `draft`, `compiled`, `shadow`, `decide`: pure), rule sets as
//! versioned rows (`rule_set`), the people of a rule's target (`people`), the routing of a case (`route`), and
//! ownership periods (`period`).

pub mod compiled;
pub mod decide;
pub mod draft;
pub mod people;
pub mod period;
pub mod route;
pub mod rule_set;
pub mod rules;
pub mod shadow;
