//! The table of open connections, per address, with those that are idle. When the maximum is reached, the connection
//! that has been idle longest is closed for a new one, so that idle connections do not keep others out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The maximum numbers of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// The maximum in total.
    pub in_all: usize,
    /// The maximum per address, where a /64 of IPv6 counts as one address, because it is one customer's line. `None`
    /// behind the service's own proxies, because all connections then come from their addresses.
    pub of_one: Option<usize>,
}

/// The table of open connections.
#[derive(Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    most: Most,
    table: Mutex<ConnectionTable>,
}

#[derive(Default)]
struct ConnectionTable {
    /// The next number. Numbers identify connections and order the moments when they became idle.
    next: u64,
    open: HashMap<u64, OpenConnection>,
    of_one: HashMap<IpAddr, usize>,
    /// Connections without a request, by the number of the moment when they became idle.
    idle: BTreeMap<u64, u64>,
    /// The same moments, per address.
    idle_of_one: BTreeSet<(IpAddr, u64)>,
}

struct OpenConnection {
    network: IpAddr,
    /// The moment since which it has no request; `None` while it has one.
    idle: Option<u64>,
    /// The number of requests in progress, including the stream or WebSocket that the connection has become.
    busy: usize,
    end: Arc<Notify>,
}

/// A slot in the table; freed when the connection and everything it carries are gone.
#[derive(Clone)]
pub struct ConnectionSlot(Arc<Registered>);

struct Registered {
    connections: Connections,
    number: u64,
    end: Arc<Notify>,
}

/// A guard that marks a connection as busy, so that it is not closed for a new one.
#[derive(Clone)]
pub struct Busy(Arc<Working>);

struct Working(ConnectionSlot);

impl Connections {
    /// An empty table.
    #[must_use]
    pub fn new(most: Most) -> Self {
        Self(Arc::new(Inner { most, table: Mutex::default() }))
    }

    /// A slot for a connection from this address. When the maximum is reached, the connection that has been idle
    /// longest is closed: one of the same address when the address has reached its own maximum. `None` when no such
    /// connection is idle.
    #[must_use]
    pub fn admit(&self, network: IpAddr) -> Option<ConnectionSlot> {
        let Most { in_all, of_one } = self.0.most;
        let mut table = self.table();
        let own = table.of_one.get(&network).copied().unwrap_or_default();
        if of_one.is_some_and(|most| own >= most) {
            let longest = table.idle_of_one.range((network, 0)..=(network, u64::MAX)).next().map(|(_, since)| *since);
            table.end(longest?);
        } else if table.open.len() >= in_all {
            let longest = table.idle.first_key_value().map(|(since, _)| *since);
            table.end(longest?);
        }
        let (number, end) = (table.tick(), Arc::new(Notify::new()));
        table.open.insert(number, OpenConnection { network, idle: None, busy: 0, end: Arc::clone(&end) });
        *table.of_one.entry(network).or_default() += 1;
        table.rest(number);
        Some(ConnectionSlot(Arc::new(Registered { connections: self.clone(), number, end })))
    }

    /// Closes the connection that has been idle longest; false when none is idle.
    #[must_use]
    pub fn end_one(&self) -> bool {
        let mut table = self.table();
        let longest = table.idle.first_key_value().map(|(since, _)| *since);
        longest.inspect(|since| table.end(*since)).is_some()
    }

    /// The number of open connections.
    #[must_use]
    pub fn count(&self) -> usize {
        self.table().open.len()
    }

    fn table(&self) -> MutexGuard<'_, ConnectionTable> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionTable {
    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Closes the connection that has been idle since this moment.
    fn end(&mut self, since: u64) {
        if let Some(number) = self.idle.get(&since).copied()
            && let Some(open) = self.remove(number)
        {
            open.end.notify_one();
        }
    }

    /// Removes a connection from the table.
    fn remove(&mut self, number: u64) -> Option<OpenConnection> {
        let open = self.open.remove(&number)?;
        if let Some(since) = open.idle {
            self.idle.remove(&since);
            self.idle_of_one.remove(&(open.network, since));
        }
        if let Some(count) = self.of_one.get_mut(&open.network) {
            *count -= 1;
            if *count == 0 {
                self.of_one.remove(&open.network);
            }
        }
        Some(open)
    }

    /// Marks the connection as idle.
    fn rest(&mut self, number: u64) {
        let since = self.tick();
        let Some(open) = self.open.get_mut(&number) else { return };
        open.idle = Some(since);
        self.idle_of_one.insert((open.network, since));
        self.idle.insert(since, number);
    }

