//! Signatures according to Standard Webhooks 1.0 (<https://github.com/standard-webhooks/standard-webhooks>):
//! HMAC-SHA-256 over `id.timestamp.body`. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::id::{TypedId, WebhookEndpointId};

use crate::kit::secret::Secret;

/// The prefix of every secret.
const PREFIX: &str = "whsec_";

/// The key of an endpoint in this generation. It is derived from the service's secret, so that it need not be stored.
fn key(secret: &Secret, endpoint: WebhookEndpointId, generation: i32) -> [u8; 32] {
    let mut text = endpoint.uuid().as_bytes().to_vec();
    text.extend(generation.to_be_bytes());
    secret.mac("webhook", &text)
}

/// The secret in the form that the receiver gets.
#[must_use]
pub fn secret(secret: &Secret, endpoint: WebhookEndpointId, generation: i32) -> String {
    format!("{PREFIX}{}", STANDARD.encode(key(secret, endpoint, generation)))
}

/// The header `webhook-signature`: one signature for each of these generations, so that a receiver can switch to its
/// new secret at any time.
#[must_use]
pub fn signatures(
    secret: &Secret,
    endpoint: WebhookEndpointId,
    generations: &[i32],
    (id, timestamp, body): (&str, i64, &str),
) -> String {
    let text = format!("{id}.{timestamp}.{body}");
    let sign = |generation: &i32| {
        let key = Secret::new(key(secret, endpoint, *generation));
        format!("v1,{}", STANDARD.encode(key.plain_mac(text.as_bytes())))
    };
    generations.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_own_example_is_signed_as_it_says() {
        // From the specification's libraries: secret, id, timestamp, body and the expected signature.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let text = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let signed = STANDARD.encode(Secret::new(key).plain_mac(text.as_bytes()));
        assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_generation_and_endpoint_has_a_secret_of_its_own() {
        let own = Secret::new(*b"x");
        let [first, second]: [WebhookEndpointId; 2] = [1_u128, 2].map(|id| uuid::Uuid::from_u128(id).into());
        let secrets = [secret(&own, first, 1), secret(&own, first, 2), secret(&own, second, 1)];
        assert!(secrets[0] != secrets[1] && secrets[0] != secrets[2] && secrets[0].starts_with(PREFIX));
        let both = signatures(&own, first, &[2, 1], ("id", 1, "{}"));
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.ends_with(&signatures(&own, first, &[1], ("id", 1, "{}"))));
    }
}
