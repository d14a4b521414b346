//! One strategy over a grid of parameters: the whole surface, not only its peak.
//!
//! Cells are independent and run in parallel; the surface is the same whatever their order and number of threads.

mod axis;
#[cfg(test)]
mod tests;

pub use axis::{Axis, Knob};

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tc_market::Candle;

use crate::{
    config::{Config, ConfigError},
    engine::{PairInput, simulate},
    facts::FactorFacts,
    funding::FundingSeries,
    metrics::{ClosedTrades, Span, WalletStats},
    run::Run,
    series::PairSeries,
    signals::SignalColumns,
    strategy::{ParamError, StrategyParams, StrategySpec, signals},
};

/// Most cells of one surface.
pub const MAX_CELLS: usize = 100_000;

/// One pair of a sweep.
#[derive(Debug, Clone, Copy)]
pub struct SweepPair<'a> {
    /// Its candles, prepared.
    pub series: &'a PairSeries,
    /// The candles that the series was prepared from.
    pub candles: &'a [Candle],
    /// What the factors knew at each of them.
    pub facts: &'a FactorFacts,
    /// Its funding.
    pub funding: Option<&'a FundingSeries>,
}

/// What is swept.
#[derive(Debug, Clone)]
pub struct Sweep<'a> {
    /// The strategy.
    pub spec: &'a StrategySpec,
    /// Its parameters where no axis says otherwise.
    pub params: StrategyParams,
    /// What is traded with where no axis says otherwise.
    pub config: Config,
    /// What is traded on.
    pub pairs: Vec<SweepPair<'a>>,
    /// What varies.
    pub axes: Vec<Axis>,
}

/// Every cell of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// What varies.
    pub axes: Vec<Axis>,
    /// All cells; the last axis varies fastest.
    pub cells: Vec<Cell>,
}

/// One point of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Position on every axis.
    pub at: Vec<usize>,
    /// Money at the end.
    pub final_balance: f64,
    /// Closed trades.
    pub closed: ClosedTrades,
    /// The wallet.
    pub wallet: Option<WalletStats>,
    /// Share of the candles with an open trade.
    pub exposure: f64,
    /// Entry signals that found no free slot.
    pub rejected_signals: u64,
}

/// Why there is no surface.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// No cell, or too many.
    #[error("the grid has {cells} cells, from 1 to {MAX_CELLS} are possible")]
    Size {
        /// Number of cells, as far as it can be counted.
        cells: usize,
    },
    /// A parameter of the strategy that does not fit.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A trading parameter that no run can have.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The flag was raised.
    #[error("cancelled")]
    Cancelled,
}

/// How a sweep runs.
#[derive(Clone, Copy)]
pub struct SweepControl<'a> {
    /// Threads.
    pub workers: NonZeroUsize,
    /// Raised from outside to stop; looked at before every cell.
    pub cancel: &'a AtomicBool,
    /// Told the number of finished cells and of all cells, from any thread.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl std::fmt::Debug for SweepControl<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SweepControl")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// Runs every cell.
///
/// # Errors
/// [`SweepError`] when the grid or a value on it is impossible, or when it was cancelled.
pub fn sweep(sweep: &Sweep<'_>, control: SweepControl<'_>) -> Result<Surface, SweepError> {
    let count = size(&sweep.axes).filter(|cells| (1..=MAX_CELLS).contains(cells));
    let count = count.ok_or_else(|| SweepError::Size {
        cells: size(&sweep.axes).unwrap_or(usize::MAX),
    })?;
    check(sweep)?;
    let grid = Grid::new(&sweep.axes, count);
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let work = || worker(sweep, &grid, control, &next, &done);
    let mut found = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..control.workers.get()).map(|_| scope.spawn(work)).collect();
        let mut results = vec![work()];
        for helper in helpers {
            match helper.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        for result in results {
            found.extend(result?);
        }
        Ok::<(), SweepError>(())
    })?;
    if found.len() < count {
        return Err(SweepError::Cancelled);
    }
    found.sort_by_key(|(index, _)| *index);
    Ok(Surface {
        axes: sweep.axes.clone(),
        cells: found.into_iter().map(|(_, cell)| cell).collect(),
    })
}

