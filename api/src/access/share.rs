//! Rate limits: a share of points per second for each caller, and a limit on open streams. A caller with a credential
//! of their own (staff, partners, systems) has one share, from whatever address they call. The public (forms,
//! customers, callers without a credential) shares limits by address, by wider network, by form and by seller, so that
//! credentials which anybody can get do not increase anybody's share. A part of each of these limits is reserved for
//! callers who have asked for little lately.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::id::{SellerId, WidgetId};
use serde::Deserialize;

use super::session::Caller;
use super::storage::StoredBytes;
use crate::kit::clock::Clock;
use crate::kit::rate::{Buckets, Level, Rate};

/// The default limit of a seller, and of a wider network, for the public, as multiples of the limit of one address.
const SELLER: u32 = 25;
const NETWORK: u32 = 10;
/// One form, or all customers together, may use the seller's limit divided by this.
const HALF: u32 = 2;
/// The part reserved for callers who have asked for little lately is the limit divided by this.
const KEPT: u32 = 4;
/// A caller has asked for little lately, and an address may try wrong credentials, up to an address's limit divided by
/// `LITTLE`, but never less than `ENOUGH`: the cost of a complaint and a few looks at it.
const LITTLE: u32 = 10;
const ENOUGH: u32 = 500;
/// The limit on the public's streams at one address, as a multiple of the limit of one caller. It is doubled for a
/// caller who has no stream yet.
const STREAMS: usize = 10;
/// The most addresses or callers that are remembered in each kind of bucket. Each takes some hundred bytes.
const ROOM: usize = 50_000;

/// The configured limits.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShareOptions {
    /// The limit of one address for the public: forms, customers and callers without a credential.
    pub public: Rate,
    /// The limit of a wider network (an IPv6 /48) for the public; ten times `public` if none.
    pub network: Option<Rate>,
    /// The limit of a seller for the public, from all addresses; 25 times `public` if none.
    pub seller: Option<Rate>,
    /// The limit of each member of staff, each contact of a partner and each system.
    pub signed_in: Rate,
    /// The most streams and sockets that are open at once, per caller and address.
    pub streams: usize,
    /// The most bytes that may be stored in a day.
    pub stored: StoredBytes,
}

impl Default for ShareOptions {
    fn default() -> Self {
        let rate = |burst, per_second| Rate {
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
        };
        let (public, signed_in) = (rate(20_000, 200), rate(120_000, 2_000));
        Self { public, network: None, seller: None, signed_in, streams: 100, stored: StoredBytes::default() }
    }
}

/// A caller and their address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asker {
    caller: Caller,
    line: IpAddr,
}

impl Asker {
    /// A caller at this address. The IPv6 addresses of a /64 count as one, because a single customer line has all of
    /// them.
    #[must_use]
    pub fn new(caller: Caller, address: IpAddr) -> Self {
        Self { caller, line: prefix(address.to_canonical(), 64) }
    }

    /// The /48 network of an IPv6 address, which an access or hosting provider may give to a single customer.
    fn network(&self) -> Option<IpAddr> {
        self.line.is_ipv6().then(|| prefix(self.line, 48))
    }

    /// The seller whose limit applies, and the part of it; none for callers without a form's or a customer's
    /// credential.
    fn part(&self) -> Option<(SellerId, PublicGroup)> {
        match self.caller {
            Caller::Form(widget, seller) => Some((seller, PublicGroup::Form(widget))),
            Caller::Customer(_, seller) => Some((seller, PublicGroup::Customers)),
            _ => None,
        }
    }
}

/// The first `bits` bits of an IPv6 address. An IPv4 address is returned unchanged.
fn prefix(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> bits))),
        address @ IpAddr::V4(_) => address,
    }
}

/// The groups of public callers that have separate parts of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum PublicGroup {
    /// The users of any form, for the limits of an address.
    Forms,
    /// The users of this form.
    Form(WidgetId),
    /// Customers who follow their cases.
    Customers,
}

