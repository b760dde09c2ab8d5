//! The settings of accounts whose mail is fetched (IMAP).

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Config, ConfigError, safe_url, wrong};
use crate::imap::{Account, Grant, Login, SecretSource, Start};

/// An account whose mail is fetched. Exactly one of `password`, `password_file`, `token_file` and `oauth` must be
/// given.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapAccount {
    /// The address of the mailbox that the mail is for.
    pub mailbox: String,
    /// `imaps://host`, or `imap://host` for STARTTLS; unencrypted only on this machine.
    pub server: String,
    /// The user name.
    pub user: String,
    /// The password. `password_file` is safer.
    pub password: Option<String>,
    /// A file with the password, read for each connection.
    pub password_file: Option<PathBuf>,
    /// A file with an access token that another program keeps up to date, for XOAUTH2.
    pub token_file: Option<PathBuf>,
    /// How to request an access token, for XOAUTH2.
    pub oauth: Option<ImapOauth>,
    /// The folder to fetch from.
    #[serde(default = "inbox")]
    pub folder: String,
    /// Which mail is fetched when a folder is opened for the first time: `now` (new mail only), `all`, or from a day
    /// such as `2026-11-01`.
    #[serde(default = "now")]
    pub start_from: String,
}

/// How to request an access token (RFC 6749): with a refresh token, or with the client's own credentials.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapOauth {
    /// The token endpoint; https only.
    pub token_url: String,
    /// The id of the client.
    pub client_id: String,
    /// A file with the secret of the client.
    pub client_secret_file: Option<PathBuf>,
    /// A file with a refresh token.
    pub refresh_token_file: Option<PathBuf>,
    /// The scope to request.
    pub scope: Option<String>,
}

// Written by hand, so that the password is not printed with the rest of the configuration.
impl std::fmt::Debug for ImapAccount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ImapAccount").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn now() -> String {
    "now".to_owned()
}

impl Config {
    /// The accounts whose mail is fetched.
    ///
    /// # Errors
    /// When one is not valid, or two are for the same mailbox, because the position of fetching is stored per mailbox.
    pub fn accounts(&self) -> Result<Vec<Account>, ConfigError> {
        let mut mailboxes = BTreeSet::new();
        let once = |account: &ImapAccount| {
            if mailboxes.insert(account.mailbox.to_lowercase()) {
                return account.account();
            }
            Err(wrong(format!("`mail.imap` names {} twice: a mailbox has one account and folder.", account.mailbox)))
        };
        self.mail.imap.iter().map(once).collect()
    }
}

impl ImapAccount {
    /// Converts the settings to an account.
    ///
    /// # Errors
    /// A message that names the setting.
    fn account(&self) -> Result<Account, ConfigError> {
        let name = &self.mailbox;
        let place = self.server.parse();
        let place = place.map_err(|error| wrong(format!("`mail.imap` of {name}: `server`: {error}.")))?;
        let login = match (&self.password, &self.password_file, &self.token_file, &self.oauth) {
            (Some(password), None, None, None) => Login::Password(SecretSource::Here(password.clone())),
            (None, Some(file), None, None) => Login::Password(SecretSource::File(file.clone())),
            (None, None, Some(file), None) => Login::Token(file.clone()),
            (None, None, None, Some(oauth)) => Login::Grant(Box::new(oauth.grant(name)?)),
            _ => {
                let one = "give exactly one of `password`, `password_file`, `token_file` and `oauth`";
                return Err(wrong(format!("`mail.imap` of {name}: {one}.")));
            }
        };
        let start = match self.start_from.as_str() {
            "now" => Start::Now,
            "all" => Start::All,
            day => Start::On(day.parse::<NaiveDate>().map_err(|_| {
                wrong(format!("`mail.imap` of {name}: `start_from` is `now`, `all` or a day such as 2026-11-01."))
            })?),
        };
        if self.folder.chars().any(char::is_control)
            || !self.folder.is_ascii()
            || self.user.chars().any(char::is_control)
        {
            let utf7 =
                "write `folder` as the server lists it (modified UTF-7, RFC 3501), and `user` without line breaks";
            return Err(wrong(format!("`mail.imap` of {name}: {utf7}.")));
        }
        Ok(Account {
            mailbox: name.to_lowercase(),
            place,
            user: self.user.clone(),
            login,
            folder: self.folder.clone(),
            start,
        })
    }
}

impl ImapOauth {
    fn grant(&self, name: &str) -> Result<Grant, ConfigError> {
        if self.client_secret_file.is_none() && self.refresh_token_file.is_none() {
            let one = "give `oauth.client_secret_file`, `oauth.refresh_token_file` or both";
            return Err(wrong(format!("`mail.imap` of {name}: {one}.")));
        }
        let file = |path: &Option<PathBuf>| path.clone().map(SecretSource::File);
        Ok(Grant::new(
            safe_url(&self.token_url, "mail.imap.oauth.token_url")?,
            self.client_id.clone(),
            file(&self.client_secret_file),
            file(&self.refresh_token_file),
            self.scope.clone(),
        ))
    }
}
