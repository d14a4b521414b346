use tc_factor::{
    FactorEngine, FoldMode,
    testing::{graph, moves, one_minute, walk},
};

use super::*;
use crate::{DataRange, FactsRecorder, Market, Slots, Stake, strategy};

struct Ground {
    candles: Vec<Candle>,
    series: PairSeries,
    facts: FactorFacts,
}

fn ground() -> Ground {
    let candles = walk(&moves(9, 2_000));
    let market = Market::spot("A/B", 0.1, 0.001).unwrap();
    let series = PairSeries::prepare(market, &candles, one_minute(), DataRange::default()).unwrap();
    let mut recorder = FactsRecorder::new(FactorEngine::genesis(
        graph(2, 1),
        one_minute(),
        FoldMode::Compute,
    ));
    for candle in &candles {
        recorder.push(candle, &[]).unwrap();
    }
    Ground {
        candles,
        series,
        facts: recorder.finish(),
    }
}

fn over(ground: &Ground, axes: Vec<Axis>) -> Sweep<'_> {
    let spec = strategy("PenDirection").unwrap();
    Sweep {
        spec,
        params: StrategyParams::defaults(spec.params),
        config: Config {
            stake: Stake::Fixed(100.0),
            slots: Slots::AtMost(1),
            ..Config::default()
        },
        pairs: vec![SweepPair {
            series: &ground.series,
            candles: &ground.candles,
            facts: &ground.facts,
            funding: None,
        }],
        axes,
    }
}

fn axis(knob: Knob, values: &[f64]) -> Axis {
    Axis {
        knob,
        values: values.to_vec(),
    }
}

fn run(what: &Sweep<'_>, workers: usize) -> Result<Surface, SweepError> {
    let control = SweepControl {
        workers: NonZeroUsize::new(workers).unwrap(),
        cancel: &AtomicBool::new(false),
        progress: &|_, _| {},
    };
    sweep(what, control)
}

fn axes() -> Vec<Axis> {
    vec![
        axis(Knob::StopLoss, &[-0.01, -0.03]),
        axis(Knob::Strategy("min_length".to_owned()), &[0.0, 0.01, 0.02]),
        axis(Knob::Roi, &[0.005, 0.02]),
    ]
}

#[test]
fn the_surface_is_the_same_on_any_number_of_threads() {
    let ground = ground();
    let what = over(&ground, axes());
    let alone = run(&what, 1).unwrap();
    assert_eq!(alone, run(&what, 4).unwrap());
    let at: Vec<_> = alone.cells.iter().map(|cell| cell.at.clone()).collect();
    assert_eq!(
        at[..4],
        [vec![0, 0, 0], vec![0, 0, 1], vec![0, 1, 0], vec![0, 1, 1]]
    );
    assert_eq!(at.len(), 12);
}

#[test]
fn a_cell_is_a_run_with_its_parameters() {
    let ground = ground();
    let what = over(&ground, axes());
    let surface = run(&what, 2).unwrap();
    for cell in &surface.cells {
        let (mut config, mut params) = (what.config.clone(), what.params.clone());
        config.stop_loss = [-0.01, -0.03][cell.at[0]];
        params.set("min_length", [0.0, 0.01, 0.02][cell.at[1]]).unwrap();
        config.roi = crate::RoiTable::new([crate::RoiStep {
            minutes: 0,
            ratio: [0.005, 0.02][cell.at[2]],
        }]);
        let signals = signals((what.spec.new)(&params).as_mut(), &ground.candles, &ground.facts);
        let input = PairInput {
            series: &ground.series,
            signals: &signals,
            funding: None,
        };
        let run = simulate(&config, &[input]).unwrap();
        assert_eq!(
            (cell.closed.trades, cell.final_balance),
            (run.trades.len(), run.final_balance)
        );
    }
    let balances: Vec<_> = surface
        .cells
        .iter()
        .map(|cell| cell.final_balance.to_bits())
        .collect();
    assert!(balances.iter().any(|balance| *balance != balances[0]));
}

#[test]
fn progress_counts_every_cell_and_a_flag_stops_it() {
    let ground = ground();
    let what = over(&ground, axes());
    let cancel = AtomicBool::new(false);
    let seen = AtomicUsize::new(0);
    let progress = |done: usize, all: usize| {
        assert!(done <= all && all == 12);
        if seen.fetch_add(1, Ordering::Relaxed) == 4 {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let control = SweepControl {
        workers: NonZeroUsize::MIN,
        cancel: &cancel,
        progress: &progress,
    };
    assert_eq!(sweep(&what, control), Err(SweepError::Cancelled));
    assert_eq!(seen.load(Ordering::Relaxed), 5);
}

#[test]
fn impossible_grids_are_refused_before_anything_runs() {
    let ground = ground();
    let refused = |axes: Vec<Axis>| run(&over(&ground, axes), 1).unwrap_err();
    assert_eq!(refused(vec![axis(Knob::Roi, &[])]), SweepError::Size { cells: 0 });
    let wide = vec![
        axis(Knob::Roi, &[0.01; 1_000]),
        axis(Knob::StopLoss, &[-0.1; 1_000]),
    ];
    assert_eq!(refused(wide), SweepError::Size { cells: 1_000_000 });
    let unknown = vec![axis(Knob::Strategy("none".to_owned()), &[1.0])];
    assert!(matches!(
        refused(unknown),
        SweepError::Param(ParamError::Unknown(_))
    ));
    for (knob, value) in [
        (Knob::StopLoss, 0.1),
        (Knob::Leverage, 2.0),
        (Knob::Slots, 1.5),
        (Knob::TrailingDistance, -1.0),
    ] {
        assert!(matches!(
            refused(vec![axis(knob, &[value])]),
            SweepError::Config(_)
        ));
    }
}
