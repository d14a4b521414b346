//! What every part of a run shares: the time, the exchange, the venue, the budget of requests.

use std::{collections::BTreeMap, sync::Arc};

use tc_exchange::{Binance, BinanceEndpoints, Venue, WeightBudget};
use tc_exchange_sim::{Exchange, Now};
use tc_market::{CandleTime, MarketKind, SeriesId, latest_closed};

use crate::{RunError, RunOptions, RunReport, tape};

const WS_BASE: &str = "ws://exchange";
const REST_BASE: &str = "http://exchange";

/// A series and where its frames come from.
#[derive(Debug, Clone)]
pub(crate) struct Tracked {
    pub(crate) id: SeriesId,
    pub(crate) market: MarketKind,
}

/// See the module.
pub(crate) struct Desk {
    pub(crate) options: RunOptions,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) venue: Binance,
    pub(crate) series: Vec<Tracked>,
    /// Unix milliseconds.
    pub(crate) now_ms: i64,
    pub(crate) report: RunReport,
    budgets: BTreeMap<MarketKind, WeightBudget>,
}

impl Desk {
    pub(crate) fn new(options: RunOptions, exchange: Exchange) -> Result<Self, RunError> {
        let venue = Binance::new(BinanceEndpoints {
            spot_ws: WS_BASE.to_owned(),
            futures_ws: format!("{WS_BASE}/market"),
            spot_rest: REST_BASE.to_owned(),
            futures_rest: REST_BASE.to_owned(),
        })?;
        let tracked = |index| {
            let (market, symbol) = (tape::market(index), tape::symbol(index));
            let id = format!("binance:{market}:{symbol}:1m").parse()?;
            Ok::<_, RunError>(Tracked { id, market })
        };
        let series = (0..options.series).map(tracked).collect::<Result<_, _>>()?;
        let mut desk = Self {
            report: RunReport {
                seed: options.seed,
                ..RunReport::default()
            },
            options,
            exchange: Arc::new(exchange),
            venue,
            series,
            now_ms: tape::START_MS,
            budgets: BTreeMap::new(),
        };
        desk.forget_budgets();
        Ok(desk)
    }

    /// A process that starts knows nothing of what was spent before.
    pub(crate) fn forget_budgets(&mut self) {
        let budget = |market| {
            let limits = self.venue.rest_limits(market);
            (market, WeightBudget::half_of(limits.weight_per_minute))
        };
        self.budgets = MarketKind::ALL.into_iter().map(budget).collect();
    }

    /// Monotonic milliseconds.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.now_ms.abs_diff(tape::START_MS)
    }

    /// The time of a monotonic deadline.
    pub(crate) fn at_ms(elapsed_ms: u64) -> i64 {
        tape::START_MS.saturating_add_unsigned(elapsed_ms)
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            market_ms: self.now_ms,
            real_ms: self.elapsed_ms(),
        }
    }

    /// The newest bucket that has ended.
    pub(crate) fn latest_closed(&self) -> CandleTime {
        latest_closed(self.now_ms.div_euclid(1_000), 60)
    }

    pub(crate) fn budget(&mut self, market: MarketKind) -> &mut WeightBudget {
        let limit = self.venue.rest_limits(market).weight_per_minute;
        self.budgets
            .entry(market)
            .or_insert_with(|| WeightBudget::half_of(limit))
    }

    /// The path and query of a request.
    pub(crate) fn request_path(url: &str) -> &str {
        url.strip_prefix(REST_BASE).unwrap_or(url)
    }

    /// The path and query of a socket.
    pub(crate) fn socket_path(url: &str) -> &str {
        url.strip_prefix(WS_BASE).unwrap_or(url)
    }
}
