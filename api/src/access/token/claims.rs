//! The claims of a token (RFC 7519, and the standard claims of `OpenID` Connect Core 1.0, section 5.1), and which of them
//! says who the person is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::kit::contact::checked_email;

/// The longest `iss` or subject of a person that is stored.
pub const LONGEST_NAME: usize = 300;

/// The claim of an issuer's tokens that says who the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum PersonClaim {
    /// `sub` is the id of a member of staff, a partner's contact or an API client in this service.
    #[default]
    #[serde(rename = "id")]
    Id,
    /// `sub` is the issuer's own name for the person.
    #[serde(rename = "sub")]
    Subject,
    /// `tid` and `oid` together, as with Microsoft Entra, whose `sub` is another for each application.
    #[serde(rename = "tid+oid")]
    TenantAndObject,
    /// `email`, if `email_verified` says that the person has proved it.
    #[serde(rename = "email")]
    Email,
}

/// The claim that names the application for which a token was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudienceClaim {
    /// `aud`.
    #[default]
    Aud,
    /// `azp`, for an issuer that puts the application's name there, as Keycloak does without an audience mapper.
    Azp,
}

/// The person whom a token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An id of this service.
    Id(String),
    /// A person as their issuer knows them.
    Person(IssuersPerson),
}

/// A person as their issuer knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuersPerson {
    /// The issuer's name for the person, which never passes on to somebody else.
    pub subject: String,
    /// The e-mail address, in lower case, if the issuer says that the person has proved it.
    pub email: Option<String>,
    /// Whether the person is found by the address at every sign-in, not only at the first.
    pub by_email: bool,
}

/// The claims that this service reads. All others are ignored, those about roles too: what a person may do is decided
/// by the directory.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    pub sub: String,
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    #[serde(deserialize_with = "seconds")]
    pub iat: i64,
    #[serde(default, deserialize_with = "seconds_or_none", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<Verified>,
}

/// The value of `aud`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The value of `email_verified`, which some issuers write as a text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Verified {
    Boolean(bool),
    Text(String),
}

impl Verified {
    fn holds(&self) -> bool {
        match self {
            Self::Boolean(verified) => *verified,
            Self::Text(text) => text == "true",
        }
    }
}

/// A `NumericDate` (RFC 7519, section 2): seconds, which may have a fraction.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumericDate {
    Whole(i64),
    Fraction(f64),
}

impl NumericDate {
    /// The whole seconds. The fraction is cut off, so that a token expires at most a second early.
    fn seconds(&self) -> i64 {
        match self {
            Self::Whole(seconds) => *seconds,
            #[expect(clippy::cast_possible_truncation, reason = "a value beyond all times is refused where it is used")]
            Self::Fraction(seconds) => seconds.floor() as i64,
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    NumericDate::deserialize(from).map(|date| date.seconds())
}

fn seconds_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Option::<NumericDate>::deserialize(from).map(|date| date.map(|date| date.seconds()))
}

impl Claims {
    /// The claims of a token that this service issues itself.
    pub(super) fn own((issuer, audience): (&str, &str), subject: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self {
            iss: issuer.to_owned(),
            aud: Some(Audience::One(audience.to_owned())),
            azp: None,
            sub: subject.to_owned(),
            exp: to.timestamp(),
            iat: from.timestamp(),
            nbf: None,
            tid: None,
            oid: None,
            email: None,
            email_verified: None,
        }
    }

    /// The person whom this claim names; none when the token lacks it, or the issuer has not verified the address.
    pub(super) fn named(&self, by: PersonClaim) -> Option<Named> {
        let email = || {
            let proved = self.email_verified.as_ref().is_some_and(Verified::holds);
            let address = self.email.as_deref().filter(|_| proved);
            checked_email(address, "email").ok().flatten()
        };
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let subject = match by {
            PersonClaim::Id => return Some(Named::Id(self.sub.clone())),
            PersonClaim::Subject | PersonClaim::Email => filled(&Some(self.sub.clone()))?,
            PersonClaim::TenantAndObject => format!("{}+{}", filled(&self.tid)?, filled(&self.oid)?),
        };
        if subject.len() > LONGEST_NAME {
            return None;
        }
        let (email, by_email) = (email(), by == PersonClaim::Email);
        if by_email && email.is_none() {
            return None;
        }
        Some(Named::Person(IssuersPerson { subject, email, by_email }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn named(by: PersonClaim, extra: &Value) -> Option<Named> {
        let mut claims = json!({ "iss": "https://id.example", "sub": "s-1", "exp": 2.9, "iat": 1 });
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        serde_json::from_value::<Claims>(claims).unwrap().named(by)
    }

    fn person(subject: &str, email: Option<&str>, by_email: bool) -> Named {
        let email = email.map(str::to_owned);
        Named::Person(IssuersPerson { subject: subject.to_owned(), email, by_email })
    }

    #[test]
    fn the_claim_of_the_settings_names_the_person_and_only_a_proved_address_counts() {
        use PersonClaim::{Email, Id, Subject, TenantAndObject};
        let proved = json!({ "email": "Anna@Shop.example", "email_verified": true });
        let entra = json!({ "tid": "t", "oid": "o", "email": "anna@shop.example" });
        for (by, extra, expected) in [
            (Id, json!({}), Some(Named::Id("s-1".to_owned()))),
            (Subject, json!({}), Some(person("s-1", None, false))),
            (Subject, json!({ "sub": "" }), None),
            (Subject, json!({ "sub": "s".repeat(301) }), None),
            (Subject, proved.clone(), Some(person("s-1", Some("anna@shop.example"), false))),
            (TenantAndObject, json!({ "oid": "o" }), None),
            (TenantAndObject, json!({ "tid": "", "oid": "o" }), None),
            (TenantAndObject, entra, Some(person("t+o", None, false))),
            (Email, proved, Some(person("s-1", Some("anna@shop.example"), true))),
            (Email, json!({ "email": "a@b.example" }), None),
            (Email, json!({ "email": "a@b.example", "email_verified": false }), None),
            (Email, json!({ "email": "a@b.example", "email_verified": "false" }), None),
            (
                Email,
                json!({ "email": "a@b.example", "email_verified": "true" }),
                Some(person("s-1", Some("a@b.example"), true)),
            ),
            (Email, json!({ "email": "no address", "email_verified": true }), None),
        ] {
            assert_eq!(named(by, &extra), expected, "{by:?} {extra}");
        }
    }

    #[test]
    fn times_may_have_a_fraction() {
        let read = |exp: Value| {
            let claims = json!({ "iss": "i", "sub": "s", "exp": exp, "iat": 1.5, "nbf": null });
            serde_json::from_value::<Claims>(claims).map(|claims| (claims.exp, claims.iat, claims.nbf)).ok()
        };
        assert_eq!(read(json!(10)), Some((10, 1, None)));
        assert_eq!(read(json!(10.999)), Some((10, 1, None)));
        assert_eq!(read(json!(1e300)), Some((i64::MAX, 1, None)));
        assert_eq!(read(json!("10")), None);
        assert_eq!(read(json!(null)), None);
    }
}
