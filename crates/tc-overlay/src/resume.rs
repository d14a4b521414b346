//! Resuming a fold from stored checkpoints.

use std::collections::BTreeSet;

use tc_factor::{
    ChainError, Checkpoint, Completer, EngineError, FactorGraph, Fingerprint, FoldMode, LedgerEvent,
};
use tc_market::{Candle, CandleTime, SeriesId, Timeframe};

use crate::{FactorTail, FoldError, FoldOutput, FoldSetup, SeriesFold};

/// Candles between two looks at what is known.
const LEARNING_STEP: i64 = 64;

/// Where the checkpoints, candles and events of one series come from. Bounds are inclusive, lists ascending.
pub trait LedgerSource {
    /// Why reading failed.
    type Error;

    /// Time and bytes of the newest checkpoint at or before `at`.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn checkpoint_at(&self, at: CandleTime) -> Result<Option<(CandleTime, Vec<u8>)>, Self::Error>;

    /// Stored candles with `from <= time <= to`.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn candles(&self, from: CandleTime, to: CandleTime) -> Result<Vec<Candle>, Self::Error>;

    /// Stored events with `from <= visible_time <= to`, in ledger order.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn events(&self, from: CandleTime, to: CandleTime) -> Result<Vec<LedgerEvent>, Self::Error>;

    /// As [`LedgerSource::events`], with payloads that can be read on their own: those that are stored as differences
    /// are made complete.
    ///
    /// # Errors
    /// When the source cannot be read, or holds a payload that cannot.
    fn complete_events(
        &self,
        graph: &FactorGraph,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, ChainError<Self::Error>> {
        let mut events = self.events(from, to).map_err(ChainError::Source)?;
        Completer::complete_stretch(graph, &mut events, |from, to| self.events(from, to))?;
        Ok(events)
    }
}

/// Why a fold could not be resumed.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError<E> {
    /// The source failed.
    #[error(transparent)]
    Source(E),
    /// Checkpoint, candles and events do not fit together.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl<E> From<ChainError<E>> for ResumeError<E> {
    fn from(error: ChainError<E>) -> Self {
        match error {
            ChainError::Source(error) => Self::Source(error),
            ChainError::Codec(error) => Self::Fold(EngineError::Codec(error).into()),
        }
    }
}

/// Reads what the factors of a checkpoint need again.
fn factor_tail<S: LedgerSource>(
    setup: &FoldSetup,
    mode: FoldMode,
    source: &S,
    checkpoint: &Checkpoint,
) -> Result<FactorTail, ResumeError<S::Error>> {
    let candles = match checkpoint.needs_from(mode) {
        Some(from) => source
            .candles(from, checkpoint.time)
            .map_err(ResumeError::Source)?,
        None => Vec::new(),
    };
    let ticks = checkpoint.factors.iter().filter_map(|factor| factor.needs_event);
    let ticks: BTreeSet<CandleTime> = ticks.collect();
    let mut events = Vec::new();
    for tick in ticks {
        events.append(&mut source.complete_events(&setup.factors, tick, tick)?);
    }
    Ok(FactorTail { candles, events })
}

/// A fold at a checkpoint or a little later, still to be moved on to the wanted candle.
#[derive(Debug)]
pub struct Resumed {
    /// The fold.
    pub fold: SeriesFold,
    /// Checkpoints passed over because they are damaged.
    pub damaged: usize,
}

impl SeriesFold {
    /// The fold at the newest usable checkpoint at or before `at`, or at genesis.
    ///
    /// A checkpoint of another fingerprint, of another format, of other factors or with a wrong checksum counts as
    /// absent. One of another render key does not know since when drawings have looked the way they do: the fold is moved
    /// on until each of them has changed, and if one stays the same up to `at`, an older checkpoint is taken.
    ///
    /// # Errors
    /// [`ResumeError`] when the source fails, or a sound checkpoint does not fit its candles.
    pub fn resume<S: LedgerSource>(
        setup: &FoldSetup,
        series: &SeriesId,
        mode: FoldMode,
        fingerprint: Fingerprint,
        source: &S,
        at: CandleTime,
    ) -> Result<Resumed, ResumeError<S::Error>> {
        let window_s = i64::from(setup.overlay.settings().window_candles) * series.timeframe().seconds();
        let render_key = setup.overlay.render_key();
        let mut damaged = 0;
        let mut before = Some(at);
        while let Some(limit) = before {
            let Some((time, bytes)) = source.checkpoint_at(limit).map_err(ResumeError::Source)? else {
                break;
            };
            before = CandleTime::new(time.seconds() - 1).ok();
            let checkpoint = match Checkpoint::decode(&bytes) {
                Ok(checkpoint) if checkpoint.fingerprint == fingerprint => checkpoint,
                Ok(_) => continue,
                Err(_) => {
                    damaged += 1;
                    continue;
                }
            };
            let same_key = checkpoint.overlay.starts_with(render_key.as_bytes());
            let distance_s = at.seconds() - time.seconds();
            if !same_key && distance_s < window_s {
                // Most drawings last for a part of the window.
                before = CandleTime::new(at.seconds() - window_s).ok();
                continue;
            }
            let tail = factor_tail(setup, mode, source, &checkpoint)?;
            let window = source
                .events(time.shifted(-window_s), time)
                .map_err(ResumeError::Source)?;
            let mut fold = match Self::restore(setup, series, mode, &checkpoint, tail, &window) {
                Ok(fold) => fold,
                Err(FoldError::Engine(EngineError::GraphMismatch)) => continue,
                Err(error) => return Err(error.into()),
            };
            if same_key || fold.learn_versions(mode, source, at, series.timeframe())? {
                return Ok(Resumed { fold, damaged });
            }
            before = CandleTime::new(at.seconds() - 2 * distance_s).ok();
        }
        Ok(Resumed {
            fold: Self::genesis(setup, series, mode).with_fingerprint(fingerprint),
            damaged,
        })
    }

    /// Moves on until it is known of everything drawn since when it has looked the way it does, at most to `at`.
    /// Returns whether it is known.
    fn learn_versions<S: LedgerSource>(
        &mut self,
        mode: FoldMode,
        source: &S,
        at: CandleTime,
        timeframe: Timeframe,
    ) -> Result<bool, ResumeError<S::Error>> {
        let mut from = self.head().map_or(CandleTime::MIN, |head| head.shifted(1));
        while !self.knows_versions() && from <= at {
            let to = from.shifted(LEARNING_STEP * timeframe.seconds()).min(at);
            let candles = source.candles(from, to).map_err(ResumeError::Source)?;
            let events = match mode {
                FoldMode::Compute => Vec::new(),
                FoldMode::Follow => source.events(from, to).map_err(ResumeError::Source)?,
            };
            let mut rest = &events[..];
            for candle in &candles {
                let time = candle.time();
                let (tick, later) = rest.split_at(rest.partition_point(|event| event.visible_time <= time));
                rest = later;
                match mode {
                    FoldMode::Compute => self.compute(candle, &mut FoldOutput::default())?,
                    FoldMode::Follow => self.follow(candle, tick)?,
                }
            }
            from = to.shifted(1);
        }
        Ok(self.knows_versions())
    }
}
