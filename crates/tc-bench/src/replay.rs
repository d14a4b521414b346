//! The past: going anywhere in it, moving through it, and writing it down as a package.

use std::{convert::Infallible, path::Path, time::Duration};

use anyhow::Context;
use tc_factor::SlicePart;
use tc_market::{Candle, CandleTime};
use tc_read::{
    Direction, MomentKind, PackageRequest, PackageSink, PackageState, Playback, PlaybackOptions, ReadModel,
    ReadOptions,
};
use tc_replay::{PackageKind, RecordedWindow};
use tc_server::packages::{PackageLimits, PackageStore, Shelf};
use tc_store::{Snapshot, Storage};
use trade_canvas::compose;

use crate::{
    candles,
    http::fill,
    report::{Report, median, ms, percentile, ratio, timed},
    server::config,
};

const CANDLES: usize = 500_000;
/// Instants that are gone to, and steps that are taken.
const MOVES: usize = 2_000;
const WINDOW: u32 = 2_000;
/// Bars of the package.
const BARS: u32 = 10_000;
/// Bars of one delta at 1,000 bars a second and 60 deltas a second.
const BARS_PER_DELTA: usize = 17;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    fill(&db, CANDLES)?;
    let past = candles::walk(CANDLES)?;
    let config = config(&db, &[])?;
    let setup = compose::fold_setup(&config)?;
    let storage = compose::open_store(&config, &setup)?;
    let model = ReadModel::new(setup, ReadOptions::default());
    let snapshot = storage.snapshot()?;
    stream(report, &*snapshot, &model, &past)?;
    package(report, &*snapshot, &model, folder.path())
}

/// p50 and p99 of what `each` takes.
fn spread(
    times: usize,
    mut each: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<(Duration, Duration)> {
    let mut latencies = Vec::with_capacity(times);
    for n in 0..times {
        let (done, took) = timed(|| each(n));
        done?;
        latencies.push(took);
    }
    let p50 = median(&mut latencies);
    Ok((p50, percentile(&mut latencies, 0.99)))
}

fn text((p50, p99): (Duration, Duration)) -> String {
    format!("p50 {}, p99 {}", ms(p50), ms(p99))
}

/// A random position, the same for every run; a window lies before it.
fn pick(n: usize) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(n as u64 + 1);
    state ^= state >> 31;
    state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^= state >> 29;
    let first = WINDOW as usize;
    first + usize::try_from(state >> 1).unwrap_or_default() % (CANDLES - first - MOVES)
}

fn stream(
    report: &mut Report,
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    past: &[Candle],
) -> anyhow::Result<()> {
    let series = candles::series()?;
    let options = PlaybackOptions {
        series: series.clone(),
        clock: None,
        window_candles: WINDOW,
        part: SlicePart::All,
        slices: true,
    };
    let key = snapshot.series_key(&series)?.context("the series is stored")?;
    let mut playback = seeks(report, snapshot, model, past, options)?;
    model.seek(snapshot, &mut playback, past[CANDLES / 2].time().seconds())?;
    let one = spread(MOVES, |_| {
        let next = playback.at().shifted(1);
        snapshot.candles_between(key, next, CandleTime::MAX, 1)?;
        snapshot.events(key, next, next.shifted(59))?;
        Ok(())
    })?;
    let step = spread(MOVES, |_| {
        model.forward(snapshot, &mut playback, 1, None)?;
        Ok(())
    })?;
    report.row(
        "replay: one step forward, drawing and slices",
        text(step),
        format!("its rows read and nothing else: {}", text(one)),
        "p99 <= 1 ms",
    );
    play(report, snapshot, model, past, &mut playback)?;
    moments(report, snapshot, model, past, &mut playback)
}

/// Goes to random places, with whole slices and with what the page asks for. Returns a playback with `options`.
fn seeks(
    report: &mut Report,
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    past: &[Candle],
    options: PlaybackOptions,
) -> anyhow::Result<Playback> {
    let key = snapshot
        .series_key(&options.series)?
        .context("the series is stored")?;
    let window_s = 60 * i64::from(WINDOW);
    let rows = spread(MOVES, |n| {
        let time = past[pick(n)].time();
        let events = snapshot.events(key, time.shifted(-window_s), time)?;
        anyhow::ensure!(!events.is_empty(), "a window without events");
        Ok(())
    })?;
    let heads = PlaybackOptions {
        part: SlicePart::Head,
        slices: false,
        ..options.clone()
    };
    let (mut playback, _) = model.open_playback(snapshot, options, past[CANDLES / 2].time().seconds())?;
    let go = |playback: &mut Playback| {
        spread(MOVES, |n| {
            let time = past[pick(n)].time();
            model.seek(snapshot, playback, time.seconds())?;
            anyhow::ensure!(playback.at() == time, "another candle");
            Ok(())
        })
    };
    let seek = go(&mut playback)?;
    let (mut as_the_page, _) = model.open_playback(snapshot, heads, past[CANDLES / 2].time().seconds())?;
    let seek_heads = go(&mut as_the_page)?;
    let baseline = format!("the events of its window read and nothing else: {}", text(rows));
    report.row(
        "replay: seek to a random t over 500,000 candles, frame and whole slices",
        text(seek),
        baseline.clone(),
        "p99 <= 5 ms",
    );
    report.row(
        "replay: the same with heads of slices, as the page asks",
        text(seek_heads),
        baseline,
        "p99 <= 5 ms",
    );
    Ok(playback)
}

