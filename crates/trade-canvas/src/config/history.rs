//! The options of candle history: from the exchange, from files, and what sets a backfill off.

use std::{path::PathBuf, time::Duration};

use super::resolved::Resolved;

/// Candle history, from the exchange and from files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryConfig {
    /// Whether the exchange may be asked at all.
    pub rest_backfill: bool,
    /// Whether it may be asked because of a read.
    pub rest_on_read: bool,
    /// Milliseconds that one request may take; at least 1,000.
    pub rest_timeout_ms: u64,
    /// Where candle files are taken from.
    pub source: HistorySource,
    /// Largest hole that the live loop fills at once; at least 1.
    pub gap_fill_max_candles: usize,
    /// Whether holes are healed before subscribers are told of them.
    pub gap_backfill: bool,
    /// Newest rows of a file that are looked at for a hole; at least 1.
    pub gap_backfill_file_rows: usize,
    /// Most recovered candles of a hole that are delivered; at least 100.
    pub gap_backfill_read_limit: usize,
    /// Whether the whitelist is covered after start.
    pub startup_sync: bool,
    /// Candles that it covers per series; at least 100.
    pub startup_sync_target_candles: usize,
    /// Whether a candle read sets a backfill of its series off.
    pub tail_backfill: bool,
    /// Most candles of such a backfill; none: as many as were asked for.
    pub tail_backfill_max_candles: Option<usize>,
    /// Whether a candle read brings the ledgers of its series forward.
    pub ledger_warm_up: bool,
    /// Whether the progress of backfills outlives the process.
    pub keep_progress: bool,
}

/// Where candle files are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistorySource {
    /// Nowhere.
    None,
    /// The data directory of a freqtrade installation.
    Freqtrade,
}

/// Where freqtrade is; relative paths start from `root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreqtradeConfig {
    /// Its folder; none: the working directory.
    pub root: Option<PathBuf>,
    /// User directory; none: `freqtrade_user_data` in the working directory when that exists, else `user_data`.
    pub user_dir: Option<PathBuf>,
    /// Configuration file.
    pub config: Option<PathBuf>,
    /// Data directory.
    pub data_dir: Option<PathBuf>,
    /// The program.
    pub bin: PathBuf,
    /// Longest run of it; at least a second.
    pub timeout: Duration,
    /// Downloads of candles that are missing.
    pub download: DownloadConfig,
}

/// Downloads of candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadConfig {
    /// Whether the program may be run for them.
    pub enabled: bool,
    /// Seconds between two downloads of a series; at least 1.
    pub cooldown_s: u64,
}

pub(super) fn read(options: &Resolved) -> HistoryConfig {
    let source = options.text("MARKET_HISTORY_SOURCE").to_lowercase();
    let most = options.optional_number("MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES");
    HistoryConfig {
        rest_backfill: options.switch("ENABLE_CCXT_BACKFILL"),
        rest_on_read: options.switch("ENABLE_CCXT_BACKFILL_ON_READ"),
        rest_timeout_ms: options.number("CCXT_TIMEOUT_MS"),
        source: match source.as_str() {
            "freqtrade" => HistorySource::Freqtrade,
            _ => HistorySource::None,
        },
        gap_fill_max_candles: options.count("MARKET_GAP_FILL_MAX_CANDLES"),
        gap_backfill: options.switch("ENABLE_MARKET_GAP_BACKFILL"),
        gap_backfill_file_rows: options.count("MARKET_GAP_BACKFILL_FREQTRADE_LIMIT"),
        gap_backfill_read_limit: options.count("MARKET_GAP_BACKFILL_READ_LIMIT"),
        startup_sync: options.switch("ENABLE_STARTUP_KLINE_SYNC"),
        startup_sync_target_candles: options.count("STARTUP_KLINE_SYNC_TARGET_CANDLES"),
        tail_backfill: options.switch("ENABLE_MARKET_AUTO_TAIL_BACKFILL"),
        tail_backfill_max_candles: most
            .filter(|most| *most > 0)
            .map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        ledger_warm_up: options.switch("ENABLE_READ_LEDGER_WARMUP"),
        keep_progress: options.switch("ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE"),
    }
}

pub(super) fn freqtrade(options: &Resolved) -> FreqtradeConfig {
    let path = |name| options.optional_text(name).map(PathBuf::from);
    FreqtradeConfig {
        root: path("FREQTRADE_ROOT"),
        user_dir: path("FREQTRADE_USERDIR"),
        config: path("FREQTRADE_CONFIG"),
        data_dir: path("FREQTRADE_DATADIR"),
        bin: options.text("FREQTRADE_BIN").into(),
        timeout: Duration::from_secs_f64(options.float("FREQTRADE_SUBPROCESS_TIMEOUT_S")),
        download: DownloadConfig {
            enabled: options.switch("ENABLE_FREQTRADE_DOWNLOAD"),
            cooldown_s: options.number("FREQTRADE_DOWNLOAD_COOLDOWN_S"),
        },
    }
}
