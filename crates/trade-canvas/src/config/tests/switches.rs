//! The switches' defaults, as the configuration contract lists them.

use super::{Given, value_of};
use crate::config::{Kind, Origin, Profile, Value, rows};

/// Name, default in `bare`, default in `workbench`.
const SWITCHES: &[(&str, bool, bool)] = &[
    ("DEMO", false, false),
    ("ENABLE_DEBUG_API", false, false),
    ("ENABLE_DEV_API", false, false),
    ("ENABLE_READ_REPAIR_API", false, false),
    ("ENABLE_KLINE_HEALTH_V2", false, true),
    ("ENABLE_RUNTIME_METRICS", false, true),
    ("ENABLE_READ_LEDGER_WARMUP", false, true),
    ("ENABLE_MARKET_AUTO_TAIL_BACKFILL", false, true),
    ("ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE", false, false),
    ("ENABLE_MARKET_GAP_BACKFILL", false, true),
    ("ENABLE_STARTUP_KLINE_SYNC", false, true),
    ("ENABLE_CCXT_BACKFILL", false, true),
    ("ENABLE_CCXT_BACKFILL_ON_READ", false, true),
    ("ENABLE_WHITELIST_INGEST", false, false),
    ("ENABLE_ONDEMAND_INGEST", false, true),
    ("ENABLE_INGEST_LOOP_GUARDRAIL", false, true),
    ("ENABLE_INGEST_ROLE_GUARD", false, false),
    ("ENABLE_INGEST_WS_PIPELINE_PUBLISH", true, true),
    ("ENABLE_INGEST_COMPENSATE_OVERLAY_ERROR", false, false),
    ("ENABLE_INGEST_COMPENSATE_NEW_CANDLES", false, false),
    ("ENABLE_DERIVED_TIMEFRAMES", false, true),
    ("ENABLE_FACTOR_INGEST", true, true),
    ("ENABLE_FACTOR_FINGERPRINT_REBUILD", true, true),
    ("ENABLE_FEATURE_INGEST", true, true),
    ("ENABLE_FEATURE_STRICT_READ", true, true),
    ("ENABLE_OVERLAY_INGEST", true, true),
    ("ENABLE_REPLAY_V1", true, true),
    ("ENABLE_REPLAY_ENSURE_COVERAGE", true, true),
    ("ENABLE_REPLAY_PACKAGE", false, false),
    ("ENABLE_FREQTRADE_DOWNLOAD", false, false),
    ("FREQTRADE_MOCK", false, false),
    ("BACKTEST_REQUIRE_TRADES", false, false),
    ("ENABLE_PG_STORE", false, false),
    ("ENABLE_PG_ONLY", false, false),
    ("ENABLE_WS_PUBSUB", false, false),
];

#[test]
fn every_switch_is_listed_here() {
    let known: Vec<&str> = rows()
        .filter(|row| row.kind == Kind::Switch)
        .map(|row| row.name)
        .collect();
    assert_eq!(known, SWITCHES.iter().map(|&(name, ..)| name).collect::<Vec<_>>());
}

#[test]
fn profiles_set_the_defaults() {
    for (profile, loaded) in [
        (Profile::Workbench, Given::default().load()),
        (
            Profile::Workbench,
            Given::default().variable("PROFILE", "workbench").load(),
        ),
        (Profile::Bare, Given::default().toml("profile = 'bare'").load()),
        (
            Profile::Bare,
            Given::default()
                .toml("profile = 'workbench'")
                .flag("PROFILE", "bare")
                .load(),
        ),
    ] {
        assert_eq!(loaded.config.profile, profile);
        for &(name, bare, workbench) in SWITCHES {
            let (expected, other) = if profile == Profile::Bare {
                (bare, workbench)
            } else {
                (workbench, bare)
            };
            let origin = if expected == other {
                Origin::Default
            } else {
                Origin::Profile(profile)
            };
            assert_eq!(
                value_of(&loaded, name),
                (Value::Switch(expected), origin),
                "{name} in {profile}"
            );
        }
    }
}

#[test]
fn profiles_set_nothing_else() {
    let (bare, workbench) = (
        Given::default().flag("PROFILE", "bare").load(),
        Given::default().load(),
    );
    for row in rows().filter(|row| row.kind != Kind::Switch && row.name != "PROFILE") {
        assert_eq!(value_of(&bare, row.name), value_of(&workbench, row.name));
    }
}

#[test]
fn explicit_switches_win_over_the_profile() {
    let loaded = Given::default()
        .flag("PROFILE", "bare")
        .variable("ENABLE_ONDEMAND_INGEST", "on")
        .load();
    assert!(loaded.config.ingest.ondemand);
    assert!(
        !Given::default()
            .variable("ENABLE_ONDEMAND_INGEST", "")
            .load()
            .config
            .ingest
            .ondemand
    );
}

