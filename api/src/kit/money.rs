//! Amounts of money, as whole numbers of the currency's minor unit and never as floating point.

use serde::{Deserialize, Serialize};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The amount in the currency's minor unit, such as öre or cents.
    pub minor: i64,
    /// The ISO 4217 code of the currency, in upper case.
    pub currency: String,
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMoney {
    /// The currency is not a code of three capital letters.
    Currency,
    /// The amount is not a decimal number, has more decimals than the currency, or is too large.
    Amount,
}

impl Money {
    /// Reads an amount such as "499.00" in a currency such as "SEK".
    ///
    /// # Errors
    /// Whether the currency or the amount is invalid.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, NotMoney> {
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(NotMoney::Currency);
        }
        let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').map_or((digits, ""), |(whole, part)| (whole, part));
        let decimals = decimals(currency);
        let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let ends_in_point = digits.contains('.') && part.is_empty();
        if whole.is_empty() || !only_digits(whole) || !only_digits(part) || part.len() > decimals || ends_in_point {
            return Err(NotMoney::Amount);
        }
        let minor = format!("{whole}{part:0<decimals$}").parse::<i64>().map_err(|_| NotMoney::Amount)?;
        Ok(Self { minor: sign * minor, currency: currency.to_owned() })
    }

    /// The amount as a decimal number, with all of the currency's decimals.
    #[must_use]
    pub fn decimal(&self) -> String {
        let decimals = decimals(&self.currency);
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

/// The number of decimals of a currency by ISO 4217; two for a currency that is not listed.
fn decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_in_the_currency_s_decimals() {
        for (amount, currency, minor, written) in [
            ("499", "SEK", 49_900, "499.00"),
            ("499.9", "SEK", 49_990, "499.90"),
            ("0.05", "EUR", 5, "0.05"),
            ("-12.30", "EUR", -1_230, "-12.30"),
            ("1500", "JPY", 1_500, "1500"),
            ("1.234", "KWD", 1_234, "1.234"),
        ] {
            let money = Money::parse(amount, currency).unwrap();
            assert_eq!((money.minor, money.decimal().as_str()), (minor, written));
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for amount in ["", ".", "1.", ".5", "1,50", "1.005", "1e3", "--1", "+1", "١", "99999999999999999999"] {
            assert_eq!(Money::parse(amount, "SEK"), Err(NotMoney::Amount), "{amount}");
        }
        for currency in ["", "sek", "SEKR", "S K", "ÅÄÖ"] {
            assert_eq!(Money::parse("1", currency), Err(NotMoney::Currency), "{currency}");
        }
    }
}
