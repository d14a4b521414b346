//! What happened so far, readable by tests.

use std::collections::BTreeMap;

use serde::Serialize;
use tc_market::MarketKind;
use tokio::sync::watch;

/// A copy of the simulator's counters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    /// Sockets accepted since the start.
    pub connections: u64,
    /// Sockets open now.
    pub open_connections: u64,
    /// Most sockets that were open at once.
    pub most_open_connections: u64,
    /// Attempts to connect that were refused.
    pub refused_connections: u64,
    /// Streams subscribed to now, over all open sockets, silent ones included.
    pub subscriptions: u64,
    /// Candle frames sent.
    pub frames: u64,
    /// Final candle frames among them.
    pub closed_frames: u64,
    /// Candle frames that a fault has held back for good.
    pub lost_frames: u64,
    /// Pongs that did not come in time.
    pub pongs_missed: u64,
    /// Weight of all requests since the start, by market.
    #[serde(serialize_with = "by_market_name")]
    pub weight_used: BTreeMap<MarketKind, u64>,
    /// Requests since the start, by path such as `/api/v3/klines`.
    pub requests: BTreeMap<String, u64>,
    /// Answers since the start, by HTTP status.
    pub answers: BTreeMap<u16, u64>,
}

fn by_market_name<S: serde::Serializer>(
    weights: &BTreeMap<MarketKind, u64>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(weights.iter().map(|(market, weight)| (market.name(), weight)))
}

/// The shared counters; waiting for a change needs no polling.
#[derive(Debug, Default)]
pub(crate) struct CounterBoard {
    counters: watch::Sender<Counters>,
}

impl CounterBoard {
    pub(crate) fn change(&self, change: impl FnOnce(&mut Counters)) {
        self.counters.send_modify(change);
    }

    pub(crate) fn copy(&self) -> Counters {
        self.counters.borrow().clone()
    }

    pub(crate) async fn wait_for(&self, mut condition: impl FnMut(&Counters) -> bool) -> Counters {
        let mut receiver = self.counters.subscribe();
        match receiver.wait_for(|counters| condition(counters)).await {
            Ok(counters) => counters.clone(),
            // The sender lives as long as this board.
            Err(_) => self.copy(),
        }
    }
}