impl PublicGroup {
    /// The group for the limits of an address. All forms are one group there, because an address may use any number of
    /// forms.
    fn at_address(self) -> Self {
        if self == Self::Customers { self } else { Self::Forms }
    }
}

/// One kind of limit: a common bucket, and a bucket that is reserved for callers who have asked for little lately.
struct Pool<K> {
    common: Buckets<K>,
    kept: Buckets<(K, PublicGroup)>,
}

impl<K: Hash + Eq + Clone> Pool<K> {
    fn new(rate: Rate) -> Self {
        Self { common: Buckets::new(rate, ROOM), kept: Buckets::new(rate.part(KEPT, ENOUGH), ROOM) }
    }

    /// The level if points were taken out, and whether they would come from the reserved bucket. Nothing is taken.
    fn look(&self, key: &K, quiet: Option<PublicGroup>, points: u32, now: Duration) -> (Level, bool) {
        let common = self.common.look(key, points, now);
        if common.wait.is_none() {
            return (common, false);
        }
        let kept = quiet.map(|part| self.kept.look(&(key.clone(), part), points, now));
        kept.filter(|kept| kept.wait.is_none()).map_or((common, false), |kept| (kept, true))
    }

    fn spend(&mut self, key: &K, kept: Option<PublicGroup>, points: u32, now: Duration) {
        match kept {
            None => self.common.spend(key, points, now),
            Some(part) => self.kept.spend(&(key.clone(), part), points, now),
        }
    }

    fn tidy(&mut self, now: Duration) {
        self.common.tidy(now);
        self.kept.tidy(now);
    }
}

/// The buckets of all kinds of limits.
struct Pools {
    signed_in: Buckets<Caller>,
    lines: Pool<IpAddr>,
    networks: Pool<IpAddr>,
    sellers: Pool<SellerId>,
    parts: Pool<(SellerId, PublicGroup)>,
    /// What each public caller has asked for lately, from the common and the reserved buckets.
    lately: Buckets<Asker>,
    guesses: Buckets<IpAddr>,
}

impl Pools {
    fn new(options: ShareOptions) -> Self {
        let seller = options.seller.unwrap_or_else(|| options.public.times(SELLER));
        let network = options.network.unwrap_or_else(|| options.public.times(NETWORK));
        let little = options.public.part(LITTLE, ENOUGH);
        Self {
            signed_in: Buckets::new(options.signed_in, ROOM),
            lines: Pool::new(options.public),
            networks: Pool::new(network),
            sellers: Pool::new(seller),
            parts: Pool::new(seller.part(HALF, ENOUGH)),
            lately: Buckets::new(little, ROOM),
            guesses: Buckets::new(little, ROOM),
        }
    }

    /// Takes points out of all limits that apply to a public caller, or out of none. Returns the level of the bucket
    /// with the fewest points left, or else of the refusing bucket with the longest wait.
    fn take(&mut self, asker: &Asker, points: u32, now: Duration) -> Level {
        let (network, part) = (asker.network(), asker.part());
        let little = self.lately.look(asker, points, now).wait.is_none();
        let quiet = part.map(|(_, part)| part).filter(|_| little);
        let at_address = quiet.map(PublicGroup::at_address);
        let line = self.lines.look(&asker.line, at_address, points, now);
        let around = network.map(|network| self.networks.look(&network, at_address, points, now));
        let seller = part.map(|(seller, _)| self.sellers.look(&seller, quiet, points, now));
        let own = part.map(|part| self.parts.look(&part, quiet, points, now));
        let levels = || [Some(line), around, seller, own].into_iter().flatten().map(|(level, _)| level);
        if let Some(refused) = levels().filter(|level| level.wait.is_some()).max_by_key(|level| level.wait) {
            return refused;
        }
        let from = |looked: (Level, bool), part: Option<PublicGroup>| part.filter(|_| looked.1);
        self.lines.spend(&asker.line, from(line, at_address), points, now);
        if let Some((network, looked)) = network.zip(around) {
            self.networks.spend(&network, from(looked, at_address), points, now);
        }
        if let Some((part, (seller, own))) = part.zip(seller.zip(own)) {
            self.sellers.spend(&part.0, from(seller, quiet), points, now);
            self.parts.spend(&part, from(own, quiet), points, now);
        }
        self.lately.spend(asker, points, now);
        levels().min_by_key(|level| level.remaining).unwrap_or(line.0)
    }

