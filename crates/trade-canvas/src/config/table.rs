//! The one table of options. A new option is one row here and one field read in `settings.rs`.

use super::row::{
    Blank, DemoPreset, OptionRow, Profile, Section, choice, float, int, list, optional_int, optional_path,
    optional_text, path, profiled_switch, secret, switch, switch_of, text, url,
};

const V0_1: &str = "0.1.0";

/// Every option of this build.
#[rustfmt::skip]
pub const SECTIONS: &[Section] = &[
    Section { heading: "Process, storage and files", rows: &[
        choice("PROFILE", "workbench", Profile::NAMES)
            .about(V0_1, "Which defaults the switches have: `workbench` for daily use, `bare` for contract tests."),
        path("CONFIG", "trade-canvas.toml").not_in_file()
            .about(V0_1, "File with options. The default one may be absent, a named one must exist."),
        text("HOST", "127.0.0.1").blank(Blank::Unusable)
            .about(V0_1, "Address to listen on."),
        int("PORT", 8000, 0).at_most(65_535)
            .about(V0_1, "TCP port to listen on; 0 takes any free one and logs it."),
        path("DB_PATH", "data/market.db").demo(DemoPreset::Text("data/demo/market.db"))
            .about(V0_1, "SQLite file; its folder is created when missing."),
        optional_path("WHITELIST_PATH")
            .about(V0_1, "JSON file `{\"series_ids\":[…]}` that replaces the built-in list of series; a missing file is an empty list."),
        float("SQLITE_TIMEOUT_S", 5.0, 0.1).unit("s")
            .about(V0_1, "How long a statement waits for a lock of another connection."),
        int("ENGINE_CACHE_MB", 512, 16).unit("MiB")
            .about(V0_1, "Memory for the live folds of the write side."),
        int("READ_CACHE_MB", 128, 8).unit("MiB")
            .about(V0_1, "Memory for the live folds, change lists and pages of the read side."),
        switch("DEMO", false)
            .about(V0_1, "Play bundled candles through a built-in exchange simulator into a store of its own; `serve` only."),
        float("DEMO_SPEED", 20.0, 1.0).unit("times")
            .about(V0_1, "How many times faster than real time the demo plays."),
        int("BLOCKING_WORKERS", 8, 1).unit("threads")
            .about(V0_1, "Threads for blocking work: reads, files."),
        int("SHUTDOWN_GRACE_S", 3, 0).unit("s").alias("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S")
            .about(V0_1, "Time that running requests get at shutdown."),
    ] },
    Section { heading: "HTTP", rows: &[
        switch("ENABLE_DEBUG_API", false)
            .about(V0_1, "Open `/api/market/debug/*`, ingest of forming candles, and the debug events of `/ws/debug`."),
        switch("ENABLE_DEV_API", false)
            .about(V0_1, "Open `/api/dev/*`."),
        switch("ENABLE_READ_REPAIR_API", false)
            .about(V0_1, "With `ENABLE_DEV_API`: open `/api/dev/repair/overlay` and `/api/dev/rebuild`."),
        profiled_switch("ENABLE_KLINE_HEALTH_V2", false, true)
            .about(V0_1, "Serve `/api/market/health`; `ENABLE_DEBUG_API` opens it as well."),
        profiled_switch("ENABLE_RUNTIME_METRICS", false, true)
            .about(V0_1, "Collect metrics and serve `/metrics`; with `ENABLE_DEBUG_API` also `/api/market/debug/metrics`."),
        switch_of("ENABLE_READ_LEDGER_WARMUP", "ENABLE_MARKET_AUTO_TAIL_BACKFILL")
            .about(V0_1, "Bring ledgers that are behind forward in the background after a read of candles."),
        list("CORS_ORIGINS", &["http://localhost:5173", "http://127.0.0.1:5173"]).blank(Blank::Value)
            .about(V0_1, "Origins whose pages may call the API; set but blank: none."),
        int("KLINE_HEALTH_BACKFILL_RECENT_SECONDS", 120, 5).unit("s")
            .about(V0_1, "Age up to which a finished backfill counts as recent in `/api/market/health`."),
        int("HTTP_MAX_BODY_BYTES", 8_388_608, 65_536).unit("bytes")
            .about(V0_1, "Largest request body; a larger one is answered with 413."),
    ] },
    Section { heading: "Market WebSocket", rows: &[
        int("MARKET_WS_CATCHUP_LIMIT", 5000, 100).unit("candles")
            .about(V0_1, "Page size of the catch-up after a subscribe, and its length when `since` is absent."),
        int("MARKET_GAP_BACKFILL_READ_LIMIT", 5000, 100).unit("candles")
            .about(V0_1, "Most candles of a healed hole that are delivered."),
        int("MARKET_WS_MAX_CONNECTIONS", 4096, 1).unit("sockets")
            .about(V0_1, "Open sockets of the process."),
        int("MARKET_WS_MAX_SUBSCRIPTIONS", 1000, 1).unit("series")
            .about(V0_1, "Series that one connection may subscribe to."),
        int("MARKET_WS_QUEUE_FRAMES", 1024, 16).unit("frames")
            .about(V0_1, "Frames that wait for one slow connection before it is closed."),
        int("MARKET_WS_QUEUE_BYTES", 8_388_608, 65_536).unit("bytes")
            .about(V0_1, "Bytes that wait for one slow connection before it is closed."),
    ] },
    Section { heading: "Backfill and history", rows: &[
        profiled_switch("ENABLE_MARKET_AUTO_TAIL_BACKFILL", false, true)
            .about(V0_1, "Fetch what is missing of the newest candles in the background after a read without `since`."),
        switch("ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE", false)
            .about(V0_1, "Keep the progress of backfills in `runtime_state/market_backfill_progress.json` beside the database."),
        profiled_switch("ENABLE_MARKET_GAP_BACKFILL", false, true)
            .about(V0_1, "Heal a hole before subscribers are told of it: from the store, from candle files, by REST."),
        profiled_switch("ENABLE_STARTUP_KLINE_SYNC", false, true)
            .about(V0_1, "Cover and refresh the series of the whitelist after start, in the background."),
        profiled_switch("ENABLE_CCXT_BACKFILL", false, true)
            .about(V0_1, "Allow candle history from the REST interface of the exchange."),
        switch_of("ENABLE_CCXT_BACKFILL_ON_READ", "ENABLE_MARKET_AUTO_TAIL_BACKFILL")
            .about(V0_1, "Allow it also for backfills that a read sets off."),
        optional_int("MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES", 0).unit("candles")
            .about(V0_1, "Most candles of a backfill that a read sets off; unset or 0: as many as the read asked for."),
        int("MARKET_GAP_BACKFILL_FREQTRADE_LIMIT", 2000, 1).unit("candles")
            .about(V0_1, "Newest rows of a candle file that are looked at for a hole."),
        int("MARKET_GAP_FILL_MAX_CANDLES", 20_000, 1).unit("candles")
            .about(V0_1, "Largest hole that the live loop fills by REST at once."),
        int("STARTUP_KLINE_SYNC_TARGET_CANDLES", 2000, 100).unit("candles")
            .about(V0_1, "How many candles the start-up sync covers per series."),
        text("MARKET_HISTORY_SOURCE", "")
            .about(V0_1, "`freqtrade`: candle files of its data directory are used; anything else: none are."),
        int("CCXT_TIMEOUT_MS", 10_000, 1000).unit("ms")
            .about(V0_1, "Timeout of one REST request to the exchange."),
    ] },
    Section { heading: "Live ingest", rows: &[
        switch("ENABLE_WHITELIST_INGEST", false)
            .about(V0_1, "Keep one live job per series of the whitelist."),
        profiled_switch("ENABLE_ONDEMAND_INGEST", false, true)
            .about(V0_1, "Start a live job when a client subscribes."),
        profiled_switch("ENABLE_INGEST_LOOP_GUARDRAIL", false, true)
            .about(V0_1, "Back off after failures of a live job, and pause it after five in a minute; off: retry every 2 s."),
        switch("ENABLE_INGEST_ROLE_GUARD", false)
            .about(V0_1, "Heed `INGEST_ROLE`."),
        switch("ENABLE_INGEST_WS_PIPELINE_PUBLISH", true)
            .about(V0_1, "Publish everything best-effort; off: the base series first and strictly."),
        switch("ENABLE_INGEST_COMPENSATE_OVERLAY_ERROR", false)
            .about(V0_1, "Clear the drawings of a series when drawing fails."),
        switch("ENABLE_INGEST_COMPENSATE_NEW_CANDLES", false)
            .about(V0_1, "Keep none of a batch's candles when a derived step fails."),
        int("ONDEMAND_IDLE_TTL_S", 60, 1).unit("s")
            .about(V0_1, "How long a job that nobody listens to goes on."),
        int("ONDEMAND_MAX_JOBS", 0, 0).unit("jobs")
            .about(V0_1, "On-demand jobs at a time; 0: no limit."),
        int("BINANCE_WS_BATCH_MAX", 200, 1).unit("candles")
            .about(V0_1, "Most closed candles of one flush."),
        float("BINANCE_WS_FLUSH_S", 0.5, 0.05).unit("s")
            .about(V0_1, "Longest wait before closed candles are flushed."),
        int("MARKET_FORMING_MIN_INTERVAL_MS", 250, 0).unit("ms")
            .about(V0_1, "Least time between two forming candles of a series; 0: no throttle."),
        int("MARKET_STALL_TIMEOUT_S", 60, 5).unit("s")
            .about(V0_1, "Silence of a stream after which it is probed by REST."),
        text("INGEST_ROLE", "hybrid")
            .about(V0_1, "With `ENABLE_INGEST_ROLE_GUARD`: `read` starts no jobs and serves what others store; `ingest` and `hybrid` do. Anything else counts as `hybrid`."),
    ] },
    Section { heading: "Derived timeframes", rows: &[
        profiled_switch("ENABLE_DERIVED_TIMEFRAMES", false, true)
            .about(V0_1, "Build longer timeframes from the candles of the base timeframe."),
        text("DERIVED_BASE_TIMEFRAME", "1m")
            .about(V0_1, "Base timeframe; blank: `1m`."),
        list("DERIVED_TIMEFRAMES", &["5m", "15m", "1h", "4h", "1d"])
            .about(V0_1, "Timeframes that are built; what is no true multiple of the base is ignored with a warning."),
        int("DERIVED_BACKFILL_BASE_CANDLES", 2000, 100).unit("candles")
            .about(V0_1, "Base candles of which a first subscription builds a derived series."),
    ] },
    Section { heading: "Factors, features and overlay", rows: &[
        switch("ENABLE_FACTOR_INGEST", true)
            .about(V0_1, "Compute factors; off: slices answer 409."),
        switch("ENABLE_FACTOR_FINGERPRINT_REBUILD", true)
            .about(V0_1, "Fold a series again when its factor logic or settings changed."),
        switch("ENABLE_FEATURE_INGEST", true)
            .about(V0_1, "Offer feature vectors of what the factors found; off: feature reads answer 409. Needs `ENABLE_FACTOR_INGEST`."),
        switch("ENABLE_FEATURE_STRICT_READ", true)
            .about(V0_1, "Feature reads refuse what is behind; off: they answer the rows there are."),
        switch("ENABLE_OVERLAY_INGEST", true)
            .about(V0_1, "Compute drawings; off: draw reads answer 409."),
        int("PIVOT_WINDOW_MAJOR", 50, 1).unit("candles")
            .about(V0_1, "Candles on each side that a major pivot must dominate."),
        int("PIVOT_WINDOW_MINOR", 5, 1).unit("candles")
            .about(V0_1, "Candles on each side that a minor pivot must dominate."),
        int("SMA_PERIOD_FAST", 20, 1).unit("candles")
            .about(V0_1, "Closes in the fast moving average."),
        int("SMA_PERIOD_SLOW", 50, 1).unit("candles")
            .about(V0_1, "Closes in the slow moving average."),
        optional_int("FACTOR_REBUILD_KEEP_CANDLES", 100).unit("candles")
            .about(V0_1, "Trim a series to that many newest candles before a changed fingerprint folds it again; unset: keep all."),
        text("FACTOR_LOGIC_VERSION", "")
            .about(V0_1, "Text that is mixed into the fingerprint; a new one folds every series again."),
        int("OVERLAY_WINDOW_CANDLES", 2000, 100).unit("candles")
            .about(V0_1, "Candles that drawings reach back."),
    ] },
    Section { heading: "Replay", rows: &[
        switch("ENABLE_REPLAY_V1", true)
            .about(V0_1, "Serve the replay stream, packages, the outline and the state of coverage jobs."),
        switch("ENABLE_REPLAY_ENSURE_COVERAGE", true)
            .about(V0_1, "With `ENABLE_REPLAY_V1`: start jobs that fetch the candles of a replay."),
        switch("ENABLE_REPLAY_PACKAGE", false)
            .about(V0_1, "Serve packages of drawings alone."),
        path("ARTIFACTS_DIR", "data/artifacts").demo(DemoPreset::Text("data/demo/artifacts"))
            .about(V0_1, "Folder that replay packages lie in; it is created when missing."),
        int("REPLAY_CACHE_MAX_MB", 2048, 64).unit("MiB")
            .about(V0_1, "Size of all replay packages; the least recently read ones go first."),
        int("REPLAY_CACHE_MAX_AGE_H", 168, 1).unit("h")
            .about(V0_1, "Replay packages that were not read for longer are removed."),
        int("REPLAY_IMPORT_MAX_MB", 256, 1).unit("MiB")
            .about(V0_1, "Largest package file that is imported."),
    ] },
    Section { heading: "Exchange endpoints", rows: &[
        url("BINANCE_SPOT_WS_BASE_URL", "wss://stream.binance.com:9443").demo(DemoPreset::Simulator)
            .about(V0_1, "WebSocket of the spot market; `/stream?streams=…` is appended."),
        url("BINANCE_FUTURES_WS_BASE_URL", "wss://fstream.binance.com/market").demo(DemoPreset::Simulator)
            .about(V0_1, "WebSocket of the futures market; `/stream?streams=…` is appended."),
        url("BINANCE_SPOT_BASE_URL", "https://api.binance.com").demo(DemoPreset::Simulator)
            .about(V0_1, "REST of the spot market; `/api/v3/*` is appended."),
        url("BINANCE_FUTURES_BASE_URL", "https://fapi.binance.com").demo(DemoPreset::Simulator)
            .about(V0_1, "REST of the futures market; `/fapi/v1/*` is appended."),
        int("BINANCE_EXCHANGEINFO_TTL_S", 3600, 1).unit("s")
            .about(V0_1, "How long the list of symbols is kept before it is fetched again."),
        int("BINANCE_TICKER_TTL_S", 10, 1).unit("s")
            .about(V0_1, "How long prices and volumes of the market list are kept before they are fetched again."),
    ] },
    Section { heading: "freqtrade", rows: &[
        optional_path("FREQTRADE_ROOT")
            .about(V0_1, "Its folder; unset: the working directory."),
        optional_path("FREQTRADE_USERDIR")
            .about(V0_1, "Its user directory, a relative one under `FREQTRADE_ROOT`; unset: `freqtrade_user_data` in the working directory when that exists, else `user_data`."),
        optional_path("FREQTRADE_CONFIG")
            .about(V0_1, "Its configuration file, a relative one under `FREQTRADE_ROOT`; its `datadir` counts when `FREQTRADE_DATADIR` is unset."),
        optional_path("FREQTRADE_DATADIR")
            .about(V0_1, "Its data directory, a relative one under `FREQTRADE_ROOT`; it and its folder named after the exchange are searched."),
        text("FREQTRADE_BIN", "freqtrade").blank(Blank::Unusable)
            .about(V0_1, "Its program, by name or path, a relative path under `FREQTRADE_ROOT`."),
        float("FREQTRADE_SUBPROCESS_TIMEOUT_S", 900.0, 1.0).unit("s")
            .about(V0_1, "Longest run of the program; then it is killed."),
        switch("ENABLE_FREQTRADE_DOWNLOAD", false)
            .about(V0_1, "With `MARKET_HISTORY_SOURCE=freqtrade`: run `freqtrade download-data` for a series whose file lacks candles that are wanted, before the exchange is asked for them."),
        int("FREQTRADE_DOWNLOAD_COOLDOWN_S", 600, 1).unit("s")
            .about(V0_1, "Least time between two such runs for a series."),
    ] },
    Section { heading: "Backtests", rows: &[
        switch("FREQTRADE_MOCK", false)
            .about(V0_1, "A built-in mock stands in for every engine; nothing is run."),
        path("FREQTRADE_STRATEGY_PATH", "Strategy")
            .about(V0_1, "Directory with strategies of freqtrade, a relative one under the working directory."),
        int("BACKTEST_MAX_CONCURRENCY", 1, 1).unit("runs")
            .about(V0_1, "Runs at a time, of freqtrade, native ones and checks each; 8 more wait, then the answer is 429."),
        switch("BACKTEST_REQUIRE_TRADES", false)
            .about(V0_1, "Answer a run that ended well without a result or without trades with 422."),
        text("FREQTRADE_OFFLINE_MARKETS", "")
            .about(V0_1, "`1`: runs need no exchange, markets come from this program; anything else: freqtrade asks the exchange."),
        list("FREQTRADE_OFFLINE_MARKETS_PAIRS", &[]).blank(Blank::Value)
            .about(V0_1, "With `FREQTRADE_OFFLINE_MARKETS`: pairs that have a market beside the one of a run."),
        optional_text("SERIES_EXCHANGE")
            .about(V0_1, "Exchange of the series that a pair means in native runs; without it the `exchange` of `FREQTRADE_CONFIG`, else `binance`."),
        optional_text("SERIES_MARKET")
            .about(V0_1, "Market of the series that a pair without a settle currency means in native runs: `spot`, anything else counts as `futures`; without it the `trading_mode` of `FREQTRADE_CONFIG`, else `futures`."),
        optional_path("STRATEGY_DB_PATH")
            .about(V0_1, "Store that `annotate` reads in mode `ledger`; unset: `DB_PATH`."),
    ] },
    Section { heading: "Several processes (not part of this build)", rows: &[
        switch("ENABLE_PG_STORE", false)
            .about(V0_1, "Facts and leases in PostgreSQL; on stops start-up."),
        switch("ENABLE_PG_ONLY", false)
            .about(V0_1, "No SQLite beside PostgreSQL; on stops start-up."),
        secret("POSTGRES_DSN")
            .about(V0_1, "Address of the PostgreSQL server."),
        text("POSTGRES_SCHEMA", "public")
            .about(V0_1, "PostgreSQL schema, `^[A-Za-z_][A-Za-z0-9_]*$`; blank: `public`."),
        switch("ENABLE_WS_PUBSUB", false)
            .about(V0_1, "Publications over NATS; on stops start-up."),
        secret("NATS_URL")
            .about(V0_1, "Address of the NATS server."),
        secret("REDIS_URL")
            .about(V0_1, "Not supported; anything but blank stops start-up."),
    ] },
];

