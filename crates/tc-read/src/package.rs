//! Packages of replay: what a request asks for, whether it can be made, and making it.

use tc_market::{Candle, CandleTime, SeriesId};
use tc_replay::{
    CacheKey, KeyPayload, PackageKind, PackageMetadata, RecordError, RecordedWindow, Recorder, ReplayPlan,
};
use tc_store::Snapshot;

use crate::{
    ReadError, ReadModel,
    integrity::check_integrity,
    position::{Need, StoredSeries},
};

/// Bars read at once.
const PAGE_BARS: usize = 1_000;

/// Which package is wanted; numbers as normalised by the contract of the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageRequest {
    /// What its frames hold.
    pub kind: PackageKind,
    /// Instant that is floored to the last bar, Unix seconds; `None`: the newest candle.
    pub to_time: Option<i64>,
    /// Length of the range and of the window of each frame, candles.
    pub window_candles: u32,
    /// Bars per window of the package.
    pub window_size: u32,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
}

/// How many candles of a range are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Candles that the range has room for.
    pub required_candles: u32,
    /// Candles that are stored in it.
    pub candles_ready: u64,
    /// Its first time, Unix seconds.
    pub from_time: i64,
    /// Its last time, Unix seconds.
    pub to_time: i64,
}

/// Whether a package can be made from what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageState {
    /// Everything is there.
    Ready,
    /// Candles are missing.
    CoverageMissing,
    /// A ledger does not cover the last bar, or the stored drawings differ from a fresh render.
    OutOfSync,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageOutlook {
    /// Which frames.
    pub plan: ReplayPlan,
    /// What they depend on.
    pub key_payload: KeyPayload,
    /// Name of the package.
    pub cache_key: CacheKey,
    /// How much of the range is stored.
    pub coverage: Coverage,
    /// Whether it can be made.
    pub state: PackageState,
}

/// Takes a package while it is made.
pub trait PackageSink {
    /// Why it takes no more.
    type Error;

    /// Takes the next window.
    ///
    /// # Errors
    /// Ends the making.
    fn window(&mut self, window: RecordedWindow) -> Result<(), Self::Error>;

    /// Learns how many of `total` bars are done.
    ///
    /// # Errors
    /// Ends the making.
    fn bars_done(&mut self, done: usize, total: usize) -> Result<(), Self::Error>;
}

/// Why a package was not made.
#[derive(Debug, thiserror::Error)]
pub enum PackageError<E> {
    /// The store or a ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A frame cannot be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Whoever takes the package refused.
    #[error("package was not taken: {0}")]
    Sink(E),
}

/// Stored candles of the range of `target` candles that ends at `to`, Unix seconds.
///
/// # Errors
/// [`ReadError::Store`].
pub fn coverage(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    to: i64,
    target: u32,
) -> Result<Coverage, ReadError> {
    let span = (i64::from(target.max(1)) - 1) * series.timeframe().seconds();
    let from = (to - span).max(0);
    let candles_ready = match snapshot.series_key(series)? {
        Some(key) if to >= 0 => {
            snapshot.count_between(key, CandleTime::clamped(from), CandleTime::clamped(to))?
        }
        _ => 0,
    };
    Ok(Coverage {
        required_candles: target,
        candles_ready,
        from_time: from,
        to_time: to,
    })
}