/// All the way, as fast as it goes, in deltas of the size that a thousand bars a second have.
fn play(
    report: &mut Report,
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    past: &[Candle],
    playback: &mut Playback,
) -> anyhow::Result<()> {
    const BARS: usize = 50_000;
    let begin = CANDLES - BARS - 1;
    model.seek(snapshot, playback, past[begin].time().seconds())?;
    let (played, took) = timed(|| -> anyhow::Result<()> {
        while !playback.has_ended() {
            model.forward(snapshot, playback, BARS_PER_DELTA, None)?;
        }
        Ok(())
    });
    played?;
    #[expect(clippy::cast_precision_loss, reason = "fifty thousand")]
    let per_second = BARS as f64 / took.as_secs_f64();
    report.row(
        "replay: bars a second while playing, drawings and slices",
        format!("{per_second:.0}/s"),
        "asked for at most: 1000/s".to_owned(),
        ">= 1000/s",
    );
    Ok(())
}

fn moments(
    report: &mut Report,
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    past: &[Candle],
    playback: &mut Playback,
) -> anyhow::Result<()> {
    const SEARCHES: usize = 200;
    let graph = &model.setup().factors;
    let kinds = |names: &[&str]| -> anyhow::Result<Vec<MomentKind>> {
        let kinds = names.iter().map(|name| MomentKind::named(graph, name));
        Ok(kinds.collect::<Result<_, _>>()?)
    };
    let mut search = |kinds: &[MomentKind]| -> anyhow::Result<(Duration, Duration)> {
        let mut latencies = Vec::new();
        for n in 0..SEARCHES {
            model.seek(snapshot, playback, past[pick(n)].time().seconds())?;
            for direction in [Direction::Later, Direction::Earlier] {
                let (found, took) = timed(|| model.next_moment(snapshot, playback, kinds, direction));
                anyhow::ensure!(found?.is_some(), "there is always another one");
                latencies.push(took);
            }
        }
        let p50 = median(&mut latencies);
        Ok((p50, percentile(&mut latencies, 0.99)))
    };
    let ledger = search(&kinds(&["pen.confirmed", "zhongshu.dead", "anchor.switch"])?)?;
    let marks = search(&kinds(&["zhongshu.formed", "sr.broken"])?)?;
    report.row(
        "replay: finding the next zone born or level broken, either way",
        text(marks),
        format!("events of the ledger: {}", text(ledger)),
        "–",
    );
    Ok(())
}

/// Counts what it is given.
#[derive(Default)]
struct Counted {
    bytes: usize,
}

impl PackageSink for Counted {
    type Error = Infallible;

    fn window(&mut self, window: RecordedWindow) -> Result<(), Self::Error> {
        self.bytes += window.json.len();
        Ok(())
    }

    fn bars_done(&mut self, _done: usize, _total: usize) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn package(
    report: &mut Report,
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    folder: &Path,
) -> anyhow::Result<()> {
    let limits = PackageLimits {
        max_bytes: u64::MAX,
        max_age_ms: i64::MAX,
    };
    let store = PackageStore::open(folder.join("artifacts"), limits)?;
    let series = candles::series()?;
    let request = PackageRequest {
        kind: PackageKind::Replay,
        to_time: None,
        window_candles: BARS,
        window_size: 500,
        snapshot_interval: 25,
    };
    let outlook = model.package_outlook(snapshot, &series, &request)?;
    anyhow::ensure!(outlook.state == PackageState::Ready, "the package can be made");
    let (made, took) = timed(|| -> anyhow::Result<_> {
        let mut writer = store.begin(Shelf::Replay, &outlook.cache_key, |_, _| true)?;
        let metadata = model
            .build_package(snapshot, &outlook.plan, &mut writer)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(writer.finish(outlook.key_payload.clone(), metadata, 0)?)
    });
    let manifest = made?;
    let mut counted = Counted::default();
    let (plain, unwritten) = timed(|| model.build_package(snapshot, &outlook.plan, &mut counted));
    plain.map_err(|error| anyhow::anyhow!("{error}"))?;
    report.row(
        "replay: package of 10,000 bars with every factor, from the store to the disk",
        format!("{}, {} of the baseline", ms(took), ratio(took, unwritten)),
        format!("the same without packing and writing: {}", ms(unwritten)),
        "<= 1 s",
    );
    let bytes: u64 = manifest.windows.iter().map(|window| window.bytes).sum();
    report.row(
        "replay: size of that package",
        format!("{} bytes per bar", bytes / u64::from(BARS)),
        format!("as JSON: {} bytes per bar", counted.bytes / BARS as usize),
        "<= 2048 bytes",
    );
    let package = store
        .find(Shelf::Replay, &outlook.cache_key)
        .context("the package is there")?;
    let raw = spread(MOVES / 10, |n| {
        let window = &manifest.windows[n % manifest.windows.len()];
        let file = folder
            .join("artifacts/replay_package_v2")
            .join(outlook.cache_key.as_str())
            .join(&window.file);
        std::fs::read(file)?;
        Ok(())
    })?;
    let read = spread(MOVES / 10, |n| {
        let found = store.window(&package, n % manifest.windows.len());
        anyhow::ensure!(found.is_some(), "a window is missing");
        Ok(())
    })?;
    report.row(
        "replay: reading a window of 500 bars of it, checked and unpacked",
        text(read),
        format!("its file read and nothing else: {}", text(raw)),
        "p99 <= 5 ms",
    );
    Ok(())
}
