//! The simulator on threads of its own, with a clock that moves when it is told.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::StreamExt;
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::{Candle, MarketKind, SeriesId};
use tokio::{runtime::Runtime, sync::mpsc, task::JoinSet};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::{candles::START_S, report::now};

const MINUTE_MS: i64 = 60_000;
/// Exchange time between two pushes of a spot stream.
const PUSH_MS: i64 = 2_000;
const STREAMS_PER_SOCKET: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Exchange {
    simulator: Simulator,
    /// Open time of the first bucket that is not stored before the start.
    first_ms: i64,
    /// Keeps the simulator's threads; ended without waiting, as the measurement itself is asynchronous.
    runtime: Option<Runtime>,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Exchange {
    /// Plays the same walk for every series; the clock stands in bucket `stored`.
    pub(super) fn start(series: &[SeriesId], walk: &[Candle], stored: usize) -> anyhow::Result<Self> {
        let runtime = super::runtime("exchange", 1)?;
        let data = series
            .iter()
            .map(|series| (MarketKind::Spot, series.symbol().to_owned(), walk.to_vec()));
        let first_ms = START_S * 1_000 + MINUTE_MS * i64::try_from(stored)?;
        let config = SimConfig::new(
            SampleSet::new(data.collect())?,
            VirtualClock::manual(first_ms + 10_000),
        );
        let simulator = runtime.block_on(Simulator::start(config))?;
        Ok(Self {
            simulator,
            first_ms,
            runtime: Some(runtime),
        })
    }

    pub(super) fn ws_base(&self) -> String {
        self.simulator.ws_base(MarketKind::Spot)
    }

    pub(super) fn rest_base(&self) -> String {
        self.simulator.rest_base(MarketKind::Spot)
    }

    /// Waits until so many streams are subscribed to.
    pub(super) async fn followed(&self, streams: usize) -> anyhow::Result<()> {
        let streams = u64::try_from(streams)?;
        let followed = self
            .simulator
            .wait_for(|counters| counters.subscriptions == streams);
        tokio::time::timeout(PATIENCE, followed)
            .await
            .context("not every series is followed")?;
        Ok(())
    }

    /// Candle frames sent so far.
    pub(super) fn frames(&self) -> usize {
        usize::try_from(self.simulator.counters().frames).unwrap_or(usize::MAX)
    }

    /// Open time of a bucket, counted from the one in which the clock stood at first, in seconds.
    pub(super) const fn open_time(&self, minute: i64) -> i64 {
        (self.first_ms + MINUTE_MS * minute) / 1_000
    }

    /// Ends a bucket in all series and says when that was. Everything before has been read by then.
    pub(super) async fn close(&self, minute: i64) -> anyhow::Result<Instant> {
        let end_ms = self.first_ms + MINUTE_MS * (minute + 1);
        self.simulator.clock().advance_to(end_ms - 1)?;
        self.settled().await;
        let closed = now();
        self.simulator.clock().advance_to(end_ms + 10)?;
        Ok(closed)
    }

    /// Pushes every stream so many times, once per `pause`.
    pub(super) async fn push(&self, times: u32, pause: Duration) -> anyhow::Result<()> {
        let mut steps = tokio::time::interval(pause);
        for _ in 0..times {
            steps.tick().await;
            let clock = self.simulator.clock();
            clock.advance_to(clock.now_ms() + PUSH_MS)?;
        }
        steps.tick().await;
        Ok(())
    }

    /// Waits until nothing has been sent for a while.
    async fn settled(&self) {
        let mut sent = usize::MAX;
        while sent != self.frames() {
            sent = self.frames();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Clients that read the frames of these series and do nothing else.
    pub(super) async fn readers(&self, series: &[SeriesId]) -> anyhow::Result<Readers> {
        let (closes, arrivals) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for part in series.chunks(STREAMS_PER_SOCKET) {
            let names: Vec<_> = part
                .iter()
                .map(|series| {
                    let code: String = series.symbol().chars().filter(|c| *c != '/').collect();
                    format!("{}@kline_1m", code.to_lowercase())
                })
                .collect();
            let url = format!("{}/stream?streams={}", self.ws_base(), names.join("/"));
            let (mut socket, _) = connect_async(url).await?;
            let closes = closes.clone();
            tasks.spawn(async move {
                while let Some(Ok(Message::Text(frame))) = socket.next().await {
                    if frame.contains("\"x\":true") && closes.send(()).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Readers {
            arrivals,
            _tasks: tasks,
        })
    }
}

pub(super) struct Readers {
    arrivals: mpsc::UnboundedReceiver<()>,
    _tasks: JoinSet<()>,
}

impl Readers {
    /// Waits for so many closed candles.
    pub(super) async fn closed(&mut self, series: usize) -> anyhow::Result<Instant> {
        for _ in 0..series {
            tokio::time::timeout(PATIENCE, self.arrivals.recv())
                .await
                .context("a reader waited in vain")?
                .context("the readers are gone")?;
        }
        Ok(now())
    }
}
