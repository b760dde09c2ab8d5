//! What to do with a mail by a partner's person that answers a mail about a task. Pure.

use crate::kit::text::Text;
use crate::mail::kind::Kind;
use crate::mail::trust::Trust;

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
    let found = REASONS.iter().find(|(holds, ..)| holds(facts));
    found.map_or(Becomes::Update, |(_, en, sv)| Becomes::Aside(Text::new(*en, *sv)))
}

/// Whether a reason applies to a reply.
type Holds = fn(&Facts) -> bool;

/// The reasons why a reply by a person is not used: when each applies, and its text in English and Swedish. The first
/// that applies is used.
const REASONS: &[(Holds, &str, &str)] = &[
    (
        |facts| !facts.own,
        "It answers a mail to a partner about a task, and comes from another address than the one it was sent to.",
        "Det svarar på ett mejl till en partner om en uppgift och kommer från en annan adress än den det skickades till.",
    ),
    (
        |facts| !facts.addressed,
        "It answers a mail about a task, and came to another address than the one for replies.",
        "Det svarar på ett mejl om en uppgift och kom till en annan adress än den för svar.",
    ),
    (
        |facts| facts.doubtful,
        "It answers a mail about a task, and it is not whole, cannot be read, or is an old mail.",
        "Det svarar på ett mejl om en uppgift och är inte helt, kan inte läsas eller är ett gammalt mejl.",
    ),
    (
        |facts| facts.trust == Trust::Failed,
        "It answers a mail about a task, and the sender's domain says that it did not send it.",
        "Det svarar på ett mejl om en uppgift, och avsändarens domän säger att den inte har skickat det.",
    ),
    (
        |facts| facts.expired,
        "It answers a mail about a task that is older than 30 days.",
        "Det svarar på ett mejl om en uppgift som är äldre än 30 dagar.",
    ),
    (
        |facts| !facts.active,
        "It answers a mail about a task, and its author has no access any more.",
        "Det svarar på ett mejl om en uppgift, och den som skrev det har inte åtkomst längre.",
    ),
    (
        |facts| facts.tasks == 0,
        "It answers a mail to a partner that is about no task.",
        "Det svarar på ett mejl till en partner som inte gäller någon uppgift.",
    ),
    (
        |facts| facts.tasks > 1,
        "It answers a mail about several tasks, so that it is not known which one it is about.",
        "Det svarar på ett mejl om flera uppgifter, så det går inte att veta vilken det gäller.",
    ),
    (
        |facts| !facts.theirs,
        "It answers a mail about a task that was declined or taken back.",
        "Det svarar på ett mejl om en uppgift som ni har tackat nej till eller som är återtagen.",
    ),
    (
        |facts| facts.characters == 0 && facts.files == 0,
        "It answers a mail about a task, and has neither words nor files.",
        "Det svarar på ett mejl om en uppgift och har varken text eller filer.",
    ),
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
