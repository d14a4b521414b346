//! How often a client may ask for a fresh list.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use tc_market::MarketKind;
use tokio::time::Instant;

/// Between two fresh lists of one client and market.
const INTERVAL: Duration = Duration::from_secs(2);
/// Clients that are remembered; beyond that those that may ask again are forgotten, and then nobody else is admitted.
const CLIENTS_MAX: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Limiter(HashMap<(IpAddr, MarketKind), Instant>);

impl Limiter {
    pub(super) fn admit(&mut self, client: (IpAddr, MarketKind), now: Instant) -> bool {
        let waits = |at: &Instant| now.duration_since(*at) < INTERVAL;
        if self.0.get(&client).is_some_and(waits) {
            return false;
        }
        if self.0.len() >= CLIENTS_MAX {
            self.0.retain(|_, at| waits(at));
        }
        if self.0.len() >= CLIENTS_MAX {
            return false;
        }
        self.0.insert(client, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_in_two_seconds_for_each_client_and_market() {
        let mut limiter = Limiter::default();
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = Instant::now();
        assert!(limiter.admit((one, MarketKind::Spot), start));
        assert!(!limiter.admit((one, MarketKind::Spot), start + Duration::from_millis(1_999)));
        assert!(limiter.admit((one, MarketKind::Futures), start));
        assert!(limiter.admit((other, MarketKind::Spot), start));
        assert!(limiter.admit((one, MarketKind::Spot), start + INTERVAL));
    }

    #[tokio::test(start_paused = true)]
    async fn remembers_only_so_many() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        for n in 0..5_000_u32 {
            limiter.admit((IpAddr::from(Ipv4Addr::from_bits(n)), MarketKind::Spot), start);
        }
        assert_eq!(limiter.0.len(), CLIENTS_MAX);
        let late = IpAddr::from([10, 0, 0, 1]);
        assert!(!limiter.admit((late, MarketKind::Spot), start));
        assert!(limiter.admit((late, MarketKind::Spot), start + INTERVAL));
        assert_eq!(limiter.0.len(), 1);
    }
}
