//! Visits: a customer came to a shop, a counter or an office, and somebody wrote down their words. A visit about an
//! open case is a contact (`case/open.rs`), because the customer met somebody from the company.

use chrono::{DateTime, Utc};
use entity::id::{SellerId, UploadId};
use entity::kind::Channel;
use serde::{Deserialize, Serialize};

use super::logged::{ContactPerson, LoggedContact, past};
use super::matter::line;
use super::receive::{self, Received};
use super::report::{Arrived, File};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::error::{Outcome, Problems};
use crate::kit::upload::{self, Upload};
use crate::kit::work::Work;

/// A visit, as entered by whoever met the customer.
#[derive(Debug, Clone, Serialize)]
pub struct Visit {
    /// When the customer came; now when not given.
    pub visited_at: Option<DateTime<Utc>>,
    /// The place that the customer came to.
    pub place: Option<String>,
    /// The person who came.
    #[serde(flatten)]
    pub person: ContactPerson,
    /// What every logged contact has: its number, the customer's words and what the complaint is about.
    #[serde(flatten)]
    pub told: LoggedContact,
    /// The files that were uploaded before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<UploadId>,
    /// Pictures of what the customer showed. They are kept as files and left out of the JSON.
    #[serde(skip)]
    pub shown: Vec<Upload>,
}

/// What is kept of a visit besides its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitFacts {
    /// The register that numbers the visit.
    pub source: String,
    /// The visit's number in that register.
    pub external_id: String,
    /// The place that the customer came to.
    pub place: Option<String>,
}

/// Takes in a visit.
///
/// # Errors
/// `FORBIDDEN` when the actor may not log visits; one problem for every invalid field; the errors of
/// [`receive::receive`].
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
    let what = (seller, Channel::Visit, "logVisit");
    let arrived = checked.arrived(what, visited_at, sender, &facts, (raw, attachments))?;
    Ok(Arrived { uploads: visit.uploads.clone(), ..arrived })
}
