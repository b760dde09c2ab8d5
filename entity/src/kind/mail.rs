//! What the service finds in a mail. No column holds these values; some stand in the JSON of a report.

use serde::{Deserialize, Serialize};

/// The kind of a mail: who or what sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmailKind {
    /// A person wrote the mail.
    Human,
    /// A program sent the mail: an acknowledgement, a newsletter, a notification or a mail of a mailing list.
    Machine,
    /// A mail system reports that a mail of the company did not reach a recipient, or has not reached it yet.
    Bounce,
    /// The mail is the automatic reply of somebody who is away.
    OutOfOffice,
    /// A person forwarded somebody else's mail.
    Forward,
}

impl EmailKind {
    /// Whether no person wrote the mail. Such a mail is not answered, reopens no case and sets no timer.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Machine | Self::Bounce | Self::OutOfOffice)
    }
}

/// Something about a mail that its reader should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum EmailWarning {
    /// The mail names several senders. The first one is used.
    SeveralSenders,
    /// The mail names no sender that can be answered.
    NoSender,
    /// The mail has no Message-ID. Its bytes are used to recognise it when it arrives again.
    NoMessageId,
    /// The character set was not declared, or declared wrongly, so the characters were guessed.
    CharactersGuessed,
    /// Replies go to another address than the sender's (the Reply-To field).
    AnswersGoElsewhere,
    /// Not all files of the mail are kept as attachments: there are more than 50, or some are larger than 25 MiB. The
    /// raw mail has all of them.
    FilesLeftOut,
    /// The HTML of the mail is not shown, only its text. The HTML is larger than 1 MiB, has more than 5,000 links, or
    /// has nothing that is safe to show.
    HtmlLeftOut,
    /// The text of the mail, or the text of its HTML, is longer than what is read (28 MiB of text, or 8 MiB in another
    /// character set than UTF-8; 2 million characters of HTML). The raw mail has all of it.
    TextLeftOut,
    /// The mail could not be understood. A person must read it.
    NotUnderstood,
    /// The mail is encrypted. Only somebody with the key can read it.
    Encrypted,
    /// The text of the mail is in `winmail.dat`, which is Outlook's own format. Ask the sender to send it as HTML or
    /// text.
    OutlookFormat,
    /// The mail has no text, only files, such as pictures or a scanned letter. A person must look at them.
    OnlyFiles,
    /// The sender's name contains another address than the sender's. The mail may pretend to come from somebody else.
    NameShowsAnotherAddress,
    /// The mail is larger than 30 MiB, so only its beginning was fetched. The whole mail is in the account that it was
    /// fetched from.
    Cut,
}

/// Whether a mail comes from the domain of the sender that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SenderTrust {
    /// Neither the company's mail server nor a signature shows whether the mail comes from the sender's domain.
    #[default]
    Unknown,
    /// The sender's domain vouches for the mail, by DMARC or by a signature (DKIM).
    Passed,
    /// The sender's domain says that it did not send the mail (DMARC). The mail is taken in all the same.
    Failed,
}

/// The reason why lines of a mail are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum EmailCutReason {
    /// The lines are an earlier mail, or the header of one, that a mail program copied into this mail.
    EarlierMail,
    /// The lines are quoted, or they introduce a quote ("On … wrote:").
    Quote,
    /// The lines are a signature, or a notice of the kind that companies add below their mail.
    Signature,
    /// The lines were added below the message by a mail program or a virus scanner ("Sent from my …"), or they are only
    /// separators.
    Footer,
}