    fn begin(&mut self, number: u64) {
        let Some(open) = self.open.get_mut(&number) else { return };
        open.busy += 1;
        if let Some(since) = open.idle.take() {
            self.idle.remove(&since);
            self.idle_of_one.remove(&(open.network, since));
        }
    }

    fn finish(&mut self, number: u64) {
        let Some(open) = self.open.get_mut(&number) else { return };
        open.busy -= 1;
        if open.busy == 0 {
            self.rest(number);
        }
    }
}

impl ConnectionSlot {
    /// Marks the connection as busy while the result exists.
    #[must_use]
    pub fn busy(&self) -> Busy {
        self.0.connections.table().begin(self.0.number);
        Busy(Arc::new(Working(self.clone())))
    }

    /// Returns when the connection has to be closed for another.
    pub async fn ended(&self) {
        self.0.end.notified().await;
    }
}

impl Busy {
    /// Closes the connection although it is busy.
    pub fn end(&self) {
        let Registered { connections, number, end } = &*self.0.0.0;
        connections.table().remove(*number);
        end.notify_one();
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connections.table().remove(self.number);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let Registered { connections, number, .. } = &*self.0.0;
        connections.table().finish(*number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(in_all: usize, of_one: usize) -> Connections {
        Connections::new(Most { in_all, of_one: Some(of_one) })
    }

    fn from(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    async fn is_ended(place: &ConnectionSlot) -> bool {
        let soon = std::time::Duration::from_millis(1);
        tokio::time::timeout(soon, place.ended()).await.is_ok()
    }

    #[tokio::test]
    async fn the_longest_idle_makes_room() {
        let connections = connections(3, 3);
        let places: Vec<ConnectionSlot> = (1..=3).filter_map(|last| connections.admit(from(last))).collect();
        let busy = places[0].busy();
        let newcomer = connections.admit(from(4)).unwrap();
        assert!(is_ended(&places[1]).await, "the first has a request");
        assert!(!is_ended(&places[0]).await && !is_ended(&places[2]).await && !is_ended(&newcomer).await);
        drop(busy);
        let _fifth = connections.admit(from(5)).unwrap();
        assert!(is_ended(&places[2]).await, "the first has been idle for a shorter time");
        assert_eq!(connections.count(), 3);
    }

    #[tokio::test]
    async fn nobody_makes_room_while_they_are_served() {
        let connections = connections(2, 2);
        let places: Vec<ConnectionSlot> = (1..=2).filter_map(|last| connections.admit(from(last))).collect();
        let busy: Vec<Busy> = places.iter().map(ConnectionSlot::busy).collect();
        assert!(connections.admit(from(3)).is_none() && !connections.end_one());
        drop(busy);
        assert!(connections.end_one());
        drop(places);
        assert_eq!(connections.count(), 0);
        assert!(connections.table().idle.is_empty() && connections.table().of_one.is_empty());
        assert!(connections.table().idle_of_one.is_empty());
    }

    #[tokio::test]
    async fn an_address_makes_room_for_itself() {
        let connections = connections(100, 2);
        let other = connections.admit(from(1)).unwrap();
        let (first, second) = (connections.admit(from(2)).unwrap(), connections.admit(from(2)).unwrap());
        let _third = connections.admit(from(2)).unwrap();
        assert!(is_ended(&first).await && !is_ended(&second).await && !is_ended(&other).await);
        let proxied = Connections::new(Most { in_all: 100, of_one: None });
        let all: Vec<ConnectionSlot> = (0..50).filter_map(|_| proxied.admit(from(2))).collect();
        assert_eq!((all.len(), proxied.count()), (50, 50));
    }

    #[tokio::test]
    async fn what_a_connection_has_become_holds_its_place() {
        let connections = connections(2, 2);
        let place = connections.admit(from(1)).unwrap();
        let socket = place.busy();
        drop(place);
        assert_eq!(connections.count(), 1, "the socket goes on without the HTTP library");
        drop(socket);
        assert_eq!(connections.count(), 0);
    }

    #[tokio::test]
    async fn a_connection_is_idle_again_after_its_last_request() {
        let connections = connections(1, 1);
        let place = connections.admit(from(1)).unwrap();
        let (first, second) = (place.busy(), place.busy());
        let again = first.clone();
        drop((first, second));
        assert!(connections.admit(from(1)).is_none(), "a body is still written");
        drop(again);
        assert!(connections.admit(from(1)).is_some() && is_ended(&place).await);
    }
}
