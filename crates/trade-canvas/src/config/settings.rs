//! The typed configuration: plain values, grouped by who uses them.

use std::{
    io,
    path::{Path, PathBuf},
};

use tc_ingest::IngestRole;
use tc_market::SeriesId;

use super::{
    ConfigError, Notice, Origin,
    backtest::{self, BacktestConfig},
    derived::{self, DerivedConfig},
    history::{self, FreqtradeConfig, HistoryConfig},
    replay::{self, ReplayConfig},
    resolved::Resolved,
    row::{DemoMode, Profile},
    whitelist,
};

/// Folder of the demo's own store.
const DEMO_FOLDER: &str = "data/demo";

/// Everything that can be set, read once at start.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which defaults the switches had.
    pub profile: Profile,
    /// Demo mode; none when it is off or the command has no demo.
    pub demo: Option<DemoConfig>,
    /// Threads and shutdown.
    pub process: ProcessConfig,
    /// The store and the folds in memory.
    pub storage: StorageConfig,
    /// Listener and API gates.
    pub http: HttpConfig,
    /// The market socket.
    pub market_ws: MarketWsConfig,
    /// Replay.
    pub replay: ReplayConfig,
    /// Candle history, from the exchange and from files.
    pub history: HistoryConfig,
    /// Where freqtrade is.
    pub freqtrade: FreqtradeConfig,
    /// Backtests.
    pub backtest: BacktestConfig,
    /// Live ingest.
    pub ingest: IngestConfig,
    /// Derived timeframes.
    pub derived: DerivedConfig,
    /// Factors.
    pub factor: FactorConfig,
    /// Feature vectors.
    pub feature: FeatureConfig,
    /// Drawings.
    pub overlay: OverlayConfig,
    /// Where the exchange is.
    pub exchange: ExchangeConfig,
    /// Series of the whitelist file; none without one: [`built_in_whitelist`](super::built_in_whitelist),
    /// or the series of the sample in demo mode.
    pub whitelist: Option<Vec<SeriesId>>,
}

/// Demo mode.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoConfig {
    /// Speed of the demo's clock, times the system clock; at least 1.
    pub speed: f64,
    /// Folder to empty at start; none when the path of the store was given explicitly.
    pub scratch_folder: Option<PathBuf>,
}

/// Threads and shutdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessConfig {
    /// Threads for blocking work; at least 1.
    pub blocking_workers: usize,
    /// Seconds that running requests get at shutdown.
    pub shutdown_grace_s: u64,
    /// Whether metrics are collected and served.
    pub runtime_metrics: bool,
}

/// The store and the folds in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageConfig {
    /// The SQLite file.
    pub db_path: PathBuf,
    /// Milliseconds that a statement waits for a lock; at least 100.
    pub busy_timeout_ms: u64,
    /// Limit of the write side's folds.
    pub engine_cache_bytes: usize,
    /// Limit of the read side's folds, change lists and pages.
    pub read_cache_bytes: usize,
}

/// Listener and API gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// Name or address to listen on.
    pub host: String,
    /// Port to listen on; 0: any free one.
    pub port: u16,
    /// Largest request body; at least 65,536.
    pub max_body_bytes: usize,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Whether the debug routes exist.
    pub debug_api: bool,
    /// Whether the dev routes exist.
    pub dev_api: bool,
    /// Whether repair and rebuild are among them.
    pub repair_api: bool,
    /// Whether the candle health is served; the debug API opens it as well.
    pub candle_health: bool,
    /// Seconds that a finished backfill counts as recent; at least 5.
    pub backfill_recent_s: u64,
}

/// The market socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketWsConfig {
    /// Page size, and length of a catch-up without `since`; at least 100.
    pub catchup_limit_candles: usize,
    /// Open sockets of the process; at least 1.
    pub max_connections: usize,
    /// Series per connection; at least 1.
    pub max_subscriptions: usize,
    /// Frames that may wait for one connection; at least 16.
    pub queue_frames: usize,
    /// Bytes that may wait for one connection; at least 65,536.
    pub queue_bytes: usize,
}

/// Live ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestConfig {
    /// Whether each series of the whitelist has a job of its own.
    pub whitelist: bool,
    /// Whether a subscription starts a job.
    pub ondemand: bool,
    /// Seconds that a job without listeners goes on; at least 1.
    pub ondemand_idle_ttl_s: u64,
    /// On-demand jobs at a time; 0: no limit.
    pub ondemand_max_jobs: usize,
    /// What this process does with live data, while `role_guard` is on.
    pub role: IngestRole,
    /// Whether `role` counts.
    pub role_guard: bool,
    /// Whether failing jobs back off and pause.
    pub loop_guardrail: bool,
    /// Whether everything is published best-effort; else the base series first and strictly.
    pub pipeline_publish: bool,
    /// Whether a failed overlay step clears the drawings of the series.
    pub compensate_overlay_error: bool,
    /// Whether a failed derived step keeps none of the batch's candles.
    pub compensate_new_candles: bool,
    /// Most closed candles of a flush; at least 1.
    pub batch_max_candles: usize,
    /// Milliseconds before closed candles are flushed; at least 50.
    pub flush_ms: u64,
    /// Milliseconds between two forming candles of a series; 0: no throttle.
    pub forming_min_interval_ms: u64,
    /// Seconds of silence after which a stream is probed; at least 5.
    pub stall_timeout_s: u64,
}

/// Factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorConfig {
    /// Whether factors are computed.
    pub ingest: bool,
    /// Whether changed logic or settings fold a series again.
    pub fingerprint_rebuild: bool,
    /// Half width of the major pivot window; at least 1.
    pub pivot_window_major_candles: usize,
    /// Half width of the minor pivot window; at least 1.
    pub pivot_window_minor_candles: usize,
    /// Closes in the fast moving average; at least 1.
    pub sma_period_fast_candles: usize,
    /// Closes in the slow moving average; at least 1.
    pub sma_period_slow_candles: usize,
    /// Newest candles that a fingerprint change keeps, at least 100; none: all.
    pub rebuild_keep_candles: Option<usize>,
    /// Mixed into the fingerprint.
    pub logic_version: String,
}

/// Feature vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureConfig {
    /// Whether feature rows are offered; without factors there are none.
    pub ingest: bool,
    /// Whether reads refuse rows that do not cover the candle.
    pub strict_read: bool,
}

/// Drawings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayConfig {
    /// Whether drawings are computed.
    pub ingest: bool,
    /// Candles that drawings reach back; at least 100.
    pub window_candles: usize,
}

/// Where the exchange is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeConfig {
    /// WebSocket of the spot market.
    pub binance_spot_ws: Endpoint,
    /// WebSocket of the futures market.
    pub binance_futures_ws: Endpoint,
    /// REST of the spot market.
    pub binance_spot_rest: Endpoint,
    /// REST of the futures market.
    pub binance_futures_rest: Endpoint,
    /// Seconds that the list of symbols is kept; at least 1.
    pub symbols_ttl_s: u64,
    /// Seconds that prices and volumes of the market list are kept; at least 1.
    pub tickers_ttl_s: u64,
}

/// One base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Base URL without trailing slash. Not to be used while `simulated` is set.
    pub url: String,
    /// Demo mode without an explicit URL: the simulator's address takes the place of `url`.
    pub simulated: bool,
}

impl Endpoint {
    /// The URL to use when the simulator answers at `simulator_url`.
    #[must_use]
    pub fn resolve<'a>(&'a self, simulator_url: &'a str) -> &'a str {
        if self.simulated { simulator_url } else { &self.url }
    }
}

/// Makes the typed configuration; reads the whitelist file if one is named.
///
/// # Errors
/// [`ConfigError`] about the whitelist file.
pub(super) fn build(
    options: &Resolved,
    demo: DemoMode,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
    notices: &mut Vec<Notice>,
) -> Result<Config, ConfigError> {
    let whitelist = match options.optional_text("WHITELIST_PATH") {
        Some(path) => Some(whitelist::read(path, read_file)?),
        None => None,
    };
    Ok(Config {
        profile: Profile::named(options.text("PROFILE")).unwrap_or(Profile::Workbench),
        demo: (demo == DemoMode::On).then(|| demo_config(options)),
        process: ProcessConfig {
            blocking_workers: options.count("BLOCKING_WORKERS"),
            shutdown_grace_s: options.number("SHUTDOWN_GRACE_S"),
            runtime_metrics: options.switch("ENABLE_RUNTIME_METRICS"),
        },
        storage: StorageConfig {
            db_path: options.text("DB_PATH").into(),
            busy_timeout_ms: milliseconds(options.float("SQLITE_TIMEOUT_S")),
            engine_cache_bytes: options.count("ENGINE_CACHE_MB").saturating_mul(1 << 20),
            read_cache_bytes: options.count("READ_CACHE_MB").saturating_mul(1 << 20),
        },
        http: http(options),
        market_ws: market_ws(options),
        replay: replay::read(options),
        history: history::read(options),
        freqtrade: history::freqtrade(options),
        backtest: backtest::read(options),
        ingest: ingest(options),
        derived: derived::read(options, notices),
        factor: FactorConfig {
            ingest: options.switch("ENABLE_FACTOR_INGEST"),
            fingerprint_rebuild: options.switch("ENABLE_FACTOR_FINGERPRINT_REBUILD"),
            pivot_window_major_candles: options.count("PIVOT_WINDOW_MAJOR"),
            pivot_window_minor_candles: options.count("PIVOT_WINDOW_MINOR"),
            sma_period_fast_candles: options.count("SMA_PERIOD_FAST"),
            sma_period_slow_candles: options.count("SMA_PERIOD_SLOW"),
            rebuild_keep_candles: options
                .optional_number("FACTOR_REBUILD_KEEP_CANDLES")
                .map(|candles| usize::try_from(candles).unwrap_or(usize::MAX)),
            logic_version: options.text("FACTOR_LOGIC_VERSION").to_owned(),
        },
        feature: FeatureConfig {
            ingest: options.switch("ENABLE_FEATURE_INGEST"),
            strict_read: options.switch("ENABLE_FEATURE_STRICT_READ"),
        },
        overlay: OverlayConfig {
            ingest: options.switch("ENABLE_OVERLAY_INGEST"),
            window_candles: options.count("OVERLAY_WINDOW_CANDLES"),
        },
        exchange: ExchangeConfig {
            binance_spot_ws: endpoint(options, "BINANCE_SPOT_WS_BASE_URL"),
            binance_futures_ws: endpoint(options, "BINANCE_FUTURES_WS_BASE_URL"),
            binance_spot_rest: endpoint(options, "BINANCE_SPOT_BASE_URL"),
            binance_futures_rest: endpoint(options, "BINANCE_FUTURES_BASE_URL"),
            symbols_ttl_s: options.number("BINANCE_EXCHANGEINFO_TTL_S"),
            tickers_ttl_s: options.number("BINANCE_TICKER_TTL_S"),
        },
        whitelist,
    })
}