    fn tidy(&mut self, now: Duration) {
        self.signed_in.tidy(now);
        self.lines.tidy(now);
        self.networks.tidy(now);
        self.sellers.tidy(now);
        self.parts.tidy(now);
        self.lately.tidy(now);
        self.guesses.tidy(now);
    }
}

/// The shares of all callers.
pub struct Shares {
    clock: Arc<dyn Clock>,
    pools: Mutex<Pools>,
    streams: usize,
    open: Mutex<OpenStreams>,
}

/// The number of open streams, by caller and address, and for the public also by address.
#[derive(Default)]
struct OpenStreams {
    callers: HashMap<Asker, usize>,
    lines: HashMap<IpAddr, usize>,
}

impl Shares {
    /// Creates the shares, with full buckets.
    #[must_use]
    pub fn new(options: ShareOptions, clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(clock),
            pools: Mutex::new(Pools::new(options)),
            streams: options.streams,
            open: Mutex::default(),
        })
    }

    fn pools(&self) -> MutexGuard<'_, Pools> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes points out of this caller's share, or none if there are too few.
    pub fn take(&self, asker: &Asker, points: u32) -> Level {
        let (now, points) = (self.clock.elapsed(), points.max(1));
        let mut pools = self.pools();
        if asker.caller.is_signed_in() {
            pools.signed_in.take(&asker.caller, points, now)
        } else {
            pools.take(asker, points, now)
        }
    }

    /// As [`Shares::take`], but at most a full share, so that a request that costs more can still be made.
    pub fn take_at_most(&self, asker: &Asker, points: u32) -> Level {
        let pools = self.pools();
        let rate = if asker.caller.is_signed_in() { pools.signed_in.rate() } else { pools.lines.common.rate() };
        drop(pools);
        self.take(asker, points.min(rate.burst.get()))
    }

    /// Takes points for a wrong credential that was tried at this address. These points are counted separately: whoever
    /// tries credentials must wait, while valid credentials at the same address still work.
    pub fn guess(&self, asker: &Asker, points: u32) -> Level {
        let now = self.clock.elapsed();
        self.pools().guesses.take(&asker.line, points.max(1), now)
    }

    /// A slot for one more stream; none when this caller, or the public at this address, has the most that are
    /// allowed.
    #[must_use]
    pub fn open(self: &Arc<Self>, asker: &Asker) -> Option<StreamSlot> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.callers.get(asker).copied().unwrap_or(0);
        let public = !asker.caller.is_signed_in();
        let at_line = if public { open.lines.get(&asker.line).copied().unwrap_or(0) } else { 0 };
        let most = self.streams.saturating_mul(if own == 0 { 2 * STREAMS } else { STREAMS });
        if own >= self.streams || at_line >= most {
            return None;
        }
        open.callers.insert(asker.clone(), own + 1);
        if public {
            open.lines.insert(asker.line, at_line + 1);
        }
        Some(StreamSlot { shares: Arc::clone(self), asker: asker.clone() })
    }

    /// Forgets buckets that have become full.
    pub fn tidy(&self) {
        self.pools().tidy(self.clock.elapsed());
    }
}

/// The slot of an open stream. It becomes free when it is dropped.
pub struct StreamSlot {
    shares: Arc<Shares>,
    asker: Asker,
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        one_less(&mut open.callers, &self.asker);
        if !self.asker.caller.is_signed_in() {
            one_less(&mut open.lines, &self.asker.line);
        }
    }
}

