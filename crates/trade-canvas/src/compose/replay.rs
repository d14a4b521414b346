//! Replay packages: where they are kept, and who makes them.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, bail};
use tc_market::SeriesId;
use tc_read::{PackageOutlook, PackageRequest, PackageState, ReadModel};
use tc_replay::{Manifest, PackageKind};
use tc_server::{
    clock::unix_ms,
    packages::{PackageJobs, PackageJobsParts, PackageLimits, PackageStore, PackageWriter, write_archive},
    tasks::Background,
    threads::ReaderPool,
};
use tc_store::Storage;

use super::{fold_setup, open_store, options};
use crate::config::Config;

/// Packages of the configured folder, and jobs with a reader of their own.
pub(super) fn packages(
    config: &Config,
    storage: &Arc<dyn Storage>,
    model: &Arc<ReadModel>,
    background: &Background,
) -> anyhow::Result<PackageJobs> {
    let replay = &config.replay;
    let limits = PackageLimits {
        max_bytes: replay.cache_max_bytes,
        max_age_ms: replay.cache_max_age_ms,
    };
    let folder = &replay.artifacts_dir;
    let store = PackageStore::open(folder.clone(), limits)
        .with_context(|| format!("replay packages cannot be kept in {}", folder.display()))?;
    store.evict(unix_ms(), None);
    let builders = ReaderPool::spawn(storage, 1)?;
    let (ending, stop) = (builders.clone(), background.stop.clone());
    // The store closes after the background has ended; nobody may hold it then.
    background.tasks.spawn(async move {
        stop.cancelled().await;
        ending.drain().await;
    });
    Ok(PackageJobs::new(PackageJobsParts {
        store,
        builders,
        model: Arc::clone(model),
        background: background.clone(),
    }))
}

/// The file is there whole or not at all.
fn write_file(folder: &Path, manifest: &Manifest, out: &Path) -> io::Result<()> {
    let unfinished = out.with_extension("tcreplay.part");
    let file = File::create(&unfinished)?;
    write_archive(folder, manifest, BufWriter::new(&file))?;
    file.sync_all()?;
    fs::rename(&unfinished, out)
}

/// What to write into a package file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportWish {
    /// The series.
    pub series: SeriesId,
    /// Instant that is floored to the last bar, Unix seconds; `None`: the newest candle.
    pub to_time: Option<i64>,
    /// Bars, and length of the window of each frame.
    pub candles: u32,
}

/// Bars per window, and between two complete lists of active drawings, of an exported package.
const WINDOW_SIZE: u32 = 500;
const SNAPSHOT_INTERVAL: u32 = 25;

/// Makes a package from the store of `config` and writes it as one file. `progress` learns how many bars are done.
///
/// # Errors
/// When there is no store, another process holds it, the series cannot be replayed, or a file cannot be written.
pub fn export_package(
    config: &Config,
    wish: &ExportWish,
    out: &Path,
    progress: impl Fn(usize, usize) + Send + 'static,
) -> anyhow::Result<PackageOutlook> {
    let path = &config.storage.db_path;
    anyhow::ensure!(
        path.exists(),
        "there is no store at {}; name the right one with --db-path",
        path.display()
    );
    let setup = fold_setup(config)?;
    let storage = open_store(config, &setup)?;
    let model = ReadModel::new(setup, options::reads(config));
    let snapshot = storage.snapshot()?;
    let request = PackageRequest {
        kind: PackageKind::Replay,
        to_time: wish.to_time,
        window_candles: wish.candles,
        window_size: WINDOW_SIZE,
        snapshot_interval: SNAPSHOT_INTERVAL,
    };
    let series = &wish.series;
    let outlook = model.package_outlook(&*snapshot, series, &request)?;
    match outlook.state {
        PackageState::Ready => {}
        PackageState::CoverageMissing => bail!(
            "{series} has {} of {} candles up to there; ask for fewer with --candles, or import more",
            outlook.coverage.candles_ready,
            outlook.coverage.required_candles
        ),
        PackageState::OutOfSync => {
            bail!("the ledgers of {series} are behind; run `trade-canvas rebuild {series}`")
        }
    }
    let folder = out.with_extension("tcreplay.parts");
    let mut writer = PackageWriter::begin(folder.clone(), move |done, total| {
        progress(done, total);
        true
    })?;
    let metadata = model
        .build_package(&*snapshot, &outlook.plan, &mut writer)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let manifest = writer.finish(outlook.key_payload.clone(), metadata, unix_ms())?;
    let written =
        write_file(&folder, &manifest, out).with_context(|| format!("{} cannot be written", out.display()));
    fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    written?;
    Ok(outlook)
}