#[test]
fn a_switch_that_follows_another_one() {
    let value = |given: Given| value_of(&given.load(), "ENABLE_CCXT_BACKFILL_ON_READ");
    let bare = || Given::default().flag("PROFILE", "bare");
    let followed = "ENABLE_MARKET_AUTO_TAIL_BACKFILL";
    assert_eq!(
        value(bare().variable(followed, "1")),
        (Value::Switch(true), Origin::Follows(followed))
    );
    assert_eq!(
        value(
            bare()
                .flag(followed, "true")
                .variable("ENABLE_CCXT_BACKFILL_ON_READ", "0")
        ),
        (Value::Switch(false), Origin::Environment)
    );
    assert_eq!(
        value(Given::default().toml("enable_market_auto_tail_backfill = false")),
        (Value::Switch(false), Origin::Follows(followed))
    );
}

#[test]
fn plain_defaults() {
    let expected = "PROFILE workbench\nCONFIG trade-canvas.toml\nHOST 127.0.0.1\nPORT 8000\nDB_PATH data/market.db\n\
        WHITELIST_PATH (unset)\nSQLITE_TIMEOUT_S 5\nENGINE_CACHE_MB 512\nREAD_CACHE_MB 128\nDEMO_SPEED 20\n\
        BLOCKING_WORKERS 8\nSHUTDOWN_GRACE_S 3\nCORS_ORIGINS http://localhost:5173,http://127.0.0.1:5173\n\
        KLINE_HEALTH_BACKFILL_RECENT_SECONDS 120\nHTTP_MAX_BODY_BYTES 8388608\nMARKET_WS_CATCHUP_LIMIT 5000\nMARKET_GAP_BACKFILL_READ_LIMIT 5000\nMARKET_WS_MAX_CONNECTIONS 4096\n\
        MARKET_WS_MAX_SUBSCRIPTIONS 1000\nMARKET_WS_QUEUE_FRAMES 1024\nMARKET_WS_QUEUE_BYTES 8388608\n\
        MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES (unset)\nMARKET_GAP_BACKFILL_FREQTRADE_LIMIT 2000\n\
        MARKET_GAP_FILL_MAX_CANDLES 20000\nSTARTUP_KLINE_SYNC_TARGET_CANDLES 2000\nMARKET_HISTORY_SOURCE \nCCXT_TIMEOUT_MS 10000\n\
        ONDEMAND_IDLE_TTL_S 60\nONDEMAND_MAX_JOBS 0\nBINANCE_WS_BATCH_MAX 200\nBINANCE_WS_FLUSH_S 0.5\n\
        MARKET_FORMING_MIN_INTERVAL_MS 250\nMARKET_STALL_TIMEOUT_S 60\nINGEST_ROLE hybrid\nDERIVED_BASE_TIMEFRAME 1m\n\
        DERIVED_TIMEFRAMES 5m,15m,1h,4h,1d\nDERIVED_BACKFILL_BASE_CANDLES 2000\nPIVOT_WINDOW_MAJOR 50\nPIVOT_WINDOW_MINOR 5\n\
        SMA_PERIOD_FAST 20\nSMA_PERIOD_SLOW 50\nFACTOR_REBUILD_KEEP_CANDLES (unset)\nFACTOR_LOGIC_VERSION \nOVERLAY_WINDOW_CANDLES 2000\nARTIFACTS_DIR data/artifacts\nREPLAY_CACHE_MAX_MB 2048\nREPLAY_CACHE_MAX_AGE_H 168\n\
        REPLAY_IMPORT_MAX_MB 256\n\
        BINANCE_SPOT_WS_BASE_URL wss://stream.binance.com:9443\n\
        BINANCE_FUTURES_WS_BASE_URL wss://fstream.binance.com/market\nBINANCE_SPOT_BASE_URL https://api.binance.com\n\
        BINANCE_FUTURES_BASE_URL https://fapi.binance.com\n\
        BINANCE_EXCHANGEINFO_TTL_S 3600\nBINANCE_TICKER_TTL_S 10\nFREQTRADE_ROOT (unset)\nFREQTRADE_USERDIR (unset)\n\
        FREQTRADE_CONFIG (unset)\nFREQTRADE_DATADIR (unset)\nFREQTRADE_BIN freqtrade\n\
        FREQTRADE_SUBPROCESS_TIMEOUT_S 900\nFREQTRADE_DOWNLOAD_COOLDOWN_S 600\nFREQTRADE_STRATEGY_PATH Strategy\n\
        BACKTEST_MAX_CONCURRENCY 1\nFREQTRADE_OFFLINE_MARKETS \nFREQTRADE_OFFLINE_MARKETS_PAIRS \nSERIES_EXCHANGE (unset)\nSERIES_MARKET (unset)\nSTRATEGY_DB_PATH (unset)\n\
        POSTGRES_DSN \nPOSTGRES_SCHEMA public\nNATS_URL \nREDIS_URL ";
    let loaded = Given::default().load();
    let others = loaded
        .options
        .iter()
        .filter(|option| option.row.kind != Kind::Switch);
    let lines: Vec<String> = others
        .map(|option| format!("{} {}", option.row.name, option.value))
        .collect();
    assert_eq!(lines, expected.lines().collect::<Vec<_>>());
}
