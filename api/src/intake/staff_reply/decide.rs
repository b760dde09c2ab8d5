//! What to do with a mail by a member of staff that answers a notice. Pure.

use entity::kind::{EmailKind, SenderTrust};

use crate::message::LONGEST;
use crate::texts::{self, Text};

/// To which of a notice's two addresses a mail was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addressed {
    Neither,
    Note,
    Customer,
    Both,
}

/// The facts about a reply.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about one mail")]
pub(super) struct StaffReplyFacts {
    pub kind: EmailKind,
    pub to: Addressed,
    pub own: bool,
    pub itself: bool,
    pub doubtful: bool,
    pub trust: SenderTrust,
    /// Whether the mail names several senders.
    pub senders: bool,
    pub expired: bool,
    pub active: bool,
    pub cases: usize,
    pub characters: usize,
    /// Whether the text that would be used contains an address of the notice.
    pub sealed: bool,
    pub files: bool,
}

/// What is done with a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StaffReplyEffect {
    /// Nothing: a program wrote it, or it is the notice itself.
    Nothing,
    /// The notice is marked as returned: it did not arrive.
    Returned,
    /// A note on the case.
    Note,
    /// A message to the customer.
    Message,
    /// It waits in quarantine, for this reason.
    Aside(Text),
}

/// Decides what is done with a reply.
pub(super) fn effect(facts: &StaffReplyFacts) -> StaffReplyEffect {
    if facts.kind == EmailKind::Bounce {
        return StaffReplyEffect::Returned;
    }
    if facts.itself || facts.kind.is_automatic() {
        return StaffReplyEffect::Nothing;
    }
    match (aside(facts), facts.to) {
        (Some(why), _) => StaffReplyEffect::Aside(why),
        (None, Addressed::Customer) => StaffReplyEffect::Message,
        (None, _) => StaffReplyEffect::Note,
    }
}

/// The text of a reason.
type Why = fn() -> Text;
/// Whether a reason applies to a reply.
type Holds = fn(&StaffReplyFacts) -> bool;

/// The reasons why a reply by a person is not used: when each applies, and its text. The first that applies is used.
const REASONS: &[(Holds, Why)] = &[
    (|facts| !facts.own, texts::reply::notice_from_another_address),
    (|facts| facts.to == Addressed::Neither, texts::reply::notice_to_another_address),
    (|facts| facts.to == Addressed::Both, texts::reply::notice_to_both_addresses),
    (|facts| facts.doubtful, texts::reply::notice_doubtful),
    (|facts| facts.trust == SenderTrust::Failed, texts::reply::notice_denied),
    (|facts| facts.expired, texts::reply::notice_too_old),
    (|facts| !facts.active, texts::reply::notice_author_gone),
    (|facts| facts.cases != 1, texts::reply::notice_several_cases),
    (|facts| facts.characters == 0, texts::reply::notice_no_words),
    (
        |facts| facts.is_to_customer() && (facts.trust != SenderTrust::Passed || facts.senders),
        texts::reply::to_customer_not_proven,
    ),
    (|facts| facts.is_to_customer() && facts.files, texts::reply::to_customer_with_files),
    (|facts| facts.is_to_customer() && facts.sealed, texts::reply::to_customer_with_notice),
    (|facts| facts.is_to_customer() && facts.characters > LONGEST, texts::reply::to_customer_too_long),
];

impl StaffReplyFacts {
    fn is_to_customer(&self) -> bool {
        self.to == Addressed::Customer
    }
}

/// Why a reply by a person is not used; none when it is used.
fn aside(facts: &StaffReplyFacts) -> Option<Text> {
    REASONS.iter().find(|(holds, _)| holds(facts)).map(|(_, why)| why())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_becomes_something_only_from_the_persons_own_address() {
        let note = StaffReplyFacts {
            kind: EmailKind::Human,
            to: Addressed::Note,
            own: true,
            itself: false,
            doubtful: false,
            trust: SenderTrust::Unknown,
            senders: false,
            expired: false,
            active: true,
            cases: 1,
            characters: 5,
            sealed: false,
            files: false,
        };
        let message = StaffReplyFacts { to: Addressed::Customer, trust: SenderTrust::Passed, ..note };
        for (facts, expected) in [
            (note, Some(StaffReplyEffect::Note)),
            (
                StaffReplyFacts { files: true, sealed: true, characters: 30_000, senders: true, ..note },
                Some(StaffReplyEffect::Note),
            ),
            (message, Some(StaffReplyEffect::Message)),
            (StaffReplyFacts { kind: EmailKind::OutOfOffice, own: false, ..message }, Some(StaffReplyEffect::Nothing)),
            (StaffReplyFacts { kind: EmailKind::Machine, ..note }, Some(StaffReplyEffect::Nothing)),
            (StaffReplyFacts { itself: true, own: false, ..note }, Some(StaffReplyEffect::Nothing)),
            (
                StaffReplyFacts { kind: EmailKind::Bounce, to: Addressed::Neither, ..note },
                Some(StaffReplyEffect::Returned),
            ),
            (StaffReplyFacts { own: false, trust: SenderTrust::Passed, ..note }, None),
            (StaffReplyFacts { own: false, ..message }, None),
            (StaffReplyFacts { to: Addressed::Neither, ..message }, None),
            (StaffReplyFacts { to: Addressed::Both, ..message }, None),
            (StaffReplyFacts { doubtful: true, ..note }, None),
            (StaffReplyFacts { trust: SenderTrust::Failed, ..note }, None),
            (StaffReplyFacts { trust: SenderTrust::Unknown, ..message }, None),
            (StaffReplyFacts { senders: true, ..message }, None),
            (StaffReplyFacts { expired: true, ..note }, None),
            (StaffReplyFacts { active: false, ..note }, None),
            (StaffReplyFacts { cases: 2, ..note }, None),
            (StaffReplyFacts { cases: 0, ..note }, None),
            (StaffReplyFacts { characters: 0, ..note }, None),
            (StaffReplyFacts { characters: 20_001, ..message }, None),
            (StaffReplyFacts { sealed: true, ..message }, None),
            (StaffReplyFacts { files: true, ..message }, None),
        ] {
            let found = effect(&facts);
            match expected {
                Some(expected) => assert_eq!(found, expected, "{facts:?}"),
                None => assert!(matches!(found, StaffReplyEffect::Aside(_)), "{facts:?}: {found:?}"),
            }
        }
    }
}
