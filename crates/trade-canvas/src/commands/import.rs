//! `trade-canvas import`.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tc_history::{CandleFile, DecodeReport, Decoded, Discovery, HistoryError, ImportHints, discover};
use tc_ingest::{
    IngestPipeline, IngestReport, Job, JobInput, JobOrigin, LatePolicy, Publication, PublishError,
    PublishPolicy, Publisher,
};
use tc_market::{CandleBatch, CandleTime, SeriesId, latest_closed};
use tc_store::Storage;

use crate::{cli::ImportArguments, compose, config::Config};

/// Candles per commit.
const BATCH_CANDLES: usize = 20_000;
const BAR: &str = "{msg} {wide_bar:.dim} {human_pos}/{human_len} candles  {per_sec}  {eta} left";

/// Stores the candles of a file or of every candle file in a folder, with their ledgers.
///
/// A file is decoded as a whole before anything of it is written; one that cannot be decoded is reported and passed
/// over, and the exit code is 1.
///
/// # Errors
/// When nothing can be found, the store cannot be opened, or a write fails.
pub fn run(config: Config, arguments: ImportArguments) -> anyhow::Result<ExitCode> {
    let hints = ImportHints {
        exchange: arguments.exchange,
        market: arguments.market,
        symbol: arguments.symbol,
        timeframe: arguments.timeframe,
    };
    let Discovery { files, skipped } = discover(&arguments.path, &hints)?;
    let mut out = io::stdout().lock();
    for file in &skipped {
        writeln!(out, "skipped {}: {}", file.path.display(), file.reason)?;
    }
    anyhow::ensure!(
        !files.is_empty(),
        "no candle file found in {}; point at a freqtrade data directory or at one file",
        arguments.path.display()
    );
    let setup = compose::fold_setup(&config)?;
    let storage = compose::open_store(&config, &setup)?;
    let mut import = Import {
        storage: &storage,
        pipeline: compose::ingest_pipeline(&config, setup),
    };
    let mut failed = 0;
    for (file, decoded) in decode_ahead(files) {
        match decoded {
            Ok(decoded) => {
                let totals = import.store(&file, &decoded)?;
                write_summary(&mut out, &file.path, &totals, &decoded.report)?;
            }
            Err(error) => {
                failed += 1;
                let error = anyhow::Error::new(error);
                writeln!(out, "failed {error:#}")?;
            }
        }
    }
    storage.checkpoint_log()?;
    out.flush()?;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

type DecodedFile = (CandleFile, Result<Decoded, HistoryError>);

/// Decodes the next file while the one before is written.
fn decode_ahead(files: Vec<CandleFile>) -> mpsc::IntoIter<DecodedFile> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let now_s = compose::unix_seconds();
    thread::spawn(move || {
        for file in files {
            let closed = latest_closed(now_s, file.series.timeframe().seconds());
            let decoded = file.decode(Some(closed));
            if sender.send((file, decoded)).is_err() {
                break;
            }
        }
    });
    receiver.into_iter()
}

/// What the batches of one file did, added up.
#[derive(Debug, Default)]
struct Totals {
    series: Option<SeriesId>,
    inserted: usize,
    equal: usize,
    changed: usize,
    events: usize,
    epoch: u32,
}

impl Totals {
    fn add(&mut self, report: IngestReport) {
        self.inserted += report.inserted;
        self.equal += report.equal;
        self.changed += report.changed;
        self.events += report.events;
        self.epoch = report.epoch;
        self.series = Some(report.series);
    }
}

struct Import<'a> {
    storage: &'a dyn Storage,
    pipeline: IngestPipeline,
}

impl Import<'_> {
    fn store(&mut self, file: &CandleFile, decoded: &Decoded) -> anyhow::Result<Totals> {
        let bar = progress_bar(file, decoded.candles.len());
        let mut totals = Totals {
            series: Some(file.series.clone()),
            ..Totals::default()
        };
        let mut newest = None;
        for candles in decoded.candles.chunks(BATCH_CANDLES) {
            let Some(batch) = CandleBatch::new(file.series.clone(), candles.to_vec()) else {
                continue;
            };
            newest = newest.max(Some(batch.last_time()));
            totals.add(self.write(JobInput::Batch(batch), LatePolicy::Defer)?);
            bar.inc(candles.len() as u64);
        }
        if let Some(up_to) = newest {
            totals.add(self.write(refresh(&file.series, up_to), LatePolicy::Fold)?);
        }
        bar.finish_and_clear();
        Ok(totals)
    }

    fn write(&mut self, input: JobInput, late: LatePolicy) -> anyhow::Result<IngestReport> {
        let job = Job {
            input,
            publish: PublishPolicy::Derived,
            late,
            origin: JobOrigin::Files,
        };
        let result = self.pipeline.run(self.storage, &Nobody, vec![job]).pop();
        result
            .context("the pipeline gave no result")?
            .map_err(anyhow::Error::new)
    }
}

/// Folds in what the batches deferred, once for the whole file.
fn refresh(series: &SeriesId, up_to: CandleTime) -> JobInput {
    JobInput::Refresh {
        series: series.clone(),
        up_to,
    }
}

fn progress_bar(file: &CandleFile, candles: usize) -> ProgressBar {
    let bar = ProgressBar::new(candles as u64);
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    bar.set_message(file.series.to_string());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn write_summary(
    out: &mut impl Write,
    path: &Path,
    totals: &Totals,
    report: &DecodeReport,
) -> io::Result<()> {
    let series = totals.series.as_ref().map_or("", SeriesId::as_str);
    write!(
        out,
        "imported {}: {series}, {} new",
        path.display(),
        totals.inserted
    )?;
    for (count, what) in [
        (totals.equal, "already there"),
        (totals.changed, "corrected"),
        (totals.events, "events"),
    ] {
        if count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    let dropped = [
        (report.null_rows, "empty"),
        (report.duplicate_rows, "duplicate"),
        (report.unfinished_rows, "unfinished"),
    ];
    for (count, what) in dropped {
        if count > 0 {
            write!(out, ", {count} {what} rows left out")?;
        }
    }
    writeln!(out)?;
    for (reason, count) in &report.left_out {
        writeln!(out, "  {count} rows left out: {reason}")?;
    }
    for row in &report.first_left_out {
        writeln!(out, "    row {}: {}", row.row, row.fault)?;
    }
    Ok(())
}

/// Nobody listens while a file is imported.
struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        Ok(())
    }
}
