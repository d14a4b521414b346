//! Options of the server.

use tc_market::SeriesId;

/// Options of the HTTP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpOptions {
    /// Larger request bodies are refused.
    pub max_body_bytes: usize,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// Serve debug routes and forming ingest.
    pub debug_api: bool,
    /// Serve `/api/dev/*`.
    pub dev_api: bool,
    /// With `dev_api`: serve repair and rebuild.
    pub repair_api: bool,
    /// Serve the candle health; the debug API opens it as well.
    pub candle_health: bool,
    /// Age up to which a backfill counts as recent, seconds.
    pub backfill_recent_s: i64,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            max_body_bytes: 8 << 20,
            cors_origins: vec![
                "http://localhost:5173".to_owned(),
                "http://127.0.0.1:5173".to_owned(),
            ],
            debug_api: false,
            dev_api: false,
            repair_api: false,
            candle_health: false,
            backfill_recent_s: 120,
        }
    }
}

/// What of replay is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayOptions {
    /// Serve the stream, packages and the state of coverage jobs.
    pub enabled: bool,
    /// With `enabled`: start coverage jobs.
    pub ensure_coverage: bool,
    /// Serve packages of drawings alone.
    pub drawing_packages: bool,
    /// Largest package file that is imported, bytes.
    pub import_max_bytes: usize,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            ensure_coverage: true,
            drawing_packages: false,
            import_max_bytes: 256 << 20,
        }
    }
}

/// Options of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// The HTTP interface.
    pub http: HttpOptions,
    /// Replay.
    pub replay: ReplayOptions,
    /// Series of the whitelist, in file order.
    pub whitelist: Vec<SeriesId>,
    /// Whether the exchange is a simulator in this process.
    pub demo: bool,
    /// Jobs that may wait for the writer; at this many the server is not ready.
    pub writer_queue_limit: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            http: HttpOptions::default(),
            replay: ReplayOptions::default(),
            whitelist: Vec::new(),
            demo: false,
            writer_queue_limit: 1024,
        }
    }
}
