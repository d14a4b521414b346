//! Runs with every combination of some parameters.

use std::{num::NonZeroUsize, thread};

use serde_json::{Map, Value, json, value::to_raw_value};
use tc_backtest::{Axis, Cell, Knob, StrategyParam, StrategySpec, Sweep, SweepControl, SweepPair, sweep};
use tc_factor::ParamValue;
use tc_freqtrade::record;
use tc_market::SeriesId;
use tc_server::backtest::{Answer, BacktestRefusal, GridAxis, Progress, Ready, SweepPoint, SweepReport};

use super::{
    Native, data, failed, look, run,
    wish::{Wish, bad_param},
};

/// Share of the progress that reading is, in percent.
const READING: f64 = 20.0;

/// A parameter that varies.
pub(super) struct ParamAxis {
    param: &'static StrategyParam,
    values: Vec<f64>,
}

/// A sweep that can begin.
pub(super) struct NativeSweep {
    pub(super) native: Native,
    pub(super) wish: Wish,
    pub(super) axes: Vec<ParamAxis>,
}

/// The axes in the order in which the strategy declares its parameters, every value checked.
pub(super) fn axes(
    spec: &'static StrategySpec,
    grid: Vec<GridAxis>,
) -> Result<Vec<ParamAxis>, BacktestRefusal> {
    let declared = |name: &str| spec.params.iter().position(|param| param.name == name);
    let mut axes = Vec::with_capacity(grid.len());
    for axis in grid {
        let name = axis.param.as_str();
        let unknown = || bad_param(spec, name, &tc_backtest::ParamError::Unknown(name.to_owned()));
        let at = declared(name).ok_or_else(unknown)?;
        let param = &spec.params[at];
        for value in &axis.values {
            param
                .value(*value)
                .map_err(|error| bad_param(spec, name, &error))?;
        }
        axes.push((
            at,
            ParamAxis {
                param,
                values: axis.values,
            },
        ));
    }
    axes.sort_by_key(|(at, _)| *at);
    Ok(axes.into_iter().map(|(_, axis)| axis).collect())
}

impl Ready<SweepReport> for NativeSweep {
    fn series(&self) -> Option<SeriesId> {
        Some(self.wish.series.clone())
    }

    fn run(
        self: Box<Self>,
        _run_id: String,
        progress: Progress,
    ) -> Answer<Result<SweepReport, BacktestRefusal>> {
        let Self { native, wish, axes } = *self;
        native.blocking(move |parts, raised| {
            let data = look(parts, |snapshot| {
                data::load(parts, snapshot, &wish, raised, (&progress, READING))
            })?;
            let series = run::prepared(parts, &wish, &data)?;
            let what = Sweep {
                spec: wish.spec,
                params: wish.params.clone(),
                config: wish.config.clone(),
                pairs: vec![SweepPair {
                    series: &series,
                    candles: &data.candles,
                    facts: &data.facts,
                    funding: wish.funding.as_ref(),
                }],
                axes: axes.iter().map(ParamAxis::axis).collect(),
            };
            let told = |done: usize, all: usize| {
                let share = done as f64 / all.max(1) as f64;
                progress("simulating", Some(READING + share * (99.0 - READING)));
            };
            let control = SweepControl {
                workers: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
                cancel: raised,
                progress: &told,
            };
            let surface = sweep(&what, control).map_err(|error| failed("the sweep cannot be run", &error))?;
            progress("writing", Some(99.0));
            let points = surface.cells.iter().map(|cell| point(&axes, cell));
            let points = points.collect::<Result<_, _>>();
            Ok(SweepReport {
                points: points.map_err(|error| failed("the sweep cannot be told", &error))?,
            })
        })
    }
}

impl ParamAxis {
    fn axis(&self) -> Axis {
        Axis {
            knob: Knob::Strategy(self.param.name.to_owned()),
            values: self.values.clone(),
        }
    }
}

fn point(axes: &[ParamAxis], cell: &Cell) -> Result<SweepPoint, serde_json::Error> {
    let values = axes.iter().zip(&cell.at).filter_map(|(axis, at)| {
        let value = match axis.param.value(*axis.values.get(*at)?).ok()? {
            ParamValue::Int(whole) => json!(whole),
            ParamValue::Float(number) => json!(number),
        };
        Some((axis.param.name.to_owned(), value))
    });
    Ok(SweepPoint {
        params: values.collect::<Map<String, Value>>(),
        metrics: to_raw_value(&record::cell_figures(cell))?,
    })
}
