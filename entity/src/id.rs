//! Typed ids: a UUID version 7 in the database, a TypeID (`case_01j…`) everywhere a person or a client sees it.
//! The text form is a prefix, `_`, and the UUID's 128 bits in Crockford's base 32, lower case, 26 characters
//! (<https://github.com/jetify-com/typeid>). Ids sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of the expected kind")
    }
}

impl std::error::Error for NotAnId {}

/// What every typed id can do.
pub trait TypedId: Copy + Eq + fmt::Display + FromStr<Err = NotAnId> + From<Uuid> {
    /// The text before the `_`, which names the kind of id.
    const PREFIX: &'static str;
    /// The id as the database stores it.
    fn uuid(self) -> Uuid;
}

/// Writes prefix and UUID as a TypeID.
fn encode(prefix: &str, id: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bits = id.as_u128();
    let mut suffix = [0_u8; SUFFIX_LENGTH];
    for (place, byte) in suffix.iter_mut().rev().enumerate() {
        let digit = (bits >> (5 * place)) & 31;
        *byte = ALPHABET.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'0');
    }
    write!(f, "{prefix}_{}", std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?)
}

/// Reads a TypeID with this prefix.
fn decode(prefix: &str, text: &str) -> Result<Uuid, NotAnId> {
    let suffix = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
    // 26 digits hold 130 bits: a first digit above 7 would not fit into 128.
    if suffix.len() != SUFFIX_LENGTH || !matches!(suffix.as_bytes().first(), Some(b'0'..=b'7')) {
        return Err(NotAnId);
    }
    let mut bits = 0_u128;
    for byte in suffix.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte).ok_or(NotAnId)?;
        bits = (bits << 5) | u128::try_from(digit).map_err(|_| NotAnId)?;
    }
    Ok(Uuid::from_u128(bits))
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        /// Every prefix in use, with the name of its id type.
        pub const PREFIXES: &[(&str, &str)] = &[$(($prefix, stringify!($name))),*];
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
            pub struct $name(pub Uuid);

            impl TypedId for $name {
                const PREFIX: &'static str = $prefix;
                fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl From<Uuid> for $name {
                fn from(id: Uuid) -> Self {
                    Self(id)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    encode($prefix, self.0, f)
                }
            }

            impl FromStr for $name {
                type Err = NotAnId;
                fn from_str(text: &str) -> Result<Self, NotAnId> {
                    decode($prefix, text).map(Self)
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            impl sea_orm::TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                    Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
                }
            }
        )*
    };
}

typed_ids! {
    /// A seller: the company that sold and that answers for the case.
    SellerId = "seller";
    /// A member of a seller's staff.
    StaffId = "staff";
    /// A team of a seller's staff.
    TeamId = "team";
    /// A file that is uploaded before the act that attaches it.
    UploadId = "upload";
    /// A partner: a supplier or subcontractor of a seller.
    PartnerId = "partner";
    /// A person at a partner.
    PartnerContactId = "contact";
    /// An API client: a system of a seller or of one of its partners.
    ApiClientId = "client";
    /// A widget: a complaint form on a web page.
    WidgetId = "widget";
    /// A published rule set.
    RuleSetId = "ruleset";
    /// A customer of a seller.
    CustomerId = "customer";
    /// A case.
    CaseId = "case";
    /// What staff changed on a case at one time.
    CaseChangeId = "casechange";
    /// An absence: a period in which a person takes no new cases.
    AbsenceId = "absence";
    /// A service level of a seller.
    ServiceLevelId = "level";
    /// A category in a seller's tree of categories.
    CategoryId = "category";
    /// A product of a seller.
    ProductId = "product";
    /// A hand-over: a case that its owner offered to another person.
    HandoverId = "handover";
    /// An escalation.
    EscalationId = "escalation";
    /// A merger of one case into another.
    MergerId = "merger";
    /// A reply template: a seller's text for replies.
    ReplyTemplateId = "replytemplate";
    /// A report: what the customer said, one for each contact.
    ReportId = "report";
    /// A file that came with a report, a partner's update or a message about a task.
    AttachmentId = "attachment";
    /// A message on a case.
    MessageId = "message";
    /// A task: a partner's part of a case.
    TaskId = "task";
    /// A partner's update of a task.
    TaskUpdateId = "taskupdate";
    /// A message about a task.
    TaskMessageId = "taskmessage";
    /// What the owner shared with a partner about a task at one time.
    TaskShareId = "taskshare";
    /// A party's statement of the cause.
    StatementId = "statement";
    /// A dispute between partners about who is responsible.
    DisputeId = "dispute";
    /// A secret that an API client exchanges for short-lived tokens.
    ClientSecretId = "secret";
    /// A webhook endpoint of a partner's or a seller's system.
    WebhookEndpointId = "hook";
    /// A delivery to a webhook endpoint.
    WebhookDeliveryId = "delivery";
    /// A mailbox: an address that complaints are mailed to.
    MailboxId = "mailbox";
    /// An arrival: a stored mail, kept before it is read.
    ArrivalId = "arrival";
    /// A letter: a mail that the company sends.
    LetterId = "letter";
    /// A notice: a mail to a member of staff about an event.
    NoticeId = "notice";
    /// A device registered for push notifications.
    DeviceId = "device";
    /// A push notification to a device.
    PushId = "push";
    /// A mail to a person at a partner about a task.
    TaskMailId = "taskmail";
    /// A calendar that was replaced.
    PastCalendarId = "pastcalendar";
    /// A legal clock of a case.
    LegalClockId = "clock";
    /// A pause of the time for the company's answer to a case.
    AnswerPauseId = "pause";
    /// An enquiry about a case by an ombudsman, a data subject or a regulator.
    EnquiryId = "enquiry";
    /// A commitment: a promise to the customer of a case, with a date.
    CommitmentId = "commitment";
    /// A step of a plan.
    StepId = "step";
    /// Unanswered calls from one number on one day.
    CallSignalId = "signal";
    /// A recount of open timers after a calendar or a service level changed.
    RecountId = "recount";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_of_the_typeid_specification() {
        let id = Uuid::from_u128(0x0188_9c89_df6b_7f1c_a388_9139_6ec3_14bc);
        let text = CaseId(id).to_string();
        assert_eq!(text, "case_01h2e8kqvbfwea724h75qc655w");
        assert_eq!(text.parse(), Ok(CaseId(id)));
    }

    #[test]
    fn rubbish_is_not_an_id() {
        for text in [
            "",
            "case_",
            "case",
            "task_01h2e8kqvbfwea724h75qc655w",
            "case_01h2e8kqvbfwea724h75qc655",
            "case_01h2e8kqvbfwea724h75qc655wa",
            "case_81h2e8kqvbfwea724h75qc655w",
            "case_01H2E8KQVBFWEA724H75QC655W",
            "case_01h2e8kqvbfwea724h75qc655u",
            "case_01h2e8kqvbfwea724h75qc65å",
        ] {
            assert_eq!(text.parse::<CaseId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_range_survive() {
        for bits in [0, 1, u128::MAX, u128::MAX - 1] {
            let id = StaffId(Uuid::from_u128(bits));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