fn http(options: &Resolved) -> HttpConfig {
    HttpConfig {
        host: options.text("HOST").to_owned(),
        port: u16::try_from(options.number("PORT")).unwrap_or(u16::MAX),
        max_body_bytes: options.count("HTTP_MAX_BODY_BYTES"),
        cors_origins: options.list("CORS_ORIGINS").to_vec(),
        debug_api: options.switch("ENABLE_DEBUG_API"),
        dev_api: options.switch("ENABLE_DEV_API"),
        repair_api: options.switch("ENABLE_READ_REPAIR_API"),
        candle_health: options.switch("ENABLE_KLINE_HEALTH_V2"),
        backfill_recent_s: options.number("KLINE_HEALTH_BACKFILL_RECENT_SECONDS"),
    }
}

fn market_ws(options: &Resolved) -> MarketWsConfig {
    MarketWsConfig {
        catchup_limit_candles: options.count("MARKET_WS_CATCHUP_LIMIT"),
        max_connections: options.count("MARKET_WS_MAX_CONNECTIONS"),
        max_subscriptions: options.count("MARKET_WS_MAX_SUBSCRIPTIONS"),
        queue_frames: options.count("MARKET_WS_QUEUE_FRAMES"),
        queue_bytes: options.count("MARKET_WS_QUEUE_BYTES"),
    }
}

fn ingest(options: &Resolved) -> IngestConfig {
    IngestConfig {
        whitelist: options.switch("ENABLE_WHITELIST_INGEST"),
        ondemand: options.switch("ENABLE_ONDEMAND_INGEST"),
        ondemand_idle_ttl_s: options.number("ONDEMAND_IDLE_TTL_S"),
        ondemand_max_jobs: options.count("ONDEMAND_MAX_JOBS"),
        role: IngestRole::named(options.text("INGEST_ROLE")),
        role_guard: options.switch("ENABLE_INGEST_ROLE_GUARD"),
        loop_guardrail: options.switch("ENABLE_INGEST_LOOP_GUARDRAIL"),
        pipeline_publish: options.switch("ENABLE_INGEST_WS_PIPELINE_PUBLISH"),
        compensate_overlay_error: options.switch("ENABLE_INGEST_COMPENSATE_OVERLAY_ERROR"),
        compensate_new_candles: options.switch("ENABLE_INGEST_COMPENSATE_NEW_CANDLES"),
        batch_max_candles: options.count("BINANCE_WS_BATCH_MAX"),
        flush_ms: milliseconds(options.float("BINANCE_WS_FLUSH_S")),
        forming_min_interval_ms: options.number("MARKET_FORMING_MIN_INTERVAL_MS"),
        stall_timeout_s: options.number("MARKET_STALL_TIMEOUT_S"),
    }
}

fn demo_config(options: &Resolved) -> DemoConfig {
    let own_store = options.option("DB_PATH").origin == Origin::Demo;
    DemoConfig {
        speed: options.float("DEMO_SPEED"),
        scratch_folder: own_store.then(|| DEMO_FOLDER.into()),
    }
}

fn endpoint(options: &Resolved, name: &str) -> Endpoint {
    Endpoint {
        url: options.text(name).to_owned(),
        simulated: options.option(name).origin == Origin::Demo,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the minimum of every such option is positive, and the cast saturates"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
