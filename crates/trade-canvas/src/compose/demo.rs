//! Demo mode: an exchange simulator inside the process. Every other part runs as in production.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use tc_exchange::BinanceEndpoints;
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::{CandleTime, MarketKind, SeriesId};
use tc_server::clock::MarketClock;
use tc_store::{Snapshot, StoreError};

use crate::config::{Config, DemoConfig};

/// A running simulator and what it changes.
#[derive(Debug)]
pub(super) struct Demo {
    simulator: Simulator,
    series: Vec<SeriesId>,
    speed: f64,
}

impl Demo {
    /// Starts the simulator. Its clock begins two thirds into the sample, and no earlier than what is stored.
    pub(super) async fn start(
        config: &DemoConfig,
        newest_stored: Option<CandleTime>,
    ) -> anyhow::Result<Self> {
        let data = SampleSet::bundled()?;
        let start_ms = match newest_stored {
            Some(newest) => data.start_not_before(newest),
            None => data.demo_start_ms(),
        };
        let clock = VirtualClock::running(start_ms, config.speed)?;
        let series = data.series();
        let simulator = Simulator::start(SimConfig::new(data, clock))
            .await
            .context("the demo exchange cannot start")?;
        Ok(Self {
            simulator,
            series,
            speed: config.speed,
        })
    }

    /// Where the adapters find the exchange: the simulator, unless an address was given explicitly.
    pub(super) fn endpoints(&self, config: &Config) -> BinanceEndpoints {
        let exchange = &config.exchange;
        let (ws, rest) = (
            |market| self.simulator.ws_base(market),
            |market| self.simulator.rest_base(market),
        );
        BinanceEndpoints {
            spot_ws: exchange.binance_spot_ws.resolve(&ws(MarketKind::Spot)).to_owned(),
            futures_ws: exchange
                .binance_futures_ws
                .resolve(&ws(MarketKind::Futures))
                .to_owned(),
            spot_rest: exchange
                .binance_spot_rest
                .resolve(&rest(MarketKind::Spot))
                .to_owned(),
            futures_rest: exchange
                .binance_futures_rest
                .resolve(&rest(MarketKind::Futures))
                .to_owned(),
        }
    }

    /// Series of the sample.
    pub(super) fn series(&self) -> &[SeriesId] {
        &self.series
    }

    /// The market clock of the process.
    pub(super) fn clock(&self) -> Arc<dyn MarketClock> {
        Arc::new(DemoClock {
            clock: self.simulator.clock().clone(),
            speed: self.speed,
        })
    }

    pub(super) async fn shutdown(self) {
        self.simulator.shutdown().await;
    }
}

#[derive(Debug)]
struct DemoClock {
    clock: VirtualClock,
    speed: f64,
}

impl MarketClock for DemoClock {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn speed(&self) -> f64 {
        self.speed
    }
}

/// Empties the folder that the demo keeps its own store in, unless another process holds that store.
pub(super) fn empty_scratch(folder: &Path, db_path: &Path) -> anyhow::Result<()> {
    let lock_path = db_path.with_added_extension("lock");
    if let Ok(lock) = File::open(&lock_path)
        && let Err(TryLockError::WouldBlock) = lock.try_lock()
    {
        anyhow::bail!(
            "another demo runs in {}; stop it or start this one in another folder",
            folder.display()
        );
    }
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            Err(error).with_context(|| format!("the demo folder {} cannot be emptied", folder.display()))
        }
    }
}

/// Newest stored candle of the sample's series, so that the demo's clock never runs behind the store.
pub(super) fn newest_stored(snapshot: &dyn Snapshot) -> Result<Option<CandleTime>, StoreError> {
    Ok(snapshot
        .list_series()?
        .into_iter()
        .filter_map(|summary| summary.head_time)
        .max())
}
