//! Everybody's share of the service: points per second by who asks and from where, and how many streams at once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::session::Caller;
use crate::kit::clock::Clock;
use crate::kit::rate::{Level, Rate, Rates};

/// What callers may ask for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShareOptions {
    /// For forms, customers and callers nobody knows, per credential and address.
    pub public: Rate,
    /// For staff, partners and a seller's systems, per credential and address.
    pub signed_in: Rate,
    /// Streams and sockets open at once, per credential and address.
    pub streams: usize,
}

impl Default for ShareOptions {
    fn default() -> Self {
        let rate = |burst, per_second| Rate {
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
        };
        Self { public: rate(20_000, 200), signed_in: rate(120_000, 2_000), streams: 100 }
    }
}

/// Who asks, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asker {
    caller: Caller,
    network: IpAddr,
}

impl Asker {
    /// A caller at this address. A customer's line has a whole /64 of IPv6 addresses to choose from: it counts as one.
    #[must_use]
    pub fn new(caller: Caller, address: IpAddr) -> Self {
        let network = match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            address @ IpAddr::V4(_) => address,
        };
        Self { caller, network }
    }
}

/// What everybody has left.
pub struct Shares {
    public: Rates<Asker>,
    signed_in: Rates<Asker>,
    streams: usize,
    open: Mutex<HashMap<Asker, usize>>,
}

impl Shares {
    /// Full shares.
    #[must_use]
    pub fn new(options: ShareOptions, clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            public: Rates::new(options.public, Arc::clone(clock)),
            signed_in: Rates::new(options.signed_in, Arc::clone(clock)),
            streams: options.streams,
            open: Mutex::default(),
        })
    }

    /// Takes points out of this caller's share, all or none.
    pub fn take(&self, asker: &Asker, points: u32) -> Level {
        let points = NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        let rates = if asker.caller.is_signed_in() { &self.signed_in } else { &self.public };
        rates.take(asker, points)
    }

    /// A place for one more stream; none when this caller has as many as one may.
    #[must_use]
    pub fn open(self: &Arc<Self>, asker: &Asker) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(asker.clone()).or_default();
        if *count >= self.streams {
            return None;
        }
        *count += 1;
        Some(Place { shares: Arc::clone(self), asker: asker.clone() })
    }

    /// Forgets who has not been heard of lately.
    pub fn tidy(&self) {
        self.public.tidy();
        self.signed_in.tidy();
    }
}

/// An open stream's place, free again when it is dropped.
pub struct Place {
    shares: Arc<Shares>,
    asker: Asker,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.asker) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.asker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::clock::ManualClock;

    fn asker(address: &str) -> Asker {
        Asker::new(Caller::nobody(), address.parse().unwrap())
    }

    #[test]
    fn a_line_is_one_address_however_many_it_has() {
        assert_eq!(asker("2001:db8::1"), asker("2001:db8::ffff:1"));
        assert_ne!(asker("2001:db8::1"), asker("2001:db8:0:1::1"));
        assert_eq!(asker("::ffff:192.0.2.1"), asker("192.0.2.1"));
        assert_ne!(asker("192.0.2.1"), asker("192.0.2.2"));
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(chrono::DateTime::UNIX_EPOCH));
        let shares = Shares::new(ShareOptions { streams: 2, ..ShareOptions::default() }, &clock);
        let (first, _second) = (shares.open(&asker("192.0.2.1")), shares.open(&asker("192.0.2.1")));
        assert!(shares.open(&asker("192.0.2.1")).is_none());
        assert!(shares.open(&asker("192.0.2.2")).is_some());
        drop(first);
        assert!(shares.open(&asker("192.0.2.1")).is_some());
    }
}