fn one_less<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use entity::id::CustomerId;
    use uuid::Uuid;

    use super::*;
    use crate::kit::clock::ManualClock;

    const ONE: SellerId = SellerId(Uuid::from_u128(1));
    const OTHER: SellerId = SellerId(Uuid::from_u128(2));

    fn at(caller: Caller, address: &str) -> Asker {
        Asker::new(caller, address.parse().unwrap())
    }

    fn form(number: u128, seller: SellerId) -> Caller {
        Caller::Form(WidgetId(Uuid::from_u128(number)), seller)
    }

    fn customer(number: u128, seller: SellerId) -> Caller {
        Caller::Customer(CustomerId(Uuid::from_u128(number)), seller)
    }

    /// An address has 10,000 points, a network 100,000 and a seller 250,000. Of these, a form or all customers may use
    /// 125,000.
    fn shares() -> (Arc<Shares>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let rate = |burst| Rate { burst: NonZeroU32::new(burst).unwrap(), per_second: NonZeroU32::new(100).unwrap() };
        let options = ShareOptions { public: rate(10_000), streams: 2, ..ShareOptions::default() };
        let shared: Arc<dyn Clock> = clock.clone();
        (Shares::new(options, &shared), clock)
    }

    /// The number of points that this caller gets, in requests of 100 points.
    fn gets(shares: &Shares, asker: &Asker) -> u32 {
        (0..10_000).take_while(|_| shares.take(asker, 100).wait.is_none()).map(|_| 100).sum()
    }

    #[test]
    fn a_line_is_one_address_however_many_it_has() {
        let nobody = |address| at(Caller::Nobody, address);
        assert_eq!(nobody("2001:db8::1"), nobody("2001:db8::ffff:1"));
        assert_ne!(nobody("2001:db8::1"), nobody("2001:db8:0:1::1"));
        assert_eq!(nobody("2001:db8::1").network(), nobody("2001:db8:0:1::1").network());
        assert_ne!(nobody("2001:db8::1").network(), nobody("2001:db8:1::1").network());
        assert_eq!(nobody("::ffff:192.0.2.1"), nobody("192.0.2.1"));
        assert_ne!(nobody("192.0.2.1"), nobody("192.0.2.2"));
        assert_eq!(nobody("192.0.2.1").network(), None);
    }

    #[test]
    fn credentials_that_anybody_can_get_make_no_share_larger() {
        let (shares, _) = shares();
        let line = "192.0.2.1";
        let forms: u32 = (0..50).map(|number| gets(&shares, &at(form(number, ONE), line))).sum();
        let tokens: u32 = (0..500).map(|number| gets(&shares, &at(customer(number, ONE), line))).sum();
        let nobody = gets(&shares, &at(Caller::Nobody, line));
        // The limit of the address, and the parts reserved there for forms and for customers: a quarter each.
        assert_eq!(forms + tokens + nobody, 10_000 + 2 * 2_500);
    }

    #[test]
    fn a_network_that_has_many_lines_is_one_too() {
        let (shares, _) = shares();
        let line = |number: u32| format!("2001:db8:7:{number:x}::1");
        let all: u32 = (0..1_000).map(|number| gets(&shares, &at(form(1, ONE), &line(number)))).sum();
        assert_eq!(all, 100_000 + 25_000);
        assert_eq!(gets(&shares, &at(form(3, OTHER), "2001:db8:8::1")), 10_000, "the network beside it");
    }

    #[test]
    fn what_some_use_up_leaves_what_is_kept_for_others() {
        let (shares, _) = shares();
        let line = |number: usize| format!("192.0.2.{number}");
        for number in 0..13 {
            gets(&shares, &at(form(1, ONE), &line(number)));
        }
        let again: u32 = (0..13).map(|number| gets(&shares, &at(form(1, ONE), &line(number)))).sum();
        assert_eq!(
            again, 0,
            "the form's part of the ceiling is used up, and who used it up gets nothing of what is kept"
        );
        assert!(gets(&shares, &at(form(1, ONE), "198.51.100.1")) >= 500, "a first complaint by the same form");
        assert_eq!(gets(&shares, &at(form(2, ONE), "198.51.100.2")), 10_000, "another form");
        assert_eq!(gets(&shares, &at(customer(1, ONE), "198.51.100.3")), 10_000, "a customer");
        assert_eq!(gets(&shares, &at(form(3, OTHER), "198.51.100.4")), 10_000, "another seller");
        // At one address: a caller who asks for much does not use the part that is reserved for the others there.
        gets(&shares, &at(customer(5, OTHER), "203.0.113.1"));
        assert_eq!(gets(&shares, &at(customer(6, OTHER), "203.0.113.1")), 1_000);
        assert_eq!(gets(&shares, &at(form(3, OTHER), "203.0.113.1")), 1_000);
        assert_eq!(gets(&shares, &at(Caller::Staff(Uuid::nil().into()), "203.0.113.1")), 120_000);
    }

    #[test]
    fn customers_have_a_ceiling_of_their_own_at_a_seller() {
        let (shares, _) = shares();
        let line = |number: u128| format!("192.0.2.{number}");
        for number in 0..13 {
            gets(&shares, &at(customer(number, ONE), &line(number)));
        }
        assert!(gets(&shares, &at(customer(1_000, ONE), "198.51.100.1")) >= 500, "one who asked for nothing lately");
        assert_eq!(gets(&shares, &at(form(1, ONE), "198.51.100.2")), 10_000);
    }

    #[test]
    fn wrong_guesses_are_an_account_of_their_own() {
        let (shares, clock) = shares();
        let nobody = at(Caller::Nobody, "192.0.2.1");
        let guesses = (0..1_000).take_while(|_| shares.guess(&nobody, 20).wait.is_none()).count();
        assert_eq!(guesses, 50);
        assert_eq!(gets(&shares, &nobody), 10_000);
        clock.advance(TimeDelta::seconds(2));
        assert!(shares.guess(&nobody, 20).wait.is_none());
    }

    #[test]
    fn what_is_said_is_true() {
        let (shares, clock) = shares();
        let (asa, bo) = (at(customer(1, ONE), "192.0.2.1"), at(customer(2, ONE), "192.0.2.1"));
        let first = shares.take(&asa, 4_000);
        assert_eq!((first.remaining, first.rate.burst.get()), (6_000, 10_000));
        assert_eq!(shares.take(&bo, 1_000).remaining, 5_000, "the address is shared");
        let refused = shares.take(&asa, 7_000);
        assert_eq!((refused.remaining, refused.wait), (5_000, Some(Duration::from_secs(20))));
        clock.advance(TimeDelta::seconds(20));
        assert_eq!(shares.take(&asa, 7_000).wait, None, "after that time");
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let (shares, _) = shares();
        let asa = |address| at(customer(1, ONE), address);
        let (first, _second) = (shares.open(&asa("192.0.2.1")), shares.open(&asa("192.0.2.1")));
        assert!(shares.open(&asa("192.0.2.1")).is_none());
        assert!(shares.open(&asa("192.0.2.2")).is_some());
        drop(first);
        let mut places = vec![shares.open(&asa("192.0.2.1")).unwrap()];
        // Many credentials at one address may have twenty streams in all, or forty if each has one.
        for number in 2..100 {
            places.extend(shares.open(&at(customer(number, ONE), "192.0.2.1")));
            places.extend(shares.open(&at(customer(number, ONE), "192.0.2.1")));
        }
        assert_eq!(places.len() + 1, 40);
        assert!(shares.open(&at(Caller::Staff(Uuid::nil().into()), "192.0.2.1")).is_some());
        drop(places);
        assert_eq!(shares.open.lock().unwrap().lines.values().sum::<usize>(), 1);
    }
}
