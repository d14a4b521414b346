//! A feather file of 500,000 rows through decoder and pipeline into SQLite, with all ledgers.

use std::{
    fs::File,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use arrow_array::{Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_ipc::{
    CompressionType,
    writer::{FileWriter, IpcWriteOptions},
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use tc_history::{ImportHints, discover};
use tc_market::Candle;
use tc_store::{Snapshot, Storage, StoreError, WriteTxn};

use crate::{
    candles,
    pipeline::{BATCH, Ingest},
    report::{Report, median, mega_rate, ms, ratio, timed},
};

const CANDLES: usize = 500_000;
const RUNS: usize = 3;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let walk = candles::walk(CANDLES)?;
    let (mut totals, mut candles_only) = (Vec::new(), Vec::new());
    let mut commits = 0;
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("BTC_USDT_USDT-1m-futures.feather");
        write_feather(&file, &walk)?;
        let (took, counted) = import(&file, &folder.path().join("market.db"), Derived::Everything)?;
        totals.push(took);
        commits = counted;
        candles_only.push(import(&file, &folder.path().join("candles.db"), Derived::Nothing)?.0);
    }
    let (total, bare) = (median(&mut totals), median(&mut candles_only));
    report.row(
        "import: feather of 500,000 rows, factors and drawings done",
        format!(
            "{} ({}), {} of the baseline",
            ms(total),
            mega_rate(CANDLES, total),
            ratio(total, bare)
        ),
        format!("the same file without factors: {}", ms(bare)),
        "<= 1.0 s",
    );
    report.row(
        "import: commits",
        commits.to_string(),
        format!("batches: {}", CANDLES.div_ceil(BATCH)),
        "equal",
    );
    Ok(())
}

/// What is stored beside the candles.
#[derive(Clone, Copy)]
pub(crate) enum Derived {
    Everything,
    /// Ledgers without drawings.
    Ledgers,
    Nothing,
}

/// Decodes a feather file and stores it with what is derived of it. The commits are counted.
pub(crate) fn import(file: &Path, db: &Path, derived: Derived) -> anyhow::Result<(Duration, usize)> {
    let off: &[(&str, &str)] = match derived {
        Derived::Everything => &[],
        Derived::Ledgers => &[("TRADE_CANVAS_ENABLE_OVERLAY_INGEST", "0")],
        Derived::Nothing => &[("TRADE_CANVAS_ENABLE_FACTOR_INGEST", "0")],
    };
    let mut ingest = Ingest::over(db, off, |inner| Counting {
        inner,
        commits: Arc::default(),
    })?;
    let (result, took) = timed(|| -> anyhow::Result<()> {
        let discovery = discover(file, &ImportHints::default())?;
        let file = discovery.files.first().context("the file was found")?;
        ingest.store(&file.series, &file.decode(None)?.candles, BATCH)
    });
    result?;
    Ok((took, ingest.storage().commits.load(Ordering::Relaxed)))
}

/// A compressed feather file, as freqtrade writes it.
pub(crate) fn write_feather(path: &Path, candles: &[Candle]) -> anyhow::Result<()> {
    let number = |name: &str| Field::new(name, DataType::Float64, true);
    let date = Field::new(
        "date",
        DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        true,
    );
    let schema = Arc::new(Schema::new(vec![
        date,
        number("open"),
        number("high"),
        number("low"),
        number("close"),
        number("volume"),
    ]));
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let mut writer = FileWriter::try_new_with_options(File::create(path)?, &schema, options)?;
    for chunk in candles.chunks(65_536) {
        let times = chunk.iter().map(|candle| candle.time().seconds() * 1000);
        let column = |value: fn(&Candle) -> f64| Arc::new(chunk.iter().map(value).collect::<Float64Array>());
        writer.write(&RecordBatch::try_new(
            Arc::clone(&schema),
            vec![
                Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")),
                column(Candle::open),
                column(Candle::high),
                column(Candle::low),
                column(Candle::close),
                column(Candle::volume),
            ],
        )?)?;
    }
    writer.finish()?;
    Ok(())
}

/// Counts the commits of a store.
struct Counting<S> {
    inner: S,
    commits: Arc<AtomicUsize>,
}

impl<S: Storage> Storage for Counting<S> {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.inner.snapshot()
    }

    /// Every transaction that is begun here is committed, or the measurement fails.
    fn begin(&self) -> Result<Box<dyn WriteTxn + '_>, StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.inner.begin()
    }

    fn checkpoint_log(&self) -> Result<(), StoreError> {
        self.inner.checkpoint_log()
    }
}