/// Names that older environments set. They are accepted wherever an option is, and change nothing.
pub const WITHOUT_EFFECT: &[&str] = &[
    "ENABLE_STRICT_CLOSED_ONLY",
    "ENABLE_CAPACITY_METRICS",
    "ENABLE_READ_STRICT_MODE",
    "ENABLE_READ_IMPLICIT_RECOMPUTE",
    "ENABLE_LEDGER_SYNC_SERVICE",
    "ENABLE_INGEST_PIPELINE_V2",
    "ENABLE_SQLITE_STORE",
    "ENABLE_DUAL_WRITE",
    "ENABLE_PG_READ",
    "MARKET_REALTIME_SOURCE",
    "ENABLE_FAULTHANDLER",
    "FAULTHANDLER_PATH",
];

/// Names that other programs read from the same environment: the Python client, and freqtrade as it is run from here.
pub(super) const READ_ELSEWHERE: &[(&str, &str)] = &[
    (
        "ADAPTER_URL",
        "Python client: server that is asked for signals; unset: the command is run.",
    ),
    (
        "ADAPTER_BIN",
        "Python client: the command, by name or path; unset: `trade-canvas`.",
    ),
    (
        "SERIES_EXCHANGE",
        "Python client: exchange of a series that is named after a pair; unset: `binance`.",
    ),
    (
        "SERIES_MARKET",
        "Python client: market of such a series; unset: `futures`.",
    ),
    (
        "FREQTRADE_OFFLINE_MARKETS_FILE",
        "freqtrade: its markets; set by the server for each run.",
    ),
];

/// Every row, in table order.
pub fn rows() -> impl Iterator<Item = &'static OptionRow> + Clone {
    SECTIONS.iter().flat_map(|section| section.rows)
}

/// The row of that upper-case name or alias.
pub(super) fn find(name: &str) -> Option<&'static OptionRow> {
    rows().find(|row| row.name == name || row.alias == Some(name))
}

/// The name of [`WITHOUT_EFFECT`] that equals `name`.
pub(super) fn find_without_effect(name: &str) -> Option<&'static str> {
    WITHOUT_EFFECT.iter().copied().find(|&known| known == name)
}
