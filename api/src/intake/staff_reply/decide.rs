//! What to do with a mail by a member of staff that answers a notice. Pure.

use crate::kit::text::Text;
use crate::mail::kind::Kind;
use crate::mail::trust::Trust;
use crate::message::LONGEST;

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
pub(super) struct Facts {
    pub kind: Kind,
    pub to: Addressed,
    pub own: bool,
    pub itself: bool,
    pub doubtful: bool,
    pub trust: Trust,
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
pub(super) enum Becomes {
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
pub(super) fn becomes(facts: &Facts) -> Becomes {
    if facts.kind == Kind::Bounce {
        return Becomes::Returned;
    }
    if facts.itself || facts.kind.is_automatic() {
        return Becomes::Nothing;
    }
    match (aside(facts), facts.to) {
        (Some(why), _) => Becomes::Aside(why),
        (None, Addressed::Customer) => Becomes::Message,
        (None, _) => Becomes::Note,
    }
}

/// Whether a reason applies to a reply.
type Holds = fn(&Facts) -> bool;

/// The reasons why a reply by a person is not used: when each applies, and its text in English and Swedish. The first
/// that applies is used.
const REASONS: &[(Holds, &str, &str)] = &[
    (
        |facts| !facts.own,
        "It answers a notice to a member of staff, and comes from another address than that person's.",
        "Det svarar på ett meddelande till en medarbetare och kommer från en annan adress än hens.",
    ),
    (
        |facts| facts.to == Addressed::Neither,
        "It answers a notice to a member of staff, and came to another address than the one for replies.",
        "Det svarar på ett meddelande till en medarbetare och kom till en annan adress än den för svar.",
    ),
    (
        |facts| facts.to == Addressed::Both,
        "It answers a notice and names both the address for notes and the one to the customer.",
        "Det svarar på ett meddelande och har både adressen för anteckningar och den till kunden.",
    ),
    (
        |facts| facts.doubtful,
        "It answers a notice, and it is not whole, cannot be read, or is an old mail.",
        "Det svarar på ett meddelande och är inte helt, kan inte läsas eller är ett gammalt mejl.",
    ),
    (
        |facts| facts.trust == Trust::Failed,
        "It answers a notice, and the sender's domain says that it did not send it.",
        "Det svarar på ett meddelande, och avsändarens domän säger att den inte har skickat det.",
    ),
    (
        |facts| facts.expired,
        "It answers a notice that is older than 30 days.",
        "Det svarar på ett meddelande som är äldre än 30 dagar.",
    ),
    (
        |facts| !facts.active,
        "It answers a notice to somebody who does not work here any more, or whose role has just changed.",
        "Det svarar på ett meddelande till någon som inte arbetar här längre eller just har fått en annan roll.",
    ),
    (
        |facts| facts.cases != 1,
        "It answers a summary of several cases, so that it is not known which case it is about.",
        "Det svarar på en sammanfattning av flera ärenden, så det går inte att veta vilket ärende det gäller.",
    ),
    (
        |facts| facts.characters == 0,
        "It answers a notice, and has no words.",
        "Det svarar på ett meddelande och har ingen text.",
    ),
    (
        |facts| facts.is_to_customer() && (facts.trust != Trust::Passed || facts.senders),
        "It is to go to the customer, and nothing proves that the member of staff sent it.",
        "Det ska gå till kunden, och inget visar att medarbetaren har skickat det.",
    ),
    (
        |facts| facts.is_to_customer() && facts.files,
        "It is to go to the customer, and its files cannot be sent like this.",
        "Det ska gå till kunden, och filerna kan inte skickas så här.",
    ),
    (
        |facts| facts.is_to_customer() && facts.sealed,
        "It is to go to the customer, and its words hold the notice that it answers.",
        "Det ska gå till kunden, och texten innehåller meddelandet som det svarar på.",
    ),
    (
        |facts| facts.is_to_customer() && facts.characters > LONGEST,
        "It is to go to the customer, and has more than 20,000 characters.",
        "Det ska gå till kunden och har mer än 20 000 tecken.",
    ),
];

impl Facts {
    fn is_to_customer(&self) -> bool {
        self.to == Addressed::Customer
    }
}

/// Why a reply by a person is not used; none when it is used.
fn aside(facts: &Facts) -> Option<Text> {
    let found = REASONS.iter().find(|(holds, ..)| holds(facts));
    found.map(|(_, en, sv)| Text::new(*en, *sv))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_becomes_something_only_from_the_persons_own_address() {
        let note = Facts {
            kind: Kind::Human,
            to: Addressed::Note,
            own: true,
            itself: false,
            doubtful: false,
            trust: Trust::Unknown,
            senders: false,
            expired: false,
            active: true,
            cases: 1,
            characters: 5,
            sealed: false,
            files: false,
        };
        let message = Facts { to: Addressed::Customer, trust: Trust::Passed, ..note };
        for (facts, expected) in [
            (note, Some(Becomes::Note)),
            (Facts { files: true, sealed: true, characters: 30_000, senders: true, ..note }, Some(Becomes::Note)),
            (message, Some(Becomes::Message)),
            (Facts { kind: Kind::OutOfOffice, own: false, ..message }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Machine, ..note }, Some(Becomes::Nothing)),
            (Facts { itself: true, own: false, ..note }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Bounce, to: Addressed::Neither, ..note }, Some(Becomes::Returned)),
            (Facts { own: false, trust: Trust::Passed, ..note }, None),
            (Facts { own: false, ..message }, None),
            (Facts { to: Addressed::Neither, ..message }, None),
            (Facts { to: Addressed::Both, ..message }, None),
            (Facts { doubtful: true, ..note }, None),
            (Facts { trust: Trust::Failed, ..note }, None),
            (Facts { trust: Trust::Unknown, ..message }, None),
            (Facts { senders: true, ..message }, None),
            (Facts { expired: true, ..note }, None),
            (Facts { active: false, ..note }, None),
            (Facts { cases: 2, ..note }, None),
            (Facts { cases: 0, ..note }, None),
            (Facts { characters: 0, ..note }, None),
            (Facts { characters: 20_001, ..message }, None),
            (Facts { sealed: true, ..message }, None),
            (Facts { files: true, ..message }, None),
        ] {
            let found = becomes(&facts);
            match expected {
                Some(expected) => assert_eq!(found, expected, "{facts:?}"),
                None => assert!(matches!(found, Becomes::Aside(_)), "{facts:?}: {found:?}"),
            }
        }
    }
}
