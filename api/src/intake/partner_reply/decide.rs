//! What to do with a mail by a partner's person that answers a mail about a task. Pure.

use crate::mail::kind::Kind;
use crate::mail::trust::Trust;
use crate::texts::{self, Text};

/// The facts about a reply.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about one mail")]
pub(super) struct Facts {
    pub kind: Kind,
    /// Whether it was sent to the letter's own address for answers.
    pub addressed: bool,
    pub own: bool,
    pub itself: bool,
    pub doubtful: bool,
    pub trust: Trust,
    pub expired: bool,
    /// Whether the person gets tasks by mail, and they and their company have access.
    pub active: bool,
    /// How many tasks the letter is about.
    pub tasks: usize,
    /// Whether the partner may still see the task.
    pub theirs: bool,
    pub characters: usize,
    pub files: usize,
}

/// What is done with a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Becomes {
    /// Nothing: a program wrote it, or it is the letter itself.
    Nothing,
    /// The letter is marked as returned: it did not arrive.
    Returned,
    /// An update of the task.
    Update,
    /// It waits in quarantine, for this reason.
    Aside(Text),
}

/// Decides what is done with a reply.
pub(super) fn becomes(facts: &Facts) -> Becomes {
    if facts.kind == Kind::Bounce {
        return Becomes::Returned;
    }
    if facts.itself || facts.kind.is_automatic() {
        return Becomes::Nothing;
    }
    let found = REASONS.iter().find(|(holds, _)| holds(facts));
    found.map_or(Becomes::Update, |(_, why)| Becomes::Aside(why()))
}

/// Whether a reason applies to a reply.
type Holds = fn(&Facts) -> bool;

/// The reasons why a reply by a person is not used: when each applies, and its text. The first that applies is used.
const REASONS: &[(Holds, fn() -> Text)] = &[
    (|facts| !facts.own, texts::reply::task_from_another_address),
    (|facts| !facts.addressed, texts::reply::task_to_another_address),
    (|facts| facts.doubtful, texts::reply::task_doubtful),
    (|facts| facts.trust == Trust::Failed, texts::reply::task_denied),
    (|facts| facts.expired, texts::reply::task_too_old),
    (|facts| !facts.active, texts::reply::task_author_without_access),
    (|facts| facts.tasks == 0, texts::reply::no_task),
    (|facts| facts.tasks > 1, texts::reply::several_tasks),
    (|facts| !facts.theirs, texts::reply::task_not_theirs),
    (|facts| facts.characters == 0 && facts.files == 0, texts::reply::task_nothing_said),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_an_update_only_from_the_persons_own_address() {
        let reply = Facts {
            kind: Kind::Human,
            addressed: true,
            own: true,
            itself: false,
            doubtful: false,
            trust: Trust::Unknown,
            expired: false,
            active: true,
            tasks: 1,
            theirs: true,
            characters: 5,
            files: 0,
        };
        for (facts, expected) in [
            (reply, Some(Becomes::Update)),
            (Facts { characters: 0, files: 1, ..reply }, Some(Becomes::Update)),
            (Facts { trust: Trust::Passed, ..reply }, Some(Becomes::Update)),
            (Facts { kind: Kind::OutOfOffice, own: false, ..reply }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Machine, ..reply }, Some(Becomes::Nothing)),
            (Facts { itself: true, own: false, ..reply }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Bounce, own: false, ..reply }, Some(Becomes::Returned)),
            (Facts { own: false, trust: Trust::Passed, ..reply }, None),
            (Facts { addressed: false, ..reply }, None),
            (Facts { doubtful: true, ..reply }, None),
            (Facts { trust: Trust::Failed, ..reply }, None),
            (Facts { expired: true, ..reply }, None),
            (Facts { active: false, ..reply }, None),
            (Facts { tasks: 2, ..reply }, None),
            (Facts { tasks: 0, ..reply }, None),
            (Facts { theirs: false, ..reply }, None),
            (Facts { characters: 0, ..reply }, None),
        ] {
            let found = becomes(&facts);
            match expected {
                Some(expected) => assert_eq!(found, expected, "{facts:?}"),
                None => assert!(matches!(found, Becomes::Aside(_)), "{facts:?}: {found:?}"),
            }
        }
    }
}
