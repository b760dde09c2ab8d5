//! Visits: the customer came to a shop, a counter, an office, and somebody wrote down their words. On a case that is open it
//! is a contact (`case/open.rs`): the customer has met us.

use chrono::{DateTime, Utc};
use entity::id::SellerId;
use entity::kind::Channel;
use serde::{Deserialize, Serialize};

use super::logged::{Person, Told, past};
use super::matter::line;
use super::receive::{self, Received};
use super::report::{Arrived, File};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::error::{Outcome, Problems};
use crate::kit::upload::{self, Upload};
use crate::kit::work::Work;

/// A visit, as whoever met the customer tells it.
#[derive(Debug, Clone, Serialize)]
pub struct Visit {
    /// When the customer came; now when not said.
    pub visited_at: Option<DateTime<Utc>>,
    /// Where to.
    pub place: Option<String>,
    /// Who came.
    #[serde(flatten)]
    pub person: Person,
    /// What they said.
    #[serde(flatten)]
    pub told: Told,
    /// What they showed, as pictures; kept as files and not in the JSON.
    #[serde(skip)]
    pub shown: Vec<Upload>,
}

/// What is kept of a visit beside its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitFacts {
    /// The register that numbers it.
    pub source: String,
    /// Its number there.
    pub external_id: String,
    /// Where the customer came to.
    pub place: Option<String>,
}

/// Takes in a visit.
///
/// # Errors
/// Everything that is wrong with what was logged, field by field.
pub async fn log(work: &mut Work, visit: &Visit) -> Outcome<Received> {
    let seller = door::intake(work, Action::LogVisit)?;
    let arrived = parse(visit, seller, work.now())?;
    receive::receive(work, &arrived).await
}

fn parse(visit: &Visit, seller: SellerId, now: DateTime<Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let checked = visit.told.check(&mut problems);
    let visited_at = past(&mut problems, visit.visited_at, "visitedAt", now);
    let sender = visit.person.check(&mut problems, visit.told.language, visit.told.customer);
    let facts = VisitFacts {
        source: checked.source.clone(),
        external_id: checked.external_id.clone(),
        place: line(&mut problems, visit.place.as_deref(), "place", 200),
    };
    let attachments = problems.check(upload::checked(&visit.shown)).unwrap_or_default();
    problems.refuse_if_any()?;
    let raw = File::json("visit.json", visit)?;
    let attachments = attachments.into_iter().map(File::from).collect();
    checked.arrived((seller, Channel::Visit, "logVisit"), visited_at, sender, &facts, (raw, attachments))
}