impl ReadModel {
    /// What `request` comes to: replay contract 5.1, steps 1 to 5, and 10.
    ///
    /// # Errors
    /// [`ReadError::NoData`] when there is no candle at or before the time that is asked for.
    pub fn package_outlook(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        request: &PackageRequest,
    ) -> Result<PackageOutlook, ReadError> {
        let stored = StoredSeries::open(snapshot, series)?.ok_or(ReadError::NoData)?;
        let to = stored.floor(request.to_time)?.ok_or(ReadError::NoData)?;
        let plan = ReplayPlan {
            kind: request.kind,
            series: series.clone(),
            to,
            window_candles: request.window_candles,
            window_size: request.window_size,
            snapshot_interval: request.snapshot_interval,
        };
        let coverage = coverage(snapshot, series, to.seconds(), request.window_candles)?;
        let short = coverage.candles_ready < u64::from(coverage.required_candles);
        let state = if request.kind == PackageKind::Replay && short {
            PackageState::CoverageMissing
        } else {
            match self.require_package(&stored, to, request.kind) {
                Ok(()) => PackageState::Ready,
                Err(ReadError::OutOfSync { .. } | ReadError::Integrity { .. }) => PackageState::OutOfSync,
                Err(error) => return Err(error),
            }
        };
        let fingerprint = stored.ledgers(self).fingerprint;
        let render_key = self.setup.overlay.render_key();
        let key_payload = KeyPayload::new(&plan, fingerprint, render_key, stored.state.epoch);
        let cache_key = key_payload.cache_key().map_err(RecordError::from)?;
        Ok(PackageOutlook {
            plan,
            cache_key,
            key_payload,
            coverage,
            state,
        })
    }

    fn require_package(
        &self,
        stored: &StoredSeries<'_>,
        to: CandleTime,
        kind: PackageKind,
    ) -> Result<(), ReadError> {
        stored.require_factors(to)?;
        stored.require_drawings(self, to)?;
        match kind {
            PackageKind::Replay => self.with_fold(stored, to, Need::default(), |fold, _| {
                check_integrity(stored, fold, to)
            }),
            PackageKind::Drawings => Ok(()),
        }
    }

    /// Makes the package of `plan` from one snapshot, window by window. Time and memory grow with the number of bars, and
    /// memory is bounded by the events of the range and one window.
    ///
    /// # Errors
    /// [`PackageError`].
    pub fn build_package<S: PackageSink>(
        &self,
        snapshot: &dyn Snapshot,
        plan: &ReplayPlan,
        sink: &mut S,
    ) -> Result<PackageMetadata, PackageError<S::Error>> {
        let stored = StoredSeries::open(snapshot, &plan.series)?.ok_or(ReadError::NoData)?;
        let graph = &self.setup.factors;
        let total = count(&stored, plan)?;
        let mut page = stored.bars(plan, plan.from())?;
        let first = page.first().ok_or(ReadError::NoData)?.time();
        let mut events = snapshot
            .events(stored.key, plan.window_start(first), plan.to)
            .map_err(ReadError::from)?;
        if plan.kind == PackageKind::Replay {
            stored.complete(graph, &mut events)?;
        }
        let (mut fold, ()) = self.own_fold(&stored, first, Need::default(), |_, _| Ok(()))?;
        let mut recorder = Recorder::new(plan.clone(), graph, stored.state.epoch);
        let mut rest = events.as_slice();
        let mut done = 0;
        while let Some(last) = page.last().map(Candle::time) {
            for candle in &page {
                let at = candle.time();
                let (new, later) = rest.split_at(rest.partition_point(|event| event.visible_time <= at));
                rest = later;
                if fold.head().is_some_and(|head| head < at) {
                    fold.follow(candle, new).map_err(ReadError::from)?;
                }
                if let Some(window) = recorder.push(candle, &fold, new)? {
                    sink.window(window).map_err(PackageError::Sink)?;
                }
                done += 1;
            }
            sink.bars_done(done, total).map_err(PackageError::Sink)?;
            if last >= plan.to {
                break;
            }
            page = stored.bars(plan, last.shifted(1))?;
        }
        let (window, metadata) = recorder.finish()?;
        if let Some(window) = window {
            sink.window(window).map_err(PackageError::Sink)?;
        }
        Ok(metadata)
    }
}

impl StoredSeries<'_> {
    /// The next bars of a plan.
    fn bars(&self, plan: &ReplayPlan, from: CandleTime) -> Result<Vec<Candle>, ReadError> {
        Ok(self
            .snapshot
            .candles_between(self.key, from, plan.to, PAGE_BARS)?)
    }
}

fn count(stored: &StoredSeries<'_>, plan: &ReplayPlan) -> Result<usize, ReadError> {
    let bars = stored.snapshot.count_between(stored.key, plan.from(), plan.to)?;
    Ok(usize::try_from(bars).unwrap_or(usize::MAX))
}