/// Number of cells; `None` when it cannot be counted.
fn size(axes: &[Axis]) -> Option<usize> {
    axes.iter()
        .try_fold(1_usize, |cells, axis| cells.checked_mul(axis.values.len()))
}

/// Tries every value of every axis.
fn check(sweep: &Sweep<'_>) -> Result<(), SweepError> {
    sweep.config.check()?;
    for axis in &sweep.axes {
        for value in &axis.values {
            let (mut config, mut params) = (sweep.config.clone(), sweep.params.clone());
            axis.knob.turn(*value, &mut config, &mut params)?;
            config.check()?;
        }
    }
    Ok(())
}

/// The cells and the order in which they are run.
#[derive(Debug)]
struct Grid<'a> {
    axes: &'a [Axis],
    /// Cells that share the parameters of the strategy follow each other, so that signals are made once.
    order: Vec<usize>,
}

impl<'a> Grid<'a> {
    fn new(axes: &'a [Axis], count: usize) -> Self {
        let mut grid = Self {
            axes,
            order: Vec::new(),
        };
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_cached_key(|index| grid.strategy_part(&grid.position(*index)));
        grid.order = order;
        grid
    }

    fn position(&self, index: usize) -> Vec<usize> {
        let mut rest = index;
        let mut position = vec![0; self.axes.len()];
        for (place, axis) in position.iter_mut().zip(self.axes).rev() {
            *place = rest % axis.values.len();
            rest /= axis.values.len();
        }
        position
    }

    /// The position on the axes that change what the strategy asks for.
    fn strategy_part(&self, position: &[usize]) -> Vec<usize> {
        let axes = position.iter().zip(self.axes);
        axes.filter(|(_, axis)| axis.knob.is_of_strategy())
            .map(|(place, _)| *place)
            .collect()
    }
}

/// Runs cells until none is left.
fn worker(
    sweep: &Sweep<'_>,
    grid: &Grid<'_>,
    control: SweepControl<'_>,
    next: &AtomicUsize,
    done: &AtomicUsize,
) -> Result<Vec<(usize, Cell)>, SweepError> {
    let mut cells = Vec::new();
    let mut made: Option<(Vec<usize>, Vec<SignalColumns>)> = None;
    while !control.cancel.load(Ordering::Relaxed) {
        let Some(&index) = grid.order.get(next.fetch_add(1, Ordering::Relaxed)) else {
            break;
        };
        let at = grid.position(index);
        let (mut config, mut params) = (sweep.config.clone(), sweep.params.clone());
        for (place, axis) in at.iter().zip(grid.axes) {
            axis.knob.turn(axis.values[*place], &mut config, &mut params)?;
        }
        let part = grid.strategy_part(&at);
        let columns = match made.take() {
            Some((known, columns)) if known == part => columns,
            _ => columns(sweep, &params),
        };
        let inputs: Vec<_> = (sweep.pairs.iter().zip(&columns))
            .map(|(pair, signals)| PairInput {
                series: pair.series,
                signals,
                funding: pair.funding,
            })
            .collect();
        cells.push((index, cell(at, &simulate(&config, &inputs)?)));
        made = Some((part, columns));
        (control.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, grid.order.len());
    }
    Ok(cells)
}

fn columns(sweep: &Sweep<'_>, params: &StrategyParams) -> Vec<SignalColumns> {
    let of_pair = |pair: &SweepPair<'_>| signals((sweep.spec.new)(params).as_mut(), pair.candles, pair.facts);
    sweep.pairs.iter().map(of_pair).collect()
}

fn cell(at: Vec<usize>, run: &Run) -> Cell {
    let trades: Vec<_> = run.trades.iter().collect();
    let steps = run.equity.values.len().max(1);
    Cell {
        at,
        final_balance: run.final_balance,
        closed: ClosedTrades::of(&trades, Span::of(run)),
        wallet: WalletStats::of(&run.equity),
        exposure: run.exposed_steps as f64 / steps as f64,
        rejected_signals: run.rejected_signals,
    }
}
