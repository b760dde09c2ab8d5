//! The custom scalars, and amounts of money.

use async_graphql::{InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;

use crate::kit::error::{ErrorCode, Problem};
use crate::kit::money::{Money, NotMoney};
use crate::texts;

/// Bytes in base 64 with padding, in the standard alphabet. Line breaks and spaces are ignored when reading.
pub struct Base64(pub Vec<u8>);

/// Bytes in base 64 with padding, in the standard alphabet. Line breaks and spaces are ignored when reading.
#[Scalar(name = "Base64", specified_by_url = "https://www.rfc-editor.org/rfc/rfc4648#section-4")]
impl ScalarType for Base64 {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else { return Err(InputValueError::expected_type(value)) };
        let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(packed).map(Self).map_err(|_| InputValueError::custom("not base 64"))
    }

    fn to_value(&self) -> Value {
        Value::String(STANDARD.encode(&self.0))
    }
}

/// A day without a time of day, written as in ISO 8601: "2026-12-23".
#[derive(Clone, Copy)]
pub struct Date(pub NaiveDate);

/// A day without a time of day, written as in ISO 8601: "2026-12-23".
#[Scalar(name = "CalendarDate", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| InputValueError::custom("not a date written as 2026-12-23"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A decimal number written as text, such as "499.00", without an exponent and without thousands separators, so that no
/// amount is rounded in transit.
#[derive(Clone)]
pub struct Decimal(pub String);

/// A decimal number written as text, such as "499.00", without an exponent and without thousands separators, so that no
/// amount is rounded in transit.
#[Scalar(name = "Decimal", specified_by_url = "https://www.w3.org/TR/xmlschema-2/#decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            value => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An amount of money in one currency.
#[derive(SimpleObject)]
#[graphql(name = "Money")]
pub struct MoneyObject {
    /// The amount, with all decimals of the currency.
    amount: Decimal,
    /// The ISO 4217 code of the currency, in three capital letters, such as "SEK".
    currency: String,
}

impl From<Money> for MoneyObject {
    fn from(money: Money) -> Self {
        Self { amount: Decimal(money.decimal()), currency: money.currency }
    }
}

/// An amount of money in one currency.
#[derive(InputObject, Clone)]
pub struct MoneyInput {
    /// The amount, with at most as many decimals as the currency has.
    amount: Decimal,
    /// The ISO 4217 code of the currency, in three capital letters, such as "SEK".
    currency: String,
}

impl MoneyInput {
    /// Reads the amount and checks it.
    ///
    /// # Errors
    /// `INVALID` with the field under this path, when the amount or the currency cannot be read.
    pub fn read(&self, path: &str) -> Result<Money, Problem> {
        Money::parse(&self.amount.0, &self.currency).map_err(|not| match not {
            NotMoney::Currency => Problem::new(ErrorCode::Invalid, &format!("{path}.currency"), texts::api::currency()),
            NotMoney::Amount => Problem::new(ErrorCode::Invalid, &format!("{path}.amount"), texts::api::amount()),
        })
    }
}
