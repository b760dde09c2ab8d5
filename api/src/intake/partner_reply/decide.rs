//! What to do with a mail by a partner's person that answers a mail about a task. Pure.

use entity::kind::{EmailKind, SenderTrust};

use crate::texts::{self, Text};

/// The facts about a reply.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about one mail")]
pub(super) struct PartnerReplyFacts {
    pub kind: EmailKind,
    /// Whether it was sent to the letter's own address for answers.
    pub addressed: bool,
    pub own: bool,
    pub itself: bool,
    pub doubtful: bool,
    pub trust: SenderTrust,
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
pub(super) enum PartnerReplyEffect {
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
pub(super) fn effect(facts: &PartnerReplyFacts) -> PartnerReplyEffect {
    if facts.kind == EmailKind::Bounce {
        return PartnerReplyEffect::Returned;
    }
    if facts.itself || facts.kind.is_automatic() {
        return PartnerReplyEffect::Nothing;
    }
    let found = REASONS.iter().find(|(holds, _)| holds(facts));
    found.map_or(PartnerReplyEffect::Update, |(_, why)| PartnerReplyEffect::Aside(why()))
}

/// The text of a reason.
type Why = fn() -> Text;
/// Whether a reason applies to a reply.
type Holds = fn(&PartnerReplyFacts) -> bool;

/// The reasons why a reply by a person is not used: when each applies, and its text. The first that applies is used.
const REASONS: &[(Holds, Why)] = &[
    (|facts| !facts.own, texts::reply::task_from_another_address),
    (|facts| !facts.addressed, texts::reply::task_to_another_address),
    (|facts| facts.doubtful, texts::reply::task_doubtful),
    (|facts| facts.trust == SenderTrust::Failed, texts::reply::task_denied),
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
        let reply = PartnerReplyFacts {
            kind: EmailKind::Human,
            addressed: true,
            own: true,
            itself: false,
            doubtful: false,
            trust: SenderTrust::Unknown,
            expired: false,
            active: true,
            tasks: 1,
            theirs: true,
            characters: 5,
            files: 0,
        };
        for (facts, expected) in [
            (reply, Some(PartnerReplyEffect::Update)),
            (PartnerReplyFacts { characters: 0, files: 1, ..reply }, Some(PartnerReplyEffect::Update)),
            (PartnerReplyFacts { trust: SenderTrust::Passed, ..reply }, Some(PartnerReplyEffect::Update)),
            (
                PartnerReplyFacts { kind: EmailKind::OutOfOffice, own: false, ..reply },
                Some(PartnerReplyEffect::Nothing),
            ),
            (PartnerReplyFacts { kind: EmailKind::Machine, ..reply }, Some(PartnerReplyEffect::Nothing)),
            (PartnerReplyFacts { itself: true, own: false, ..reply }, Some(PartnerReplyEffect::Nothing)),
            (PartnerReplyFacts { kind: EmailKind::Bounce, own: false, ..reply }, Some(PartnerReplyEffect::Returned)),
            (PartnerReplyFacts { own: false, trust: SenderTrust::Passed, ..reply }, None),
            (PartnerReplyFacts { addressed: false, ..reply }, None),
            (PartnerReplyFacts { doubtful: true, ..reply }, None),
            (PartnerReplyFacts { trust: SenderTrust::Failed, ..reply }, None),
            (PartnerReplyFacts { expired: true, ..reply }, None),
            (PartnerReplyFacts { active: false, ..reply }, None),
            (PartnerReplyFacts { tasks: 2, ..reply }, None),
            (PartnerReplyFacts { tasks: 0, ..reply }, None),
            (PartnerReplyFacts { theirs: false, ..reply }, None),
            (PartnerReplyFacts { characters: 0, ..reply }, None),
        ] {
            let found = effect(&facts);
            match expected {
                Some(expected) => assert_eq!(found, expected, "{facts:?}"),
                None => assert!(matches!(found, PartnerReplyEffect::Aside(_)), "{facts:?}: {found:?}"),
            }
        }
    }
}
